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

FAREWELL = 1.5
"""Seconds, twice, that the other side has to take our last answer and to say farewell."""


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
        letting_go = asyncio.create_task(self._let_go())
        try:
            await super().shutdown(sockets)
        finally:
            letting_go.cancel()

    async def _let_go(self) -> None:
        """End the connections on which all is said and the other side's farewell is missing.

        With TLS each side says one, and a client that keeps an idle connection says none; the loop waits half a minute for it.
        """
        before: set[asyncio.Transport] = set()
        while True:
            await asyncio.sleep(FAREWELL)
            over = {each.transport for each in self.server_state.connections if _is_said(each.transport)}
            for each in over & before:
                each.abort()
            before = over


def _is_said(transport: asyncio.Transport | None) -> bool:
    """Tell whether we have said all that there was to say on a connection with TLS."""
    if transport is None or transport.get_extra_info("ssl_object") is None:
        return False
    return transport.is_closing() and not transport.get_write_buffer_size()
