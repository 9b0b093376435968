"""A legacy user API on raw sockets, which goes wrong as a plan says; it runs in the harness, so its state is plain to see."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.faults.actions import ACTIONS, Exchange
from tests.faults.listening import Listening
from tests.faults.plan import Fault, Plan
from tests.faults.routes import KEY, ROUTES, Asked, named_route
from tests.faults.store import Refused, Store
from tests.faults.tokens import Tokens
from tests.faults.wire import Message, Seen, message_of, reply

__all__ = ["KEY", "Upstream"]

Trip = tuple[int, Callable[[], object]]


class Upstream:
    """The API: `service` is the time that each call takes, `most` how many calls at once a route bears, by its name."""

    def __init__(
        self, store: Store | None = None, plan: Plan | None = None, *, service: float = 0.0, token_life: int = 3600
    ) -> None:
        self.store, self.plan = store or Store(), plan or Plan()
        self.service, self.most = service, dict[str, int]()
        self.tokens = Tokens(token_life)
        self.wire: list[Seen] = []
        self.throttled = 0
        self.in_flight, self.most_in_flight = Counter[str](), Counter[str]()
        self.bytes = 0
        """Bytes that were received and sent."""
        self.trip: Trip | None = None
        """What is done once, when so many bytes have passed."""
        self.listening = Listening(self._connected)
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._number = 0
        self._late: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.listening.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.listening.close()
        await self._hang_up()
        await self.settled()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.listening.port}"

    async def settled(self) -> None:
        """Wait for the changes that come late."""
        await asyncio.gather(*self._late, return_exceptions=True)

    async def refuse(self) -> None:
        """Let nothing listen any more, and end all connections."""
        await self.listening.close()
        await self._hang_up()

    async def swallow(self) -> None:
        """Let connections be begun and never made, and end those that are there."""
        await self.listening.fill()
        await self._hang_up()

    async def back(self) -> None:
        """Listen again, at the same place."""
        await self.listening.open()

    async def _hang_up(self) -> None:
        tasks = [task for task in self._connections if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        self._number += 1
        number = self._number
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while not writer.is_closing():
                    await self._answer(await message_of(reader), number, reader, writer)
        finally:
            del self._connections[task]
            writer.close()

    async def _answer(
        self, message: Message, connection: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        seen = self._seen(message, connection)
        self.in_flight[seen.route] += 1
        try:
            await self._answered(seen, reader, writer)
        finally:
            self.in_flight[seen.route] -= 1

    async def _answered(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._passed(len(seen.head) + len(seen.body))
        now = self.in_flight[seen.route]
        self.most_in_flight[seen.route] = max(self.most_in_flight[seen.route], now)
        if now > self.most.get(seen.route, now):
            self.throttled += 1
            seen.status = 429
            return await self._say(writer, reply(429, b'{"code": "too_many", "text": "Too many calls"}'))
        with self.tokens.login() if seen.route == "login" else contextlib.nullcontext():
            if self.service:
                await asyncio.sleep(self.service)
            fault = self.plan.chosen(seen)
            if fault is None:
                return await self._say(writer, self._done(seen))
            return await self._go_wrong(fault, seen, reader, writer)

    async def _go_wrong(
        self, fault: Fault, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        seen.fault = str(fault)
        right = reply(200, b"{}")
        if fault.phase == "after":
            right = self._done(seen)
        elif fault.phase == "delayed":
            late = asyncio.get_running_loop().create_task(self._done_late(fault.seconds, seen))
            self._late.add(late)
            late.add_done_callback(self._late.discard)
        if fault.action in {"refuse", "swallow"}:  # the next connection, not this answer, goes wrong
            await (self.listening.close() if fault.action == "refuse" else self.listening.fill())
            await self._say(writer, right)
            writer.close()
            return await self._hang_up()
        self._passed(0)
        others = (each.shown for each in self.store.live if seen.about not in {each.id, each.login})
        return await ACTIONS[fault.action](Exchange(seen, reader, writer, right, next(others, None)), fault.value)

    async def _done_late(self, seconds: float, seen: Seen) -> None:
        await asyncio.sleep(seconds)
        self._done(seen)

    def _done(self, seen: Seen) -> bytes:
        """Do what is asked, and return the right answer."""
        try:
            status, body = self._result(seen)
        except Refused as error:
            status, body = error.status, {"code": error.code, "text": str(error)}
        seen.status = status
        return reply(status, b"" if body is None else json.dumps(body, ensure_ascii=False).encode())

    def _result(self, seen: Seen) -> tuple[int, Any]:
        if not seen.route:
            raise Refused(404, "no_such_route", f"There is no {seen.method} {seen.path}.")
        if seen.route != "login":
            self.tokens.check(seen.headers.get("authorization", ""))
        sent = _decoded(seen.body)
        return ROUTES[seen.route](Asked(seen, sent, self.store, self.tokens))

    def _seen(self, message: Message, connection: int) -> Seen:
        method, target, _ = message.first.split(" ")
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        seen = Seen(
            len(self.wire) + 1,
            monotonic(),
            connection,
            message.head,
            message.body,
            method,
            parts.path,
            query,
            message.headers,
        )
        seen.route, seen.about = named_route(seen)
        self.wire.append(seen)
        return seen

    async def _say(self, writer: asyncio.StreamWriter, content: bytes) -> None:
        if self.trip is not None and self.bytes < self.trip[0] <= self.bytes + len(content):
            begun = self.trip[0] - self.bytes
            writer.write(content[:begun])
            await writer.drain()
            self._passed(begun)
            content = content[begun:]
        self._passed(len(content))
        writer.write(content)
        await writer.drain()

    def _passed(self, count: int) -> None:
        self.bytes += count
        if self.trip is not None and self.bytes >= self.trip[0]:
            done, self.trip = self.trip[1], None
            done()


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body or b"{}")
    except ValueError:
        raise Refused(400, "bad_json", "This is no JSON.") from None
    if not isinstance(sent, dict):
        raise Refused(400, "bad_json", "An object is needed.")
    return sent
