"""The user API on the wire: Litestar in front of the gate, and N-central's error body whatever goes wrong."""

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, get, route
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from adapter.sandbox.call import Call
from adapter.sandbox.explorer import explorer
from adapter.sandbox.gate import Gate
from adapter.sandbox.refusal import Refusal, not_found
from adapter.sandbox.routes import Route
from adapter.sandbox.spec import spec

_AnyRequest = Request[Any, Any, Any]

_log = logging.getLogger(__name__)


def api(gate: Gate, routes: Sequence[Route]) -> Litestar:
    """The application that serves the routes, and what explains them."""
    return Litestar(
        [*(_handler(gate, each) for each in routes), *_explained(routes)],
        exception_handlers={HTTPException: _refused, Exception: _stumbled},
        openapi_config=None,
        logging_config=None,
    )


def _handler(gate: Gate, route_: Route) -> HTTPRouteHandler:
    # Path parameters are taken as text: what is not a number is the user API's own 400, not a path that is unknown.
    path = re.sub(r"\{(\w+)\}", r"{\1:str}", route_.path)

    @route(path, http_method=[route_.method], status_code=HTTPStatus.OK)  # the reply brings its own status
    async def handle(request: _AnyRequest) -> Response[bytes]:
        call = Call(
            path=request.url.path,
            parameters=request.path_params,
            query=dict(request.query_params.items()),
            headers=dict(request.headers.items()),
            body=await request.body(),
        )
        reply = await gate.reply(route_, call)
        return _json(reply.status, reply.body)

    return handle


def _explained(routes: Sequence[Route]) -> list[HTTPRouteHandler]:
    document, page = msgspec.json.encode(spec(routes)), explorer(routes)

    @get("/api-explorer/openapi-spec.json", media_type=MediaType.JSON, sync_to_thread=False)
    def show_document() -> bytes:
        return document

    @get("/api-explorer", media_type=MediaType.HTML, sync_to_thread=False)
    def show_page() -> str:
        return page

    return [show_document, show_page]


def _refused(request: _AnyRequest, fault: HTTPException) -> Response[bytes]:
    """What Litestar itself refuses: unknown paths, wrong methods, bodies that are too large."""
    match fault.status_code:
        case HTTPStatus.NOT_FOUND:
            refusal = not_found("Path", request.url.path)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            text = f"Method not allowed: {request.method}."
            refusal = Refusal(fault.status_code, "MethodNotAllowedException", text)
        case _:
            refusal = Refusal(fault.status_code, type(fault).__name__, fault.detail)
    return _json(refusal.status, refusal.body(), fault.headers)


def _stumbled(_request: _AnyRequest, fault: Exception) -> Response[bytes]:
    """What nobody foresaw: an error of the sandbox itself."""
    _log.error("the sandbox failed", exc_info=fault)
    refusal = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, type(fault).__name__, str(fault))
    return _json(refusal.status, refusal.body())


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> Response[bytes]:
    content = b"" if body is None else msgspec.json.encode(body)
    return Response(content, status_code=status, media_type=MediaType.JSON, headers=headers)
