"""What becomes of a call in each way that an upstream can fail: how often it arrives there, and what the plan is sent."""

import asyncio
import contextlib
import gc
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Literal

import httpx
import msgspec
import pytest

from adapter.errors import TooSlow, Unavailable
from adapter.mapping.mapping import Credential, Mapping
from adapter.plan.conversation import Asked, Call, Plan
from adapter.plan.find import query
from adapter.plan.moment import Over, Sought, Turn, Wait
from adapter.scim import operation
from adapter.scim.messages import Listing
from adapter.upstream import retry, sightings
from adapter.upstream.client import Upstream
from adapter.upstream.index import Index
from adapter.upstream.times import Times
from tests.mapping.minimal import mapping, n_able
from tests.upstream.asking import asking, came_of, shown
from tests.upstream.server import (
    TOKEN_PATH,
    Answer,
    Full,
    Server,
    broken_off,
    dripping,
    refusing,
    reply,
    reset,
    silence,
)

Column = Literal["read", "create", "change", "remove"]
COLUMNS: tuple[Column, ...] = ("read", "create", "change", "remove")

USER = "/api/users/42"
CALLS: dict[Column, Call] = {
    "read": Call(route="GET /api/users/{id}", doing="get", method="GET", path=USER, is_read=True),
    "create": Call(
        route="POST /api/users", doing="create", method="POST", path="/api/users", body={"firstName": "Ada"}
    ),
    "change": Call(route="PATCH /api/users/{id}", doing="update", method="PATCH", path=USER, body={"firstName": "Ada"}),
    "remove": Call(route="DELETE /api/users/{id}", doing="delete", method="DELETE", path=USER),
}
N_ABLE = n_able()
OPEN = msgspec.structs.replace(N_ABLE, credential=Credential())
"""An upstream that lets everybody in: nothing goes before a call."""
SECRETS = {"jwt": "the-service-accounts-token"}
OKAY = reply(200, '{"data": {}}')

QUICK = Times(request=10, attempt=5, backoff=0.001)
IMPATIENT = Times(request=10, attempt=0.25, backoff=0.001)


class Place(msgspec.Struct):
    """Where an upstream is; how many requests, and exchanges for a token, have arrived there."""

    url: str
    received: Callable[[], int] = lambda: 0
    exchanges: Callable[[], int] = lambda: 0
    ready: asyncio.Event | None = None
    """Where something is asked beforehand: when the place is ready for the call after that."""


