"""The chain of lines: each says the hash of the line before it, and its own.

A line that is changed, left out, put elsewhere or there twice breaks it. The bytes are hashed as they stand there, so nobody
needs to agree on one form of JSON. The hashes have no key: who can write the whole file anew can make a new chain, so a hash
that was noted elsewhere is what the file is held against.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Literal, Protocol

import msgspec

MOST_LINE = 64 * 1024 * 1024
"""Bytes of a line; the longest are those of a group with its members, and far shorter."""

Slow = Literal["append", "sync"] | None
"""The call of a sink that may take a while: `append` where it makes lines durable by itself, or `sync`; None where none does."""

_END = re.compile(rb',"prev":(null|"(sha256:[0-9a-f]{64})"),"hash":"(sha256:[0-9a-f]{64})"\}\Z')


class Written(msgspec.Struct, frozen=True):
    """What is to be a line: its JSON, and as much of it as a sink must know."""

    id: str
    is_intent: bool
    is_owed: bool
    """Whether it must be there in the end: an intent waits for it."""
    body: bytes


class Link(msgspec.Struct, frozen=True):
    """A line as it stands in the chain."""

    body: bytes
    """The JSON without its place in the chain."""
    prev: str | None
    """The hash of the line before; None for the first of all."""
    hash: str
    is_right: bool
    """Whether the hash is that of the line."""


def chained(body: bytes, prev: str | None) -> tuple[bytes, str]:
    """Return a line without its end, and its hash."""
    before = "null" if prev is None else f'"{prev}"'
    front = body[:-1] + f',"prev":{before}'.encode()
    own = f"sha256:{sha256(front).hexdigest()}"
    return front + f',"hash":"{own}"}}'.encode(), own


def link_of(line: bytes) -> Link | None:
    """Return a line's place in the chain; None for what is no line of a trail."""
    end = _END.search(line)
    if end is None:
        return None
    front = line[: end.start(3) - len(b',"hash":"')]
    own = end[3].decode()
    is_right = own == f"sha256:{sha256(front).hexdigest()}"
    return Link(line[: end.start()] + b"}", end[2].decode() if end[2] else None, own, is_right)


class Sink(Protocol):
    """Where lines go. One at a time appends, and one at a time syncs; what it cannot do it says by OSError."""

    @property
    def slow(self) -> Slow:
        """Which of its calls the event loop leaves to a thread."""

    unfinished: list[bytes]
    """The bodies of intents without events that were there when it was opened."""

    def append(self, lines: Sequence[Written]) -> None:
        """Write lines at the end, all or none: the end of the process does not reach them there."""

    def sync(self) -> None:
        """Make what was written before durable: it is there after a power failure. More may be appended meanwhile."""

    def close(self) -> None:
        """Make what was written durable, as far as it goes, and let go of it."""
