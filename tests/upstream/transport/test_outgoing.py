import h11
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.upstream.transport.outgoing import written

URL = "http://upstream.test:8081/api/users"


def request(method: str = "GET", url: str = URL, body: bytes = b"", **headers: str) -> httpx.Request:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Request(method, url, headers=httpx.Headers(given, encoding="utf-8"), content=body or None)


@pytest.mark.parametrize(
    ("asked", "body", "expected"),
    [
        (request(url=f"{URL}/a%2Fb?x=%20&y="), b"", b"GET /api/users/a%2Fb?x=%20&y= HTTP/1.1\r\nHost: upstream.test:8081\r\n\r\n"),
        (request("DELETE"), b"", b"DELETE /api/users HTTP/1.1\r\nHost: upstream.test:8081\r\n\r\n"),
        (
            request("POST", body=b"{}", Content_Type="application/json"),
            b"{}",
            b"POST /api/users HTTP/1.1\r\nHost: upstream.test:8081\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        ),
        (request("PUT"), b"", b"PUT /api/users HTTP/1.1\r\nHost: upstream.test:8081\r\nContent-Length: 0\r\n\r\n"),
        (
            request(Company="Zürich", X_Empty=""),
            b"",
            "GET /api/users HTTP/1.1\r\nHost: upstream.test:8081\r\nCompany: Zürich\r\nX-Empty: \r\n\r\n".encode(),
        ),
        (request(url="http://upstream.test"), b"", b"GET / HTTP/1.1\r\nHost: upstream.test\r\n\r\n"),
        (request(url="http://[::1]:8081/"), b"", b"GET / HTTP/1.1\r\nHost: [::1]:8081\r\n\r\n"),
    ],
)  # fmt: skip
def test_a_request_is_written_as_it_stands(asked: httpx.Request, body: bytes, expected: bytes) -> None:
    assert written(asked, body) == expected


def raw(*headers: tuple[bytes, bytes], method: str = "GET") -> httpx.Request:
    fields = [(b"Host", b"upstream.test"), *headers]
    return httpx.Request(method, URL, headers=fields, stream=httpx.ByteStream(b""))


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        (raw((b"A", b"b\r\nC: d")), b""),
        (raw((b"A", b"b\nC: d")), b""),
        (raw((b"A", b"b\r\n\r\nGET /other HTTP/1.1")), b""),
        (raw((b"A", b"b\rC")), b""),
        (raw((b"A", b"b\0")), b""),
        (raw((b"A", b" b")), b""),
        (raw((b"A", b"b\t")), b""),
        (raw((b"A:", b"b")), b""),
        (raw((b"A B", b"c")), b""),
        (raw((b"A\r\nB", b"c")), b""),
        (raw((b"", b"c")), b""),
        (raw((b"Host", b"other.test")), b""),
        (httpx.Request("GET", URL, headers=[(b"Accept", b"*/*")], stream=httpx.ByteStream(b"")), b""),
        (raw((b"Content-Length", b"3")), b"{}"),
        (raw((b"Content-Length", b"2"), (b"Content-Length", b"2")), b"{}"),
        (raw((b"Content-Length", b"-2")), b"{}"),
        (raw((b"Content-Length", b"2")), b""),
        (raw(), b"{}"),
        (raw((b"Transfer-Encoding", b"chunked")), b"{}"),
        (raw((b"transfer-encoding", b"chunked"), (b"Content-Length", b"2")), b"{}"),
        (raw(method="GET /other HTTP/1.1\r\nA:"), b""),
        (raw(method=""), b""),
        (raw(method="GÉT"), b""),
    ],
)
def test_what_would_be_another_request_is_refused(asked: httpx.Request, body: bytes) -> None:
    with pytest.raises(httpx.LocalProtocolError):
        written(asked, body)


def test_a_target_with_a_line_break_is_refused() -> None:
    url = httpx.URL("http://upstream.test/")
    asked = httpx.Request("GET", url.copy_with(raw_path=b"/users"), headers=[(b"Host", b"upstream.test")])
    asked.url = _Broken(url)
    with pytest.raises(httpx.LocalProtocolError):
        written(asked, b"")


class _Broken(httpx.URL):
    """httpx makes no such URL; should it ever do so, it is not sent."""

    @property
    def raw_path(self) -> bytes:
        return b"/users HTTP/1.1\r\nA: b"


def test_a_secret_is_not_in_the_refusal() -> None:
    with pytest.raises(httpx.LocalProtocolError) as refused:
        written(raw((b"Authorization", b"Bearer the-secret\n")), b"")
    assert "secret" not in str(refused.value)


TEXTS = st.text(st.sampled_from("ab: \t\r\n\0\x0b\x0c\x1f\x7f\xe9,;"), max_size=6).map(
    lambda text: text.encode("latin-1")
)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=3))
def test_what_h11_refuses_to_send_is_refused_here_too_and_nothing_else(headers: list[tuple[bytes, bytes]]) -> None:
    asked = raw(*headers)
    try:
        expected = h11.Connection(h11.CLIENT).send(
            h11.Request(method="GET", target=asked.url.raw_path, headers=asked.headers.raw)
        )
    except h11.LocalProtocolError:
        with pytest.raises(httpx.LocalProtocolError):
            written(asked, b"")
    else:
        assert written(asked, b"") == expected