Opened = Callable[[], AbstractAsyncContextManager[Place]]
Hears = Callable[["Ear", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Ear:
    """A bare socket whose connections are heard one by one, and closed afterwards."""

    def __init__(self, hears: Hears) -> None:
        self._hears = hears
        self.received = 0
        self.ready = asyncio.Event()
        """Whether a connection was closed, or will be at the next request."""
        self._tasks: set[asyncio.Task[Any]] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._hears(self, reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        self._tasks.discard(task)
        self.ready.set()

    async def closed(self) -> None:
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def at(url: Callable[[], str]) -> Opened:
    """Open a place where nobody can be asked how much has arrived, because nothing can."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Place]:
        yield Place(url())

    return opened


@asynccontextmanager
async def black_hole() -> AsyncIterator[Place]:
    with Full() as url:
        yield Place(url)


def answering(*answers: Answer) -> Opened:
    """Open a place that answers requests, in order and then the last again."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Place]:
        async with Server(*answers) as server:
            yield Place(server.url, lambda: len(server.seen), lambda: len(server.exchanges))

    return opened


def hearing(hears: Hears, scheme: str = "http", *, is_asked_before: bool = False) -> Opened:
    """Open a bare socket."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Place]:
        ear = Ear(hears)
        server = await asyncio.start_server(ear.connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        ready = ear.ready if is_asked_before else None
        yield Place(f"{scheme}://127.0.0.1:{port}", lambda: ear.received, ready=ready)
        server.close()
        await ear.closed()

    return opened


async def closing(ear: Ear, _: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Close a connection as soon as it is made, whatever comes on it."""
    ear.received += 1


async def plain(ear: Ear, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what is no request as a server without TLS does."""
    ear.received += (await reader.read(4)).isalpha()
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


async def closing_as_the_second_comes(ear: Ear, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request, and close the connection at the first byte of the next."""
    await reader.readuntil(b"\r\n\r\n")
    ear.received += 1
    writer.write(OKAY)
    ear.ready.set()
    ear.received += len(await reader.read(1))


async def closing_while_idle(ear: Ear, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request on each connection, and close it without saying so."""
    await reader.readuntil(b"\r\n\r\n")
    ear.received += 1
    writer.write(OKAY)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A fault; for each kind of call how many requests arrive, and what comes out."""

    fault: str
    place: Opened
    read: tuple[int, str]
    create: tuple[int, str]
    change: tuple[int, str]
    remove: tuple[int, str]
    tried: int | None = None
    """How often the call is tried, where not every try arrives."""
    mapping: Mapping = OPEN
    times: Times = QUICK
    exchanges: int = 0
    """How many tokens are asked for in all."""


def alike(fault: str, place: Opened, each: tuple[int, str], **more: Any) -> Row:
    """Return the row of a fault that says the same of each call."""
    return Row(fault=fault, place=place, read=each, create=each, change=each, remove=each, **more)


def ambiguous(fault: str, place: Opened, read: tuple[int, str], write: str, **more: Any) -> Row:
    """Return the row of a fault after which a call may have been done: a write arrives once, whatever it is."""
    once = (1, write)
    return Row(fault=fault, place=place, read=read, create=once, change=once, remove=once, **more)


def nowhere(fault: str, place: Opened, **more: Any) -> Row:
    """Return the row of a fault before anything is sent."""
    return alike(fault, place, (0, "503 after 30"), tried=3, **more)


BREAKING: dict[str, Answer] = {
    "closed after the request": broken_off(),
    "reset after the request": reset,
    "truncated head": broken_off(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "truncated body": broken_off(reply(200, '{"data": ', claim=99)),
    "garbage": b"garbage\r\n\r\n",
}
ROWS = [
    nowhere("refused connection", at(refusing)),
    nowhere("name that does not resolve", at(lambda: "http://no-such-host.invalid")),
    nowhere("TLS asked of a plain server", hearing(plain, "https")),
    nowhere("black hole", black_hole, times=IMPATIENT),
    alike("closed while idle, long before", hearing(closing_while_idle, is_asked_before=True), (1, "reply 200")),
    ambiguous("closed before the request is read", hearing(closing), (3, "502"), "unknown"),
    *(ambiguous(name, answering(answer), (3, "502"), "unknown") for name, answer in BREAKING.items()),
    ambiguous("drip", answering(dripping), (3, "504"), "unknown", times=IMPATIENT),
    ambiguous("silence", answering(silence), (3, "504"), "unknown", times=IMPATIENT),
    ambiguous(
        "closed while idle, just as the request comes",
        hearing(closing_as_the_second_comes, is_asked_before=True),
        (2, "reply 200"),
        "unknown",
    ),
    ambiguous("closed after the request, once", answering(broken_off(), OKAY), (2, "reply 200"), "unknown"),
    Row(
        fault="429, and closed after the next request",
        place=answering(reply(429), broken_off()),
        read=(3, "502"),
        create=(2, "unknown"),
        change=(2, "unknown"),
        remove=(2, "unknown"),
    ),
    ambiguous("500", answering(reply(500, "{}")), (3, "502"), "reply 500"),
    ambiguous("502", answering(reply(502, "<html>")), (3, "502"), "reply 502"),
    ambiguous("503", answering(reply(503)), (3, "502"), "reply 503"),
    ambiguous("503 that says nonsense", answering(reply(503, Retry_After="soon")), (3, "502"), "reply 503"),
    ambiguous("504", answering(reply(504)), (3, "502"), "reply 504"),
    ambiguous("500, once", answering(reply(500, "{}"), OKAY), (2, "reply 200"), "reply 500"),
    alike("429", answering(reply(429)), (3, "503 after 10")),
    alike("429, now", answering(reply(429, Retry_After="0")), (3, "503 after 10")),
    alike("429, later than there is time", answering(reply(429, Retry_After="60")), (1, "503 after 60")),
    alike("429, once", answering(reply(429), OKAY), (2, "reply 200")),
    alike("429, twice", answering(reply(429), reply(429, Retry_After="0"), OKAY), (3, "reply 200")),
    alike("503, now", answering(reply(503, Retry_After="0")), (3, "503 after 10")),
    alike("503, later than there is time", answering(reply(503, Retry_After="60")), (1, "503 after 60")),
    alike("503, now, once", answering(reply(503, Retry_After="0"), OKAY), (2, "reply 200")),
    alike("401, once", answering(reply(401), OKAY), (2, "reply 200"), mapping=N_ABLE, exchanges=2),
    alike("401, always", answering(reply(401)), (2, "502"), mapping=N_ABLE, exchanges=2),
    alike("401, and nothing can be renewed", answering(reply(401)), (1, "502")),
    Row(
        fault="401, and closed after the next request",
        place=answering(reply(401), broken_off(), OKAY),
        read=(3, "reply 200"),
        create=(2, "unknown"),
        change=(2, "unknown"),
        remove=(2, "unknown"),
        mapping=N_ABLE,
        exchanges=2,
    ),
]


class Watched(httpx.AsyncBaseTransport):
    """A way to the upstream, and which calls are tried by it, whether or not they arrive."""

    def __init__(self, way: httpx.AsyncBaseTransport) -> None:
        self._way = way
        self.tried: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.tried.extend([request.method] * (request.url.path != TOKEN_PATH))
        return await self._way.handle_async_request(request)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
async def test_how_often_a_call_arrives_and_what_comes_of_it(
    http: httpx.AsyncBaseTransport, row: Row, column: Column
) -> None:
    watched = Watched(http)
    async with row.place() as place:
        one = Upstream(watched, place.url, row.mapping, SECRETS, row.times)
        if place.ready is not None:
            assert shown(await came_of(one, CALLS["read"])) == "reply 200"
            await place.ready.wait()
        watched.tried.clear()
        before = place.received()
        outcome = await came_of(one, CALLS[column])
        received, expected = getattr(row, column)
        assert (place.received() - before, shown(outcome)) == (received, expected)
        assert watched.tried == [CALLS[column].method] * (received if row.tried is None else row.tried)
        assert place.exchanges() == row.exchanges
        await one.closed()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that nobody tells."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("column", ["change", "remove"])
async def test_a_call_that_is_a_repetition_is_not_sent_when_as_many_were_repeated_as_may_be(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, column: Column
) -> None:
    monkeypatch.setattr(retry, "A_SECOND", 0)
    again = msgspec.structs.replace(CALLS[column], again=True)
    async with Server(OKAY) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, QUICK)
        told = [shown(await came_of(one, again)) for _ in range(30)]
        sent = len(server.seen)
        assert told == ["reply 200"] * sent + ["503 after 30"] * (30 - sent)
        assert sent == 24  # twenty are saved up, and twenty calls earn four
        assert shown(await came_of(one, CALLS[column])) == "reply 200"  # one that is no repetition goes
        await one.closed()


class Held:
    """An answer that is given when the test says so."""

    def __init__(self, answer: bytes) -> None:
        self._answer, self.release, self.was_cut = answer, asyncio.Event(), asyncio.Event()
        self._is_cut: Callable[[], bool] = bool

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        """Answer on a connection."""
        self._is_cut = lambda: _is_cut(writer)
        await self.release.wait()
        if self.is_cut:
            self.was_cut.set()
        writer.write(self._answer)

    @property
    def is_cut(self) -> bool:
        """Whether the other side has ended the connection."""
        return self._is_cut()


def _is_cut(writer: asyncio.StreamWriter) -> bool:
    """Tell whether a connection was ended by the other side: a socket that is open has nothing to read."""
    if writer.transport.is_closing():
        return True
    with socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno())) as copy:
        copy.setblocking(False)  # noqa: FBT003
        try:
            return copy.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True


LONG = Times(request=1000, attempt=5000, queue=5000, backoff=0.001)
"""Longer than any test, so that only what a test does ends anything."""
WAYS = ["by its deadline", "by a client that hangs up"]
ADA = Turn("User", id="42")
WRITES: tuple[Column, ...] = ("create", "change", "remove")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the gateway has told the log."""
    return [each.getMessage() for each in caplog.records if each.name.startswith("adapter")]


async def settled() -> None:
    """Let everything go on that can."""
    for _ in range(50):
        await asyncio.sleep(0)


async def given_up(
    running: "asyncio.Task[Any]", way: str, monkeypatch: pytest.MonkeyPatch, seconds: float = LONG.request
) -> None:
    """Let a request end before its plan does; no clock but the loop's goes on meanwhile."""
    if way == "by its deadline":
        loop = asyncio.get_running_loop()
        time = loop.time
        monkeypatch.setattr(loop, "time", lambda: time() + seconds + 1)
        with pytest.raises(TooSlow, match="did not finish within"):
            await asyncio.wait_for(running, 5)
        return
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("column", WRITES)
async def test_a_write_that_is_under_way_is_finished_though_nobody_waits_for_it_any_more_and_nothing_follows_it(
    http: httpx.AsyncBaseTransport,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    way: str,
    column: Column,
) -> None:
    held, call = Held(OKAY), CALLS[column]
    async with Server(held, OKAY) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, LONG)
        running = asyncio.create_task(one.run(asking(ADA, call, CALLS["read"])))
        await server.arrived(1)
        await given_up(running, way, monkeypatch)
        closing_down = asyncio.create_task(one.closed())
        following = asyncio.create_task(came_of(one, ADA, CALLS["read"]))
        await settled()
        assert (held.is_cut, closing_down.done(), following.done(), len(server.seen)) == (False, False, False, 1)
        held.release.set()
        await asyncio.wait_for(closing_down, 5)
        assert shown(await asyncio.wait_for(following, 5)) == "reply 200"  # its turn has come
        assert [each.method for each in server.seen] == [call.method, "GET"]
        assert not held.was_cut.is_set()
    assert said(caplog) == [f"a write was finished after its request had been given up: {call.route} 200"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_write_of_unknown_outcome_that_nobody_waits_for_is_told_to_the_log_alone(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    held = Held(b"garbage\r\n\r\n")
    async with Server(held) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, LONG)
        running = asyncio.create_task(one.run(asking(CALLS["change"])))
        await server.arrived(1)
        await given_up(running, way, monkeypatch)
        held.release.set()
        await asyncio.wait_for(one.closed(), 5)
        assert len(server.seen) == 1
    assert said(caplog) == [
        "a write was finished after its request had been given up: PATCH /api/users/{id} of unknown outcome"
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_a_write_that_is_refused_for_now_after_its_request_is_over_is_not_sent_again(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    held = Held(reply(429, Retry_After="30"))
    async with Server(held, OKAY) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, LONG)
        running = asyncio.create_task(one.run(asking(CALLS["create"])))
        await server.arrived(1)
        await given_up(running, way, monkeypatch)
        held.release.set()
        await asyncio.wait_for(one.closed(), 5)
        assert len(server.seen) == 1


@pytest.mark.parametrize("column", WRITES)
async def test_a_write_whose_token_is_refused_after_its_request_is_over_is_not_sent_again(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, column: Column
) -> None:
    held = Held(reply(401, "{}"))
    async with Server(held, OKAY) as server:
        one = Upstream(http, server.url, N_ABLE, SECRETS, LONG)
        running = asyncio.create_task(one.run(asking(CALLS[column])))
        await server.arrived(1)
        await given_up(running, WAYS[1], monkeypatch)
        held.release.set()
        await asyncio.wait_for(one.closed(), 5)
        assert [each.method for each in server.seen] == [CALLS[column].method]


async def test_an_error_of_a_plan_whose_client_hangs_up_at_that_moment_is_read_by_somebody(
    http: httpx.AsyncBaseTransport, caplog: pytest.LogCaptureFixture
) -> None:
    one = Upstream(http, "http://127.0.0.1:1", OPEN, SECRETS, LONG)

    def failing() -> Plan:
        yield Wait(0)
        running.cancel()
        raise Unavailable("It is down.")

    running = asyncio.create_task(one.run(failing()))
    with pytest.raises(asyncio.CancelledError):
        await running
    gc.collect()  # asyncio tells of an error that nobody has read when its task goes
    assert said(caplog) == []
    assert [each.name for each in caplog.records] == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_read_is_cut_when_nobody_waits_for_it_any_more(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    held = Held(OKAY)
    async with Server(held, OKAY) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, LONG)
        running = asyncio.create_task(one.run(asking(ADA, CALLS["read"], CALLS["change"])))
        await server.arrived(1)
        await given_up(running, way, monkeypatch)
        await asyncio.wait_for(one.closed(), 5)
        await asyncio.wait_for(until(lambda: held.is_cut), 5)
        assert shown(await asyncio.wait_for(came_of(one, ADA, CALLS["read"]), 5)) == "reply 200"
        assert [each.method for each in server.seen] == ["GET", "GET"]
    assert said(caplog) == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_read_after_a_write_that_is_done_is_cut_too(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    held = Held(OKAY)
    async with Server(OKAY, held, OKAY) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, LONG)
        running = asyncio.create_task(one.run(asking(CALLS["change"], CALLS["read"])))
        await server.arrived(2)
        await given_up(running, way, monkeypatch)
        await asyncio.wait_for(one.closed(), 5)
        await asyncio.wait_for(until(lambda: held.is_cut), 5)
        assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("waits_for", "way"),
    [
        *((each, way) for each in ("a place", "the time to look again") for way in WAYS),
        ("a turn", WAYS[1]),  # by its deadline it is told sooner
        ("its repetition", WAYS[1]),
    ],
)
async def test_a_write_that_is_not_under_way_yet_is_never_sent_once_nobody_waits_for_it(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, waits_for: str, way: str
) -> None:
    held = Held(OKAY)
    ahead: dict[str, list[Asked]] = {"a turn": [ADA, CALLS["read"]], "a place": [CALLS["change"]]}
    wait = [Wait(5000)] if waits_for == "the time to look again" else []
    async with Server(reply(429, Retry_After="500") if waits_for == "its repetition" else held, OKAY) as server:
        one = Upstream(http, server.url, msgspec.structs.replace(OPEN, in_flight=1), SECRETS, LONG)
        other = asyncio.create_task(came_of(one, *ahead.get(waits_for, [])))
        await asyncio.wait_for(server.arrived(1 if waits_for in ahead else 0), 5)
        running = asyncio.create_task(one.run(asking(ADA, *wait, CALLS["change"])))
        sent = 0 if wait else 1
        await asyncio.wait_for(server.arrived(sent), 5)
        if waits_for == "its repetition":
            await asyncio.wait_for(until(lambda: one.standing.in_flight == 0), 5)
        await settled()
        await given_up(running, way, monkeypatch)
        held.release.set()
        await asyncio.wait_for(one.closed(), 5)
        await asyncio.gather(other, return_exceptions=True)
        assert len(server.seen) == sent


async def test_a_turn_that_is_over_lets_the_next_go_on_while_its_plan_does(http: httpx.AsyncBaseTransport) -> None:
    held = Held(OKAY)
    async with Server(held, OKAY) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, LONG)
        running = asyncio.create_task(came_of(one, ADA, Over(ADA), CALLS["read"]))
        await server.arrived(1)
        assert shown(await asyncio.wait_for(came_of(one, ADA, CALLS["remove"]), 5)) == "reply 200"
        assert not running.done()
        held.release.set()
        assert shown(await running) == "reply 200"


async def test_who_waits_too_long_for_a_turn_is_told_so_and_sends_nothing(http: httpx.AsyncBaseTransport) -> None:
    held = Held(OKAY)
    async with Server(held) as server:
        one = Upstream(http, server.url, OPEN, SECRETS, Times(request=0.5, attempt=5000, queue=5000, backoff=0.001))
        running = asyncio.create_task(came_of(one, ADA, CALLS["change"]))
        await server.arrived(1)
        assert shown(await came_of(one, ADA, CALLS["change"])) == "503 after 30"
        held.release.set()
        await running
        assert len(server.seen) == 1


INDEXED = msgspec.structs.replace(mapping().bound({}, min), credential=Credential())
ROWS_OF_LIST = reply(200, '{"data": [{"id": "u1", "name": "Ada"}], "total": 1}')


async def test_a_hash_that_two_names_have_costs_a_look_and_the_list_and_nobody_is_taken_for_another(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "Index", partial(Index, key=lambda _: 1))
    rows = [{"id": "u1", "name": "Ada"}, {"id": "u2", "name": "Eve"}]
    ada, eve = (reply(200, json.dumps(each)) for each in rows)
    whole = reply(200, json.dumps({"data": rows, "total": 2}))
    async with Server(whole, ada, eve, whole, ada, whole, ada, whole) as server:
        one = Upstream(http, server.url, INDEXED, SECRETS, LONG)
        found = []
        for name in ("ada", "eve", "bob"):
            wanted = operation.query({"filter": f'userName eq "{name}"'}, INDEXED.resource.type)
            response = await one.run(query(wanted, INDEXED))
            assert isinstance(response.content, Listing)
            found.append((response.status, [each["id"] for each in response.content.resources]))
        assert found == [(200, ["u1"]), (200, ["u2"]), (200, [])]
        assert [each.target.partition("?")[0] for each in server.seen] == [
            *("/users", "/users/u1", "/users/u2", "/users"),
            *("/users/u1", "/users") * 2,
        ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("column", "read_again"), [("create", True), ("read", False)])
async def test_after_a_write_that_was_given_up_no_miss_is_believed_before_the_list_is_read_again(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, way: str, column: Column, *, read_again: bool
) -> None:
    held = Held(OKAY)
    async with Server(ROWS_OF_LIST, held, ROWS_OF_LIST) as server:
        one = Upstream(http, server.url, INDEXED, SECRETS, LONG)
        assert [await came_of(one, Sought("User", each)) for each in ("ada", "eve")] == [("u1",), ()]
        running = asyncio.create_task(one.run(asking(CALLS[column])))
        await server.arrived(2)
        await given_up(running, way, monkeypatch)
        held.release.set()
        await asyncio.wait_for(one.closed(), 5)
        assert await came_of(one, Sought("User", "eve")) == ()
        assert [each.target.partition("?")[0] for each in server.seen[2:]] == ["/users"] * read_again
