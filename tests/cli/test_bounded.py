"""Heads and trailers without end, sent to a server of its own over a bare socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import uvicorn

from adapter.cli.bounded import MOST_HEAD, Patience, bounded
from adapter.cli.listening import listening_on

HOST = b"Host: x\r\n"
MUCH = 40 * MOST_HEAD
SOON = 0.1
HASTE = Patience(receive=SOON, idle=SOON)


class _Slow:
    """What /slow waits for, and how many wait there."""

    def __init__(self) -> None:
        self.came, self.released = asyncio.Semaphore(0), asyncio.Event()

    async def wait(self) -> None:
        self.came.release()
        await self.released.wait()

    async def has(self, count: int) -> None:
        for _ in range(count):
            await self.came.acquire()


SLOW: list[_Slow] = []


@pytest.fixture
def slow(anyio_backend: str) -> Iterator[_Slow]:
    assert anyio_backend == "asyncio"
    SLOW.append(_Slow())
    yield SLOW[-1]
    SLOW.clear()


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with how many bytes the body has; at once for /early, and when the test says so for /slow."""
    assert scope["type"] == "http"
    if scope["path"] == "/early":
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    if scope["path"] == "/slow":
        await SLOW[-1].wait()
    content = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]})
    await send({"type": "http.response.body", "body": content})


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def _serving(patience: Patience | None = None) -> AsyncIterator[int]:
    patience = patience or Patience()
    with listening_on("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            _app,
            http=bounded(patience),
            ws="none",
            log_config=None,
            lifespan="off",
            timeout_keep_alive=patience.idle,  # type: ignore[arg-type]  # as in `serve`
        )
        server = _Quiet(config)
        serving = asyncio.create_task(server.serve([listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with _serving() as made:
        yield made


async def _said(port: int, *parts: bytes) -> bytes:
    """Send the parts, each by itself, and return everything that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = b""
    with contextlib.suppress(ConnectionError):
        for each in parts:
            writer.write(each)
            await writer.drain()
    with contextlib.suppress(TimeoutError, ConnectionError):
        while part := await asyncio.wait_for(reader.read(65_536), 0.3):
            heard += part
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return heard


async def test_a_request_is_read_as_before(port: int) -> None:
    get = b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 8_000 + b"\r\n\r\n"
    assert (await _said(port, get, get)).count(b"200 OK") == 2
    post = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % MUCH
    assert (await _said(port, post, b"a" * (MUCH - 1), b"a")).endswith(b"\r\n\r\n%d" % MUCH)
    chunked = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    many = b"1\r\na\r\n" * (2 * MOST_HEAD)
    assert (await _said(port, chunked, many, b"0\r\nX: y\r\n\r\n", get)).count(b"200 OK") == 2


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"CONNECT example.com:443 HTTP/1.1\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", b"200"),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n", b"200"),
    ],
    ids=["CONNECT", "websocket", "h2c"],
)
async def test_whoever_asks_for_another_protocol_cannot_have_the_log_advise_the_operator(
    port: int, head: bytes, status: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await _said(port, head + HOST + b"\r\n")).startswith(b"HTTP/1.1 " + status)
    assert [each for each in caplog.messages if "pgrade" in each or "WebSocket" in each] == []


@pytest.mark.parametrize(
    "begun",
    [b"GET / HTTP/1.1\r\nX: ", b"GET / HTTP/1.1\r\nX", b"GET /"],
    ids=["a value", "a name", "a path"],
)
async def test_a_head_without_end_is_refused(port: int, begun: bytes) -> None:
    said = await _said(port, begun, *[b"a" * MOST_HEAD] * 40)
    assert said == b"" or said.startswith(b"HTTP/1.1 400 ")


async def test_a_head_that_takes_its_time_is_refused_once_it_is_too_long(port: int) -> None:
    said = await _said(port, b"GET / HTTP/1.1\r\n", *[b"a: b\r\n" * 1_000] * 20)
    assert said == b"" or said.startswith(b"HTTP/1.1 400 ")


async def test_trailers_without_end_are_refused(port: int) -> None:
    chunked = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    assert await _said(port, chunked, *[b"a: b\r\n" * 1_000] * 400, b"\r\n") == b""


@pytest.mark.parametrize(("hosts", "status"), [(0, 400), (1, 200), (2, 400)])
async def test_a_request_names_one_host(port: int, hosts: int, status: int) -> None:
    said = await _said(port, b"GET / HTTP/1.1\r\n" + HOST * hosts + b"\r\n")
    assert said.startswith(b"HTTP/1.1 %d " % status)


async def test_http_1_0_needs_no_host(port: int) -> None:
    assert (await _said(port, b"GET / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


# Requests that never come. The times are short here, and what is waited for is the end, however late a busy machine brings it.

GET, POST = b"GET / HTTP/1.1\r\n" + HOST, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n"
ASKS_SLOWLY = GET.replace(b"/ ", b"/slow ") + b"\r\n"
CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
LATE: dict[str, tuple[bytes, bytes]] = {
    "nothing at all": (b"", b""),
    "a word": (b"GET", b"408"),
    "half a head": (GET + b"X: ", b"408"),
    "half a body": (POST + b"\r\n12345", b"408"),
    "no body": (POST + b"\r\n", b"408"),
    "half a chunk": (CHUNKED + b"5\r\n123", b"408"),
    "no last chunk": (CHUNKED + b"5\r\n12345\r\n", b"408"),
    "the rest of what was refused": (POST.replace(b"/ ", b"/early ") + b"\r\n12345", b"401"),
    "nothing after an answer": (GET + b"\r\n", b"200"),
    "half a head after an answer": (GET + b"\r\nGET", b"200"),
}


async def _until_the_end(port: int, sent: bytes, *later: bytes) -> bytes:
    """Send something, and more of it now and then; return everything that has come when the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        for each in later:
            await asyncio.sleep(SOON / 4)
            writer.write(each)
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.parametrize(("sent", "status"), LATE.values(), ids=list(LATE))
async def test_a_request_that_does_not_come_is_waited_for_so_long_and_no_longer(sent: bytes, status: bytes) -> None:
    async with _serving(HASTE) as port:
        heard = await _until_the_end(port, sent)
    assert heard[9:12] == status
    assert heard.count(b"HTTP/1.1 ") == bool(status)


async def test_bytes_that_trickle_do_not_make_it_wait_longer() -> None:
    async with _serving(HASTE) as port:
        for begun, each in ((GET, b"X: y\r\n"), (POST + b"\r\n", b"1")):
            assert (await _until_the_end(port, begun, *[each] * 9))[9:12] in (b"408", b"")


async def test_what_has_come_in_time_is_answered_however_late(slow: _Slow) -> None:
    async with _serving(HASTE) as port:
        alone = asyncio.create_task(_until_the_end(port, ASKS_SLOWLY))
        followed = asyncio.create_task(_until_the_end(port, ASKS_SLOWLY, b"GET / HT", b"TP/1.1\r\n" + HOST + b"\r\n"))
        await slow.has(2)
        await asyncio.sleep(3 * SOON)
        slow.released.set()
        assert (await alone).startswith(b"HTTP/1.1 200 ")
        assert (await followed).count(b"200 OK") == 2


async def test_who_asks_at_once_is_not_kept_out_by_those_who_ask_nothing() -> None:
    async with _serving(Patience(connections=5)) as port:
        waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        for _, writer in waiting[1:]:
            writer.write(GET)
        await asyncio.sleep(SOON)
        assert (await _said(port, GET + b"\r\n")).startswith(b"HTTP/1.1 200 ")
        assert await asyncio.wait_for(waiting[0][0].read(), 5) == b""
        assert (await _said(port, GET + b"\r\n", GET + b"\r\n")).count(b"200 OK") == 2
        assert all(not reader.at_eof() for reader, _ in waiting[2:])
        for _, writer in waiting:
            writer.close()


async def test_where_all_are_being_answered_a_new_one_is_told_to_come_back(slow: _Slow) -> None:
    async with _serving(Patience(connections=2, idle=SOON)) as port:
        asking = [asyncio.create_task(_until_the_end(port, ASKS_SLOWLY)) for _ in range(2)]
        await slow.has(2)
        refused = await _said(port, b"")
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5\r\n" in refused
        slow.released.set()
        assert all(each.startswith(b"HTTP/1.1 200 ") for each in await asyncio.gather(*asking))
        assert (await _said(port, GET + b"\r\n")).startswith(b"HTTP/1.1 200 ")
