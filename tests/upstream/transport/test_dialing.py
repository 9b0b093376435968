import asyncio
import socket
import time
from typing import Any

import httpx
import pytest

from adapter.upstream.transport.dialing import Origin, alternating, connect, first_connected, origin_of
from tests.upstream.server import NO_TLS, Full, Server, refusing, reply
from tests.upstream.transport.certified import believing, serving


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://upstream.test", ("http", "upstream.test", 80)),
        ("https://upstream.test/api", ("https", "upstream.test", 443)),
        ("https://Upstream.TEST:8443", ("https", "upstream.test", 8443)),
        ("https://zürich.test", ("https", "xn--zrich-kva.test", 443)),
        ("http://127.0.0.1:8081", ("http", "127.0.0.1", 8081)),
        ("http://[::1]:8081", ("http", "::1", 8081)),
    ],
)
def test_where_a_url_leads(url: str, expected: tuple[str, str, int]) -> None:
    assert origin_of(httpx.URL(url)) == expected


@pytest.mark.parametrize("url", ["ftp://upstream.test", "/api/users", "http:///api", "unix:/run/api"])
def test_what_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        origin_of(httpx.URL(url))


def at(url: str) -> tuple[Any, ...]:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", httpx.URL(url).port)


async def test_an_address_that_does_not_answer_keeps_nobody_waiting() -> None:
    async with Server(reply(200)) as server:
        with Full() as silent:
            began = time.monotonic()
            connected = await first_connected([at(silent), at(server.url), at(silent)])
            assert time.monotonic() - began < 3
        assert connected.getpeername()[1] == server.port
        connected.close()


async def test_an_address_that_refuses_is_followed_by_the_next() -> None:
    async with Server(reply(200)) as server:
        connected = await first_connected([at(refusing()), at(server.url)])
        assert connected.getpeername()[1] == server.port
        connected.close()


async def test_where_nobody_answers_the_first_error_is_told() -> None:
    with pytest.raises(ConnectionRefusedError):
        await first_connected([at(refusing()), at(refusing())])
    with pytest.raises(OSError, match="no address"):
        await first_connected([])


async def test_a_wait_that_is_given_up_leaves_no_socket_open() -> None:  # else a ResourceWarning fails it
    with Full() as silent:
        running = asyncio.create_task(first_connected([at(silent), at(silent)]))
        await asyncio.sleep(0.3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def test_addresses_of_both_kinds_take_turns() -> None:
    found: list[tuple[Any, ...]] = [(6, 1), (6, 2), (6, 3), (4, 1), (4, 2)]
    assert alternating(found) == [(6, 1), (4, 1), (6, 2), (4, 2), (6, 3)]


class Made(asyncio.Protocol):
    name = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        self.name = "plain" if tls is None else tls.version()
        transport.close()


async def test_all_of_a_connection_is_bounded_also_the_part_of_tls() -> None:
    async with Server(reply(200)) as server:  # which hears no TLS, and waits
        with pytest.raises(httpx.ConnectTimeout):
            await connect(Made(), Origin("https", "localhost", server.port), NO_TLS, 0.2)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await connect(Made(), Origin("https", "localhost", server.port), NO_TLS, None)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_server_is_known_by_the_name_that_it_is_called_by(host: str) -> None:
    async with Server(reply(200), tls=serving(host)) as server:
        made = Made()
        await connect(made, Origin("https", host, server.port), believing(), 5)
        assert made.name == "TLSv1.3"
        other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}[host]
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await connect(Made(), Origin("https", other, server.port), believing(), 5)
        with pytest.raises(httpx.ConnectError):
            await connect(Made(), Origin("https", host, server.port), NO_TLS, 5)


@pytest.mark.parametrize("host", ["a..b", "x" * 300 + ".test", ".", "upstream.invalid"])
async def test_a_name_that_nobody_has_cannot_be_connected_to(host: str) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(httpx.ConnectError):
            await connect(Made(), Origin(scheme, host, 443), NO_TLS, 5)
