"""Our transport tells of every fault what httpx's own tells, over real sockets, with TLS and without, on both event loops."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from adapter.upstream.transport.transport import Transport
from tests.upstream.server import (
    NO_TLS,
    Answer,
    Full,
    Server,
    broken_off,
    dripping,
    refusing,
    reply,
    reset,
    silence,
    transport,
)
from tests.upstream.transport.certified import believing, serving

SOON = dict.fromkeys(("connect", "read", "write", "pool"), 0.2)
LATER = dict.fromkeys(SOON, 5.0)
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OKAY = reply(200, "{}")


def asked(url: str, method: str = "POST", times: dict[str, float] | None = None, body: bytes = b"{}") -> httpx.Request:
    content = body if method == "POST" else None
    return httpx.Request(method, url, content=content, extensions={"timeout": times or LATER})


async def came(way: httpx.AsyncBaseTransport, request: httpx.Request) -> tuple[int, bytes] | str:
    """Return the status and the body that came, or the kind of the error."""
    try:
        response = await way.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        try:
            return response.status_code, b"".join([part async for part in response.stream])
        finally:
            await response.stream.aclose()
    except httpx.TransportError as error:
        return type(error).__name__


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("answer", "times", "expected"),
    [
        (OKAY, LATER, (200, b"{}")),
        (reply(500, "x" * 300_000), LATER, (500, b"x" * 300_000)),
        (reply(204), LATER, (204, b"")),
        (CHUNKS + b"1\r\n{\r\n1\r\n}\r\n0\r\nA: b\r\n\r\n", LATER, (200, b"{}")),
        (b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + OKAY, LATER, (200, b"{}")),
        (broken_off(b"HTTP/1.1 200 OK\r\n\r\n{}"), LATER, (200, b"{}")),
        (broken_off(), LATER, "RemoteProtocolError"),
        (reset, LATER, "ReadError"),
        (broken_off(b"HTTP/1.1 200 OK\r\nContent-Le"), LATER, "RemoteProtocolError"),
        (broken_off(reply(200, "{", claim=2)), LATER, "RemoteProtocolError"),
        (broken_off(CHUNKS + b"1\r\n{\r\n"), LATER, "RemoteProtocolError"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", LATER, "RemoteProtocolError"),
        (CHUNKS + b"x\r\n", LATER, "RemoteProtocolError"),
        (silence, SOON, "ReadTimeout"),
        (reply(200, "{", claim=2), SOON, "ReadTimeout"),
        (CHUNKS + b"1\r\n{\r\n", SOON, "ReadTimeout"),
    ],
)  # fmt: skip
async def test_a_request_that_arrived_is_told_of_as_httpx_tells(
    answer: Answer, times: dict[str, float], expected: tuple[int, bytes] | str, method: str, *, tls: bool
) -> None:
    async with Server(answer, tls=serving() if tls else None) as server:
        for name in ("own", "httpx"):
            async with transport(name, believing() if tls else NO_TLS) as way:
                assert (name, await came(way, asked(server.url, method, times))) == (name, expected)
        assert [each.method for each in server.seen] == [method, method]


@pytest.mark.parametrize("name", ["own", "httpx"])
async def test_what_never_left_is_told_from_everything_else(name: str) -> None:
    async with transport(name) as way:
        assert await came(way, asked(refusing())) == "ConnectError"
        assert await came(way, asked("http://upstream.invalid")) == "ConnectError"
        with Full() as url:
            assert await came(way, asked(url, times=SOON)) == "ConnectTimeout"
    async with Server(OKAY) as server, transport(name) as way:  # which waits for a request, and hears no TLS in it
        url = server.url.replace("http:", "https:")
        assert await came(way, asked(url, times=SOON)) == "ConnectTimeout"
    async with Server(OKAY, tls=serving("other.test")) as server, transport(name, believing()) as way:
        assert await came(way, asked(server.url)) == "ConnectError"
        assert server.seen == []


@pytest.mark.parametrize("name", ["own", "httpx"])
async def test_who_is_no_server_of_http_is_not_called(name: str) -> None:
    async with transport(name) as way:
        assert await came(way, asked("ftp://upstream.test/")) == "UnsupportedProtocol"


@pytest.mark.parametrize("name", ["own", "httpx"])
async def test_a_header_with_a_line_break_is_refused_and_nothing_is_sent(name: str) -> None:
    async with Server(OKAY) as server, transport(name) as way:
        request = httpx.Request("GET", server.url, headers=[(b"A", b"b\r\nC: d")])
        assert await came(way, request) == "LocalProtocolError"
        assert await came(way, asked(server.url)) == (200, b"{}")
        assert len(server.seen) == 1


async def test_a_request_that_httpx_makes_goes_by_it(own: Transport) -> None:
    async with Server(reply(200, '{"a": 1}', X_Kind="é".encode().decode("latin-1"))) as server:
        http = httpx.AsyncClient(transport=own)
        response = await http.post(server.url + "/a b?c=d", json={"name": "é"}, params={"e": "f"})
        assert (response.json(), response.http_version) == ({"a": 1}, "HTTP/1.1")
        assert server.seen[0].target == "/a%20b?e=f"
        assert server.seen[0].body == '{"name":"é"}'.encode()


async def test_a_reply_to_head_has_no_body(own: Transport) -> None:
    async with Server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n") as server:
        for _ in range(2):
            assert await came(own, asked(server.url, "HEAD")) == (200, b"")


class Counting:
    """An answer that counts the connections that it is asked by."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.ports: set[int] = set()

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        self.ports.add(writer.get_extra_info("peername")[1])
        writer.write(self._answer)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (OKAY, 1),
        (reply(204), 1),
        (reply(200, "x" * 300_000), 1),
        (CHUNKS + b"1\r\n{\r\n1\r\n}\r\n0\r\nA: b\r\n\r\n", 1),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OKAY, 1),
        (reply(200, "{}", Connection="close"), 3),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 3),
        (OKAY + b"more", 3),
        (OKAY + OKAY, 3),
    ],
)
async def test_a_connection_is_used_again_where_the_reply_allows_it(
    answer: bytes, connections: int, *, tls: bool
) -> None:
    counting = Counting(answer)
    async with (
        Server(counting, tls=serving() if tls else None) as server,
        Transport(believing() if tls else NO_TLS) as own,
    ):
        for _ in range(3):
            assert isinstance(await came(own, asked(server.url)), tuple)
    assert len(counting.ports) == connections


