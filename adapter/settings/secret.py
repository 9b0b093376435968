"""Secrets: texts that are not shown, and digests of those that nobody needs in clear."""

from hashlib import sha256

import msgspec

SHORTEST_SECRET = 32
"""Characters of a static token, a client's secret or a signing key; shorter ones can be guessed."""


class Secret(str):
    """A text that must not be shown: its repr hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return nothing of the secret."""
        return "Secret('…')"


class Proof(msgspec.Struct, frozen=True):
    """A token or a client's secret by which a client proves itself: its digest, and when it holds."""

    digest: bytes
    """SHA-256. It needs no salt: what `scim-adapter client new` makes has 256 bits of chance, and no list holds it."""
    not_before: float = float("-inf")
    not_after: float = float("inf")
    """In seconds since 1970."""

    def holds(self, now: float) -> bool:
        """Tell whether it lets anybody in at a time."""
        return self.not_before <= now < self.not_after

    @property
    def id(self) -> str:
        """A name for it that a log may show, and from which it cannot be guessed."""
        return self.digest.hex()[:8]


def digest(text: str) -> bytes:
    """Return what is kept of a secret that a client shows."""
    return sha256(text.encode()).digest()
