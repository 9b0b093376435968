"""What is seen of every request: it gets a correlation id, and at its end one log line, its numbers and its span.

It stands around the whole application, so that a refused request, an unknown path and a fault of our own are seen as any
other; what every answer must say is put on it here, too. The line is written when the answer is made and before it goes
out: who has an answer finds its line.
"""

import logging
import re
from collections.abc import Callable
from random import getrandbits
from time import perf_counter
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapter.upstream.origin import REQUEST_ID, Origin, Span, begin
from adapter.web.operations import QUIET, operation_of

_LOG = logging.getLogger("adapter.requests")

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
"""A correlation id that may be shown and passed on: Entra sends a UUID."""
_SANE_CONTEXT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context's traceparent, version 00, as far as it can be passed on."""
_IDS = (b"client-request-id", b"x-request-id")
"""Entra's header, and everybody's; the first that is sane counts."""
_NAME = REQUEST_ID.lower().encode()
_UNSNIFFED = (b"x-content-type-options", b"nosniff")
"""An answer is what its type says: a browser must not read a page into a detail that quotes a path."""
_LAST = (b"connection", b"close")
"""An answer is the last on its connection, once the process is about to end (RFC 9112 section 9.6)."""
NO_ANSWER = 499
"""Stands for the status of a request that nobody waited for any more."""

Counted = Callable[[Origin, int, float], None]
"""Counts a request by what is known of it, its status and its seconds."""
Traced = Callable[[Origin], Span]
"""Begins the span of a request."""


class Observer:
    """Surrounds an application; `counted` counts each request, `traced` begins its span where traces are on.

    `is_ending` tells whether the process is about to end.
    """

    def __init__(
        self,
        app: ASGIApp,
        counted: Counted | None = None,
        traced: Traced | None = None,
        is_ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self._app, self._counted, self._traced, self._is_ending = app, counted, traced, is_ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and see what becomes of it."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        of = _begun(scope)
        if self._traced is not None and of.operation not in QUIET:
            of.span = self._traced(of)
        begin(of)
        is_told, began = False, perf_counter()

        async def sending(message: Message) -> None:
            nonlocal is_told
            if message["type"] == "http.response.start" and not is_told:
                is_told = True
                added = [(_NAME, of.request_id.encode()), _UNSNIFFED, *([_LAST] if self._is_ending() else [])]
                message["headers"] = [*message["headers"], *added]
                self._told(of, message["status"], perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if not is_told:
                self._told(of, NO_ANSWER, perf_counter() - began)

    def _told(self, of: Origin, status: int, seconds: float) -> None:
        if self._counted is not None and of.operation not in QUIET:
            self._counted(of, status, seconds)
        if of.span is not None:
            of.span.end(status, of.error)
        level = _level(of, status)
        if _LOG.isEnabledFor(level):
            _LOG.log(level, "%s %d", of.operation, status, extra={"fields": _line(of, status, seconds)})


def _begun(scope: Any) -> Origin:
    """Return what is known of a request before anybody has come in."""
    sent = dict(reversed(scope["headers"]))  # the first of a name counts
    given = next((sent[name] for name in _IDS if name in sent and _SANE_ID.fullmatch(sent[name])), None)
    context = sent.get(b"traceparent", b"")
    return Origin(
        request_id=given.decode() if given else f"{getrandbits(128):032x}",  # no secret
        address=scope["client"][0] if scope.get("client") else "",
        operation=operation_of(scope["method"], scope["raw_path"].decode("ascii", errors="replace")),
        traceparent=context.decode() if _SANE_CONTEXT.fullmatch(context) else "",
    )


def _level(of: Origin, status: int) -> int:
    if of.is_handed_over:
        return logging.DEBUG
    if of.places:
        return logging.ERROR
    if status >= 500 or of.is_idle:  # noqa: PLR2004
        return logging.WARNING
    return logging.DEBUG if of.operation in QUIET and status < 400 else logging.INFO  # noqa: PLR2004 (a refusal is told)


def _line(of: Origin, status: int, seconds: float) -> dict[str, Any]:
    """Return what the log tells of a request: no ids, no values; names of attributes at the most."""
    told = {
        "request": of.request_id,
        "operation": of.operation,
        "status": status,
        "scim_type": of.scim_type,
        "error": of.error,
        "connection": of.connection,
        "client": of.client,
        "address": of.address if status in (401, 429) else "",  # who guesses must be found
        "ms": round(seconds * 1000, 1),
        "ignored": list(of.ignored),
        "remark": "; ".join(filter(None, (of.remark, "nothing done" if of.is_idle else ""))),
        "at": of.places,
        "traceparent": of.span.traceparent if of.span else of.traceparent,
    }
    return {name: value for name, value in told.items() if value} | {"calls": of.calls, "retries": of.retries}
