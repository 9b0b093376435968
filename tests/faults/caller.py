"""A caller of HTTP on raw sockets, which keeps its connections and measures how long each answer takes."""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from tests.faults.wire import Message, message_of, request

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Answer:
    """What came back: status 0 where nothing did."""

    status: int
    headers: dict[str, str]
    text: str
    began: float
    ended: float
    is_refused: bool = False
    """Whether nobody listened any more."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began

    @property
    def body(self) -> Any:
        """The JSON of it; None where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def is_done(self) -> bool:
        """Whether it says that it was done."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float:
        """The seconds after which to come again; 0 where it does not say."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isdecimal() else 0.0


FRESH = 3.0
"""Seconds after which a connection is not used again: the other side may be about to end it."""


class Caller:
    """Calls one port of 127.0.0.1, with the same headers each time; each call gives up after `patience` seconds."""

    def __init__(self, port: int, headers: dict[str, str] | None = None, patience: float = 60.0) -> None:
        self.port, self.headers, self.patience = port, {"Host": "127.0.0.1"} | (headers or {}), patience
        self.heard: Callable[[str, str, Answer], None] = lambda *_: None
        """Told of each request and its answer."""
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def call(self, method: str, target: str, body: Any = None) -> Answer:
        """Return the answer to a call; one that never came has status 0."""
        answer = await self._called(method, target, body)
        self.heard(method, target, answer)
        return answer

    async def _called(self, method: str, target: str, body: Any) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        sent = request(method, target, self.headers, content)
        began = monotonic()
        message, is_refused = None, False
        try:
            async with asyncio.timeout(self.patience):
                message = await self._sent(sent)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            is_refused = isinstance(error, ConnectionRefusedError)
        if message is None:
            return Answer(0, {}, "", began, monotonic(), is_refused)
        return Answer(
            int(message.first.split()[1]), message.headers, message.body.decode(errors="replace"), began, monotonic()
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _since, _reader, writer in self._idle:
            await _closed(writer)
        self._idle.clear()

    async def _sent(self, sent: bytes) -> Message:
        while self._idle and (self._idle[-1][1].at_eof() or self._idle[-1][0] < monotonic() - FRESH):
            await _closed(self._idle.pop()[2])
        reader, writer = self._idle.pop()[1:] if self._idle else await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            message = await message_of(reader)
        except BaseException:
            await _closed(writer)
            raise
        if message.headers.get("connection", "").lower() == "close":
            await _closed(writer)
        else:
            self._idle.append((monotonic(), reader, writer))
        return message


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
