"""What the trail shows of a value: the value, a hash of it, that there is one, or nothing."""

import hmac
from hashlib import sha256
from typing import Any, Literal

import msgspec

How = Literal["clear", "hash", "mask", "drop"]
MASK = "***"
_DIGITS = 32
"""Hexadecimal digits of a hash: 128 bits."""


class Redaction:
    """Shows values by a key: two hashes tell that two values of one attribute are the same, to whoever has them.

    Whoever has the key as well can try values out. Once it is thrown away, what the hashes stood for cannot be found any more.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def shown(self, value: Any, how: How, path: str) -> Any:
        """Return what the trail shows of an attribute's value; None for no value, however it is shown."""
        if value is None or how == "drop":
            return None
        if how == "clear":
            return value
        if how == "mask":
            return MASK
        text = path.encode() + b"\0" + msgspec.json.encode(value, order="deterministic")
        return f"h:{hmac.new(self._key, text, sha256).hexdigest()[:_DIGITS]}"
