"""Heads and trailers without end, sent to a server of its own over a bare socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from adapter.cli.bounded import MOST_HEAD, Bounded
from adapter.cli.serving import listening_on

HOST = b"Host: x\r\n"
MUCH = 40 * MOST_HEAD


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with how many bytes the body has."""
    assert scope["type"] == "http"
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    content = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]})
    await send({"type": "http.response.body", "body": content})


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@pytest.fixture
async def port() -> AsyncIterator[int]:
    with listening_on("127.0.0.1", 0) as listening:
        config = uvicorn.Config(_app, http=Bounded, ws="none", log_config=None, lifespan="off")
        server = _Quiet(config)
        serving = asyncio.create_task(server.serve([listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


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
