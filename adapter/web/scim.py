"""SCIM over HTTP: a request taken from the wire, and its answer put there.

One handler takes all that no other route does, so that every answer, an unknown path's too, is SCIM.
"""

import logging
from time import perf_counter
from typing import Any
from urllib.parse import unquote

import msgspec
from litestar import HttpMethod, Request, Response, route

from adapter.errors import Forbidden, NotFound, UriTooLong
from adapter.scim import operation
from adapter.scim.messages import MEDIA_TYPE
from adapter.scim.version import Condition, condition
from adapter.web.asked import Answer, Asked
from adapter.web.clients import Admitted
from adapter.web.gateway import Gateway

_LOG = logging.getLogger("adapter.requests")


# A path on the way to another route, such as /health, is no {rest:path} to Litestar.
_PATHS = ["/", "/oauth", "/health", "/.well-known", "/{rest:path}"]


def scim_handler(gateway: Gateway) -> Any:
    """Return the Litestar handler for everything that has no other: SCIM under a root, and nothing elsewhere.

    With a token there is nothing, without one nobody gets here, so nobody learns what there is.
    """
    depth = 2 if gateway.is_alone else 3

    @route(_PATHS, http_method=list(HttpMethod), include_in_schema=False)
    async def scim(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Answer one SCIM request; raises ScimError, which the application turns into its answer."""
        began, segments = perf_counter(), _segments(request)
        if segments[depth - 2 : depth] != ["scim", "v2"]:
            root = gateway.root_of("<connection>")
            raise NotFound(f"There is nothing at this path. The SCIM root is {root}.")
        admitted: Admitted = request.state.client
        endpoint = gateway.endpoint(admitted, None if gateway.is_alone else segments[0])
        asked = await _asked(request, segments[depth:], admitted)
        answer = await endpoint.answer(asked)
        _logged(asked, answer, (perf_counter() - began) * 1000)
        return _response(answer)

    return scim


async def _asked(request: Request[Any, Any, Any], path: list[str], admitted: Admitted) -> Asked:
    limits, size = request.app.state.limits, len(request.scope["raw_path"]) + len(request.scope["query_string"])
    if size > limits.url:
        told = f"The URL has {size} bytes, and {limits.url} are allowed (ADAPTER_MOST_URL)"
        raise UriTooLong(f"{told}; a query may be sent in the body of a POST to /.search.")
    # A HEAD is a GET whose body the server leaves out (RFC 9110 section 9.3.2).
    method = "GET" if request.method == "HEAD" else request.method
    if not admitted.may_write and method != "GET" and not (method == "POST" and path[-1:] == [".search"]):
        raise Forbidden("This client may only read. Give it the right to write where the gateway's clients are listed.")
    return Asked(
        method=method,
        path=path,
        parameters=operation.parameters(request.scope["query_string"]),
        body=await request.body(),
        profile=admitted.profile.within(limits),
        only_if=_condition(request, "If-Match"),
        unless=_condition(request, "If-None-Match"),
    )


def _condition(request: Request[Any, Any, Any], name: str) -> Condition | None:
    """Return what a header asks of a version; it holds a list, which may come in several fields (RFC 9110 section 5.3)."""
    fields = request.headers.getall(name, [])
    return condition(", ".join(fields)) if fields else None


def _response(answer: Answer) -> Response[bytes]:
    headers = {"Location": answer.location, "ETag": answer.version}
    return Response(
        b"" if answer.content is None else msgspec.json.encode(answer.content),
        status_code=answer.status,
        media_type=MEDIA_TYPE,
        headers={name: value for name, value in headers.items() if value is not None},
    )


def _logged(asked: Asked, answer: Answer, milliseconds: float) -> None:
    """Say what was answered; no ids, no values: names of attributes at the most."""
    told = f"{asked.method} {_kind(asked.path)} {answer.status} {milliseconds:.1f} ms"
    if answer.remark:
        told += f", {answer.remark}"
    if answer.is_idle:
        _LOG.warning("%s, nothing done: the mapping has no %s", told, ", ".join(answer.ignored))
    elif answer.ignored:
        _LOG.info("%s, %d ignored: %s", told, len(answer.ignored), ", ".join(answer.ignored))
    else:
        _LOG.info("%s", told)


def _segments(request: Request[Any, Any, Any]) -> list[str]:
    """Return the segments of the path; `//Users` and `/Users/` are tolerated, encoded slashes stay inside.

    The raw path is cut before it is decoded, so that `%2F` in an id never becomes a path of its own.
    """
    raw = request.scope["raw_path"].decode("ascii", errors="replace").split("?")[0]
    return [unquote(part) for part in raw.split("/") if part]


def _kind(path: list[str]) -> str:
    """Return the path as a log may show it: an id is personal data in some systems."""
    return "/" + "/".join([*path[:1], *(each if each == ".search" else "{id}" for each in path[1:])])
