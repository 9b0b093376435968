"""What the trail shows of a value: the value, a hash of it, that there is one, or nothing."""

import hmac
from hashlib import sha256
from typing import Any, Literal

import msgspec

How = Literal["clear", "hash", "mask", "drop"]
MASK = "***"
_DIGITS = 32
"""Hexadecimal digits of a hash: 128 bits."""
_ENCODER = msgspec.json.Encoder(order="deterministic")


class Redaction:
    """Shows values by a key: two hashes tell that two values of one attribute are the same, to whoever has them.

    Whoever has the key as well can try values out. Once it is thrown away, what the hashes stood for cannot be found any more.
    """

    def __init__(self, key: str) -> None:
        self._keyed = hmac.new(key.encode(), digestmod=sha256)

    def shown(self, value: Any, how: How, path: str) -> Any:
        """Return what the trail shows of an attribute's value; None for no value, however it is shown."""
        if value is None or how == "drop":
            return None
        if how == "clear":
            return value
        if how == "mask":
            return MASK
        return self.hashed(path.encode() + b"\0" + _ENCODER.encode(value))

    def hashed(self, text: bytes) -> str:
        """Return the hash of a text."""
        made = self._keyed.copy()
        made.update(text)
        return f"h:{made.hexdigest()[:_DIGITS]}"


class Remembering(Redaction):
    """Shows the values of one change, whose lines show most of them twice: each is hashed once."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction, self._hashes = redaction, dict[bytes, str]()

    def hashed(self, text: bytes) -> str:
        """Return the hash of a text."""
        if text not in self._hashes:
            self._hashes[text] = self._redaction.hashed(text)
        return self._hashes[text]
