import asyncio
import logging
from contextlib import suppress
from typing import Any

import httpx
import pytest

from adapter.upstream.origin import Origin, origin
from adapter.web.observer import NO_ANSWER, Observer
from tests.conversation import SETTINGS, TOKEN, Upstream, asked, gateway, mapping_of
from tests.logged import fields_of

BEARER = ("Authorization", f"Bearer {TOKEN}")
ID = "8d1c2f6e-0a57-4f6e-9d57-0a1b2c3d4e5f"
CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ADA = {
    "userId": 7,
    "userName": "ada",
    "firstName": "Ada",
    "lastName": "Byron",
    "isEnabled": True,
    "email": "a@b.example",
}
ONE: list[Any] = [200, {"data": ADA}]


class Heard(Upstream):
    """An upstream that keeps the headers of what it was asked, the login too."""

    def __init__(self) -> None:
        super().__init__(mapping_of("n-able"))
        self.headers: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers)
        return super().__call__(request)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "adapter.requests")
    return caplog


def lines(logged: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [fields_of(each) for each in logged.records if each.name == "adapter.requests"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("client-request-id", ID)], ID),
        ([("X-Request-Id", ID)], ID),
        ([("X-Request-Id", "another-one"), ("client-request-id", ID)], ID),
        ([("client-request-id", "no, this is none"), ("X-Request-Id", ID)], ID),
        ([("X-Request-Id", ID), ("X-Request-Id", "another-one")], ID),
    ],
)
async def test_the_clients_correlation_id_is_in_the_answer_in_the_log_and_in_every_call(
    given: list[tuple[str, str]], expected: str, logged: pytest.LogCaptureFixture
) -> None:
    upstream = Heard()
    async with gateway(mapping_of("n-able"), SETTINGS, upstream) as (app, _):
        upstream.replies = [ONE]
        answer = await asked(app, "GET", "/scim/v2/Users/7", [BEARER, *given])
    assert answer.headers["x-request-id"] == expected
    assert [each["x-request-id"] for each in upstream.headers] == [expected] * 2  # the login, and the call
    assert [each["request"] for each in lines(logged)] == [expected]


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "ada@example.com", "a b c d e f", "a\tbcdefgh", "ünsäglich-1", 'a"bcdefgh', "../../etc"],
)
async def test_what_is_no_sane_id_is_replaced_by_one_of_ours(given: str, logged: pytest.LogCaptureFixture) -> None:
    upstream = Heard()
    async with gateway(mapping_of("n-able"), SETTINGS, upstream) as (app, _):
        upstream.replies = [ONE, ONE]
        first = await asked(app, "GET", "/scim/v2/Users/7", [BEARER, ("X-Request-Id", given)])
        second = await asked(app, "GET", "/scim/v2/Users/7", [BEARER, ("X-Request-Id", given)])
    made = [each.headers["x-request-id"] for each in (first, second)]
    assert all(len(each) == 32 and each.isalnum() for each in made)
    assert made[0] != made[1]
    assert [each["x-request-id"] for each in upstream.headers] == [made[0], *made]
    assert [each["request"] for each in lines(logged)] == made


@pytest.mark.parametrize(
    "target", ["/scim/v2/Users/7", "/scim/v2/Nothing", "/x", "/oauth/token", "/health/live", "/health/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PROPFIND"])
async def test_every_answer_has_the_id_whatever_it_is(target: str, method: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [[404]]
        for headers in ([], [BEARER]):
            answer = await asked(app, method, target, [*headers, ("X-Request-Id", ID)])
            assert answer.headers["x-request-id"] == ID


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (CONTEXT, CONTEXT),
        ("", None),
        (CONTEXT.upper(), None),
        (CONTEXT + "-x", None),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01", None),
        ("00-ada-lovelace-01", None),
    ],
)
async def test_a_trace_context_goes_on_to_the_upstream_and_what_is_none_does_not(
    given: str, passed: str | None, logged: pytest.LogCaptureFixture
) -> None:
    upstream = Heard()
    async with gateway(mapping_of("n-able"), SETTINGS, upstream) as (app, _):
        upstream.replies = [ONE]
        await asked(app, "GET", "/scim/v2/Users/7", [BEARER, ("traceparent", given), ("tracestate", "a=b")])
    assert [each.get("traceparent") for each in upstream.headers] == [passed] * 2
    assert [each.get("tracestate") for each in upstream.headers] == [None] * 2
    assert [each.get("traceparent") for each in lines(logged)] == [passed]


async def test_a_request_is_one_line_with_all_that_an_operator_asks_of_it(logged: pytest.LogCaptureFixture) -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [[500], ONE]
        await asked(app, "GET", "/scim/v2/Users/7", [BEARER, ("X-Request-Id", ID)])
    [line] = lines(logged)
    assert line.pop("ms") > 0
    assert line == {
        "request": ID,
        "operation": "GET /Users/{id}",
        "status": 200,
        "connection": "environment",
        "client": "token-1",
        "calls": 2,
        "retries": 1,
    }
    assert [each.getMessage() for each in logged.records if each.name == "adapter.requests"] == ["GET /Users/{id} 200"]


