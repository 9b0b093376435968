"""SCIM over HTTP: a request taken from the wire, and its answer put there.

Everything under /scim/v2 comes through one handler, so that every answer there, an unknown path's too, is SCIM.
"""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any
from urllib.parse import unquote

import msgspec
from litestar import HttpMethod, Request, Response, route

from adapter.errors import UriTooLong
from adapter.scim import operation
from adapter.scim.messages import MEDIA_TYPE
from adapter.scim.version import Condition, condition
from adapter.web.asked import Answer, Asked
from adapter.web.endpoint import Endpoint

_LOG = logging.getLogger("adapter.requests")

ROOT = "/scim/v2"


def scim_handler(serving: Callable[[], Endpoint]) -> Any:
    """Return the Litestar handler for everything under the SCIM root; each request gets what serves at its moment."""

    @route([ROOT, ROOT + "/{rest:path}"], http_method=list(HttpMethod), include_in_schema=False)
    async def scim(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Answer one SCIM request; raises ScimError, which the application turns into its answer."""
        began, endpoint = perf_counter(), serving()
        asked = await _asked(request)
        answer = await endpoint.answer(asked)
        _logged(asked, answer, (perf_counter() - began) * 1000)
        return _response(answer)

    return scim


async def _asked(request: Request[Any, Any, Any]) -> Asked:
    limits = request.app.state.limits
    size = len(request.scope["raw_path"]) + len(request.scope["query_string"])
    if size > limits.url:
        raise UriTooLong(
            f"The URL has {size} bytes, and {limits.url} are allowed (ADAPTER_MOST_URL); a query may be sent in the body of a "
            "POST to /.search."
        )
    return Asked(
        # A HEAD is a GET whose body the server leaves out (RFC 9110 section 9.3.2).
        method="GET" if request.method == "HEAD" else request.method,
        path=_segments(request),
        parameters=operation.parameters(request.scope["query_string"]),
        body=await request.body(),
        profile=request.state.client.profile.within(limits),
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
    """Return the segments below the SCIM root; `//Users` and `/Users/` are tolerated, encoded slashes stay inside.

    The raw path is cut before it is decoded, so that `%2F` in an id never becomes a path of its own.
    """
    raw = request.scope["raw_path"].decode("ascii", errors="replace").split("?")[0]
    parts = [unquote(part) for part in raw.split("/") if part]
    root = [part for part in ROOT.split("/") if part]
    return parts[len(root) :]


def _kind(path: list[str]) -> str:
    """Return the path as a log may show it: an id is personal data in some systems."""
    return "/" + "/".join([*path[:1], *(each if each == ".search" else "{id}" for each in path[1:])])
