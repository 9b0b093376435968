import asyncio
import gzip
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.plan.conversation import Call, Reply
from adapter.upstream import wire
from adapter.upstream.wire import Base, Failure, Throttled, exchanged, request_of
from tests.upstream.server import Answer, Full, Server, broken_off, dripping, refusing, reply, reset, silence

SOON = 0.3
GET = Call(route="GET /users", method="GET", path="/users")
POST = Call(route="POST /users", method="POST", path="/users", body={"name": "ada"})


async def sent(http: httpx.AsyncBaseTransport, base: str, call: Call, within: float = 10, **headers: str) -> Reply:
    request = request_of(Base(base), msgspec.structs.replace(call, headers=headers), {})
    reply = await exchanged(http, request, within)
    return Reply(reply.status, reply.body)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply(200, '{"data": [1, "é", null]}', Content_Type="application/json"), Reply(200, {"data": [1, "é", None]})),
        (reply(200, '{"data": 1}', Content_Type="text/plain"), Reply(200, {"data": 1})),
        (reply(200), Reply(200, None)),
        (reply(204), Reply(204, None)),
        (reply(200, "<html>Sign in</html>", Content_Type="text/html"), Reply(200, "<html>Sign in</html>")),
        (reply(200, "not JSON"), Reply(200, "not JSON")),
        (reply(200, b"\xff\xfe"), Reply(200, "\ufffd\ufffd")),
        (reply(200, "[" * 5000), Reply(200, "[" * 5000)),
        (reply(200, "x" * 20_000), Reply(200, "x" * 10_000)),
        (reply(200, '{"data": NaN}'), Reply(200, '{"data": NaN}')),
        (reply(404, '{"message": "no"}'), Reply(404, {"message": "no"})),
        (reply(500, "oops"), Reply(500, "oops")),
        (reply(503, "oops"), Reply(503, "oops")),
        (reply(307, "", Location="/elsewhere"), Reply(307, None)),
        (reply(302, "", Location="http://127.0.0.1:1/elsewhere"), Reply(302, None)),
        (reply(200, "{}", Content_Encoding="identity"), Reply(200, {})),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", Reply(200, {})),
    ],
    ids=str,
)
async def test_what_is_answered_is_a_reply(http: httpx.AsyncBaseTransport, answer: Answer, expected: Reply) -> None:
    async with Server(answer) as server:
        assert await sent(http, server.url, GET) == expected
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "reason", "slow"),
    [
        (broken_off(), "the connection broke: RemoteProtocolError", False),
        (reset, "the connection broke: ReadError", False),
        (broken_off(b"HTTP/1.1 200 OK\r\nContent-Le"), "the connection broke: RemoteProtocolError", False),
        (broken_off(reply(200, '{"data"', claim=100)), "the connection broke: RemoteProtocolError", False),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "the connection broke: RemoteProtocolError", False),
        (b"\x00\x01\x02\x03\r\n\r\n", "the connection broke: RemoteProtocolError", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
         "the connection broke: RemoteProtocolError", False),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000, "the connection broke: RemoteProtocolError", False),
        (reply(200, gzip.compress(b"{}"), Content_Encoding="gzip"), "it compressed its reply though nobody asked", False),
        (reply(200, b"{}", Content_Encoding="br"), "it compressed its reply though nobody asked", False),
        (reply(200, "x" * 1001), "its reply is larger than 1000 bytes", False),
        (silence, "it did not answer in time", True),
        (dripping, "it did not answer in time", True),
        (reply(200, "{", claim=2), "it did not answer in time", True),
    ],
)  # fmt: skip
async def test_what_is_no_usable_reply_may_have_been_done(
    http: httpx.AsyncBaseTransport,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    reason: str,
    slow: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1000)
    async with Server(answer) as server:
        for call in (GET, POST):
            with pytest.raises(Failure) as failed:
                await sent(http, server.url, call, SOON if slow else 10)
            assert (failed.value.reason, failed.value.sent, failed.value.slow) == (reason, True, slow)
        assert [each.method for each in server.seen] == ["GET", "POST"]


