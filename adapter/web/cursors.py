"""Cursors as clients see them: encrypted, because a position may quote what the upstream's own links hold (RFC 9865)."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from adapter.errors import InvalidCursor

_HEADER = {"alg": "dir", "enc": "A128GCM"}
MOST_CURSOR = 8_192
"""Characters of a cursor that a client may send: those that are given are far shorter."""


class _Held(msgspec.Struct, array_like=True):
    """What a cursor holds: the query that it belongs to, and the position in it."""

    query: str
    position: str


class Cursors:
    """Makes cursors and reads them again; one belongs to one query of one connection, and to no other.

    The first key makes them, all are believed: one can be replaced without a gap.
    """

    def __init__(self, keys: Sequence[str], connection: str) -> None:
        made = [sha256(f"cursors {connection} {each}".encode()).digest()[:16] for each in keys]
        self._keys = [OctKey.import_key(each) for each in made]

    def made(self, position: bytes, query: str) -> str:
        """Return the cursor for a position in a query."""
        held = msgspec.json.encode(_Held(_digest(query), position.decode()))
        return jwe.encrypt_compact(_HEADER, held, self._keys[0])

    def read(self, cursor: bytes, query: str) -> bytes:
        """Return the position that a cursor holds; empty for an empty one, which begins.

        Raises InvalidCursor when it was not made here, or for another query.
        """
        if not cursor:
            return b""
        if len(cursor) > MOST_CURSOR:
            raise InvalidCursor
        held = next((found for key in self._keys if (found := _held(cursor, key)) is not None), None)
        if held is None:
            raise InvalidCursor
        if held.query != _digest(query):
            raise InvalidCursor(
                "The cursor belongs to another query; send it with the filter and the order of its first page."
            )
        return held.position.encode()


def _held(cursor: bytes, key: OctKey) -> _Held | None:
    try:
        text = jwe.decrypt_compact(cursor, key, algorithms=["dir", "A128GCM"]).plaintext or b""
        return msgspec.json.decode(text, type=_Held)
    except (JoseError, ValueError, TypeError):  # joserfc lets a TypeError through for some headers
        return None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
