"""The one door: whoever asks for anything shows a token, unless what is asked for says that it is open."""

from collections.abc import Callable
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from adapter.errors import MethodNotAllowed, TooManyRequests, Unauthorized
from adapter.upstream.origin import origin
from adapter.web.gateway import Gateway
from adapter.web.scim import fields_of
from adapter.web.throttle import Throttle

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def door(gateway: Gateway, throttle: Throttle) -> Callable[[ASGIApp], ASGIApp]:
    """Return what puts the door before a handler (a middleware): a handler gets `client` in the state of its scope.

    One of the framework's guards would do, but for each request that a guard judges the framework copies its handler.
    """

    async def admit(scope: Any) -> None:
        """Let nobody past without a token; raises MethodNotAllowed, Unauthorized or TooManyRequests."""
        if scope["method"] not in METHODS:
            raise MethodNotAllowed("There is no such method here.", METHODS)
        if scope["route_handler"].opt.get("open"):
            return
        # Two headers are none: which of the two counts would depend on who reads them.
        shown = ", ".join(fields_of(scope, b"authorization"))
        try:
            admitted = await gateway.clients.admit(shown)
        except Unauthorized:
            wait = throttle.failed(scope["client"][0] if scope["client"] else "") if shown else 0
            if wait:
                raise TooManyRequests(
                    "Wrong credentials have come too often from this address. Check the credentials in Entra's configuration.",
                    wait,
                ) from None
            raise
        scope["state"]["client"], of = admitted, origin()
        of.connection, of.client = admitted.connection, admitted.name

    def before(app: ASGIApp) -> ASGIApp:
        async def asked(scope: Scope, receive: Receive, send: Send) -> None:
            await admit(scope)
            await app(scope, receive, send)

        return asked

    return before
