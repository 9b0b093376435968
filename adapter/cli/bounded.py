"""Requests that have no end are refused: those that go on and on, those that never come, and connections that are too many.

uvicorn keeps of a head whatever comes, and waits for it as long as it takes, before anybody has shown a token.
"""

from asyncio import TimerHandle, Transport

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 65_536
"""Bytes of a head, or of trailers, that may come before they end; a read may bring a few more."""
_LATE = (b"408 Request Timeout", b"The request did not arrive in time.", b"")
_FULL = (
    b"503 Service Unavailable",
    b"There are too many connections (ADAPTER_MOST_CONNECTIONS).",
    b"retry-after: 5\r\n",
)


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long connections are waited for, and how many there may be."""

    receive: float = 20.0
    """Seconds in which a whole request must have come, from the connection or its first byte on."""
    idle: float = 5.0
    """Seconds that a connection may say nothing after an answer."""
    connections: int = 500
    """Connections at once: a process has 1024 files as a rule, and some of them are the upstream's."""


def bounded(patience: Patience) -> type["Bounded"]:
    """Return how one server reads HTTP/1.1: its connections are counted together."""
    return type("Bounded", (Bounded,), {"patience": patience, "waiting": {}})


class Bounded(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn reads it, with bounds, and with the one Host that RFC 9112 section 3.2 demands.

    When there are too many connections, the one that has been waited for longest is ended for the next one's sake: who
    sends its request at once is not kept out by those who do not. Only where all of them are being answered is a new one
    refused, with 503.
    """

    patience = Patience()
    waiting: dict["Bounded", None] = {}  # noqa: RUF012 (each server has its own, see `bounded`)
    """The connections that a request is waited for on, in the order of their waiting."""

    _unended = 0
    """Bytes that have come since the last head, part of a body or message was complete."""
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's is
        """Take a connection, or refuse it."""
        super().connection_made(transport)
        if len(self.connections) > self.patience.connections:
            longest = next(iter(self.waiting), None)
            if longest is None:
                self._end(*_FULL)
                return
            longest.late()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection that is over."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came over the connection."""
        self._unended += len(data)
        super().data_received(data)
        if self._timer is None and self in self.waiting:  # most requests come whole, and need no timer
            self._wait()
        if self._unended <= MOST_HEAD or self.transport.is_closing():
            return
        if self._is_free:
            self.send_400_response("The head of this request has no end.")
        self.transport.close()

    def on_headers_complete(self) -> None:
        """Take a whole head; what is raised here is answered with 400, and the connection ends."""
        self._unended = 0
        if self.parser.get_http_version() == "1.1" and [name for name, _ in self.headers].count(b"host") != 1:
            raise ValueError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._unended = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a request."""
        self._unended = 0
        self._arrived()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Take the end of an answer: the next request is waited for, or the rest of one that was answered before it had come."""
        super().on_response_complete()
        if self._is_free and not self.transport.is_closing():
            self.waiting[self] = None

    def late(self) -> None:
        """End a connection whose request has not come; 408 where some of it has, and none of an answer has gone."""
        is_asking = self._unended > 0 if self._is_free else not self.cycle.response_started
        if is_asking:
            self._end(*_LATE)
        else:
            self._arrived()
            self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing to the log: uvicorn would have the operator install WebSockets, whenever anybody asks for them."""

    @property
    def _is_free(self) -> bool:
        """Whether nothing is being answered."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _wait(self) -> None:
        self.waiting.pop(self, None)
        self.waiting[self] = None
        self._timer = self.loop.call_later(self.patience.receive, self.late)

    def _arrived(self) -> None:
        self.waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, status: bytes, said: bytes, more: bytes) -> None:
        """Answer in a few words, since nothing has been read that an answer of SCIM's could be about, and hang up."""
        self._arrived()
        self.logger.warning("%s", said.decode())
        kind = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
        head = b"HTTP/1.1 %b\r\n%b%bcontent-length: %d\r\n\r\n" % (status, kind, more, len(said))
        self.transport.write(head + said)
        self.transport.close()
