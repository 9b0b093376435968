"""Where the calls to the upstream come from: the SCIM request that they serve, and what has become of it so far.

It goes along with a request without being handed on: a context variable, which the tasks of a request share. What is done
for no request, such as the reading of a list for the index, has an origin that nobody looks at. Once the request is
answered, one log line, the metrics and the span are made of it.
"""

from contextvars import ContextVar
from typing import Protocol

import msgspec

REQUEST_ID, TRACEPARENT = "X-Request-Id", "traceparent"
"""The header fields by which the upstream learns which request a call belongs to; the latter is W3C Trace Context's."""


class Span(Protocol):
    """What a trace knows of one piece of work; the edge makes it where traces are on."""

    @property
    def traceparent(self) -> str:
        """The W3C trace context under which what it calls goes on."""

    def call(self, route: str) -> "Span":
        """Begin the span of a call to the upstream within this one."""

    def end(self, status: int, error: str) -> None:
        """End it; `status` is 0 where no answer came, `error` the class of an error or a word for it, or empty."""


class Origin(msgspec.Struct, kw_only=True):
    """One SCIM request, as logs, the audit trail and the upstream may know it: no ids, no values."""

    request_id: str = ""
    """The correlation id: the client's own, where it sent one that may be shown."""
    connection: str = ""
    client: str = ""
    """The name of the client that has come in."""
    address: str = ""
    """The client's network address."""
    operation: str = ""
    """`PATCH /Users/{id}`."""
    traceparent: str = ""
    """The W3C trace context that the client sent, if any."""
    span: Span | None = None
    """None where traces are off."""
    calls: int = 0
    """Calls sent to the upstream, repetitions too, logins not."""
    retries: int = 0
    """Those of them that were sent again."""
    error: str = ""
    """The class of the error that it was answered with."""
    scim_type: str = ""
    places: str = ""
    """Where the gateway itself failed, innermost first."""
    ignored: tuple[str, ...] = ()
    """The attributes that were sent and that nothing here keeps."""
    is_idle: bool = False
    """Whether nothing was left to do once they were left out."""
    remark: str = ""
    """What the operator should read of it."""

    def carried(self, span: Span | None = None) -> dict[str, str]:
        """Return the header fields that go with a call, which the span is about where there is one."""
        traceparent = self.traceparent if span is None else span.traceparent
        told = {REQUEST_ID: self.request_id, TRACEPARENT: traceparent}
        return {name: value for name, value in told.items() if value}


_ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)


def origin() -> Origin:
    """Return the origin of what is being done."""
    return _ORIGIN.get() or Origin()


def begin(of: Origin) -> None:
    """Make this the origin of what is done from here on, in this task and in those that it starts."""
    _ORIGIN.set(of)
