"""Traces by OpenTelemetry: a span for each request, and one within it for each call to the upstream.

An extra, and imported only where traces are asked for. The spans' names and attributes are those of OpenTelemetry's semantic
conventions for HTTP, as far as they hold no id, no filter and no value: a path is told as its template.
"""

from opentelemetry.context import Context
from opentelemetry.trace import Span as Recorded
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, TracerProvider, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapter.upstream.origin import TRACEPARENT, Origin

_OURS = "scim_adapter"
_FAILED = {SpanKind.SERVER: 500, SpanKind.CLIENT: 400}
"""From which status on a span has failed: a client's mistake is none of the server's."""


class Traces:
    """Begins the spans of requests; `provider` decides where they go."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("scim-adapter")

    def begun(self, of: Origin) -> "Traced":
        """Begin the span of a request, within the trace that the client has begun, if it has."""
        context = TraceContextTextMapPropagator().extract({TRACEPARENT: of.traceparent}, Context())
        return Traced(self._tracer, of.operation, SpanKind.SERVER, context, of)


class Traced:
    """One span: of a request, of which the origin tells more at its end, or of a call."""

    def __init__(self, tracer: Tracer, name: str, kind: SpanKind, context: Context, of: Origin | None = None) -> None:
        method, _, path = name.partition(" ")
        where = "http.route" if of is not None else "url.template"
        self._tracer, self._kind, self._of = tracer, kind, of
        self._span: Recorded = tracer.start_span(
            name,
            context,
            kind,
            {"http.request.method": "_OTHER" if method == "other" else method, where: path},
        )

    @property
    def traceparent(self) -> str:
        """The W3C trace context under which what it calls goes on."""
        own = self._span.get_span_context()
        return f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"

    def call(self, route: str) -> "Traced":
        """Begin the span of a call to the upstream within this one."""
        return Traced(self._tracer, route, SpanKind.CLIENT, set_span_in_context(self._span, Context()))

    def end(self, status: int, error: str) -> None:
        """End it; `status` is 0 where no answer came, `error` the class of an error or a word for it, or empty."""
        if status:
            self._span.set_attribute("http.response.status_code", status)
        if error:
            self._span.set_attribute("error.type", error)
        if status >= _FAILED[self._kind] or not status:
            self._span.set_status(Status(StatusCode.ERROR))
        if self._of is not None:
            told = {"connection": self._of.connection, "client": self._of.client, "request_id": self._of.request_id}
            self._span.set_attributes({f"{_OURS}.{name}": value for name, value in told.items() if value})
            self._span.set_attribute(f"{_OURS}.retries", self._of.retries)
        self._span.end()
