import asyncio
import json
import logging
from typing import Any

import msgspec
import pytest
from litestar import HttpMethod, Litestar

from adapter.errors import Internal
from adapter.scim.messages import ERROR, MEDIA_TYPE
from adapter.web import endpoint
from tests.conversation import CLIENT_SECRET, PUBLIC, SETTINGS, TOKEN, Answer, asked, gateway, mapping_of, settings_of
from tests.logged import fields_of, said
from tests.web.test_token import GOOD

OPEN = ("/health/", "/oauth/token", "/.well-known/oauth-authorization-server")
METHODS = [each.value for each in HttpMethod]
CANARY = "canary-ada"
BEARER = ("Authorization", f"Bearer {TOKEN}")


def _targets(app: Litestar) -> list[str]:
    """Every route of the application, every path on the way to one, and other spellings of them."""
    rests = ("Users", "Users/42", "Users/.search", "Groups/.search", ".search", "Bulk", "Me", "Schemas", "Nothing")
    paths = {each.path for each in app.routes}
    paths |= {f"{root}/{rest}" for rest in rests for root in ("", "/scim/v2")}
    paths |= {"/".join(path.split("/")[:length]) or "/" for path in paths for length in range(1, 6)}
    paths |= {"/scim/v3", "/scim/v2x", "/scim/v3/Users", "/scim/v2%00", "/oauth/x", "/health/x", "/x/y"}
    paths = {path for path in paths if not path.startswith(OPEN) or path == "/health/x"}
    return sorted(
        {spelled for path in paths for spelled in (path, f"/{path}", f"{path}/", f"{path}?access_token={TOKEN}")}
    )


def _is_scim_error(answer: Answer, status: int) -> bool:
    body = answer.json
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    assert body["schemas"] == [ERROR]
    assert isinstance(body["detail"], str)
    return (answer.status, body["status"]) == (status, str(status))


async def test_without_a_token_every_path_answers_401_to_every_method() -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        targets = _targets(app)
        assert {"/", "/scim", "/scim/v2", "/scim/v2/Users/42", "//scim/v2", "/oauth", "/health"} <= set(targets)
        assert {"/scim/v2/Bulk", "/scim/v2/.search", "/scim/v2/Users/.search", "/scim/v2/Me"} <= set(targets)
        for target in targets:
            for method in METHODS:
                answer = await asked(app, method, target, body=b"{}")
                assert _is_scim_error(answer, 401), f"{method} {target}"
                assert answer.headers["www-authenticate"] == 'Bearer realm="scim"'
        assert (upstream.exchanges, upstream.seen) == (0, [])


async def test_the_walk_covers_every_open_door_that_there_is() -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        paths = {each.path for each in app.routes if each.path.startswith(OPEN)}
    assert paths == {"/health/live", "/health/ready", *OPEN[1:]}


@pytest.mark.parametrize(
    "given",
    [
        [("Authorization", "Bearer wrong"), BEARER],
        [BEARER, ("Authorization", "Bearer wrong")],
        [BEARER, BEARER],
        [("Authorization", f"Bearer {TOKEN}, Bearer {TOKEN}")],
        [("X-Authorization", f"Bearer {TOKEN}")],
        [("Cookie", f"Authorization=Bearer {TOKEN}")],
    ],
)
async def test_one_header_with_one_token_is_the_only_way_in(given: list[tuple[str, str]]) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        assert _is_scim_error(await asked(app, "GET", "/scim/v2/Schemas", given), 401)
        assert (await asked(app, "GET", "/scim/v2/Schemas", [BEARER])).status == 200


