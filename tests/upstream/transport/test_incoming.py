import re
from itertools import pairwise
from typing import Any

import h11
import httpx
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from adapter.upstream.transport.incoming import MOST_HEAD, Incoming

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + b"Content-Length: 2\r\n\r\n{}"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
WITHOUT_LENGTH = OK + b"\r\n{}"


def read(*pieces: bytes, to_head: bool = False, ends: bool = False) -> tuple[Any, ...] | str:
    """Return the status, the body and whether the connection may go on; or why there is no reply."""
    reply = Incoming(to_head=to_head)
    body = b""
    try:
        for each in filter(None, pieces):
            reply.feed(each)
            body += reply.taken()
        if ends:
            reply.end()
    except httpx.RemoteProtocolError as error:
        return str(error)
    return (reply.status, body, reply.may_go_on) if reply.is_complete else "unfinished"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (WHOLE, (200, b"{}", True)),
        (CHUNKED, (200, b"{}", True)),
        (OK + b"Content-Length: 0\r\n\r\n", (200, b"", True)),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", (200, b"", True)),
        (b"HTTP/1.1 599 \xe9\r\nContent-Length: 0\r\n\r\n", (599, b"", True)),
        (OK + b"Content-Length: 2 \r\nTransfer: chunked\r\n\r\n{}", (200, b"{}", True)),
        (OK + b"Transfer-Encoding: Chunked \r\n\r\n0\r\n\r\n", (200, b"", True)),
        # No body, whatever the head says of one (RFC 9110 section 6.4.1).
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"", True)),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", (304, b"", True)),
        # Before the reply (RFC 9110 section 15.2).
        (b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE, (200, b"{}", True)),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 x\r\n\r\n" + WHOLE, (200, b"{}", True)),
        # A server that offers HTTP/2 says so; nobody has taken it up.
        (OK + b"Upgrade: h2,h2c\r\nConnection: Upgrade, Keep-Alive\r\nContent-Length: 2\r\n\r\n{}", (200, b"{}", True)),
        # No other request may follow.
        (OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}", (200, b"{}", False)),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", (200, b"{}", False)),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", (200, b"{}", True)),
        (WHOLE + b"x", (200, b"{}", False)),
        (WHOLE + WHOLE, (200, b"{}", False)),
        (CHUNKED + b"HTTP/1.1 200", (200, b"{}", False)),
        (b"HTTP/1.1 204 No Content\r\n\r\n{}", (204, b"", False)),
    ],
)
def test_a_whole_reply_is_read_whatever_pieces_it_comes_in(data: bytes, expected: tuple[Any, ...]) -> None:
    assert read(data) == expected
    assert read(*(data[at : at + 1] for at in range(len(data)))) == expected
    for at in range(len(data)):
        assert read(data[:at], data[at:]) == expected


