"""A request whose connection is another worker's: what is handed over of it, and its answer as this one's own."""

from litestar.types import HTTPScope, Send

from adapter.upstream.origin import origin
from adapter.web.frames import Came, Headers, Sent

_RENEWED = frozenset({b"client-request-id", b"x-request-id", b"traceparent"})
"""What says which request this is: the owner is told what was found here, so that both mean the same one."""
_OF_THIS_HOP = frozenset({b"connection", b"x-content-type-options", b"x-request-id"})
"""What every answer that goes out here gets anyway."""


def sent(scope: HTTPScope, body: bytes) -> Sent:
    """Return a request as another worker gets it: whole, with its client's address and the id that it has here."""
    of = origin()
    headers: Headers = [(name, value) for name, value in scope["headers"] if name not in _RENEWED]
    headers += [(name.lower().encode(), value.encode()) for name, value in of.carried(of.span).items()]
    return Sent(
        method=scope["method"],
        scheme=scope["scheme"],
        path=scope["raw_path"],
        query=scope["query_string"],
        headers=headers,
        body=body,
        address=of.address,
    )


async def say(came: Came, send: Send) -> None:
    """Send the owner's answer, which the owner alone logs and counts."""
    origin().is_handed_over = True
    headers = [each for each in came.headers if each[0] not in _OF_THIS_HOP]
    await send({"type": "http.response.start", "status": came.status, "headers": headers})
    await send({"type": "http.response.body", "body": came.body, "more_body": False})
