"""One request on a connection of its own, over a bare socket: its bytes go as they are, and its answer is timed."""

import asyncio
import contextlib
import json
from time import perf_counter
from typing import Any

import msgspec

from tests.attacks.process import TOKEN

PATIENCE = 5.0
"""Seconds after which an answer is one that does not come."""


class Said(msgspec.Struct, frozen=True):
    """An answer: 0 for its status where none came."""

    status: int
    kind: str
    """Its content type."""
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body, decoded; None where it is no JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    @property
    def verdict(self) -> str:
        """The status, and the scimType if there is one: `400 invalidFilter`."""
        message = self.json if self.status >= 400 else None
        more = message.get("scimType") if isinstance(message, dict) else None
        return f"{self.status} {more}" if more else str(self.status)


def request(
    line: str, body: Any = None, headers: tuple[str, ...] = (), *, token: str | None = TOKEN, others: bytes = b""
) -> bytes:
    """Return a whole request: `line` is its method and target, a body of bytes goes as it is and any other as JSON.

    `others` are header lines as bytes, each with its end.
    """
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    fields = ["Host: gateway.test", "Connection: close", *headers]
    fields += [f"Authorization: Bearer {token}"] if token is not None else []
    fields += [f"Content-Length: {len(content)}"] if body is not None else []
    head = f"{line} HTTP/1.1\r\n" + "".join(f"{each}\r\n" for each in fields)
    return head.encode("latin-1") + others + b"\r\n" + content


async def said(port: int, sent: bytes) -> Said:
    """Return the answer to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    began, heard = perf_counter(), b""
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(sent)
            await writer.drain()
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                while not _is_whole(heard) and (part := await reader.read(65_536)):
                    heard += part
    except TimeoutError:
        heard = b""
    finally:
        seconds = perf_counter() - began
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    head, _, body = heard.partition(b"\r\n\r\n")
    return Said(_status(head), _field(head, b"content-type").decode("latin-1"), body, seconds)


def _is_whole(heard: bytes) -> bool:
    head, end, body = heard.partition(b"\r\n\r\n")
    length = _field(head, b"content-length")
    return bool(end) and length.isdigit() and len(body) >= int(length)


def _status(head: bytes) -> int:
    parts = head.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def _field(head: bytes, name: bytes) -> bytes:
    for each in head.split(b"\r\n")[1:]:
        own, _, value = each.partition(b":")
        if own.strip().lower() == name:
            return value.strip()
    return b""
