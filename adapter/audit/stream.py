"""Lines on standard output, for whoever collects it. Nothing can be read back from there: each start begins a new chain."""

import os
from collections.abc import Sequence

from adapter.audit.chain import Slow, Written, chained


class StreamSink:
    """Appends lines to a stream, by its file descriptor."""

    slow: Slow = None  # who reads it slowly holds up the log lines as well

    def __init__(self, file: int = 1) -> None:
        self._file = file
        self._head: str | None = None
        self._is_torn = False
        self.unfinished: list[bytes] = []

    def append(self, lines: Sequence[Written]) -> None:
        """Write lines; raises OSError. Where a part of them went out, what follows begins a chain of its own."""
        head, data = self._head, bytearray(b"\n" if self._is_torn else b"")
        for each in lines:
            line, head = chained(each.body, head)
            data += line + b"\n"
        self._is_torn, left = True, memoryview(data)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            if len(left) < len(data):
                self._head = None
            raise
        self._head, self._is_torn = head, False

    def sync(self) -> None:
        """Do nothing: what becomes of it is decided at the other end."""

    def close(self) -> None:
        """Leave the stream open: it is the process's."""
