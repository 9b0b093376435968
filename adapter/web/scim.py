"""SCIM over HTTP: a request taken from the wire, and its answer put there.

One handler takes all that no other route does, so that every answer, an unknown path's too, is SCIM.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from litestar import asgi
from litestar.enums import ScopeType
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import HTTPScope, Receive, Scope, Send

from adapter.errors import Forbidden, NotFound, UriTooLong
from adapter.scim import operation
from adapter.scim.messages import MEDIA_TYPE
from adapter.scim.version import Condition, condition
from adapter.upstream.origin import origin
from adapter.web.asked import Answer, Asked
from adapter.web.clients import Admitted
from adapter.web.gateway import Gateway
from adapter.web.handover import say, sent

if TYPE_CHECKING:
    from adapter.scim.limits import Limits

_MEDIA_TYPE = MEDIA_TYPE.encode()


def scim_handler(gateway: Gateway) -> Any:
    """Return the Litestar handler for everything that has no other: SCIM under a root, and nothing elsewhere.

    With a token there is nothing, without one nobody gets here, so nobody learns what there is. The handler is a bare one
    (ASGI): Litestar's own request and response would cost more than all that a read does with its record.
    """
    depth = 2 if gateway.is_alone else 3

    @asgi("/", is_mount=True, copy_scope=False)
    async def scim(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one SCIM request; raises ScimError, which the application turns into its answer."""
        if scope["type"] != ScopeType.HTTP:
            raise NotFound("There is nothing here but SCIM over HTTP.")
        segments = _segments(scope)
        if segments[depth - 2 : depth] != ["scim", "v2"]:
            root = gateway.root_of("<connection>")
            raise NotFound(f"There is nothing at this path. The SCIM root is {root}.")
        admitted: Admitted = scope["state"]["client"]
        endpoint = gateway.endpoint(admitted, None if gateway.is_alone else segments[0])
        workers = gateway.owner(admitted.connection)
        if workers is not None:
            longest = gateway.connections[
                admitted.connection
            ].longest  # before anything is waited for: it may be taken away
            whole = sent(scope, await _body(scope, receive, scope["litestar_app"].state.limits.body))
            await say(await workers.handed_over(whole, admitted.connection, longest), send)
            return
        asked = await _asked(scope, receive, segments[depth:], admitted)
        answer = await endpoint.answer(asked)
        of = origin()
        of.ignored, of.is_idle, of.remark = answer.ignored, answer.is_idle, answer.remark
        await _say(answer, send, is_head=scope["method"] == "HEAD")

    return scim


async def _asked(scope: HTTPScope, receive: Receive, path: list[str], admitted: Admitted) -> Asked:
    limits: Limits = scope["litestar_app"].state.limits
    size = len(scope["raw_path"]) + len(scope["query_string"])
    if size > limits.url:
        told = f"The URL has {size} bytes, and {limits.url} are allowed (ADAPTER_MOST_URL)"
        raise UriTooLong(f"{told}; a query may be sent in the body of a POST to /.search.")
    # A HEAD is a GET whose body the server leaves out (RFC 9110 section 9.3.2).
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    if not admitted.may_write and method != "GET" and not (method == "POST" and path[-1:] == [".search"]):
        raise Forbidden("This client may only read. Give it the right to write where the gateway's clients are listed.")
    return Asked(
        method=method,
        path=path,
        parameters=operation.parameters(scope["query_string"]),
        body=await _body(scope, receive, limits.body),
        profile=admitted.profile.within(limits),
        only_if=_condition(scope, b"if-match"),
        unless=_condition(scope, b"if-none-match"),
    )


async def _body(scope: HTTPScope, receive: Receive, most: int) -> bytes:
    """Return the body; raises RequestEntityTooLarge for one of more than `most` bytes, unread where its head says so."""
    told = fields_of(scope, b"content-length")
    if told and told[0].isdecimal() and int(told[0]) > most:
        raise RequestEntityTooLarge
    parts, size, is_more = list[bytes](), 0, True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            raise InternalServerException("The client has gone.")
        parts.append(message.get("body", b""))
        size, is_more = size + len(parts[-1]), message.get("more_body", False)
        if size > most:
            raise RequestEntityTooLarge
    return b"".join(parts)


def fields_of(scope: HTTPScope, name: bytes) -> list[str]:
    """Return the values of every field of this name, in lower case, in a request's head."""
    return [value.decode("latin-1") for each, value in scope["headers"] if each == name]


def _condition(scope: HTTPScope, name: bytes) -> Condition | None:
    """Return what a header asks of a version; it holds a list, which may come in several fields (RFC 9110 section 5.3)."""
    fields = fields_of(scope, name)
    return condition(", ".join(fields)) if fields else None


async def _say(answer: Answer, send: Send, *, is_head: bool) -> None:
    """Send the answer; of an answer to HEAD the server leaves the body out, and there is none with 204 and 304."""
    body = b"" if answer.content is None else msgspec.json.encode(answer.content)
    headers = [(b"content-type", _MEDIA_TYPE), (b"content-length", str(len(body)).encode())] if body else []
    headers += [(b"location", answer.location.encode("latin-1"))] if answer.location is not None else []
    headers += [(b"etag", answer.version.encode("latin-1"))] if answer.version is not None else []
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else body, "more_body": False})


def _segments(scope: HTTPScope) -> list[str]:
    """Return the segments of the path; `//Users` and `/Users/` are tolerated, encoded slashes stay inside.

    The raw path is cut before it is decoded, so that `%2F` in an id never becomes a path of its own.
    """
    raw = scope["raw_path"].decode("ascii", errors="replace").split("?")[0]
    return [unquote(part) for part in raw.split("/") if part]
