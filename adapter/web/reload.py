"""Taking a changed mapping without a restart: read and judged first, then swapped whole; a wrong one changes nothing."""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from adapter.errors import AdapterError, MappingError
from adapter.mapping.mapping import Mapping
from adapter.settings import Settings

_LOG = logging.getLogger("adapter.mapping")

LOOKS_EVERY = 1.0
"""Seconds between two looks at a file that is watched."""


class Reload:
    """Reads the mapping anew when it is told to, by SIGHUP or by a change of the file."""

    def __init__(self, read: Callable[[], tuple[Settings, Mapping]], watched: Path | None = None) -> None:
        self._read, self._watched = read, watched

    async def until_cancelled(self, use: Callable[[Settings, Mapping], None]) -> None:
        """Wait for the signal and for changes, and hand over each mapping that is right."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.now, use)
        seen = self._stamp()
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            stamp = self._stamp()
            if stamp != seen:
                seen = stamp
                self.now(use)

    def now(self, use: Callable[[Settings, Mapping], None]) -> None:
        """Read the mapping and use it; if it is wrong, say why and keep the old one."""
        try:
            settings, mapping = self._read()
            use(settings, mapping)
        except AdapterError as error:
            for fault in error.all if isinstance(error, MappingError) else [error]:
                _LOG.error("the mapping is not taken, the old one stays in use: %s", fault)
        else:
            _LOG.info("the mapping %s is in use", mapping.digest)

    def _stamp(self) -> tuple[int, int] | None:
        if self._watched is None:
            return None
        try:
            found = self._watched.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
