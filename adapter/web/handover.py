"""A request that another worker owns: what is handed over of it, and its answer as this one's own."""

from typing import Any

from litestar import Request, Response

from adapter.upstream.origin import origin
from adapter.web.frames import Came, Headers, Sent
from adapter.web.workers import Workers

_RENEWED = frozenset({b"client-request-id", b"x-request-id", b"traceparent"})
"""What says which request this is: the owner is told what was found here, so that both mean the same one."""
_OF_THIS_HOP = frozenset({"connection", "content-length", "content-type", "x-content-type-options", "x-request-id"})
"""What every answer that goes out here has anyway."""


async def handed_over(
    request: Request[Any, Any, Any], workers: Workers, connection: str, seconds: float
) -> Response[bytes]:
    """Return the answer of the worker that owns the connection; raises ScimError where there is none."""
    came = await workers.handed_over(sent(request, await request.body()), connection, seconds)
    origin().is_handed_over = True
    return _response(came, is_head=request.method == "HEAD")


def sent(request: Request[Any, Any, Any], body: bytes) -> Sent:
    """Return a request as another worker gets it: whole, with its client's address and the id that it has here."""
    scope, of = request.scope, origin()
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


def _response(came: Came, *, is_head: bool) -> Response[bytes]:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in came.headers}
    kept = {name: value for name, value in headers.items() if name not in _OF_THIS_HOP}
    if is_head and "content-length" in headers:
        kept["content-length"] = headers["content-length"]  # that of the body that a GET would get
    return Response(came.body, status_code=came.status, media_type=headers.get("content-type"), headers=kept)
