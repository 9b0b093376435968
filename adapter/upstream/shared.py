"""Reads that are under way: whoever asks the same meanwhile waits for that answer, and the upstream is asked once.

Never across a write: a read that was begun before one answers nobody who asks after it. And never for a look that a write
needs, before or after it: that one must be fresh, and asks for itself.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from adapter.errors import UpstreamError
from adapter.plan.conversation import Call, Outcome

_Came = Outcome | UpstreamError | None
"""What came of a read; None where it was cut off, and somebody else must send it."""


class Shared:
    """The reads under way of one upstream."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, list[asyncio.Future[_Came]]] = {}
        """Who waits for what came of each."""

    def wrote(self) -> None:
        """Take that a write begins, or has ended: no read that is under way may answer anybody else from now on."""
        self._waiting.clear()

    async def read(self, call: Call, send: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Return what came of a read: of one that is under way, or of sending it.

        Raises UpstreamError, whoever has sent it.
        """
        key = msgspec.json.encode(call)  # of all that it says
        came: _Came
        while (others := self._waiting.get(key)) is not None:
            others.append(asyncio.get_running_loop().create_future())
            came = await others[-1]
            if came is not None:
                if isinstance(came, UpstreamError):
                    raise came
                return came
        waiting = self._waiting[key] = []
        came = None
        try:
            came = await send()
        except UpstreamError as error:
            came = error
            raise
        finally:
            for each in waiting:
                if not each.done():  # else who waited has gone away
                    each.set_result(came)
            if self._waiting.get(key) is waiting:
                del self._waiting[key]
        return came
