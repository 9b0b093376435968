"""Reads that are under way: whoever asks the same meanwhile waits for that answer, and the upstream is asked once.

Never across a write: a read that was begun before one answers nobody who asks after it. And never for a look that a write
needs, before or after it: that one must be fresh, and asks for itself.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from adapter.errors import UpstreamError
from adapter.plan.conversation import Call, Outcome


class Shared:
    """The reads under way of one upstream."""

    def __init__(self) -> None:
        self._under_way: dict[bytes, asyncio.Future[Outcome | UpstreamError | None]] = {}

    def wrote(self) -> None:
        """Take that a write begins, or has ended: no read that is under way may answer anybody else from now on."""
        self._under_way.clear()

    async def read(self, call: Call, send: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Return what came of a read: of one that is under way, or of sending it.

        Raises UpstreamError, whoever has sent it.
        """
        key = msgspec.json.encode(call)  # of all that it says
        while (other := self._under_way.get(key)) is not None:
            came = await asyncio.shield(other)  # one who goes away leaves the others their answer
            if came is not None:
                if isinstance(came, UpstreamError):
                    raise came
                return came
        own: asyncio.Future[Outcome | UpstreamError | None] = asyncio.get_running_loop().create_future()
        self._under_way[key] = own
        came = None  # where it is cut off somebody else sends it
        try:
            came = await send()
        except UpstreamError as error:
            came = error
            raise
        finally:
            own.set_result(came)
            if self._under_way.get(key) is own:
                del self._under_way[key]
        return came
