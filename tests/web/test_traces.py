from typing import Any
from unittest.mock import patch

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode

from adapter.web.app import application
from adapter.web.traces import Traces
from tests.conversation import TOKEN, asked, gateway, mapping_of
from tests.logged import fields_of
from tests.web.test_observer import ADA, CONTEXT, Heard

BEARER = ("Authorization", f"Bearer {TOKEN}")
TRACE = CONTEXT.split("-")[1]
ONE: list[Any] = [200, {"data": ADA}]


class Traced:
    """A gateway whose traces are kept."""

    def __init__(self, **how: Any) -> None:
        self.kept = InMemorySpanExporter()
        provider = TracerProvider(**how)
        provider.add_span_processor(SimpleSpanProcessor(self.kept))
        self.traces = Traces(provider)
        self.upstream = Heard()

    async def __call__(self, replies: list[Any], method: str, target: str, *headers: tuple[str, str]) -> int:
        self.upstream.replies = replies

        def traced(*given: Any) -> Any:
            return application(*given, traced=self.traces.begun)

        with patch("tests.conversation.application", traced):
            async with gateway(mapping_of("n-able"), upstream=self.upstream) as (app, _):
                return (await asked(app, method, target, list(headers))).status

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.kept.get_finished_spans()


@pytest.fixture
def traced() -> Traced:
    return Traced()


def _context(span: ReadableSpan) -> tuple[str, str]:
    assert span.context is not None
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"


async def test_a_request_is_a_span_and_each_call_one_within_it(traced: Traced) -> None:
    await traced([[500], ONE], "GET", "/scim/v2/Users/7", BEARER, ("X-Request-Id", "one-request"))
    *calls, request = traced.spans
    assert (request.name, request.kind, request.parent) == ("GET /Users/{id}", SpanKind.SERVER, None)
    assert dict(request.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/Users/{id}",
        "http.response.status_code": 200,
        "scim_adapter.connection": "environment",
        "scim_adapter.client": "token-1",
        "scim_adapter.request_id": "one-request",
        "scim_adapter.retries": 1,
    }
    assert [(each.name, each.kind) for each in calls] == [("GET /api/users/{id}", SpanKind.CLIENT)] * 2
    assert [each.parent for each in calls] == [request.context] * 2
    assert [dict(each.attributes or {}) for each in calls] == [
        {
            "http.request.method": "GET",
            "url.template": "/api/users/{id}",
            "http.response.status_code": 500,
            "error.type": "5xx",
        },
        {"http.request.method": "GET", "url.template": "/api/users/{id}", "http.response.status_code": 200},
    ]
    assert [each.status.status_code for each in traced.spans] == [
        StatusCode.ERROR,
        StatusCode.UNSET,
        StatusCode.UNSET,
    ]


async def test_the_clients_trace_goes_on_through_the_gateway_to_the_upstream(
    traced: Traced, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "adapter.requests")
    await traced([ONE], "GET", "/scim/v2/Users/7", BEARER, ("traceparent", CONTEXT))
    call, request = traced.spans
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == CONTEXT.split("-")[2]
    assert {_context(each)[0] for each in traced.spans} == {TRACE}
    assert traced.upstream.headers[-1]["traceparent"] == f"00-{TRACE}-{_context(call)[1]}-01"
    [line] = [fields_of(each) for each in caplog.records if each.name == "adapter.requests"]
    assert line["traceparent"] == f"00-{TRACE}-{_context(request)[1]}-01"


async def test_without_a_trace_of_the_clients_one_begins(traced: Traced) -> None:
    for _ in range(2):
        await traced([ONE], "GET", "/scim/v2/Users/7", BEARER, ("traceparent", "00-nonsense"))
    traces = [_context(each)[0] for each in traced.spans]
    assert (traces[0], traces[2]) == (traces[1], traces[3])
    assert traces[0] != traces[2]


@pytest.mark.parametrize(
    ("replies", "target", "headers", "status", "error", "failed"),
    [
        ([], "/scim/v2/Users", [], 401, "Unauthorized", StatusCode.UNSET),
        ([[404]], "/scim/v2/Users/7", [BEARER], 502, "BadReply", StatusCode.ERROR),
        ([["ReadTimeout"]] * 3, "/scim/v2/Users/7", [BEARER], 504, "TooSlow", StatusCode.ERROR),
    ],
)
async def test_an_error_is_named_by_its_class_and_a_servers_own_is_a_failed_span(  # noqa: PLR0913, PLR0917 (a row)
    replies: list[Any],
    target: str,
    headers: list[tuple[str, str]],
    status: int,
    error: str,
    failed: StatusCode,
    traced: Traced,
) -> None:
    assert await traced(replies, "GET", target, *headers) == status
    request = traced.spans[-1]
    assert request.attributes is not None
    assert (request.attributes["http.response.status_code"], request.attributes["error.type"]) == (status, error)
    assert request.status.status_code == failed
    for call in traced.spans[:-1]:
        assert call.status.status_code == StatusCode.ERROR
        assert (call.attributes or {})["error.type"] in ("4xx", "timeout")


async def test_a_trace_that_is_not_sampled_still_goes_on() -> None:
    traced = Traced(sampler=ALWAYS_OFF)
    await traced([ONE], "GET", "/scim/v2/Users/7", BEARER, ("traceparent", CONTEXT))
    assert traced.spans == ()
    passed = traced.upstream.headers[-1]["traceparent"]
    assert (passed.split("-")[1], passed.split("-")[3]) == (TRACE, "00")


async def test_no_span_holds_what_was_sent(traced: Traced) -> None:
    canary = "kanari3nvogel"
    for target in (f"/scim/v2/Users/{canary}", f"/scim/v2/Users?filter=userName+eq+%22{canary}%22", f"/{canary}"):
        await traced([[404, {"message": canary}]], "GET", target, BEARER, ("Cookie", canary), ("User-Agent", canary))
    await traced([], canary.upper(), "/scim/v2/Users")
    assert len(traced.spans) == 5
    assert canary not in "".join(each.to_json() for each in traced.spans).lower()


async def test_monitors_leave_no_spans(traced: Traced) -> None:
    await traced([], "GET", "/health/live")
    assert traced.spans == ()
