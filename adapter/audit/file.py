"""A file of lines: only its owner reads it, one process writes it, and it may be moved away while it is written.

What a crash has left of a last line is cut off: it never was a line. Where the file has been moved away, or was cut, the
next line goes into a new one; its chain goes on from the old one's, and intents that are still open are repeated there, so
that each file can be judged with those after it.
"""

import fcntl
import logging
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from adapter.audit.chain import MOST_LINE, Slow, Written, chained, link_of
from adapter.audit.event import Brief
from adapter.errors import SettingsError

_LOG = logging.getLogger("adapter.audit")
_BRIEF = msgspec.json.Decoder(Brief)


class FileSink:
    """Appends lines to a file. Raises SettingsError where it cannot be used, or another process writes it."""

    slow: Slow = "sync"  # the system keeps a line at once, and brings it to the disk when it is told to

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._open: dict[str, bytes] = {}
        self._head: str | None = None
        self._file = -1
        self._left: list[int] = []
        """Files that were moved away, each until it is durable; only `sync` lets go of one, which may be at work on it."""
        self._is_torn = False
        """Whether a part of a line that could not be written whole is still there."""
        self._must_repeat = False
        """Whether the open intents are to be repeated, because the file is a new one."""
        try:
            self._file = _opened(self._path)
            self._identity = _identity(os.fstat(self._file))  # nobody else's while it is open
            self._size = self._read()
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise SettingsError([_fault(path, error)]) from error
            raise
        self.unfinished = [*self._open.values()]

    def append(self, lines: Sequence[Written]) -> None:
        """Write lines at the end, all or none; raises OSError."""
        self._follow()
        head, data = self._head, bytearray()
        again = self._open.values() if self._must_repeat else ()
        for body in (*again, *(each.body for each in lines)):
            line, head = chained(body, head)
            data += line + b"\n"
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            self._is_torn = True
            with suppress(OSError):  # else it is done before the next line
                self._cut()
            raise
        self._size += len(data)
        self._head, self._must_repeat = head, False
        for each in lines:
            self._noted(each.id, each.body, is_intent=each.is_intent)

    def sync(self) -> None:
        """Make what was written before durable, in files that were moved away as well; raises OSError."""
        os.fsync(self._file)  # first: once it is moved away it is among those that are left
        while self._left:
            left = self._left.pop()
            try:
                os.fsync(left)
            finally:
                os.close(left)

    def close(self) -> None:
        """Make what was written durable, as far as it goes, and let go of the file."""
        for each in (*self._left, self._file):
            if each >= 0:
                with suppress(OSError):
                    os.fsync(each)
                os.close(each)
        self._left, self._file = [], -1

    def _follow(self) -> None:
        """Open the file anew where it was moved away, and begin at its start where it was cut."""
        if self._is_torn:
            self._cut()
        there = None
        with suppress(FileNotFoundError):
            there = self._path.stat()
        if there is None or _identity(there) != self._identity:
            new = _opened(self._path)
            if os.fstat(new).st_size:
                os.close(new)
                raise OSError(None, "the file that has taken its place is not empty")
            self._left.append(self._file)
            self._file, self._size, self._must_repeat = new, 0, True
            self._identity = _identity(os.fstat(new))
        elif there.st_size > self._size:
            raise OSError(None, "somebody else writes to the file")
        elif there.st_size < self._size:
            self._size, self._must_repeat = there.st_size, True

    def _cut(self) -> None:
        os.ftruncate(self._file, self._size)
        self._is_torn = False

    def _read(self) -> int:
        """Read what is there: the last hash, and the intents without events; return the size, without a torn last line."""
        size = 0
        with os.fdopen(os.dup(self._file), "rb") as file:
            file.seek(0)
            while line := file.readline(MOST_LINE):
                link = link_of(line.removesuffix(b"\n"))
                if link is None and line.endswith(b"\n"):
                    raise SettingsError([_stranger(self._path)])
                if link is None:
                    _LOG.warning("a crash has torn the last line of the audit trail: %d bytes are cut off", len(line))
                    os.ftruncate(self._file, size)
                    break
                if not line.endswith(b"\n"):
                    os.write(self._file, b"\n")
                    line += b"\n"
                size += len(line)
                self._head = link.hash
                try:
                    brief = _BRIEF.decode(link.body)
                except (ValueError, RecursionError):
                    raise SettingsError([_stranger(self._path)]) from None
                self._noted(brief.id, link.body, is_intent=brief.kind == "intent")
        return size

    def _noted(self, change: str, body: bytes, *, is_intent: bool) -> None:
        """Keep an intent until its event comes."""
        if is_intent:
            self._open[change] = body
        else:
            self._open.pop(change, None)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _opened(path: Path) -> int:
    """Return a file, made where there is none, that nobody else writes from now on."""
    is_new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _check_kind(file)
        os.fchmod(file, 0o600)  # one that was there may have been open to others
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if is_new:
            place = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(place)  # else the file itself may be gone after a failure of power
            finally:
                os.close(place)
    except BaseException:
        os.close(file)
        raise
    return file


def _check_kind(file: int) -> None:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise OSError(None, "it is no regular file")


def _fault(path: str, error: OSError) -> str:
    if isinstance(error, BlockingIOError):
        return f"the audit trail '{path}' is written by another process: end that one, or name another file"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"the audit trail '{path}' cannot be made: there is no directory '{Path(path).parent}'; make it first"
    return f"the audit trail '{path}' cannot be opened ({error.strerror}): name a file of this process's own"


def _stranger(path: Path) -> str:
    return (
        f"the file '{path}' holds something that is no line of an audit trail: move it away, or name another file; "
        "`scim-adapter audit verify` names the line"
    )
