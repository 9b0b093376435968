"""Requests whose head or trailers have no end are refused: uvicorn keeps of them whatever comes, before anybody has shown a token."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 65_536
"""Bytes of a head, or of trailers, that may come before they end; a read may bring a few more."""


class Bounded(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn reads it, with a bound, and with the one Host that RFC 9112 section 3.2 demands."""

    _unended = 0
    """Bytes that have come since the last head, part of a body or message was complete."""

    def data_received(self, data: bytes) -> None:
        """Take what came over the connection."""
        self._unended += len(data)
        super().data_received(data)
        if self._unended <= MOST_HEAD or self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.send_400_response("The head of this request has no end.")
        self.transport.close()

    def on_headers_complete(self) -> None:
        """Take a whole head; what is raised here is answered with 400, and the connection ends."""
        self._unended = 0
        if self.parser.get_http_version() == "1.1" and sum(name == b"host" for name, _ in self.headers) != 1:
            raise ValueError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._unended = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a request."""
        self._unended = 0
        super().on_message_complete()
