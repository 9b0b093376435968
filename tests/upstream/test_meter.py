import asyncio
import logging
from typing import Any

import pytest

from adapter.upstream.meter import OUTCOMES, SECONDS, Meter, Times, word_for
from adapter.upstream.origin import Origin, begin, origin
from adapter.upstream.wire import Failure, Throttled


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Throttled(1.0), "throttled"),
        (Failure("x", sent=False), "unreachable"),
        (Failure("x", sent=True, slow=True), "timeout"),
        (Failure("x", sent=True, is_answer=True), "unusable"),
        (Failure("x", sent=True), "broken"),
        (asyncio.CancelledError(), "given up"),
        (ValueError("ada"), "given up"),
    ],
)
def test_a_call_without_a_reply_is_counted_under_a_word_of_a_closed_set(error: BaseException, word: str) -> None:
    assert word_for(error) == word
    meter = Meter()
    with pytest.raises(type(error)), meter.sent("GET /users"):
        raise error
    assert meter.calls == {("GET /users", word): 1}
    assert word in OUTCOMES
    assert sum(meter.times["GET /users"].counts) == 1


@pytest.mark.parametrize(("status", "outcome"), [(200, "2xx"), (304, "3xx"), (404, "4xx"), (599, "5xx")])
def test_a_reply_is_counted_by_the_class_of_its_status(status: int, outcome: str) -> None:
    meter = Meter()
    with meter.sent("GET /users") as sent:
        sent.status = status
    assert meter.calls == {("GET /users", outcome): 1}


@pytest.mark.parametrize(("seconds", "at"), [(0.0, 0), (0.025, 0), (0.026, 1), (10.0, 6), (10.1, 7)])
def test_a_time_is_counted_under_the_first_bound_that_it_does_not_exceed(seconds: float, at: int) -> None:
    times = Times()
    times.took(seconds)
    assert times.counts == [1 if each == at else 0 for each in range(len(SECONDS) + 1)]
    assert times.seconds == seconds


async def test_the_request_learns_what_it_costs_and_the_upstream_which_one_it_is() -> None:
    begin(Origin(request_id="one-request", traceparent="00-a-b-01"))
    meter = Meter()
    with meter.sent("GET /users") as sent:
        sent.status = 500
    meter.repeats()
    with meter.sent("GET /users") as sent:
        sent.status = 200
    assert (origin().calls, origin().retries, meter.retries) == (2, 1, 1)
    assert sent.headers == {"X-Request-Id": "one-request", "traceparent": "00-a-b-01"}


async def test_what_is_done_for_no_request_says_nothing_of_one() -> None:
    begin(Origin())
    with Meter().sent("GET /users") as sent:
        sent.status = 200
    assert sent.headers == {}


class Seen:
    """A span that keeps what it is told."""

    traceparent = "00-span-of-the-request-01"

    def __init__(self, told: list[Any]) -> None:
        self.told = told

    def call(self, route: str) -> "Seen":
        self.told.append(route)
        return self

    def end(self, status: int, error: str) -> None:
        self.told.append((status, error))


@pytest.mark.parametrize(("status", "error"), [(200, ""), (404, "4xx")])
async def test_where_traces_are_on_a_call_is_a_span_within_the_requests(status: int, error: str) -> None:
    told: list[Any] = []
    begin(Origin(request_id="one-request", traceparent="00-of-the-client-01", span=Seen(told)))
    sent = Meter().sent("GET /users")
    with sent:
        sent.status = status
    assert told == ["GET /users", (status, error)]
    assert sent.headers["traceparent"] == Seen.traceparent


def test_at_debug_each_call_has_a_line_of_its_route_and_outcome(caplog: pytest.LogCaptureFixture) -> None:
    for level in (logging.INFO, logging.DEBUG):
        caplog.set_level(level, "adapter.calls")
        with Meter().sent("GET /users/{id}") as sent:
            sent.status = 200
    assert [each.getMessage() for each in caplog.records] == ["GET /users/{id} 2xx"]


async def test_an_exchange_of_the_credential_is_counted_by_what_came_of_it() -> None:
    meter = Meter()

    async def given() -> str:
        return "a token"

    async def failed() -> str:
        raise ValueError("no token")

    assert await meter.login(given) == "a token"
    with pytest.raises(ValueError, match="no token"):
        await meter.login(failed)
    assert meter.logins == {"given": 1, "failed": 1}
