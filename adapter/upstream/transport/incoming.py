"""A reply read from bytes, in whatever pieces they arrive (RFC 9112 sections 4, 6 and 7). No I/O happens here.

httptools tells the parts apart; what it leaves open is decided here: where a reply ends that has no length, how long a head may
be, and whether another request may follow on the same connection.
"""

import httptools
import httpx

MOST_HEAD = 64 * 1024
"""Bytes of a head, with interim replies before it; and of anything else that is not the body."""
_SWITCHING = 101
_FINAL = 200


class Incoming:
    """One reply, from its first byte to its last; `to_head` says that HEAD was asked, so that no body follows."""

    def __init__(self, *, to_head: bool = False) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.has_head = False
        """Whether the status and the headers are here."""
        self.is_complete = False
        self.may_go_on = False
        """Whether another request may be sent on the connection, once the reply is complete."""
        self.unread = 0
        """The bytes of the body that are here and not taken yet."""
        self._to_head = to_head
        self._parts: list[bytes] = []
        self._wrong = ""
        self._framing: list[bytes] = []
        self._is_begun = self._is_interim = False
        self._head_size = self._other_size = 0
        # Each reply has its own: nothing of one can be left over for the next.
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Take what has arrived; raises httpx.RemoteProtocolError for what is no reply."""
        if self._parser is None:
            self.may_go_on = False  # more than was asked for
            return
        before = self.unread
        if not self._is_begun and not data.startswith(b"H"):
            raise httpx.RemoteProtocolError("the reply does not begin as one of HTTP does")
        self._is_begun = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.is_complete:
                raise httpx.RemoteProtocolError(self._wrong or str(error)) from error
            self.may_go_on = False  # what follows the reply is no other reply, nor may it be
        if self.is_complete:
            self._parser = None  # which holds this, in a ring
            return
        # A head, a trailer or an endless chunk header: the body alone may be long, and whoever reads it bounds it.
        self._other_size = self._other_size + len(data) if self.unread == before else 0
        if self._other_size > MOST_HEAD:
            raise httpx.RemoteProtocolError("the head of the reply is too long")

    def end(self) -> None:
        """Take the end of the connection; raises httpx.RemoteProtocolError unless the reply is complete by it."""
        if self.is_complete:
            self.may_go_on = False
        elif not self.has_head:
            raise httpx.RemoteProtocolError("the connection was closed before a reply had come")
        elif self._framing:
            raise httpx.RemoteProtocolError("the connection was closed before the reply was complete")
        self.is_complete, self._parser = True, None  # it has no length, so this is where it ends

    def taken(self) -> bytes:
        """Return the part of the body that has arrived since the last time."""
        part = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self.unread = 0
        return part

    # What follows the parser calls, under names that are its own.

    def on_message_begin(self) -> None:
        """A reply begins, perhaps a second one, for which nobody has asked."""
        self.may_go_on = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody reads."""
        self._head_size += len(name) + len(value) + 4
        if self._head_size > MOST_HEAD:
            self._refuse("the head of the reply is too long")
        if self.has_head:
            return
        value = value.rstrip(b" \t")
        self.headers.append((name, value))
        known = name.lower()
        if known == b"content-length":
            self._framing.append(known)
        elif known == b"transfer-encoding":
            self._framing.append(value.lower())

    def on_headers_complete(self) -> None:
        """The head is here, or that of an interim reply (RFC 9110 section 15.2)."""
        if self.is_complete:
            return  # it is that of a second reply, for which nobody has asked
        parser = self._reading()
        status = parser.get_status_code()
        if parser.get_http_version() not in ("1.1", "1.0"):
            self._refuse("the reply is none of HTTP/1.1")
        self._is_interim = status < _FINAL
        if self._is_interim:
            if status == _SWITCHING or status < 100 or self._framing:  # noqa: PLR2004 (the first status)
                self._refuse("the interim reply is none that was asked for")
            return
        if self._framing not in ([], [b"content-length"], [b"chunked"]):
            self._refuse("the reply says its length in two ways, or in none that is known")
        self.status, self.has_head = status, True
        if self._to_head:
            self.is_complete = True

    def on_body(self, part: bytes) -> None:
        """A part of the body."""
        if not self.is_complete:
            self._parts.append(part)
            self.unread += len(part)

    def on_message_complete(self) -> None:
        """The reply is complete, if it is no interim one and none after it."""
        if self._is_interim:
            self.headers.clear()
        elif not self.is_complete:
            self.is_complete = True
            self.may_go_on = self._reading().should_keep_alive()

    def _reading(self) -> httptools.HttpResponseParser:
        assert self._parser is not None  # noqa: S101 (it is what calls)
        return self._parser

    def _refuse(self, why: str) -> None:
        self._wrong = why
        raise httpx.RemoteProtocolError(why)
