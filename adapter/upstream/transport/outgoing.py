"""A request as the bytes that are sent (RFC 9112 sections 2 and 3); what HTTP does not allow is refused before that."""

import re

import httpx

_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
"""A token: methods and names of headers (RFC 9110 section 5.6.2)."""
_VALUE = re.compile(rb"(?:[^\x00\s]+(?:[ \t]+[^\x00\s]+)*)?")
"""What a header may say: no line breaks, no NUL, no space around it (RFC 9110 section 5.5); as h11 has it."""
_TARGET = re.compile(rb"[\x21-\x7e]+")


def written(request: httpx.Request, body: bytes) -> bytes:
    """Return a request, with its whole body, as bytes.

    Raises httpx.LocalProtocolError for what would be no request, or another one than was meant: a line break in a header or in the
    target, no host or several, a length that is not the body's, a body of unknown length.
    """
    method, target = request.method.encode("ascii", "replace"), request.url.raw_path
    if not _NAME.fullmatch(method) or not _TARGET.fullmatch(target):
        raise httpx.LocalProtocolError("the method or the target holds what neither may hold")
    lines = [b"%b %b HTTP/1.1" % (method, target)]
    hosts, lengths = 0, []
    for name, value in request.headers.raw:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise httpx.LocalProtocolError(
                f"the header {name!r} holds what no header may hold"
            )  # its value may be a secret
        known = name.lower()
        if known == b"host":
            hosts += 1
        elif known == b"content-length":
            lengths.append(value)
        elif known == b"transfer-encoding":
            raise httpx.LocalProtocolError("a body is sent as a whole here, with its length")
        lines.append(b"%b: %b" % (name, value))
    if hosts != 1:
        raise httpx.LocalProtocolError("a request has one host")
    if lengths != [b"%d" % len(body)] and (lengths or body):
        raise httpx.LocalProtocolError("the length that is told is not the body's")
    return b"%b\r\n\r\n%b" % (b"\r\n".join(lines), body)
