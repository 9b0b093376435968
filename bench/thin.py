"""A thin HTTP/1.1 client: one keep-alive connection is one `Line`; what the floor passes calls through, and the load comes by.

It is no client for production: no TLS, no timeouts, no limits, and it tells no fault from another.
"""

import asyncio
from typing import cast

import httptools


class Line(asyncio.Protocol):
    """One connection; it has one request under way at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._asked: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Send a whole request; the result is the reply's status and body. Raises ConnectionError when the line is dead."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._asked = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, as asyncio says."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, as asyncio says."""
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(exc or ConnectionResetError("the server has closed the connection"))

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        """Begin a reply, as the parser says; a parser is good for one after the other."""
        self._parts = []

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """Take the end of a reply."""
        if self._asked is not None and not self._asked.done():
            self._asked.set_result((self._parser.get_status_code(), b"".join(self._parts)))

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


async def line_to(port: int) -> Line:
    """Return a new line to what listens on this port of 127.0.0.1."""
    _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
    return line


class Lines:
    """As many lines to one server as there are requests under way."""

    def __init__(self, port: int) -> None:
        self._port, self._idle = port, list[Line]()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a whole request; return the reply's status and body. Raises ConnectionError."""
        line = self._idle.pop() if self._idle else await line_to(self._port)
        reply = await line.ask(request)
        self._idle.append(line)
        return reply


def message(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Return a whole request, as it goes over the wire."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    head += [f"Content-Length: {len(body)}"] if body or method in ("POST", "PUT", "PATCH") else []
    return "\r\n".join([*head, "", ""]).encode() + body
