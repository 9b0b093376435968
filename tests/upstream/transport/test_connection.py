"""The moments between two requests, and those in the middle of one, against servers that block, break and answer early."""

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from adapter.upstream.transport.transport import Transport
from tests.upstream.server import NO_TLS, Server, reply
from tests.upstream.transport.certified import believing, serving
from tests.upstream.transport.test_transport import LATER, SOON, asked, came

OKAY = reply(200, "{}")


def closing(connection: socket.socket) -> None:
    connection.close()


def resetting(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def chattering(connection: socket.socket) -> None:
    connection.sendall(OKAY)


@contextmanager
def elsewhere(then: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes], threading.Event]]:
    """Serve in another thread, which goes on while the event loop here stands still.

    Each connection is answered once, and then what `then` does is done to it, of which the event tells.
    """
    seen: list[bytes] = []
    done = threading.Event()
    kept: list[socket.socket] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                kept.append(connection)
                seen.append(connection.recv(65_536))
                connection.sendall(OKAY)
                then(connection)
                done.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen, done
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        for each in kept:
            each.close()


@pytest.mark.parametrize("then", [closing, resetting, chattering])
@pytest.mark.parametrize("told", [False, True], ids=["before it is told", "after it is told"])
async def test_a_connection_that_the_server_has_done_with_is_never_used(
    own: Transport, then: Callable[[socket.socket], None], *, told: bool
) -> None:
    with elsewhere(then) as (url, seen, done):
        for count in (1, 2, 3):
            assert await came(own, asked(url)) == (200, b"{}")
            if told:
                assert await asyncio.to_thread(done.wait, 5)
                await asyncio.sleep(0.02)
            else:  # what has come meanwhile the event loop does not know of when the next request is made
                assert done.wait(5)
                time.sleep(0.02)  # noqa: ASYNC251 (that is the point)
            done.clear()
            assert len(seen) == count


def once(closed: str) -> Callable[[asyncio.StreamWriter], object]:
    """Return an answer to the second request of a connection: it is closed when that has arrived."""
    asked_before = set()

    async def answer(writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("peername")[1]
        if port not in asked_before:
            asked_before.add(port)
            writer.write(OKAY)
        elif closed == "reset":
            resetting_options = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, resetting_options)
            writer.transport.abort()
        else:
            writer.close()

    return answer


@pytest.mark.parametrize(("closed", "expected"), [("closed", "RemoteProtocolError"), ("reset", "ReadError")])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_request_on_a_kept_connection_that_breaks_counts_as_sent(
    closed: str, expected: str, *, tls: bool
) -> None:
    async with (
        Server(once(closed), tls=serving() if tls else None) as server,  # type: ignore[arg-type]
        Transport(believing() if tls else NO_TLS) as own,
    ):
        assert await came(own, asked(server.url)) == (200, b"{}")
        assert await came(own, asked(server.url)) == expected
        assert len(server.seen) == 2  # it has arrived, and is not sent once more by itself
        assert await came(own, asked(server.url)) == (200, b"{}")


async def test_a_request_that_is_answered_before_it_is_read_has_its_answer_and_no_successor(own: Transport) -> None:
    ports = []
    ended = asyncio.Event()

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ports.append(writer.get_extra_info("peername")[1])
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply(413, "{}"))
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0, limit=1000)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        for _ in range(2):
            assert await came(own, asked(url, body=b"x" * 50_000_000)) == (413, b"{}")
        ended.set()
    assert len(set(ports)) == 2


async def test_a_request_that_nobody_reads_times_out_as_a_write(own: Transport) -> None:
    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    ended = asyncio.Event()
    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1000)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        assert await came(own, asked(url, times=SOON, body=b"x" * 50_000_000)) == "WriteTimeout"
        assert await came(own, asked(url, times=SOON, body=b"x")) == "ReadTimeout"
        ended.set()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_long_request_arrives_as_it_is(*, tls: bool) -> None:
    async with (
        Server(OKAY, tls=serving() if tls else None) as server,
        Transport(believing() if tls else NO_TLS) as own,
    ):
        body = bytes(range(256)) * 50_000
        for _ in range(2):
            assert await came(own, asked(server.url, body=body)) == (200, b"{}")
        assert [each.body == body for each in server.seen] == [True, True]


async def test_each_part_of_a_reply_has_its_own_time(own: Transport) -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        for each in (b"HTTP/1.1 200 OK\r\n", b"Content-Length: 4\r\n\r\n", b"a", b"b", b"c", b"d"):
            writer.write(each)
            await writer.drain()
            await asyncio.sleep(0.1)

    async with Server(slowly) as server:
        times = LATER | {"read": 0.45}
        assert await came(own, asked(server.url, times=times)) == (200, b"abcd")  # 0.5 s in all


async def test_a_request_without_times_waits_for_its_reply(own: Transport) -> None:
    async with Server(OKAY) as server:
        assert await came(own, httpx.Request("GET", server.url)) == (200, b"{}")
