"""The application: the doors, what stands behind them, and the one place that answers errors."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import ceil
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from adapter.audit.recorder import Recorder
from adapter.errors import Internal, MethodNotAllowed, ScimError, TooLarge, places
from adapter.scim.limits import Limits
from adapter.scim.messages import MEDIA_TYPE, error_body
from adapter.settings.settings import Settings
from adapter.upstream.origin import origin
from adapter.web.door import door
from adapter.web.gateway import Gateway
from adapter.web.health import is_draining, live, ready
from adapter.web.observer import Counted, Observer, Traced
from adapter.web.reload import Reload
from adapter.web.scim import scim_handler
from adapter.web.throttle import MOST, Throttle
from adapter.web.token import metadata_endpoint, token_endpoint
from adapter.web.workers import Workers


def application(  # noqa: PLR0913 (each is a part of it)
    settings: Settings,
    public_url: str,
    reload: Reload | None = None,
    audit: Recorder | None = None,
    *,
    traced: Traced | None = None,
    workers: Workers | None = None,
) -> Litestar:
    """Return the gateway; `public_url` is where clients reach it, without a slash at its end. `audit` records changes.

    `traced` begins the span of each request where traces are on; `workers` are those that serve, where there are several.

    Raises SettingsError when a connection cannot be served.
    """
    gateway = Gateway(settings, public_url, audit, workers)
    throttle = Throttle(most=ceil(MOST / workers.count)) if workers else Throttle()
    limits = Limits(**settings.limits)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        waiting = asyncio.create_task(reload.until_cancelled(gateway.use)) if reload else None
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, gateway.release)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])  # one that came before is heard now
        if workers is None:
            yield
        else:
            async with workers.serving(app, max(each.longest for each in gateway.connections.values())):
                yield
        if waiting:
            waiting.cancel()
        try:
            await gateway.closed()
        finally:
            if audit is not None:
                audit.trail.close()

    shown, counted = _metered(gateway, settings.metrics_tokens) if settings.metrics_tokens else ([], None)
    app = Litestar(
        [scim_handler(gateway), token_endpoint(gateway, throttle), metadata_endpoint(gateway), live, ready, *shown],
        middleware=[door(gateway, throttle)],
        lifespan=[lifespan],
        exception_handlers={ScimError: _scim_error, HTTPException: _http_error, Exception: _our_fault},
        request_max_body_size=limits.body,
        openapi_config=None,
        logging_config=None,
        state=State({"gateway": gateway, "limits": limits, "draining": False}),
    )
    app.asgi_handler = Observer(app.asgi_handler, counted, traced, lambda: is_draining(app.state))
    return app


def _metered(gateway: Gateway, tokens: Sequence[str]) -> tuple[list[Any], Counted]:
    """Return the door to the metrics, and what counts; their library is imported only where somebody asks for them."""
    from adapter.web.metrics import Metrics, metrics_endpoint  # noqa: PLC0415

    metrics = Metrics(lambda: {name: each for name, each in gateway.connections.items() if gateway.owner(name) is None})
    return [metrics_endpoint(metrics, tokens, gateway.workers)], metrics.counted


def _answer(error: ScimError, name: str = "") -> Response[bytes]:
    """Return the answer for an error; its class, or that name, and its status tell the operator enough.

    The detail may quote the upstream on a user.
    """
    of = origin()
    of.error, of.scim_type = name or type(error).__name__, error.scim_type or ""
    headers = {"Cache-Control": "no-store", **error.headers}
    return Response(
        msgspec.json.encode(error_body(error)), status_code=error.status, media_type=MEDIA_TYPE, headers=headers
    )


def _scim_error(_: Request[Any, Any, Any], error: ScimError) -> Response[bytes]:
    return _answer(error)


class _HttpError(ScimError):
    """An error of the web framework, such as a method that no route has, in SCIM's form."""

    def __init__(self, error: HTTPException, method: str) -> None:
        is_method = error.status_code == MethodNotAllowed.status
        super().__init__(f"{method} is not possible here." if is_method else "The request cannot be served as it is.")
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
    return _answer(_HttpError(error, request.method), type(error).__name__)


def _our_fault(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer for a fault of our own; the log gets its places but not its message, which may quote a user's data."""
    origin().places = places(error)
    answer = Internal("The gateway itself failed on this request; its log has the place. Please report it.")
    return _answer(answer, type(error).__name__)
