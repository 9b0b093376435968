"""The application: the doors, what stands behind them, and the one place that answers errors."""

import asyncio
import logging
import secrets
import signal
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
from litestar import HttpMethod, Litestar, Request, Response, route
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from adapter.errors import Internal, NotFound, ScimError, SettingsError, TooLarge
from adapter.mapping.mapping import Mapping
from adapter.scim.limits import USUAL, Limits
from adapter.scim.messages import MEDIA_TYPE, error_body
from adapter.scim.profile import PROFILES
from adapter.settings import Settings
from adapter.store.store import Store
from adapter.upstream import tls
from adapter.upstream.client import Upstream
from adapter.upstream.guard import Guard
from adapter.upstream.times import Times
from adapter.upstream.turns import Turns
from adapter.web.clients import Clients, Known
from adapter.web.cursors import Cursors
from adapter.web.endpoint import Endpoint
from adapter.web.health import is_draining, live, ready
from adapter.web.reload import Reload
from adapter.web.scim import ROOT, scim_handler
from adapter.web.token import metadata_endpoint, token_endpoint

_LOG = logging.getLogger("adapter")
CONNECTION = "environment"
"""The name under which the store keeps what belongs to the one connection that the environment describes."""


class Connection:
    """One connection as it is served: the mapping that is in use, what performs its calls, and who may come in."""

    def __init__(self, settings: Settings, mapping: Mapping, public_url: str) -> None:
        """Raises SettingsError when the store cannot be opened, or when the mapping needs one and there is none."""
        self._base = public_url + ROOT
        self.store = Store(settings.store, CONNECTION) if settings.store else None
        self._cursors = Cursors(settings.signing_key or secrets.token_urlsafe(32))
        self._turns = Turns()
        self.guard = Guard(settings.guard_most, settings.guard_seconds) if settings.guard_most else None
        self._certificate = mapping.certificate(settings.secrets)
        self.http = httpx.AsyncClient(
            verify=tls.context(self._certificate),
            follow_redirects=False,
            timeout=httpx.Timeout(Times(**settings.times).attempt),
        )
        self.use(settings, mapping)

    def use(self, settings: Settings, mapping: Mapping) -> None:
        """Serve by this mapping from the next request on; those under way end as they began.

        Raises SettingsError when its settings do not fit, or when it needs another client certificate.
        """
        if mapping.certificate(settings.secrets) != self._certificate:
            raise SettingsError(["another client certificate is taken by a restart only"])
        served = mapping if self.store else mapping.without_store()
        bound, times = served.bound(settings.values, secrets.choice), Times(**settings.times)
        kept = self.store.done if self.store else None
        self.upstream = Upstream(
            self.http,
            settings.upstream_url,
            bound,
            settings.secrets,
            times,
            kept,
            turns=self._turns,
            guard=self.guard,
        )
        self.endpoint = Endpoint(bound, self.upstream.run, self._base, self._cursors, times.request)

    def release(self) -> None:
        """Let go what the guard against mass loss holds, where there is one."""
        if self.guard is not None:
            self.guard.release()

    @property
    def trouble(self) -> dict[str, str]:
        """What an operator should know: each in a few words, by what it is about."""
        told = {"upstream": self.upstream.trouble, "guard": self.guard.trouble if self.guard else ""}
        return {about: words for about, words in told.items() if words}


def application(
    settings: Settings, mapping: Mapping, public_url: str, reload: Reload | None = None, limits: Limits = USUAL
) -> Litestar:
    """Return the gateway for one connection; `public_url` is where clients reach it, without a slash at its end."""
    serving = Connection(settings, mapping, public_url)
    known = Known(
        tokens=settings.tokens,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        strict_tokens=settings.strict_tokens,
        profile=PROFILES[settings.client_profile],
    )
    clients = Clients(known, settings.signing_key or secrets.token_urlsafe(32), public_url)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with serving.http:
            waiting = asyncio.create_task(reload.until_cancelled(serving.use)) if reload else None
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, serving.release)
            yield
            if waiting:
                waiting.cancel()
            await serving.upstream.closed()
        if serving.store is not None:
            serving.store.close()

    def authenticated(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Let nobody past without a token, unless the handler says that its door is open."""
        if not handler.opt.get("open"):
            # Two headers are none: which of the two counts would depend on who reads them.
            connection.state.client = clients.admit(", ".join(connection.headers.getall("Authorization", [])))

    return Litestar(
        [
            scim_handler(lambda: serving.endpoint),
            token_endpoint(clients),
            metadata_endpoint(public_url),
            live,
            ready,
            _elsewhere,
        ],
        guards=[authenticated],
        lifespan=[lifespan],
        exception_handlers={ScimError: _scim_error, HTTPException: _http_error, Exception: _our_fault},
        request_max_body_size=limits.body,
        openapi_config=None,
        logging_config=None,
        before_send=[_unsniffed, _last],
        state=State({"trouble": lambda: serving.trouble, "limits": limits}),
    )


# A path on the way to a route, such as /scim, is no {rest:path} to Litestar, nor is one that branches off there.
@route(
    ["/", "/scim", "/oauth", "/health", "/.well-known", "/scim/{rest:path}", "/{rest:path}"],
    http_method=list(HttpMethod),
    include_in_schema=False,
)
async def _elsewhere() -> None:
    """Answer for every other path: with a token 404, without one 401, so that nobody learns what there is."""
    raise NotFound("There is nothing at this path. The SCIM root is /scim/v2.")


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