async def test_a_reply_that_never_ends_is_not_kept(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1000)
    received = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal received
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 100_000)
            received += 100_000
            await writer.drain()

    async with Server(endless) as server:
        with pytest.raises(Failure, match="larger than 1000 bytes"):
            await sent(http, server.url, GET)
    assert received < 20_000_000


@pytest.mark.parametrize("answer", [silence, dripping])
async def test_the_time_bounds_all_of_an_exchange(http: httpx.AsyncBaseTransport, answer: Answer) -> None:
    async with Server(answer) as server:
        began = time.monotonic()
        with pytest.raises(Failure):
            await sent(http, server.url, GET, SOON)
        assert SOON * 0.9 < time.monotonic() - began < SOON * 6


async def test_where_nothing_listens_nothing_was_sent(http: httpx.AsyncBaseTransport) -> None:
    with pytest.raises(Failure) as failed:
        await sent(http, refusing(), POST)
    assert (failed.value.reason, failed.value.sent) == ("it cannot be reached: ConnectError", False)


async def test_where_no_connection_is_made_in_time_nothing_was_sent(http: httpx.AsyncBaseTransport) -> None:
    with Full() as url, pytest.raises(Failure) as failed:
        await sent(http, url, POST, SOON)
    assert (failed.value.reason, failed.value.sent) == ("it cannot be reached: ConnectTimeout", False)


async def test_a_name_that_does_not_exist_cannot_be_reached(http: httpx.AsyncBaseTransport) -> None:
    with pytest.raises(Failure) as failed:
        await exchanged(http, request_of(Base("http://upstream.invalid"), POST, {}), 5)
    assert failed.value.sent is False


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("2", 2.0), ("120", 120.0), ("999999", 999999.0)])
async def test_the_upstream_may_ask_to_come_back_later(
    http: httpx.AsyncBaseTransport, status: int, text: str, seconds: float
) -> None:
    async with Server(reply(status, '{"message": "busy"}', Retry_After=text)) as server:
        with pytest.raises(Throttled) as throttled:
            await sent(http, server.url, POST)
        assert throttled.value.after == seconds
        assert len(server.seen) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("away", "seconds"), [(60, 60.0), (3600, 3600.0), (-60, 0.0)])
async def test_the_upstream_may_say_when_by_a_date(
    http: httpx.AsyncBaseTransport, status: int, away: int, seconds: float
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=away), usegmt=True)
    async with Server(reply(status, "", Retry_After=date)) as server:
        with pytest.raises(Throttled) as throttled:
            await sent(http, server.url, POST)
    assert throttled.value.after == pytest.approx(seconds, abs=5)


MEANINGLESS = [
    "1000000",
    "-5",
    "+5",
    "3.5",
    "1e3",
    "3, 5",
    "soon",
    "٣",
    "Sun, 99 Nov 2026 20:00:00 GMT",
    "Sun, 22 Nov 99999 20:00:00 GMT",
]


@pytest.mark.parametrize("text", MEANINGLESS)
async def test_a_503_that_says_no_time_is_not_known_to_have_done_nothing(
    http: httpx.AsyncBaseTransport, text: str
) -> None:
    async with Server(reply(503, "", Retry_After=text)) as server:
        assert (await sent(http, server.url, POST)).status == 503


@pytest.mark.parametrize("text", MEANINGLESS)
async def test_a_429_has_done_nothing_whatever_time_it_says(http: httpx.AsyncBaseTransport, text: str) -> None:
    async with Server(reply(429, "", Retry_After=text)) as server:
        with pytest.raises(Throttled) as throttled:
            await sent(http, server.url, POST)
    assert throttled.value.after is None