@pytest.mark.parametrize(
    ("method", "target", "headers", "expected", "level"),
    [
        ("GET", "/scim/v2/Users", [], {"status": 401, "error": "Unauthorized", "address": "192.0.2.1"}, logging.INFO),
        ("GET", "/scim/v2/x", [BEARER], {"status": 404, "error": "NotFound", "client": "token-1"}, logging.INFO),
        ("DELETE", "/scim/v2/Users", [BEARER], {"status": 405, "error": "MethodNotAllowed"}, logging.INFO),
        ("PROPFIND", "/x", [], {"status": 405, "error": "MethodNotAllowed"}, logging.INFO),
        ("GET", "/scim/v2/Users?filter=x", [BEARER], {"status": 400, "scim_type": "invalidFilter"}, logging.INFO),
        ("GET", "/scim/v2/Users/7", [BEARER], {"status": 502, "error": "BadReply", "calls": 1}, logging.WARNING),
        ("GET", "/scim/v2/Me", [BEARER], {"status": 501, "error": "Unsupported"}, logging.WARNING),
        ("POST", "/oauth/token", [], {"status": 400, "error": "invalid_request"}, logging.INFO),
        ("GET", "/health/live", [], {"status": 200, "operation": "GET /health/live"}, logging.DEBUG),
    ],
)
async def test_refused_failed_and_other_requests_have_their_line(  # noqa: PLR0913, PLR0917 (one row of the table)
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    expected: dict[str, Any],
    level: int,
    logged: pytest.LogCaptureFixture,
) -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [[418]]
        await asked(app, method, target, headers)
    [line] = lines(logged)
    assert {name: line.get(name) for name in expected} == expected
    assert [each.levelno for each in logged.records if each.name == "adapter.requests"] == [level]


async def test_what_was_left_out_is_told_and_a_request_that_did_nothing_is_a_warning(
    logged: pytest.LogCaptureFixture,
) -> None:
    patch = b'{"Operations": [{"op": "add", "path": "nickName", "value": "ada-lovelace"}]}'
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [ONE]
        await asked(app, "PATCH", "/scim/v2/Users/7", [BEARER], patch)
    [line] = lines(logged)
    assert (line["ignored"], line["remark"]) == (["nickName"], "nothing done")
    assert [each.levelname for each in logged.records if each.name == "adapter.requests"] == ["WARNING"]


SCOPE: Any = {"type": "http", "method": "GET", "raw_path": b"/x", "headers": [], "client": None}
"""As much of a scope as is read."""


async def _nothing(*_: Any) -> Any:
    return None


async def _seen(app: Any) -> list[tuple[Origin, int, float]]:
    seen: list[tuple[Origin, int, float]] = []

    observer = Observer(app, lambda *told: seen.append(told))
    with suppress(asyncio.CancelledError, RuntimeError):
        await observer(SCOPE, _nothing, _nothing)
    return seen


@pytest.mark.parametrize("error", [asyncio.CancelledError(), RuntimeError("x")])
async def test_a_request_that_got_no_answer_is_seen_too(error: BaseException) -> None:
    async def app(*_: Any) -> None:
        raise error

    [(of, status, _)] = await _seen(app)
    assert (of.operation, status, of.address) == ("GET elsewhere", NO_ANSWER, "")


async def test_a_request_is_seen_once_when_it_fails_after_its_answer() -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    assert [status for _, status, _ in await _seen(app)] == [200]


async def test_the_line_is_there_before_the_answer_goes_out(logged: pytest.LogCaptureFixture) -> None:
    sent: list[int] = []

    async def app(_: Any, __: Any, send: Any) -> None:
        origin().remark = "done"
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(_: Any) -> None:
        sent.append(len(lines(logged)))

    await Observer(app)(SCOPE, _nothing, send)
    assert sent == [1]
    assert lines(logged)[0]["remark"] == "done"


async def _headers(*, is_ending: bool) -> list[tuple[bytes, bytes]]:
    sent: list[Any] = []

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"1"')]})

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {**SCOPE, "headers": [(b"x-request-id", ID.encode())]}
    await Observer(app, is_ending=lambda: is_ending)(scope, _nothing, send)
    return list(sent[0]["headers"])


async def test_every_answer_says_what_it_is_and_the_last_ones_that_they_are() -> None:
    always = [(b"etag", b'"1"'), (b"x-request-id", ID.encode()), (b"x-content-type-options", b"nosniff")]
    assert await _headers(is_ending=False) == always
    assert await _headers(is_ending=True) == [*always, (b"connection", b"close")]
