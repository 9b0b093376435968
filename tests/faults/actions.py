"""What faults do on the wire, each under its name."""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.faults.wire import END, Seen, reply

BOMB = 16 * 1024 * 1024
"""Bytes of a reply that is small on the wire."""
DRIP = 0.01
"""Seconds between two bytes of a reply that drips."""
HTML = b"<html><head><title>Maintenance</title></head><body><h1>We are back soon</h1></body></html>"


@dataclass(slots=True)
class Exchange:
    """A request that shall go wrong: its connection, the right answer, and somebody whom it is not about."""

    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    right: bytes
    other: dict[str, Any] | None

    async def say(self, content: bytes) -> None:
        """Send bytes."""
        self.writer.write(content)
        await self.writer.drain()

    @property
    def right_body(self) -> bytes:
        """The body of the right answer."""
        return self.right.partition(END)[2]


Action = Callable[[Exchange, str], Awaitable[None]]
"""Does it; a connection that shall not be used again is closed there."""


async def close(exchange: Exchange, _: str) -> None:
    """End the connection without an answer."""
    exchange.writer.close()


async def reset(exchange: Exchange, _: str) -> None:
    """End the connection with RST."""
    connection: socket.socket = exchange.writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.writer.transport.abort()


async def stall(exchange: Exchange, _: str) -> None:
    """Never answer; it ends when the other side gives up."""
    await exchange.reader.read()
    exchange.writer.close()


async def truncated_head(exchange: Exchange, _: str) -> None:
    """Break off within the headers of the right answer."""
    await exchange.say(exchange.right[: exchange.right.index(END) // 2])
    exchange.writer.close()


async def truncated_body(exchange: Exchange, _value: str) -> None:
    """Break off within the body of an answer, whose length says that there is more."""
    head, _, body = exchange.right.partition(END)
    if not body:
        head, body = reply(200, b'{"id": "p1", "login": "half').split(END)
        head = head.replace(b"Content-Length: 2", b"Content-Length: 20")
    await exchange.say(head + END + body[: len(body) // 2])
    exchange.writer.close()


async def drip(exchange: Exchange, _: str) -> None:
    """Give the right answer one byte at a time."""
    for each in exchange.right:
        await exchange.say(bytes([each]))
        await asyncio.sleep(DRIP)


async def late(exchange: Exchange, value: str) -> None:
    """Give the right answer after so many seconds."""
    await asyncio.sleep(float(value))
    await exchange.say(exchange.right)


async def html(exchange: Exchange, _: str) -> None:
    """Answer 200 with a page for people."""
    await exchange.say(reply(200, HTML, Content_Type="text/html"))


async def error_in_200(exchange: Exchange, _: str) -> None:
    """Answer 200 with an error inside."""
    await exchange.say(reply(200, b'{"error": {"code": "E-17", "text": "The backend is busy."}}'))


async def empty(exchange: Exchange, _: str) -> None:
    """Answer 200 with nothing."""
    await exchange.say(reply(200))


async def wrong_id(exchange: Exchange, _: str) -> None:
    """Answer 200 with the record of somebody else."""
    body: Any = exchange.other or {"id": "p1", "login": "somebody@example.com", "enabled": True}
    if exchange.seen.route in {"find", "list"}:
        body = {"items": [body], "total": 1}
    await exchange.say(reply(200, json.dumps(body).encode()))


async def status(exchange: Exchange, value: str) -> None:
    """Answer with a status."""
    await exchange.say(reply(int(value), b'{"code": "trouble", "text": "Internal trouble at db-7.internal"}'))


async def busy(exchange: Exchange, value: str) -> None:
    """Answer 503 and say when to come back."""
    await exchange.say(reply(503, b'{"code": "busy", "text": "Busy"}', Retry_After=value))


RETRY_AFTER = ("none", "int", "date", "past", "garbage", "negative", "huge", "float")
"""The forms of Retry-After that a 429 may have."""


async def throttled(exchange: Exchange, value: str) -> None:
    """Answer 429, with a form of Retry-After."""
    soon, past = datetime.now(UTC) + timedelta(seconds=1), datetime.now(UTC) - timedelta(days=1)
    said = {
        "int": "1",
        "date": format_datetime(soon, usegmt=True),
        "past": format_datetime(past, usegmt=True),
        "garbage": "soon",
        "negative": "-5",
        "huge": "1000000000",
        "float": "0.5",
    }
    headers = {"Retry_After": said[value]} if value in said else {}
    await exchange.say(reply(429, b'{"code": "too_many", "text": "Too many calls"}', **headers))


async def idle(exchange: Exchange, _: str) -> None:
    """Give the right answer and close the connection right after it, which nobody was told."""
    await exchange.say(exchange.right)
    exchange.writer.close()


async def redirect(exchange: Exchange, _: str) -> None:
    """Send the caller elsewhere."""
    await exchange.say(reply(302, Location="/login.html"))


async def garbage(exchange: Exchange, _: str) -> None:
    """Answer what is not HTTP."""
    await exchange.say(b"220 mail.example.com ESMTP ready\r\n\x00\xff\r\n\r\n")
    exchange.writer.close()


async def zipped(exchange: Exchange, value: str) -> None:
    """Compress the answer though nobody asked; `bomb` is one that grows."""
    body = gzip.compress(b" " * BOMB if value == "bomb" else exchange.right_body or b"{}")
    await exchange.say(reply(200, body, Content_Encoding="gzip"))


ACTIONS: dict[str, Action] = {
    "close": close,
    "reset": reset,
    "stall": stall,
    "truncated head": truncated_head,
    "truncated body": truncated_body,
    "drip": drip,
    "late": late,
    "html 200": html,
    "error in 200": error_in_200,
    "empty 200": empty,
    "wrong id 200": wrong_id,
    "status": status,
    "503 later": busy,
    "429": throttled,
    "idle": idle,
    "redirect": redirect,
    "garbage": garbage,
    "gzip": zipped,
}
