"""SCIM over HTTP: a request taken from the wire, and its answer put there.

Everything under /scim/v2 comes through one handler, so that every answer there, an unknown path's too, is SCIM.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec
from litestar import HttpMethod, Request, Response, route

from adapter.scim import operation
from adapter.scim.messages import MEDIA_TYPE
from adapter.scim.version import Condition, condition
from adapter.upstream.origin import origin
from adapter.web.asked import Answer, Asked
from adapter.web.endpoint import Endpoint

ROOT = "/scim/v2"


def scim_handler(serving: Callable[[], Endpoint]) -> Any:
    """Return the Litestar handler for everything under the SCIM root; each request gets what serves at its moment."""

    @route([ROOT, ROOT + "/{rest:path}"], http_method=list(HttpMethod), include_in_schema=False)
    async def scim(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Answer one SCIM request; raises ScimError, which the application turns into its answer."""
        endpoint = serving()
        answer = await endpoint.answer(await _asked(request))
        of = origin()
        of.ignored, of.is_idle, of.remark = answer.ignored, answer.is_idle, answer.remark
        return _response(answer)

    return scim


async def _asked(request: Request[Any, Any, Any]) -> Asked:
    return Asked(
        # A HEAD is a GET whose body the server leaves out (RFC 9110 section 9.3.2).
        method="GET" if request.method == "HEAD" else request.method,
        path=_segments(request),
        parameters=operation.parameters(request.scope["query_string"]),
        body=await request.body(),
        profile=request.state.client.profile,
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


def _segments(request: Request[Any, Any, Any]) -> list[str]:
    """Return the segments below the SCIM root; `//Users` and `/Users/` are tolerated, encoded slashes stay inside.

    The raw path is cut before it is decoded, so that `%2F` in an id never becomes a path of its own.
    """
    raw = request.scope["raw_path"].decode("ascii", errors="replace").split("?")[0]
    parts = [unquote(part) for part in raw.split("/") if part]
    root = [part for part in ROOT.split("/") if part]
    return parts[len(root) :]