@pytest.mark.parametrize(
    "target", ["/", "/scim", "/scim/v2/Nothing", "/scim/v3/Users", "/oauth", "/health", "/health/x", "/api/users"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
async def test_with_a_token_an_unknown_path_is_a_scim_404(method: str, target: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        assert _is_scim_error(await asked(app, method, target, [BEARER]), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_method_that_the_token_endpoint_has_not_is_405_and_says_which_it_has(method: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        answer = await asked(app, method, "/oauth/token")
        assert _is_scim_error(answer, 405)
        assert answer.json["detail"] == f"{method} is not possible here."
        assert "POST" in answer.headers["allow"]


TOO_LARGE = "The request's body is larger than 2097152 bytes (ADAPTER_MOST_BODY); send less in each."


@pytest.mark.parametrize("length", [[], [("Content-Length", "2097153")]])
async def test_a_body_over_the_limit_is_413_and_names_the_limit(length: list[tuple[str, str]]) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        body = b'{"userName": "' + b"a" * 2_097_152 + b'"}'
        answer = await asked(app, "POST", "/scim/v2/Users", [BEARER, *length], body)
        assert _is_scim_error(answer, 413)
        assert answer.json["detail"] == TOO_LARGE
        assert _is_scim_error(await asked(app, "POST", "/scim/v2/Users", length, body), 401)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"name":' * 100_000,
        b'{"userName":' + b"[" * 900 + b"]" * 900 + b',"filter":[]}',
        b'{"a":{"b":' * 900,
        b'{"filter":' + b"[" * 900 + b"]" * 900 + b',"userName":[[]]}',
    ],
)
async def test_nesting_without_end_is_400(body: bytes) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        for method, target in (
            ("POST", "/scim/v2/Users"),
            ("PUT", "/scim/v2/Users/42"),
            ("PATCH", "/scim/v2/Users/42"),
            ("POST", "/scim/v2/Bulk"),
            ("POST", "/scim/v2/.search"),
            ("POST", "/scim/v2/Groups/.search"),
        ):
            assert _is_scim_error(await asked(app, method, target, [BEARER], body), 400)


def _deep(levels: int) -> Any:
    data: Any = {}
    for _ in range(levels):
        data = {"x": [data]}
    return data


def _bulk(*operations: Any, **others: Any) -> bytes:
    return msgspec.json.encode({"Operations": list(operations)} | others)


REMOVAL = {"method": "DELETE", "path": "/Users/42"}
HOSTILE_BULKS: list[tuple[bytes, int]] = [
    (_bulk(*[REMOVAL] * 2_000), 413),
    (_bulk(*[REMOVAL] * 1_001), 413),
    (_bulk(*[[]] * 40_000), 413),
    (_bulk(REMOVAL, {"method": "PATCH", "path": "/Users/42", "data": _deep(17)}), 400),
    (_bulk(REMOVAL, {"method": "PATCH", "path": "/Users/42", "data": _deep(200)}), 400),
    (_bulk(REMOVAL, None), 400),
    (_bulk(REMOVAL, {"method": ["DELETE"], "path": "/Users/42"}), 400),
    (_bulk(REMOVAL, {"method": "DELETE", "path": {"x": 1}}), 400),
    (_bulk(REMOVAL, {"method": "DELETE", "path": "//evil.example/42"}), 400),
    (_bulk(REMOVAL, {"method": "DELETE", "path": "http://evil.example/Users/42"}), 400),
    (_bulk(REMOVAL, {"method": "DELETE", "path": "/Users/../42"}), 400),
    (_bulk(REMOVAL, {"method": "DELETE", "path": "/Users/\r\nX: y"}), 400),
    (_bulk(REMOVAL, REMOVAL | {"version": 7}), 400),
    (_bulk(REMOVAL, REMOVAL | {"bulkId": {}}), 400),
    (_bulk(REMOVAL, {"method": "POST", "path": "/Users", "bulkId": "a", "data": "x"}), 400),
    (_bulk(REMOVAL | {"bulkId": "a"}, REMOVAL | {"bulkId": "a"}), 400),
    (_bulk(REMOVAL, failOnErrors=-1), 400),
    (_bulk(REMOVAL, failOnErrors=True), 400),
    (_bulk(REMOVAL, failOnErrors="1"), 400),
    (b'{"Operations": {"method": "DELETE", "path": "/Users/42"}}', 400),
    (b'{"Operations": [{"method": "DELETE", "path": "/Users/\xff"}]}', 400),
    (b'{"Operations": [{"method": "DELETE", "path": "/Users/\\ud800"}]}', 400),
    (b'{"failOnErrors": ' + b"9" * 5000 + b"}", 400),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE_BULKS, ids=[str(each) for each in range(len(HOSTILE_BULKS))])
async def test_a_hostile_bulk_request_does_nothing(body: bytes, status: int) -> None:
    async with gateway(mapping_of("full"), settings_of("full")) as (app, upstream):
        assert _is_scim_error(await asked(app, "POST", "/scim/v2/Bulk", [BEARER], body), status)
        assert upstream.seen == []


@pytest.mark.parametrize(
    "path",
    ["/Users/%2e%2e", "/Users/..", "/Users/.", "/Users/a%2Fb", "/Users/%00", "/Users/%ff", "/%2e%2e/x", "/x%0A/1"],
)
async def test_an_operation_of_a_bulk_request_goes_nowhere_else(path: str) -> None:
    async with gateway(mapping_of("full"), settings_of("full")) as (app, upstream):
        answer = await asked(app, "POST", "/scim/v2/Bulk", [BEARER], _bulk({"method": "DELETE", "path": path}))
        assert [each["status"] for each in answer.json["Operations"]] == ["404"]
        assert upstream.seen == []


HOSTILE_SEARCHES: list[Any] = [
    {"filter": 7},
    {"filter": {"x": [1]}},
    {"filter": "(" * 100_000},
    {"filter": "not (" * 5_000},
    {"filter": "userName eq"},
    {"filter": "\0"},
    {"attributes": "userName"},
    {"attributes": [["userName"]]},
    {"attributes": ["a b"]},
    {"attributes": ["userName"], "excludedAttributes": ["title"]},
    {"count": "1"},
    {"count": 1.5},
    {"startIndex": []},
    {"sortBy": 7},
    {"sortBy": "x" * 100_000},
    {"sortBy": "userName\0"},
    {"sortOrder": "up"},
    {"cursor": 7},
    {"cursor": "x" * 500_000},
    {"cursor": "a\0b"},
    {"cursor": "\u00e9.\u00e9.\u00e9.\u00e9.\u00e9"},
    {"cursor": "....", "count": 2},
    {"cursor": "", "startIndex": 1},
    {"cursor": "", "count": -1},
    [],
    "x",
    None,
]


@pytest.mark.parametrize("body", HOSTILE_SEARCHES, ids=[str(each) for each in range(len(HOSTILE_SEARCHES))])
async def test_a_hostile_search_is_refused_before_the_upstream_is_asked(body: Any) -> None:
    async with gateway(mapping_of("full"), settings_of("full")) as (app, upstream):
        target = "/scim/v2/Users/.search"
        assert _is_scim_error(await asked(app, "POST", target, [BEARER], msgspec.json.encode(body)), 400)
        assert upstream.seen == []


@pytest.mark.parametrize("cursor", ["%00", "a%00b", "x" * 15_000, "%C3%A9", "..", "%2B" * 5_000])
async def test_a_hostile_cursor_is_invalid(cursor: str) -> None:
    async with gateway(mapping_of("full"), settings_of("full")) as (app, upstream):
        answer = await asked(app, "GET", f"/scim/v2/Users?cursor={cursor}", [BEARER])
        assert _is_scim_error(answer, 400)
        assert answer.json["scimType"] == "invalidCursor"
        assert upstream.seen == []


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("value", ["", "x", '"', '"a" "b"', "*, *", '"a",' * 5_000 + "x", "\t"])
async def test_a_hostile_version_is_refused_before_the_upstream_is_asked(name: str, value: str) -> None:
    async with gateway(mapping_of("full"), settings_of("full")) as (app, upstream):
        for method in ("GET", "DELETE"):
            answer = await asked(app, method, "/scim/v2/Users/42", [BEARER, (name, value)])
            assert _is_scim_error(answer, 400)
        assert upstream.seen == []


async def test_versions_in_several_fields_are_one_list() -> None:
    async with gateway(mapping_of("full"), settings_of("full")) as (app, upstream):
        upstream.replies = [[200, {"id": "42", "login": "ada"}]] * 2
        etag = (await asked(app, "GET", "/scim/v2/Users/42", [BEARER])).headers["etag"]
        both = [BEARER, ("If-None-Match", '"x"'), ("If-None-Match", etag)]
        assert (await asked(app, "GET", "/scim/v2/Users/42", both)).status == 304


async def test_a_fault_of_our_own_is_500_and_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(endpoint, "plan", fails)
    async with gateway(mapping_of("n-able")) as (app, _):
        answer = await asked(app, "GET", "/scim/v2/Users/42", [BEARER])
    assert _is_scim_error(answer, 500)
    assert answer.json["detail"].startswith("The gateway itself failed")
    assert CANARY.encode() not in answer.content
    [logged] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert logged.getMessage() == "GET /Users/{id} 500"
    assert fields_of(logged)["error"] == "RuntimeError"
    assert "test_app.py:" in fields_of(logged)["at"].partition(" < ")[0]
    assert CANARY not in said([logged])


async def test_an_error_of_ours_is_answered_by_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise Internal("It failed.")

    monkeypatch.setattr(endpoint, "plan", fails)
    async with gateway(mapping_of("n-able")) as (app, _):
        answer = await asked(app, "GET", "/scim/v2/Users/42", [BEARER])
    assert _is_scim_error(answer, 500)
    assert answer.json["detail"] == "It failed."


RECORD = {
    "userId": 4711,
    "userName": f"{CANARY}@example.com",
    "firstName": CANARY,
    "lastName": CANARY,
    "fullName": CANARY,
    "isEnabled": True,
    "email": f"{CANARY}@example.com",
}
ADA: dict[str, Any] = {
    "userName": f"{CANARY}@example.com",
    "active": True,
    "name": {"givenName": CANARY, "familyName": CANARY},
    "emails": [{"type": "work", "value": f"{CANARY}@example.com"}],
}
ONE: list[Any] = [200, {"data": RECORD}]
PAGE: list[Any] = [200, {"data": [RECORD], "totalItems": 1}]
EMPTY: list[Any] = [200, {"data": [], "totalItems": 0}]
REQUESTS: list[tuple[str, str, Any, list[list[Any]]]] = [
    (
        "GET",
        f"/scim/v2/Users?filter=userName+eq+%22{CANARY}%40example.com%22",
        None,
        [[200, {"data": [RECORD], "totalItems": 1}]],
    ),
    ("GET", f"/scim/v2/Users?filter=userName+eq+%22{CANARY}", None, []),
    ("GET", f"/scim/v2/Users?filter={CANARY}+eq+1", None, []),
    ("GET", "/scim/v2/Users/4711", None, [[200, {"data": RECORD}]]),
    ("GET", "/scim/v2/Users/4711", None, [[404, {"message": f"User not found: '{CANARY}'"}]]),
    ("GET", "/scim/v2/Users/4711", None, [[500, CANARY], [500, CANARY], [500, CANARY]]),
    ("GET", "/scim/v2/Users/4711", None, [["ConnectError"], ["ReadTimeout"], ["ReadError"]]),
    ("GET", "/scim/v2/Users/4711", None, [[200, f"<html>{CANARY}</html>"]]),
    ("GET", f"/scim/v2/{CANARY}", None, []),
    ("GET", f"/{CANARY}", None, []),
    (
        "POST",
        "/scim/v2/Users",
        {"userName": f"{CANARY}@example.com", "name": {"givenName": CANARY, "familyName": CANARY}},
        [[409, {"message": f"User {CANARY} already exists"}]],
    ),
    (
        "POST",
        "/scim/v2/Users",
        {"userName": f"{CANARY}@example.com", "name": {"givenName": CANARY, "familyName": CANARY}},
        [[400, {"errors": [{"message": f"{CANARY} is bad"}]}]],
    ),
    ("POST", "/scim/v2/Users", {"userName": [CANARY, CANARY]}, []),
    (
        "PATCH",
        "/scim/v2/Users/4711",
        {"Operations": [{"op": "replace", "path": f"x[y eq {CANARY}", "value": CANARY}]},
        [],
    ),
    (
        "PATCH",
        "/scim/v2/Users/4711",
        {"Operations": [{"op": "Replace", "path": "userName", "value": f"{CANARY}-2"}]},
        [[200, {"data": RECORD}], [500, CANARY], [200, {"data": RECORD}]],
    ),
    ("DELETE", "/scim/v2/Users/4711", None, [[204]]),
    ("POST", "/scim/v2/Users/.search", {"filter": f'userName eq "{CANARY}@example.com"'}, [PAGE]),
    ("POST", "/scim/v2/Users/.search", {"filter": f"{CANARY} eq", "sortBy": CANARY}, []),
    ("POST", "/scim/v2/Users/.search", {"sortBy": CANARY}, []),
    ("POST", "/scim/v2/Users/.search", {"attributes": [CANARY], "count": 1}, [PAGE]),
    ("POST", "/scim/v2/.search", {"filter": f'userName eq "{CANARY}"'}, [PAGE, PAGE, EMPTY]),
    ("GET", "/scim/v2/Users?cursor&count=1", None, [[200, {"data": [RECORD], "totalItems": 4712}]]),
    ("GET", f"/scim/v2/Users?cursor={CANARY}", None, []),
    (
        "POST",
        "/scim/v2/Bulk",
        {
            "Operations": [
                {"method": "DELETE", "path": "/Users/4711", "version": f'"{CANARY}"'},
                {"method": "DELETE", "path": f"/{CANARY}/4711", "bulkId": CANARY},
                {"method": "POST", "path": "/Users", "bulkId": f"{CANARY}-1", "data": {"userName": [CANARY, CANARY]}},
                {"method": "PUT", "path": f"/Users/bulkId:{CANARY}", "data": {"userName": CANARY}},
            ]
        },
        [[200, {"data": RECORD}]],
    ),
    ("POST", "/scim/v2/Bulk", {"Operations": [{"method": "DELETE", "path": CANARY}]}, []),
    (
        "POST",
        "/scim/v2/Bulk",
        {"Operations": [{"method": "DELETE", "path": "/Users/4711"}]},
        [[500, CANARY], [500], [500]],
    ),
    # Names of attributes are told, but not what only stands in the place of one.
    *(
        ("PUT", "/scim/v2/Users/4711", ADA | {"shoeSize": 1, name: CANARY, "name": {**ADA["name"], name: 1}}, [ONE])
        for name in (
            f"{CANARY}@example.com",
            f"{CANARY} Lovelace",
            f"4711{CANARY}",
            f"a{'b' * 80}{CANARY}",
            f"ü{CANARY}",
            f"{CANARY}.a.b",
            f"a\n{CANARY}",
        )
    ),
]


async def test_no_log_line_holds_a_secret_or_what_a_request_is_about(caplog: pytest.LogCaptureFixture) -> None:
    for chatty in ("httpx", "httpcore"):
        caplog.set_level(logging.WARNING, chatty)  # as the serve command does: they log URLs
    caplog.set_level(logging.DEBUG)
    own = ("X-Request-Id", "the-id-of-a-request")  # one that is made by chance may look like any number
    async with gateway(mapping_of("n-able")) as (app, upstream):
        for method, target, body, replies in REQUESTS:
            upstream.seen, upstream.replies = [], replies
            await asked(app, method, target, [BEARER, own], json.dumps(body).encode() if body else b"")
        await asked(app, "GET", "/scim/v2/Users", [("Authorization", f"Bearer {CANARY}-token"), own])
        granted = await asked(app, "POST", "/oauth/token", [own], body=GOOD.encode())
        await asked(app, "POST", "/oauth/token", [own], body=f"{GOOD}{CANARY}".encode())
        await asked(app, "GET", "/scim/v2/Users/x", [("Authorization", f"Bearer {granted.json['access_token']}"), own])
    lines = said(caplog.records)
    hidden = [
        CANARY,
        TOKEN,
        "4711",
        "userName eq",
        "userName+eq",
        "filter=",
        "access-token-",
        "service-account-token",
        CLIENT_SECRET,
        granted.json["access_token"],
        str(SETTINGS.signing_key),
    ]
    assert [each for each in hidden if each in lines] == []
    assert "GET /Users 200" in lines
    assert "GET /Users/{id} 200" in lines
    assert "POST /Users/.search 200" in lines
    assert "POST /.search 200" in lines
    assert "4 of 4 operations, 4 failed" in lines
    assert lines.count("'ignored': ['shoeSize']") == 7


@pytest.mark.parametrize(
    ("status", "level"), [(404, logging.INFO), (409, logging.INFO), (502, logging.WARNING), (503, logging.WARNING)]
)
async def test_an_error_is_logged_by_its_class_and_a_failing_upstream_as_a_warning(
    status: int, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    replies: dict[int, list[list[Any]]] = {
        404: [[404, {"message": "User not found"}]],
        409: [[409]],
        502: [[404]],
        503: [[429, None, {"Retry-After": "99"}]],
    }
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = replies[status]
        assert (await asked(app, "DELETE", "/scim/v2/Users/42", [BEARER])).status == status
    logged = [each for each in caplog.records if each.name == "adapter.requests"]
    assert [(each.levelno, each.getMessage()) for each in logged] == [(level, f"DELETE /Users/{{id}} {status}")]


async def test_locations_are_made_from_the_public_address_and_not_from_the_host_header() -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [[200, {"data": RECORD}]]
        headers = [BEARER, ("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")]
        answer = await asked(app, "GET", "/scim/v2/Users/4711", headers)
    assert answer.json["meta"]["location"] == f"{PUBLIC}/scim/v2/Users/4711"
    assert b"evil" not in answer.content


@pytest.mark.parametrize("target", ["/health/live", "/oauth/token", "/scim/v2/Schemas", "/scim/v2/Users/x", "/x"])
async def test_every_answer_says_that_it_is_what_its_type_says(target: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        for headers in ([], [BEARER]):
            answer = await asked(app, "GET", target, headers)
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_many_requests_at_once_share_one_token() -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [[200, {"data": RECORD}]] * 20
        answers = await asyncio.gather(*(asked(app, "GET", "/scim/v2/Users/4711", [BEARER]) for _ in range(20)))
    assert {each.status for each in answers} == {200}
    assert upstream.exchanges == 1
