"""The lines of trails that were written before, one after the other; a trail may be larger than the memory."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from adapter.audit.chain import MOST_LINE
from adapter.errors import SettingsError

OfStore = Callable[[Path], Iterator[bytes]]
"""Returns the lines of the trail in a store's file."""


class Numbered(msgspec.Struct, frozen=True):
    """A line, without its end, and where it stands."""

    file: Path
    number: int
    """From 1."""
    text: bytes
    is_whole: bool = True
    """Whether it ends with a line end."""

    @property
    def place(self) -> str:
        """`audit.jsonl:7`."""
        return f"{self.file}:{self.number}"


def numbered(file: Path, of_store: OfStore) -> Iterator[Numbered]:
    """Return the lines of a file: a trail as it is, one that was packed by gzip, or a store.

    Raises SettingsError when it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            begin = opened.read(16)
        if begin == b"SQLite format 3\0":
            for number, line in enumerate(of_store(file), 1):
                yield Numbered(file, number, line)
            return
        with cast("BinaryIO", gzip.open(file) if begin.startswith(b"\x1f\x8b") else file.open("rb")) as stream:
            number = 0
            while line := stream.readline(MOST_LINE):
                number += 1
                yield Numbered(file, number, line.removesuffix(b"\n"), line.endswith(b"\n"))
    except (OSError, EOFError, zlib.error) as error:
        raise SettingsError([f"{file}: it cannot be read ({type(error).__name__})"]) from error
