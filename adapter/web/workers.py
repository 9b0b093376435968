"""The workers of one gateway, as one of them sees the others: whose a connection is, and how a request gets to its owner.

A worker that takes a request for another's connection lets its client in as always, and hands the request over whole, by a
socket in a folder that nobody else may enter. The owner lets the client in once more, by the same files.
"""

import asyncio
import fcntl
import logging
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from adapter.errors import Internal, Unavailable
from adapter.settings.secret import Secret
from adapter.web.frames import Came, Door, Link, Sent, asked
from adapter.web.shares import Shares

_LOG = logging.getLogger("adapter.workers")

HANDED = "scim_adapter.handed_over"
"""Among the extensions of an ASGI scope: the request comes from another worker."""
AGAIN = 5
"""Seconds after which to come again when the owner is gone: it is started again within two."""
_LOOKS_EVERY = 0.05
"""Seconds between two looks whether all have ended."""
_SPARE = 5.0
"""Seconds beyond a request's own time in which its owner must have answered; it answers in time itself, unless it hangs."""


class Workers:
    """The workers; `number` is this one's, `folder` holds their sockets, and `key` is a secret that all of them have."""

    def __init__(
        self, shares: Shares, number: int, folder: Path, key: Secret, begun: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`begun` is called once requests are taken from the others; clients' are when it returns."""
        self._shares, self.number, self._folder, self.key, self._begun = shares, number, folder, key, begun
        self._links: dict[int, Link] = {}
        self._linking: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._doors, self._tasks = set[Door](), set[asyncio.Task[None]]()

    @property
    def count(self) -> int:
        """How many there are."""
        return self._shares.workers

    def owns(self, connection: str) -> bool:
        """Tell whether a connection's calls are performed here."""
        return self._shares.owner(connection) == self.number

    @asynccontextmanager
    async def serving(self, app: Callable[[Any, Any, Any], Awaitable[None]], longest: float) -> AsyncIterator[None]:
        """Answer what other workers hand over, until none of them takes requests any more; `longest` bounds that wait."""
        loop = asyncio.get_running_loop()
        place = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        path = self._path(self.number)
        try:
            fcntl.flock(place, fcntl.LOCK_SH)  # the kernel gives it back for a worker that dies
            path.unlink(missing_ok=True)
            listening = await loop.create_unix_server(
                lambda: Door(lambda sent: asked(app, sent, HANDED), self._doors, self._tasks), path
            )
            await asyncio.sleep(0)  # who waits for signals has begun to
            if self._begun is not None:
                await self._begun()
            yield
            self.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(longest):
                    await _alone(place)
            listening.close()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for each in self._doors:
                each.close()
        finally:
            path.unlink(missing_ok=True)
            os.close(place)

    async def handed_over(self, sent: Sent, connection: str, seconds: float) -> Came:
        """Return what the owner of a connection answers to a request that may take so many seconds there.

        Raises Unavailable where the owner is gone, or goes before it has answered, and Internal where it made no answer.
        """
        try:
            async with asyncio.timeout(seconds + _SPARE):
                came = await (await self._link(self._shares.owner(connection))).ask(sent)
        except TimeoutError:
            _LOG.error("worker %d does not answer", self._shares.owner(connection))
            raise Unavailable(
                "The part of the gateway that serves this connection does not answer. What was begun may have been done; the "
                "next provisioning cycle tries again.",
                AGAIN,
            ) from None
        except OSError:
            raise Unavailable(
                "The part of the gateway that serves this connection has ended, and is being started again. What was "
                "begun may have been done; nothing else is known to be lost. The next provisioning cycle tries again.",
                AGAIN,
            ) from None
        if not came.status:
            raise Internal("The gateway itself failed on this request; its log has the place. Please report it.")
        return came

    def close(self) -> None:
        """Ask nobody any more."""
        for each in self._links.values():
            each.close()

    async def told(self, sent: Sent, seconds: float) -> dict[int, Came | None]:
        """Return what each of the others answers to a request, None for one that does not in so many seconds."""
        others = [each for each in range(1, self.count + 1) if each != self.number]

        async def one(number: int) -> Came | None:
            try:
                async with asyncio.timeout(seconds):
                    came = await (await self._link(number)).ask(sent)
            except (OSError, TimeoutError):
                return None
            return came if came.status == 200 else None  # noqa: PLR2004

        return dict(zip(others, await asyncio.gather(*map(one, others)), strict=True))

    async def _link(self, number: int) -> Link:
        link = self._links.get(number)
        if link is not None and link.is_open:
            return link
        async with self._linking[number]:  # a crowd that comes at once takes the one that its first has made
            link = self._links.get(number)
            if link is None or not link.is_open:
                _, link = await asyncio.get_running_loop().create_unix_connection(Link, str(self._path(number)))
                self._links[number] = link
            return link

    def _path(self, number: int) -> Path:
        return self._folder / str(number)


async def _alone(place: int) -> None:
    """Wait until no other worker takes requests: each holds a lock on the folder while it does."""
    fcntl.flock(place, fcntl.LOCK_UN)
    while True:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_LOOKS_EVERY)
        else:
            fcntl.flock(place, fcntl.LOCK_UN)
            return
