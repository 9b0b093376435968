import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapter.upstream.transport import pool
from adapter.upstream.transport.dialing import connect
from adapter.upstream.transport.transport import Transport
from tests.upstream.server import NO_TLS, Server, refusing, reply, silence
from tests.upstream.transport.test_transport import LATER, SOON, asked, came

OKAY = reply(200, "{}")


class Place:
    """A server that answers when it is told to, and knows its connections."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.opened: list[int] = []
        self.closed: list[int] = []
        self.asked: list[int] = []

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("peername")[1]
        self.opened.append(port)
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.asked.append(port)
                await self.may_answer.wait()
                writer.write(OKAY)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.append(port)
            writer.close()


@asynccontextmanager
async def place() -> AsyncIterator[tuple[Place, str]]:
    one = Place()
    server = await asyncio.start_server(one.connected, "127.0.0.1", 0)
    async with server:
        yield one, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        one.may_answer.set()
        await until(lambda: len(one.opened) == len(one.closed))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.001)


async def test_no_more_connections_are_open_than_may_be_and_the_rest_waits_its_turn() -> None:
    async with place() as (one, url), Transport(NO_TLS, most=2) as own:
        running = [asyncio.create_task(came(own, asked(url, "GET"))) for _ in range(7)]
        await until(lambda: len(one.asked) == 2)
        await asyncio.sleep(0.05)
        assert len(one.asked) == 2
        one.may_answer.set()
        assert await asyncio.gather(*running) == [(200, b"{}")] * 7
        assert (len(one.opened), len(one.asked)) == (2, 7)


async def test_who_waits_too_long_for_a_connection_has_sent_nothing() -> None:
    async with place() as (one, url), Transport(NO_TLS, most=1) as own:
        running = asyncio.create_task(came(own, asked(url, "GET")))
        await until(lambda: len(one.asked) == 1)
        assert await came(own, asked(url, "GET", SOON)) == "PoolTimeout"
        one.may_answer.set()
        assert await running == (200, b"{}")
        assert await came(own, asked(url, "GET")) == (200, b"{}")
        assert len(one.asked) == 2


async def test_who_gives_up_waiting_takes_no_place_from_the_others() -> None:
    async with place() as (one, url), Transport(NO_TLS, most=1) as own:
        running = [asyncio.create_task(came(own, asked(url, "GET"))) for _ in range(5)]
        await until(lambda: len(one.asked) == 1)
        for each in running[1:4]:
            each.cancel()
        one.may_answer.set()
        came_of = await asyncio.gather(*running, return_exceptions=True)
        assert [each for each in came_of if not isinstance(each, BaseException)] == [(200, b"{}")] * 2
        assert (len(one.opened), len(one.asked)) == (1, 2)


async def test_what_fails_to_connect_gives_its_place_back() -> None:
    async with Server(OKAY, silence) as server, Transport(NO_TLS, most=1) as own:
        nowhere = refusing()
        for _ in range(3):
            assert await came(own, asked(nowhere, times=SOON)) == "ConnectError"
        assert await came(own, asked(server.url)) == (200, b"{}")
        for _ in range(3):
            assert await came(own, asked(server.url, times=SOON)) == "ReadTimeout"


async def test_the_connection_that_was_used_last_is_used_first_and_the_others_are_closed_in_time() -> None:
    async with place() as (one, url), Transport(NO_TLS, kept=0.3) as own:
        running = [asyncio.create_task(came(own, asked(url, "GET"))) for _ in range(3)]
        await until(lambda: len(one.asked) == 3)
        one.may_answer.set()
        await asyncio.gather(*running)
        for _ in range(8):
            assert await came(own, asked(url, "GET")) == (200, b"{}")
            await asyncio.sleep(0.06)
        assert len(set(one.asked[3:])) == 1
        assert set(one.closed) == set(one.opened) - set(one.asked[3:])
        await until(lambda: len(one.closed) == 3)  # and when nobody asks any more, that one, too


async def test_a_connection_that_was_kept_for_too_long_is_not_used_though_it_is_still_open() -> None:
    async with place() as (one, url), Transport(NO_TLS, kept=0) as own:
        one.may_answer.set()
        for _ in range(3):
            assert await came(own, asked(url, "GET")) == (200, b"{}")
        assert len(one.opened) == 3


async def test_a_connection_that_is_closed_before_anything_could_be_sent_was_none(
    own: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly(protocol: asyncio.Protocol, *rest: Any) -> None:
        await connect(protocol, *rest)
        await asyncio.sleep(0.1)

    async def leaving(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    monkeypatch.setattr(pool, "connect", slowly)
    server = await asyncio.start_server(leaving, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await came(own, asked(url)) == "ConnectError"


async def test_a_server_that_closes_at_once_is_told_of_at_once(own: Transport) -> None:
    async def leaving(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    server = await asyncio.start_server(leaving, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, asyncio.timeout(4):
        for _ in range(20):
            assert str(await came(own, asked(url, times=LATER))).endswith("Error")


@pytest.mark.parametrize("count", [1, 50])
async def test_closing_closes_what_is_kept(count: int) -> None:
    async with place() as (one, url):
        own = Transport(NO_TLS)
        running = [asyncio.create_task(came(own, asked(url, "GET"))) for _ in range(count)]
        await until(lambda: len(one.asked) == count)
        one.may_answer.set()
        await asyncio.gather(*running)
        assert one.closed == []
        await own.aclose()
        await until(lambda: len(one.closed) == count)
