"""Whole requests and answers between two workers over a socket: four bytes that tell a length, and that much MessagePack.

It is no HTTP, so that nothing of a head can be read in two ways, and since it costs a tenth of it. Many requests are under
way on one connection; each answer says which one it belongs to. What waits to be sent is bounded by the requests under way,
and these by the connections of clients and what one request may hold.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import msgspec

_LOG = logging.getLogger("adapter.workers")

Headers = list[tuple[bytes, bytes]]
_LENGTH = 4


class Sent(msgspec.Struct, array_like=True, frozen=True):
    """A request that is handed over, as it came; `address` is the client's."""

    method: str
    scheme: str
    path: bytes
    """As it came over the wire, not decoded."""
    query: bytes
    headers: Headers
    body: bytes
    address: str


class Came(msgspec.Struct, array_like=True, frozen=True):
    """Its answer; status 0 where none was made."""

    status: int
    headers: Headers
    body: bytes


class _Ask(msgspec.Struct, array_like=True, frozen=True):
    number: int
    sent: Sent


class _Answer(msgspec.Struct, array_like=True, frozen=True):
    number: int
    came: Came


_ENCODER = msgspec.msgpack.Encoder()
_ASKS, _ANSWERS = msgspec.msgpack.Decoder(_Ask), msgspec.msgpack.Decoder(_Answer)


class _Frames(asyncio.Protocol):
    """One end of a connection."""

    def __init__(self) -> None:
        self._came = bytearray()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what came, and hand on each frame that is whole."""
        self._came += data
        while len(self._came) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._came[:_LENGTH])
            if len(self._came) < end:
                return
            frame = bytes(self._came[_LENGTH:end])
            del self._came[:end]
            self.taken(frame)

    def taken(self, frame: bytes) -> None:
        """Take a frame."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up."""
        if self.transport is not None:
            self.transport.close()

    def send(self, message: _Ask | _Answer) -> None:
        """Send a frame, unless the other end is gone."""
        if self.transport is not None and not self.transport.is_closing():
            encoded = _ENCODER.encode(message)
            self.transport.write(len(encoded).to_bytes(_LENGTH) + encoded)


class Link(_Frames):
    """The end that asks."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Came]] = {}

    @property
    def is_open(self) -> bool:
        """Whether the other end is there, as far as is known."""
        return self.transport is not None and not self.transport.is_closing()

    async def ask(self, sent: Sent) -> Came:
        """Return the answer to a request; raises ConnectionError when the other end goes away before it has come."""
        if not self.is_open:
            raise ConnectionError
        number = next(self._numbers)
        waiting: asyncio.Future[Came] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            self.send(_Ask(number, sent))
            return await waiting
        finally:
            del self._waiting[number]

    def taken(self, frame: bytes) -> None:
        """Take an answer; one that nobody waits for any more is let go."""
        answer = _ANSWERS.decode(frame)
        waiting = self._waiting.get(answer.number)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.came)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all who wait that no answer will come."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(str(exc or "")))


class Door(_Frames):
    """The end that answers; a request whose asker is gone is finished all the same."""

    def __init__(
        self, answered: Callable[[Sent], Awaitable[Came]], doors: set["Door"], tasks: set[asyncio.Task[None]]
    ) -> None:
        """`answered` answers a request; `doors` holds all that are open, `tasks` what is under way at them."""
        super().__init__()
        self._answered, self._doors, self._tasks = answered, doors, tasks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        super().connection_made(transport)
        self._doors.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        del exc
        self._doors.discard(self)

    def taken(self, frame: bytes) -> None:
        """Take a request, and answer it beside the others."""
        ask = _ASKS.decode(frame)
        task = asyncio.get_running_loop().create_task(self._answer(ask))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, ask: _Ask) -> None:
        try:
            came = await self._answered(ask.sent)
        except Exception as error:  # noqa: BLE001 (whoever asked must not wait for an answer that does not come)
            _LOG.error("a request that was handed over got no answer: %s", type(error).__name__)
            came = Came(0, [], b"")
        self.send(_Answer(ask.number, came))


async def asked(app: Callable[[Any, Any, Any], Awaitable[None]], sent: Sent, mark: str) -> Came:
    """Return what an ASGI application answers to a request; `mark` stands among the scope's extensions."""
    status, headers, body, is_taken = 0, Headers(), bytearray(), False

    async def receive() -> dict[str, Any]:
        nonlocal is_taken
        if is_taken:
            return {"type": "http.disconnect"}
        is_taken = True
        return {"type": "http.request", "body": sent.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], [(bytes(name), bytes(value)) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await app(_scope(sent, mark), receive, send)
    return Came(status, headers, bytes(body))


def _scope(sent: Sent, mark: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": sent.scheme,
        "path": unquote_to_bytes(sent.path).decode(errors="replace"),
        "raw_path": sent.path,
        "query_string": sent.query,
        "root_path": "",
        "headers": sent.headers,
        "client": (sent.address, 0) if sent.address else None,
        "server": None,
        "state": {},
        "extensions": {mark: {}},
    }
