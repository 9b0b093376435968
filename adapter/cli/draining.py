"""Ending without cutting anybody off: readiness says no, requests are still taken for a while, and all of them are finished.

uvicorn alone takes no connection from the moment of the signal on, while a load balancer still sends some; and it ends open
connections at once, also those on which a request is on its way.
"""

import asyncio
import signal
import socket
from collections.abc import Callable
from time import monotonic
from types import FrameType

import uvicorn

LAST = 0.25
"""Seconds between the end of listening and that of the connections: what is on its way on one is still answered."""


class Draining(uvicorn.Server):
    """Serves until a while after SIGTERM; a second one, or SIGINT, ends it as soon as what is in flight is finished."""

    def __init__(self, config: uvicorn.Config, begin: Callable[[], None], seconds: float) -> None:
        """`begin` is called at the first SIGTERM; `seconds` later no more requests are taken."""
        super().__init__(config)
        self._begin, self._seconds = begin, seconds
        self._until: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal, as uvicorn hands it over."""
        if sig != signal.SIGTERM or self._until is not None:
            super().handle_exit(sig, frame)
            return
        self._begin()
        self._until = monotonic() + self._seconds

    async def on_tick(self, counter: int) -> bool:
        """Tell, ten times a second, whether to end."""
        if self._until is not None and monotonic() >= self._until:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and then end the connections, each when what is in flight on it is finished."""
        await asyncio.sleep(0)  # whoever has connected by now is taken: those who wait to be would be cut off
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        await asyncio.sleep(min(LAST, self._seconds))
        await super().shutdown(sockets)
