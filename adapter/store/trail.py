"""The audit trail as a table of the store's file, for whoever keeps no other file; lines are added and never changed.

A line is durable when it is written. One process at a time writes: it holds a lock on a file beside the store.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal, Protocol

from adapter.errors import SettingsError
from adapter.store.file import MEMORY, name_of, opened

Chained = Callable[[bytes, str | None], tuple[bytes, str]]
"""Makes a line of what is to be one and the hash of the line before it; returns it with its own hash."""

_HEAD = "SELECT hash FROM audit ORDER BY number DESC LIMIT 1"
_ADD = "INSERT INTO audit (intent, hash, line) VALUES (?, ?, ?)"
_CLOSE = "UPDATE audit SET intent = NULL WHERE intent = ?"
_UNFINISHED = "SELECT line FROM audit WHERE intent IS NOT NULL ORDER BY number"


class Line(Protocol):
    """What is to be a line."""

    @property
    def id(self) -> str:
        """The id of the change."""

    @property
    def is_intent(self) -> bool:
        """Whether an event is to follow."""

    @property
    def body(self) -> bytes:
        """Its JSON, without its place in the chain."""


class TableSink:
    """Appends lines to the table. Raises SettingsError where the file cannot be used, or another process writes it.

    Processes that have a lock together (`locked`, before one became several) may each have one: every line follows the last
    one in the table.
    """

    slow: Literal["append", "sync"] | None = "append"  # it waits for the disk, and for other processes

    def __init__(self, path: str, chained: Chained, lock: int | None = None) -> None:
        self._chained = chained
        self._lock = locked(path) if lock is None else lock
        try:
            self._writing, self._reading = opened(path)
        except BaseException:
            self._unlock()
            raise
        self.unfinished = [line for (line,) in self._writing.execute(_UNFINISHED)]

    def append(self, lines: Sequence[Line]) -> None:
        """Write lines at the end, all or none; raises OSError."""
        try:
            with self._writing:
                self._writing.execute("BEGIN IMMEDIATE")
                (head,) = self._writing.execute(_HEAD).fetchone() or (None,)
                for each in lines:
                    line, head = self._chained(each.body, head)
                    self._writing.execute(_CLOSE, (each.id,))
                    self._writing.execute(_ADD, (each.id if each.is_intent else None, head, line))
        except sqlite3.Error as error:
            raise OSError(None, f"the store failed: {name_of(error)}") from None

    def sync(self) -> None:
        """Do nothing: what was written is durable."""

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._reading.close()
            self._writing.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)


def lines(path: Path) -> Iterator[bytes]:
    """Return the lines of the trail in a store's file, in their order; raises SettingsError where it has none."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as reading:
            for (line,) in reading.execute("SELECT line FROM audit ORDER BY number"):
                yield line
    except sqlite3.Error as error:
        raise SettingsError([f"{path}: it holds no audit trail that can be read ({name_of(error)})"]) from None


def locked(path: str) -> int | None:
    """Return a lock that nobody else has; None for a store in memory, which nobody else can reach.

    Raises SettingsError where another process has it.
    """
    if path == MEMORY:
        return None
    beside = f"{path}-audit"
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SettingsError(
            [f"the file '{beside}' cannot be made ({error.strerror}); the audit trail needs it"]
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        fault = f"the audit trail in '{path}' is written by another process: end that one, or name another file"
        raise SettingsError([fault]) from None
    return lock