async def test_too_many_requests_needs_no_time(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(429)) as server:
        with pytest.raises(Throttled) as throttled:
            await sent(http, server.url, POST)
        assert throttled.value.after is None


async def test_a_request_is_the_call_and_nothing_else(http: httpx.AsyncBaseTransport) -> None:
    call = Call(route="r", method="PATCH", path="/users/a%2Fb", query={"a": "b&c=d é", "e": ""}, body={"name": "é"})
    async with Server(reply(200)) as server:
        await sent(http, server.url, call, Authorization="Bearer x")
        [seen] = server.seen
    assert (seen.method, seen.body) == ("PATCH", '{"name":"é"}'.encode())
    assert seen.target == "/users/a%2Fb?a=b%26c%3Dd+%C3%A9&e="
    assert seen.headers == {
        "host": server.url.removeprefix("http://"),
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "scim-adapter",
        "content-type": "application/json",
        "content-length": "13",
        "authorization": "Bearer x",
    }


async def test_a_read_has_no_body_and_no_type(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200)) as server:
        await sent(http, server.url, GET)
        [seen] = server.seen
    assert seen.headers.keys() == {"host", "accept", "accept-encoding", "user-agent"}
    assert seen.body == b""


async def test_an_upstreams_cookies_are_not_sent_back(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200, Set_Cookie="JSESSIONID=1; Path=/")) as server:
        await sent(http, server.url, GET)
        await sent(http, server.url, GET)
    assert ["cookie" in each.headers for each in server.seen] == [False, False]


async def test_a_redirect_is_not_followed(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(302, Location="/elsewhere")) as server:
        assert await sent(http, server.url, POST) == Reply(302, None)
        assert [each.target for each in server.seen] == ["/users"]


async def test_letters_of_any_language_may_stand_in_a_header(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200)) as server:
        await sent(http, server.url, GET, Company="Zürich")
        assert server.seen[0].headers["company"].encode("latin-1").decode() == "Zürich"


@pytest.mark.parametrize(
    "base", ["http://h", "http://h/", "https://h:8443/api/", "http://[::1]:80/a%20b", "HTTP://H.test/ü"]
)
@given(
    segments=st.lists(st.text(min_size=1).filter(lambda each: each not in (".", ".."))),
    query=st.dictionaries(st.text(), st.text()),
)
def test_a_url_is_the_one_that_httpx_would_read(base: str, segments: list[str], query: dict[str, str]) -> None:
    path = "".join(f"/{quote(each, safe='')}" for each in segments) or "/"
    text = base.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
    url = Base(base).url(path, query)
    assert url == httpx.URL(text)
    assert (url.raw_path, url.netloc, str(url)) == (
        httpx.URL(text).raw_path,
        httpx.URL(text).netloc,
        str(httpx.URL(text)),
    )


@pytest.mark.parametrize("path", ["/users/ü", '/a"b<c>', "/a[1]|b", "/it's/a+b;c=d,e/~f!*(g)@h:i$&j", "/%7Eada/%zz"])
def test_what_a_mapping_writes_in_a_path_is_encoded(path: str) -> None:
    assert Base("http://h").url(path, {}).raw_path.decode() == quote(path, safe="/%:@!$&'()*+,;=~")


@pytest.mark.parametrize("body", [{}, {"a": None}])
def test_an_empty_object_is_a_body(body: dict[str, Any]) -> None:
    call = Call(route="r", method="POST", path="/users", body=body)
    assert request_of(Base("http://upstream.test"), call, {}).headers["Content-Type"] == "application/json"


async def test_connections_are_used_again_after_a_reply(http: httpx.AsyncBaseTransport) -> None:
    ports = set()

    async def note(writer: asyncio.StreamWriter) -> None:
        ports.add(writer.get_extra_info("peername")[1])
        writer.write(reply(200, "{}"))

    async with Server(note) as server:
        for _ in range(3):
            await sent(http, server.url, GET)
    assert len(ports) == 1
