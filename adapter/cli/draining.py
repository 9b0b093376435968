"""Ending without cutting anybody off: readiness says no, requests are still taken for a while, and all of them are finished.

uvicorn alone takes no connection from the moment of the signal on, while a load balancer still sends some.
"""

import signal
from collections.abc import Callable
from time import monotonic
from types import FrameType

import uvicorn


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
