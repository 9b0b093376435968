"""The application: the doors, what stands behind them, and the one place that answers errors."""

import asyncio
import logging
import signal
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from adapter.audit.recorder import Recorder
from adapter.errors import Internal, MethodNotAllowed, ScimError, TooLarge, TooManyRequests, Unauthorized
from adapter.scim.limits import Limits
from adapter.scim.messages import MEDIA_TYPE, error_body
from adapter.settings.settings import Settings
from adapter.web.gateway import Gateway
from adapter.web.health import is_draining, live, ready
from adapter.web.reload import Reload
from adapter.web.scim import fields_of, scim_handler
from adapter.web.throttle import Throttle
from adapter.web.token import metadata_endpoint, token_endpoint

_LOG = logging.getLogger("adapter")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def application(
    settings: Settings, public_url: str, reload: Reload | None = None, audit: Recorder | None = None
) -> Litestar:
    """Return the gateway; `public_url` is where clients reach it, without a slash at its end. `audit` records changes.

    Raises SettingsError when a connection cannot be served.
    """
    gateway, throttle = Gateway(settings, public_url, audit), Throttle()
    limits = Limits(**settings.limits)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        waiting = asyncio.create_task(reload.until_cancelled(gateway.use)) if reload else None
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, gateway.release)
        yield
        if waiting:
            waiting.cancel()
        await gateway.closed()
        if audit is not None:
            audit.trail.close()

    async def authenticate(scope: Any) -> None:
        """Let nobody past without a token, unless the handler says that its door is open."""
        if scope["method"] not in _METHODS:
            raise MethodNotAllowed("There is no such method here.", _METHODS)
        if scope["route_handler"].opt.get("open"):
            return
        # Two headers are none: which of the two counts would depend on who reads them.
        shown = ", ".join(fields_of(scope, b"authorization"))
        try:
            scope["state"]["client"] = await gateway.clients.admit(shown)
        except Unauthorized:
            wait = throttle.failed(scope["client"][0] if scope["client"] else "") if shown else 0
            if wait:
                raise TooManyRequests(
                    "Wrong credentials have come too often from this address. Check the credentials in Entra's configuration.",
                    wait,
                ) from None
            raise

    def authenticated(app: ASGIApp) -> ASGIApp:
        """Stand before every handler; a guard does too, but for each request the framework copies the handler for it."""

        async def door(scope: Scope, receive: Receive, send: Send) -> None:
            await authenticate(scope)
            await app(scope, receive, send)

        return door

    return Litestar(
        [scim_handler(gateway), token_endpoint(gateway, throttle), metadata_endpoint(gateway), live, ready],
        middleware=[authenticated],
        lifespan=[lifespan],
        exception_handlers={ScimError: _scim_error, HTTPException: _http_error, Exception: _our_fault},
        request_max_body_size=limits.body,
        openapi_config=None,
        logging_config=None,
        before_send=[_unsniffed, _last],
        state=State({"gateway": gateway, "limits": limits}),
    )


async def _unsniffed(message: Any, _: Any) -> None:
    """Say on every answer that it is what its type says: a browser must not read a page into a detail that quotes a path."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]


async def _last(message: Any, scope: Any) -> None:
    """Say on every answer that it is the last on its connection, once the process is about to end (RFC 9112 section 9.6)."""
    if message["type"] == "http.response.start" and is_draining(scope["litestar_app"].state):
        message["headers"] = [*message["headers"], (b"connection", b"close")]


def _answer(error: ScimError) -> Response[bytes]:
    headers = {"Cache-Control": "no-store", **error.headers}
    return Response(
        msgspec.json.encode(error_body(error)), status_code=error.status, media_type=MEDIA_TYPE, headers=headers
    )


def _scim_error(request: Request[Any, Any, Any], error: ScimError) -> Response[bytes]:
    level = logging.WARNING if error.status >= 500 else logging.INFO  # noqa: PLR2004
    # The detail may quote the upstream on a user; the class of the error and the status tell the operator enough.
    _LOG.log(level, "%s answered %d (%s)", request.method, error.status, type(error).__name__)
    return _answer(error)


class _HttpError(ScimError):
    """An error of the web framework, such as a method that no route has, in SCIM's form."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__("The request cannot be served as it is.")
        self.status = error.status_code  # type: ignore[misc]  # the framework's statuses are not known before
        self._headers = error.headers or {}

    @property
    def headers(self) -> dict[str, str]:
        """What the framework sends with it: `Allow` beside a 405."""
        return self._headers


def _http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if error.status_code == TooLarge.status:
        most = request.app.state.limits.body
        return _answer(
            TooLarge(f"The request's body is larger than {most} bytes (ADAPTER_MOST_BODY); send less in each.")
        )
    return _answer(_HttpError(error))


def _our_fault(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer for a fault of our own; the log gets its places but not its message, which may quote a user's data."""
    places = " < ".join(
        f"{each.filename}:{each.lineno}" for each in reversed(traceback.extract_tb(error.__traceback__))
    )
    _LOG.error("the gateway failed: %s at %s", type(error).__name__, places)
    return _answer(Internal("The gateway itself failed on this request; its log has the place. Please report it."))
