"""Taking changed settings without a restart: read and judged first, then swapped whole; wrong ones change nothing."""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from adapter.errors import AdapterError, MappingError
from adapter.settings.settings import Settings

_LOG = logging.getLogger("adapter.settings")

LOOKS_EVERY = 1.0
"""Seconds between two looks at the files that are watched."""


class Reload:
    """Reads the settings anew when it is told to, by SIGHUP or, where they are watched, by a change of their files.

    The files are those of the last reading that was right: the file of connections, mappings, and files of secrets.
    """

    def __init__(self, read: Callable[[], Settings], settings: Settings, *, is_watching: bool = False) -> None:
        self._read, self._files, self._is_watching = read, settings.files, is_watching

    async def until_cancelled(self, use: Callable[[Settings], None]) -> None:
        """Wait for the signal and for changes, and hand over all settings that are right."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.now, use)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])  # one that came before is heard now
        seen = self._stamps()
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            stamps = self._stamps()
            if stamps != seen:
                self.now(use)
                # What was saved while this was read is read the next time; files that are new here begin as they are now.
                seen = {each: stamps.get(each, now) for each, now in self._stamps().items()}

    def now(self, use: Callable[[Settings], None]) -> None:
        """Read the settings and use them; if they are wrong, say why and keep the old ones."""
        try:
            settings = self._read()
            use(settings)
        except AdapterError as error:
            for fault in error.all if isinstance(error, MappingError) else [error]:
                _LOG.error("the settings are not taken, the old ones stay in use: %s", fault)
        else:
            self._files = settings.files
            log_use(settings)

    def _stamps(self) -> dict[Path, tuple[int, int] | None]:
        """Return what tells whether a file has changed, for each file that is watched."""
        stamps: dict[Path, tuple[int, int] | None] = {}
        for each in self._files if self._is_watching else ():
            try:
                found = each.stat()
            except OSError:
                stamps[each] = None
            else:
                stamps[each] = found.st_mtime_ns, found.st_size
        return stamps


def log_use(settings: Settings) -> None:
    """Say which mapping each connection uses from now on."""
    for each in settings.connections:
        _LOG.info("%s: the mapping %s is in use", each.name, each.mapping.digest)