@pytest.mark.parametrize(
    ("data", "ended"),
    [
        (b"", "the connection was closed before a reply had come"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "the connection was closed before a reply had come"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "the connection was closed before a reply had come"),
        (WHOLE[:-1], "the connection was closed before the reply was complete"),
        (CHUNKED[:-1], "the connection was closed before the reply was complete"),
        (CHUNKED[:-20], "the connection was closed before the reply was complete"),
        (WITHOUT_LENGTH, (200, b"{}", False)),
        (OK + b"\r\n", (200, b"", False)),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n{}", (200, b"{}", False)),
    ],
)
def test_a_reply_ends_with_the_connection_only_where_it_has_no_length(data: bytes, ended: Any) -> None:
    assert read(data) == "unfinished"
    assert read(data, ends=True) == ended


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"\r\n" + WHOLE,
        b"\x16\x03\x01\x02\x00",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 2000 x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 abc x\r\n\r\n",
        # Nobody has asked for another protocol.
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        # Where one reply ends and the next begins must never be a guess (RFC 9112 section 6.3).
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        OK + b"Content-Length: 2, 3\r\n\r\n{} ",
        OK + b"Content-Length: +2\r\n\r\n{}",
        OK + b"Content-Length: \r\n\r\n{}",
        OK + b"Content-Length: 0x2\r\n\r\n{}",
        OK + b"Content-Length: 99999999999999999999\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: gzip\r\n\r\n{}",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n",
        b"HTTP/1.1 103 x\r\nContent-Length: 2\r\n\r\n{}" + WHOLE,
        # Headers.
        OK + b"A B: c\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"A : c\r\nContent-Length: 2\r\n\r\n{}",
        OK + b": c\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"A: b\0c\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"A: b\rContent-Length: 2\r\n\r\n{}",
        OK + b"A: b\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
        assert read(*pieces) not in ("unfinished", "")
        assert isinstance(read(*pieces), str)


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (OK, b"A: b\r\n"),
        (OK, b"A" * 1000),
        (OK + b"A: ", b"b" * 1000),
        (b"HTTP/1.1 200 ", b"O" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 x\r\nA: b\r\n\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"\r\n" * 500),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"0" * 1000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 1000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA: ", b"b" * 1000),
    ],
)
def test_a_head_that_never_ends_is_not_kept(begun: bytes, more: bytes) -> None:
    pieces = [more] * (MOST_HEAD // len(more) + 100)
    assert read(begun, *pieces) in ("the head of the reply is too long", "Invalid character in chunk size")
    if more.endswith(b"\r\n\r\n"):
        assert read(begun, *pieces, WHOLE) == "the head of the reply is too long"


def test_a_head_that_is_long_and_comes_at_once_is_refused() -> None:
    assert read(OK + b"A: b\r\n" * 20_000 + b"\r\n") == "the head of the reply is too long"
    assert read(OK + b"A: b\r\n" * 5_000 + b"Content-Length: 0\r\n\r\n") == (200, b"", True)


def test_a_body_of_many_small_chunks_is_no_head() -> None:
    begun, chunks = OK + b"Transfer-Encoding: chunked\r\n\r\n", [b"1\r\nx\r\n"] * 50_000
    assert read(begun, *chunks, b"0\r\n\r\n") == (200, b"x" * 50_000, True)


@pytest.mark.parametrize("data", [WHOLE[:-2], WHOLE, CHUNKED, OK + b"\r\n", b"HTTP/1.1 204 x\r\n\r\n"])
def test_what_answers_head_has_no_body_and_nothing_follows(data: bytes) -> None:
    status = 204 if b"204" in data else 200
    assert read(data, to_head=True) == (status, b"", False)


def test_headers_are_told_as_they_came_without_space_at_their_end() -> None:
    reply = Incoming()
    reply.feed(
        b"HTTP/1.1 103 x\r\nEarly: 1\r\n\r\n" + OK + b'ETag:  "a" \t\r\nSet-Cookie: a\r\nset-cookie: b\r\nE:\r\n'
    )
    reply.feed(b"Z: Z\xc3\xbcrich\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n")
    assert reply.headers == [
        (b"ETag", b'"a"'),
        (b"Set-Cookie", b"a"),
        (b"set-cookie", b"b"),
        (b"E", b""),
        (b"Z", b"Z\xc3\xbcrich"),
        (b"Transfer-Encoding", b"chunked"),
    ]


def test_a_body_is_taken_as_it_comes() -> None:
    reply = Incoming()
    reply.feed(OK + b"Content-Length: 6\r\n\r\nab")
    assert (reply.has_head, reply.unread, reply.taken(), reply.unread) == (True, 2, b"ab", 0)
    reply.feed(b"cd")
    reply.feed(b"ef")
    assert (reply.is_complete, reply.unread, reply.taken(), reply.taken()) == (True, 4, b"cdef", b"")


LINES = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 100 Continue",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 404 Not Found",
    b"Content-Length: 2",
    b"Content-Length: 10",
    b"Transfer-Encoding: chunked",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Upgrade: h2c",
    b"A: b",
    b"2",
    b"{}",
    b"0",
    b"",
    b"",
]
ALMOST = st.lists(st.sampled_from(LINES), max_size=12).map(b"\r\n".join)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Return a reply of which some bytes are others, more or fewer."""
    data = bytearray(draw(st.sampled_from([WHOLE, CHUNKED, WITHOUT_LENGTH]) | ALMOST))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(
            st.sampled_from(
                [b"", b" ", b"\r", b"\n", b"\r\n", b":", b"0", b"1", b"a", b"\0", b"\xff", b"\t", b",", b";"]
            )
        )
    return bytes(data)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(each % (len(data) + 1) for each in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]


@given(spoilt() | st.binary(max_size=200), st.lists(st.integers(0, 1000), max_size=8), st.booleans())
@example(WHOLE, [3, 4, 5], False)  # noqa: FBT003
def test_the_same_bytes_are_the_same_reply_in_whatever_pieces(data: bytes, places: list[int], ends: bool) -> None:  # noqa: FBT001
    at_once, in_pieces = read(data, ends=ends), read(*cut(data, places), ends=ends)
    if isinstance(at_once, str) or isinstance(in_pieces, str):
        assert isinstance(at_once, str)
        assert isinstance(in_pieces, str)  # of two faults that come together either may be told
    else:
        # Empty lines after a reply are overlooked where they come with it (RFC 9112 section 2.2), and end the connection later.
        assert at_once[:2] == in_pieces[:2]
        assert at_once[2] == in_pieces[2] or data.endswith((b"\r", b"\n"))


@given(spoilt(), st.booleans())
def test_what_is_taken_for_a_reply_is_one_to_h11_too_and_the_same(data: bytes, ends: bool) -> None:  # noqa: FBT001
    assume(
        not re.search(rb"HTTP/1[^\n]*\0", data)
    )  # the words after a status are read by nobody here, and looked at there
    ours = read(data, ends=ends)
    if not isinstance(ours, str):
        assert ours[:2] == by_h11(data, ends=ends)


def by_h11(data: bytes, *, ends: bool) -> tuple[int, bytes]:
    """Return a reply as httpx's own transport reads it."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    if ends:
        connection.receive_data(b"")
    status, body = 0, b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return status, body
        else:
            assert isinstance(event, h11.InformationalResponse), event


@pytest.mark.parametrize(("first", "second"), [(500, 404), (404, 200)])
def test_a_second_reply_in_the_same_piece_changes_nothing_of_the_first(first: int, second: int) -> None:
    reply = Incoming()
    reply.feed(b"".join(b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\n{}" % each for each in (first, second)))
    assert (reply.status, reply.is_complete, reply.may_go_on) == (first, True, False)
