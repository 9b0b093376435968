"""One HTTP exchange with the upstream: a request out, a bounded reply back, and every way it can fail told apart.

httpx has no total timeout and no limit on what it reads: both are set here. Redirects are not followed, cookies are not
sent back, and what the upstream compresses is not asked for.
"""

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec

from adapter.plan.conversation import Call, Reply
from adapter.upstream import tls

MOST_BYTES = 32 * 1024 * 1024
"""Bytes of a reply; a thousand records take less than one million."""

_DIGITS = 6
"""Digits of a number of seconds: eleven days are enough."""

_IN_PATHS = "/%:@!$&'()*+,;=~"
"""What may stand in a path beside letters, digits and `-._` (RFC 3986 section 3.3)."""
_WITH_BODY = ("POST", "PUT", "PATCH")
"""Methods whose requests say how long their body is, though there be none (RFC 9110 section 8.6)."""

TOO_MANY = 429
BUSY = 503


class Failure(Exception):
    """No usable reply came.

    `sent` tells whether the upstream may have seen the request, `slow` whether time ran out, `is_answer` whether it
    answered all the same, so that it is there. `reply` is what it answered, if that is a reply; `is_expired` says that it
    answers so to those whose credential has expired.
    """

    def __init__(  # noqa: PLR0913 (each is told of some failures only)
        self,
        reason: str,
        *,
        sent: bool,
        slow: bool = False,
        is_answer: bool = False,
        is_expired: bool = False,
        reply: Reply | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason, self.sent, self.slow, self.reply = reason, sent, slow, reply
        self.is_answer, self.is_expired = is_answer, is_expired


class Throttled(Exception):
    """The upstream refused the call for now, without doing it; `after` is in seconds, None when it did not say."""

    def __init__(self, after: float | None) -> None:
        super().__init__("the upstream is overloaded")
        self.after: float | None = after


async def exchanged(http: httpx.AsyncBaseTransport, request: httpx.Request, seconds: float) -> Reply:
    """Send a request and return its reply; `seconds` bounds all of it.

    The transport is asked itself: an httpx.AsyncClient adds redirects, cookies and a log line with the whole URL, none of which
    is wanted, and takes as long as the rest. Raises Failure when no usable reply comes, Throttled when the upstream says "later".
    """
    # A connection has half the time: one that hangs must end before the whole does, since then nothing was sent.
    half = seconds / 2
    request.extensions["timeout"] = {"connect": half, "pool": half}
    try:
        async with asyncio.timeout(seconds):
            response = await http.handle_async_request(request)
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = await _body(response.stream, headers)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise _unreached(error) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Failure("it did not answer in time", sent=True, slow=True) from error
    except httpx.TransportError as error:
        raise Failure(f"the connection broke: {type(error).__name__}", sent=True) from error
    after = _seconds(headers["retry-after"]) if "retry-after" in headers else None
    # A 503 says that nothing was done only where it says when to come back; any other may have been done in part.
    if response.status_code == TOO_MANY or (response.status_code == BUSY and after is not None):
        raise Throttled(after)
    return Reply(response.status_code, _decoded(body), headers)


def _unreached(error: httpx.TransportError) -> Failure:
    """Return the failure of a call that never left: nobody is there, or not whom we know, or a proxy lets nobody through."""
    why = tls.distrust(error)
    if why is not None:
        return Failure(f"its certificate is not believed: {why}", sent=False, is_answer=True)
    if isinstance(error, httpx.ProxyError):
        status = str(error)[:3]  # httpcore begins with it; what follows are the proxy's own words
        return Failure(f"the proxy before it answered {status if status.isdecimal() else 'wrongly'}", sent=False)
    return Failure(f"it cannot be reached: {type(error).__name__}", sent=False)


class Base:
    """Where the calls of one upstream go: its URL, read once."""

    def __init__(self, url: str) -> None:
        """`url` may hold a path, which stands before that of each call; raises httpx.InvalidURL."""
        self._url = httpx.URL(url.rstrip("/"))
        self.host = self._url.netloc.decode("ascii")
        """As a Host header has it."""

    def url(self, path: str, query: Mapping[str, str]) -> httpx.URL:
        """Return the URL for a path, percent-encoded and without steps to another path, and a query."""
        return _Within(self._url, path, urlencode(query) if query else None)


class _Within(httpx.URL):
    """A URL within another, of which the rest is known.

    Made of httpx's own parts, which it keeps to itself: to read the whole text anew takes a tenth of all that a call costs here.
    """

    def __init__(self, base: httpx.URL, path: str, query: str | None) -> None:
        known = base._uri_reference  # noqa: SLF001 (see above)
        before = known.path.rstrip("/")
        self._uri_reference = known._replace(path=before + quote(path, safe=_IN_PATHS), query=query)


def request_of(base: Base, call: Call, told: Mapping[str, str]) -> httpx.Request:
    """Return the HTTP request for a call, with the header fields that tell what it belongs to, and every other that it has."""
    about = {"Host": base.host, "Accept": "application/json", "Accept-Encoding": "identity"}
    about |= {"User-Agent": "scim-adapter", **told}
    content = b""
    if call.body is not None and call.send == "form":
        about["Content-Type"] = "application/x-www-form-urlencoded"
        content = urlencode(_form(call.body)).encode()
    elif call.body is not None and call.send == "text":
        about["Content-Type"] = "text/plain; charset=utf-8"
        content = str(call.body).encode()
    elif call.body is not None:
        about["Content-Type"] = "application/json"
        content = msgspec.json.encode(call.body)
    if content or call.method in _WITH_BODY:
        about["Content-Length"] = str(len(content))
    fields = httpx.Headers(about | call.headers, encoding="utf-8")  # a setting may stand in one, and hold any letter
    # Of a stream httpx believes the headers as they are; of a content it works them out once more, which takes longer.
    url = base.url(call.path, call.query)
    request = httpx.Request(call.method, url, headers=fields, stream=httpx.ByteStream(content))
    request.read()  # it is all there, and an asynchronous reader would take longer over it
    return request


def _form(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of a form; a list is a repeated field, and what is no text is written as JSON has it."""
    pairs = [(name, each) for name, value in body.items() for each in (value if isinstance(value, list) else [value])]
    return [(name, value if isinstance(value, str) else msgspec.json.encode(value).decode()) for name, value in pairs]


async def _body(stream: httpx.SyncByteStream | httpx.AsyncByteStream, headers: dict[str, str]) -> bytes:
    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 (an asynchronous transport has no other)
    try:
        if headers.get("content-encoding", "identity") != "identity":
            raise Failure("it compressed its reply though nobody asked", sent=True, is_answer=True)
        chunks, size = [], 0
        async for chunk in stream:
            size += len(chunk)
            if size > MOST_BYTES:
                raise Failure(f"its reply is larger than {MOST_BYTES} bytes", sent=True, is_answer=True)
            chunks.append(chunk)
        return b"".join(chunks)
    finally:
        await stream.aclose()


def _decoded(body: bytes) -> Any:
    """Return the JSON in a body, or else its text: what a reply means may be told by a text."""
    if not body:
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body[:10_000].decode(errors="replace")


def _seconds(text: str) -> float | None:
    """Return how long to wait by Retry-After, a number of seconds or a date (RFC 9110 section 10.2.3)."""
    if text.isascii() and text.isdecimal():
        return float(text) if len(text) <= _DIGITS else None
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, date.timestamp() - time())
    except (ValueError, OverflowError):
        return None
