"""Requests that are framed wrongly, or cut in ways in which two servers differ: nothing of them reaches the upstream."""

import asyncio

import pytest

from tests.attacks.process import BEARER, NOBODY, SECOND, Gateway, started
from tests.upstream.server import Server

TOKEN_LINE = BEARER.encode() + b"\r\n"
HEAD = b"Host: gateway.test\r\n" + TOKEN_LINE
POST = b"POST /scim/v2/Users HTTP/1.1\r\n" + HEAD
GET = b"GET /scim/v2/Users/u-1 HTTP/1.1\r\n" + HEAD
VICTIM = b"DELETE /scim/v2/Users/victim HTTP/1.1\r\n" + HEAD + b"\r\n"
"""A request that an attacker hides in the body of another one."""
CHUNKED, NONE = b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"

REFUSED: dict[str, bytes] = {
    "CL.TE": POST + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n" + NONE + VICTIM,
    "TE.CL": POST + CHUNKED + b"Content-Length: 4\r\n\r\n%x\r\n" % len(VICTIM) + VICTIM + b"\r\n" + NONE,
    "two Content-Lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x" + VICTIM,
    "two Content-Lengths alike": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + VICTIM,
    "a list of Content-Lengths": POST + b"Content-Length: 2, 2\r\n\r\n{}" + VICTIM,
    "a negative Content-Length": POST + b"Content-Length: -1\r\n\r\n{}" + VICTIM,
    "a Content-Length with a sign": POST + b"Content-Length: +2\r\n\r\n{}" + VICTIM,
    "a hexadecimal Content-Length": POST + b"Content-Length: 0x2\r\n\r\n{}" + VICTIM,
    "an endless Content-Length": POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}" + VICTIM,
    "a blank before the colon": POST + b"Content-Length : 2\r\n\r\n{}" + VICTIM,
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + NONE + VICTIM,
    "chunked that is not the last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + NONE + VICTIM,
    "a tab before chunked": POST + b"Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n\r\n" + NONE + VICTIM,
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n" + NONE + VICTIM,
    "chunked twice": POST + CHUNKED + CHUNKED + b"Content-Length: 3\r\n\r\n" + NONE + VICTIM,
    "an endless chunk": POST + CHUNKED + b"\r\nFFFFFFFFFFFFFFFFFF\r\n{}\r\n" + NONE + VICTIM,
    "a negative chunk": POST + CHUNKED + b"\r\n-2\r\n{}\r\n" + NONE + VICTIM,
    "a chunk that ends elsewhere (CVE-2025-43859)": POST + CHUNKED + b"\r\n2\r\n{}XX" + NONE + VICTIM,
    "a bare LF after a chunk's extension": POST + CHUNKED + b"\r\n2;a=\n\r\n{}\r\n" + NONE + VICTIM,
    "a folded header": GET + b"X: a\r\n b\r\n\r\n",
    "bare LFs": GET.replace(b"\r\n", b"\n") + b"\n",
    "a bare CR in a header": GET + b"X: a\rAuthorization: b\r\n\r\n",
    "a NUL in a header": GET + b"X: a\0b\r\n\r\n",
    "a NUL in a header's name": GET + b"X\0Y: a\r\n\r\n",
    "no name of a header": GET + b": a\r\n\r\n",
    "a header without a colon": GET + b"X\r\n\r\n",
    "a huge URL": b"GET /scim/v2/Users/" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a huge query": b"GET /scim/v2/Users?filter=" + b"(" * 100_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a method that is no word": b"G\xffT /scim/v2/Users/u-1 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a huge method": b"A" * 5_000 + b" /scim/v2/Users/u-1 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3": b"GET /scim/v2/Users/u-1 HTTP/3.0\r\n" + HEAD + b"\r\n",
    "a blank in the path": b"GET /scim/v2/Users/u 1 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a path without a slash": b"GET scim/v2/Users/u-1 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "bytes in the path": b"GET /scim/v2/Users/\xff\xfe HTTP/1.1\r\n" + HEAD + b"\r\n",
    "bytes in the query": b"GET /scim/v2/Users?filter=\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
    "no Host": b"GET /scim/v2/Users/u-1 HTTP/1.1\r\n" + TOKEN_LINE + b"\r\n",
    "two Hosts": b"GET /scim/v2/Users/u-1 HTTP/1.1\r\nHost: evil.example\r\n" + HEAD + b"\r\n",
    "the beginning of TLS": bytes.fromhex("16030100a1010000"),
    "zeros": b"\0" * 1_000,
}
ANSWERED: dict[str, tuple[bytes, int]] = {
    "an unknown method": (b"PROPFIND /scim/v2/Users/u-1 HTTP/1.1\r\n" + HEAD + b"\r\n", 405),
    "TRACE": (b"TRACE /scim/v2/Users/u-1 HTTP/1.1\r\n" + HEAD + b"\r\n", 405),
    "the whole server": (b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n", 404),
    "an upgrade": (GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n", 404),
    "another server's URL": (b"GET http://evil.example/scim/v2/Users/u-1 HTTP/1.1\r\n" + HEAD + b"\r\n", 404),
    "chunks": (POST + CHUNKED + b"\r\n2\r\n{}\r\n" + NONE, 400),
    "bytes in a token": (b"GET /scim/v2/Users/1 HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer \xff\xfe\r\n\r\n", 401),
    "bytes in a version": (GET + b'If-Match: "\xff"\r\n\r\n', 404),
    "bytes in a cookie": (GET + b'Cookie: \xff="\r\n\r\n', 404),
    "bytes in the body's type": (POST + b'Content-Type: \xff/\xff; charset="\r\nContent-Length: 2\r\n\r\n{}', 400),
    "an expectation that nobody knows": (POST + b"Expect: x\r\nContent-Length: 2\r\n\r\n{}", 400),
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=list(REFUSED))
async def test_a_request_framed_wrongly_is_400_and_the_end_of_its_connection(gateway: Gateway, sent: bytes) -> None:
    """SEC-31 (CVE-2025-43859, CVE-2020-7695): what two servers could read differently is refused whole."""
    gateway.upstream.seen.clear()
    heard = await gateway.say(sent)
    assert (heard.status, heard.answers, heard.is_closed) == (400, 1, True)
    assert heard.seconds < SECOND
    assert gateway.upstream.seen == []


@pytest.mark.parametrize(("sent", "status"), ANSWERED.values(), ids=list(ANSWERED))
async def test_an_odd_request_is_answered_as_any_other(gateway: Gateway, sent: bytes, status: int) -> None:
    gateway.upstream.seen.clear()
    heard = await gateway.say(sent)
    assert (heard.status, heard.json["status"], heard.answers) == (status, str(status), 1)
    assert [each.target for each in gateway.upstream.seen] == ["/users/u-1"] * (status == 404 and b"/u-1" in sent)


async def test_a_body_that_is_no_form_is_answered_in_the_words_of_oauth(gateway: Gateway) -> None:
    for body in (b"\xff\xff", b"{}", b"grant_type=x&grant_type=x", b"a" * 20_000, b"%zz=%zz"):
        length = b"Host: g\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        heard = await gateway.say(b"POST /oauth/token HTTP/1.1\r\n" + length + body)
        assert (heard.status, heard.json) == (400, {"error": "invalid_request"})


async def test_many_headers_do_no_harm(gateway: Gateway) -> None:
    for head in (b"X: " + b"a" * 50_000 + b"\r\n", b"X: a\r\n" * 5_000, b"Cookie: " + b"a=b;" * 10_000 + b"\r\n"):
        heard = await gateway.say(GET + head + b"\r\n")
        assert heard.status == 404
    assert gateway.upstream.seen[-1].headers.keys().isdisjoint({"x", "cookie"})


async def test_a_request_that_does_not_come_is_given_up() -> None:
    """SEC-16: slow heads and bodies, which cost an attacker nothing, are ended by the process itself, with 408."""
    async with (
        Server(NOBODY) as upstream,
        started(upstream.url, asyncio.subprocess.DEVNULL, ADAPTER_RECEIVE_MS="300", ADAPTER_IDLE_MS="100") as (
            port,
            process,
        ),
    ):
        slow = Gateway(port, upstream, process)
        for begun in (b"GET /", POST, POST + b"Content-Length: 10\r\n\r\n{", POST + CHUNKED + b"\r\n5\r\n{"):
            heard = await slow.say(begun, within=5)
            assert (heard.status, heard.answers, heard.is_closed) == (408, 1, True)
        assert (await slow.say(b"", within=5)).is_closed
        assert (await slow.say(GET + b"\r\n", within=5)).status == 404
        assert [each.target for each in upstream.seen] == ["/users/u-1"]


async def test_connections_that_say_nothing_keep_nobody_out() -> None:
    """SEC-16: who asks at once is answered, however many connections are open and ask nothing."""
    async with (
        Server(NOBODY) as upstream,
        started(upstream.url, asyncio.subprocess.DEVNULL, ADAPTER_MOST_CONNECTIONS="10") as (port, process),
    ):
        crowded = Gateway(port, upstream, process)
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in idle[::2]:
            writer.write(POST)
        for _ in range(5):
            assert (await crowded.ask(b"GET /scim/v2/Users/u-1 HTTP/1.1")).status == 404
        for _, writer in idle:
            writer.close()


async def test_a_request_that_does_not_end_waits_alone(gateway: Gateway) -> None:
    for begun in (b"GET", POST, POST + b"Content-Length: 10\r\n\r\n{", POST + CHUNKED + b"\r\n5\r\n{"):
        heard = await gateway.say(begun, within=0.1)
        assert heard.answers == 0
        assert (await gateway.ask(b"GET /scim/v2/Users/u-1 HTTP/1.1")).status == 404
