"""A call is one request to the user API, read from the wire and not yet judged."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from adapter.sandbox.refusal import malformed, unauthorized

_NUMBER = re.compile(r"-?[0-9]{1,18}")
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call: its path and the parts of it that vary, its query, headers (names in lower case) and body."""

    path: str = "/"
    parameters: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""

    def number(self, parameter: str) -> int:
        """The path parameter as a number; anything else is refused."""
        text = self.parameters[parameter]
        if not _NUMBER.fullmatch(text):
            raise malformed(f"Invalid {parameter} format: {text}.")
        return int(text)

    def bearer(self) -> str:
        """The token of the Authorization header; a call without one is refused."""
        found = _BEARER.fullmatch(self.headers.get("authorization", ""))
        if not found:
            raise unauthorized("Missing authorization header bearer.")
        return found[1]


class Reply(msgspec.Struct, frozen=True):
    """What the user API answers: a status, and the JSON body if there is one."""

    status: int
    body: Any = None