async def test_two_places_have_connections_of_their_own(own: Transport) -> None:
    async with Server(OKAY) as one, Server(OKAY) as other:
        for server in (one, other, one, other):
            assert await came(own, asked(server.url)) == (200, b"{}")
        assert (len(one.seen), len(other.seen)) == (2, 2)


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x" * 100_000)
        await writer.drain()


@pytest.mark.parametrize("answer", [dripping, endless, reply(200, "{", claim=2)])
async def test_a_body_that_is_left_unread_takes_its_connection_with_it(own: Transport, answer: Answer) -> None:
    async with Server(answer, OKAY) as server:
        response = await own.handle_async_request(asked(server.url))
        assert isinstance(response.stream, httpx.AsyncByteStream)
        with contextlib.suppress(StopAsyncIteration):
            await anext(aiter(response.stream))
        await response.stream.aclose()
        await response.stream.aclose()  # and once more does no harm
        assert [part async for part in response.stream] == []
        assert await came(own, asked(server.url)) == (200, b"{}")


async def test_a_body_that_is_whole_though_nobody_reads_it_leaves_its_connection(own: Transport) -> None:
    begun, rest = asyncio.Event(), asyncio.Event()
    ports = set()

    async def slowly(writer: asyncio.StreamWriter) -> None:
        ports.add(writer.get_extra_info("peername")[1])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{")
        begun.set()
        await rest.wait()
        writer.write(b"}")

    async with Server(slowly) as server:
        response = await own.handle_async_request(asked(server.url))
        await begun.wait()
        rest.set()
        await asyncio.sleep(0.05)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        await response.stream.aclose()
        assert await came(own, asked(server.url)) == (200, b"{}")
    assert len(ports) == 1


async def test_more_than_is_read_is_not_asked_for(own: Transport) -> None:
    sent = 0

    async def counted(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()

    async with Server(counted) as server:
        response = await own.handle_async_request(asked(server.url))
        assert isinstance(response.stream, httpx.AsyncByteStream)
        stopped = -1
        while stopped != sent:  # until the pipe between the two is full
            stopped = sent
            await asyncio.sleep(0.1)
        assert sent < 20_000_000
        parts = aiter(response.stream)
        read = 0
        while read < 2 * stopped:  # and it goes on where it is read on
            part = await anext(parts)
            read += len(part)
            assert len(part) < 1_000_000
        await response.stream.aclose()


@pytest.fixture
async def quiet(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """What the event loop has to complain about is a fault."""
    yield
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_call_that_is_given_up_at_any_moment_leaves_nothing_open_and_nothing_half_read(*, tls: bool) -> None:
    async def in_two_parts(writer: asyncio.StreamWriter) -> None:
        body = server.seen[-1].target.encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(body)))
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(body)
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(body)

    rounds, given_up = 0, 0
    async with Server(in_two_parts, tls=serving() if tls else None) as server:
        async with Transport(believing() if tls else NO_TLS, most=2) as own:
            for moment in range(60):  # each one turn of the event loop later
                running = asyncio.create_task(came(own, asked(f"{server.url}/{moment}", "GET")))
                for _ in range(moment):
                    await asyncio.sleep(0)
                running.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    assert await running == (200, b"/%d/%d" % (moment, moment))
                    rounds += 1
                given_up += running.cancelled()
                # The places are free, and what the next reads is its own.
                for each in await asyncio.gather(*(came(own, asked(f"{server.url}/next", "GET")) for _ in range(2))):
                    assert each == (200, b"/next/next")
            [pool] = own._pools.values()  # noqa: SLF001 (nobody else tells)
            assert (pool._places._value, len(pool._open)) == (2, len(pool._idle))  # noqa: SLF001
        assert pool._open == set()  # noqa: SLF001
    assert given_up > 5


async def test_closing_breaks_what_is_under_way() -> None:
    async with Server(silence) as server:
        own = Transport(NO_TLS)
        running = asyncio.create_task(came(own, asked(server.url)))
        await server.arrived(1)
        await own.aclose()
        assert await running == "ReadError"
        await own.aclose()


async def test_a_body_that_is_cut_short_by_closing_is_never_taken_for_whole() -> None:
    async def begun(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n{")
        await silence(writer)

    async with Server(begun) as server:
        own = Transport(NO_TLS)
        response = await own.handle_async_request(asked(server.url))
        await own.aclose()
        assert isinstance(response.stream, httpx.AsyncByteStream)
        with pytest.raises(httpx.ReadError):
            assert [part async for part in response.stream] == []
