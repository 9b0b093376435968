"""The upstream as the attacker: links that lead away, replies that swell, lie, or tell too much; and what a mistake could lose."""

import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from adapter.cli.files import shipped_mappings
from adapter.errors import SettingsError
from adapter.mapping.mapping import Mapping
from adapter.settings.environment import read
from adapter.web.app import application
from tests.attacks.outbound import stray
from tests.attacks.world import BEARER, changed_mapping, is_refused, world
from tests.cli.program import ENVIRONMENT
from tests.conversation import PUBLIC, Answer, asked, gateway, mapping_of, settings_of
from tests.upstream.server import Server, broken_off, reply

CANARY = "canary-of-the-upstream"
LINKS = (
    '<http://169.254.169.254/latest/meta-data?page=2>; rel="next"',
    '<https://evil.example/people?page=2>; rel="next"',
    '<//evil.example/people?page=2>; rel="next"',
    '</admin/delete-all?page=2>; rel="next"',
    '<http://upstream.test@evil.example/people?page=2>; rel="next"',
    '<file:///etc/passwd?page=2>; rel="next"',
    '<http://upstream.test:22/people?page=2>; rel="next"',
)


@pytest.mark.parametrize("link", LINKS)
async def test_of_a_link_of_the_upstream_only_its_query_is_taken(link: str) -> None:
    """SEC-32 (OWASP API7, API10): the next page is asked where the mapping says, whatever a reply points at."""
    async with gateway(mapping_of("linked"), settings_of("linked")) as (app, upstream):
        upstream.replies = [[200, [{"id": "1", "login": "ada"}], {"Link": link}], [200, [], {}], [200, [], {}]]
        assert (await asked(app, "GET", "/scim/v2/Users", [BEARER])).status == 200
        assert {(method, path) for method, (path, _), *_ in upstream.seen} == {("GET", "/people")}
        assert {headers["host"] for *_, headers in upstream.seen} == {"upstream.test"}


@asynccontextmanager
async def _before(upstream: Server, mapping: Mapping | None = None) -> AsyncIterator[Litestar]:
    """Serve the gateway in front of a bare socket; every call must be one of the mapping's."""
    settings = msgspec.structs.replace(settings_of("full"), upstream_url=upstream.url)
    mapping = mapping or mapping_of("full")
    app = application(settings.settings(mapping), PUBLIC)
    async with app.lifespan():
        yield app
    assert [
        found for each in upstream.seen if (found := stray(each.method, each.target, list(each.headers), mapping))
    ] == []


async def _get(upstream: Server) -> Answer:
    async with upstream, _before(upstream) as app:
        return await asked(app, "GET", "/scim/v2/Users/u-1", [BEARER])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """SEC-32: a redirect of a read is an answer that cannot be believed; nobody goes where it points."""
    other = Server(reply(200, "{}"))
    async with other:
        answer = await _get(Server(reply(status, Location=f"{other.url}/secret")))
        assert answer.status == 502
        assert other.seen == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x", "gopher://x", "https://user:pw@x", "https://x?y", "//x", "x", "http://"]
)
def test_an_upstream_that_is_no_address_is_refused_at_the_start(url: str) -> None:
    """SEC-32: nor one with a user's name in it, which would be sent in place of the token."""
    with pytest.raises(SettingsError, match="ADAPTER_UPSTREAM_URL"):
        read(ENVIRONMENT | {"ADAPTER_UPSTREAM_URL": url}, shipped_mappings())


_BOMB = gzip.compress(b"0" * 50_000_000, 1)
REPLIES: dict[str, Any] = {
    "a bomb": reply(200, _BOMB, Content_Encoding="gzip", Content_Type="application/json"),
    "a page": reply(200, f"<html>{CANARY}</html>", Content_Type="text/html"),
    "nothing": reply(200),
    "half of it": reply(200, f'{{"id": "u-1", "login": "{CANARY}', claim=5_000),
    "an end too soon": broken_off(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"),
    "no HTTP": broken_off(CANARY.encode()),
    "an error in a success": reply(200, json.dumps({"error": CANARY})),
    "another user": reply(200, json.dumps({"id": "u-2", "login": CANARY})),
    "a list": reply(200, json.dumps([CANARY])),
    "nested without end": reply(200, "[" * 100_000),
    "an id that leads away": reply(200, json.dumps({"id": "../admin", "login": CANARY})),
    "an id that is no text": reply(200, json.dumps({"id": {"x": CANARY}, "login": CANARY})),
    "types that are none": reply(200, json.dumps({"id": "u-1", "login": [CANARY], "enabled": CANARY})),
    "a trace": reply(500, f"Traceback: password={CANARY}"),
    "a refusal": reply(403, json.dumps({"text": CANARY})),
    "half a character": reply(200, '{"id": "u-1", "login": "\\ud800"}'),
    "a header that goes on": reply(200, "{}", X_A="a" * 50_000),
}


@pytest.mark.parametrize("bad", REPLIES.values(), ids=list(REPLIES))
async def test_a_reply_that_cannot_be_believed_is_said_to_be_one_and_not_passed_on(bad: Any) -> None:
    """SEC-46 (OWASP API10): a 5xx or 403 in our own words, soon, and without the upstream's text."""
    began = monotonic()
    answer = await _get(Server(bad))
    assert answer.status in {403, 502, 503, 504}
    assert answer.json["status"] == str(answer.status)
    assert CANARY.encode() not in answer.content
    assert monotonic() - began < 3


async def test_more_disables_than_are_usual_are_held_and_an_enable_is_not() -> None:
    """SEC-47: a scope gone wrong disables a few and not all; off unless the operator asks for it."""
    disabled = {"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}
    enabled = {"Operations": [{"op": "Replace", "path": "active", "value": "True"}]}
    async with world() as ask:
        users = [ask.keep(f"u{number}") for number in range(8)]
        assert [(await ask("PATCH", f"/Users/{each}", disabled)).status for each in users] == [200] * 8
    async with world(guard_most=3) as ask:
        users = [ask.keep(f"u{number}") for number in range(8)]
        held = [await _status(ask.app, "PATCH", each, disabled) for each in users[:4]] + [
            await _status(ask.app, "DELETE", users[5])
        ]
        assert held == [200, 200, 200, 503, 503]
        assert await _status(ask.app, "PATCH", users[0], enabled) == 200
        assert [each["enabled"] for each in ask.directory.users.kept.values()].count(False) == 2


async def _status(app: Litestar, method: str, user: str, body: Any = None) -> int:
    content = json.dumps(body).encode() if body else b""
    return (await asked(app, method, f"/scim/v2/Users/{user}", [BEARER], content)).status


async def test_an_upstream_that_refuses_a_value_says_so_in_a_400() -> None:
    """SEC-46: what a mapping lets the upstream say is a text in `detail`, bounded, and nothing else of the reply."""
    mapping = changed_mapping(("means: invalid value, says: text", "means: invalid value, says: text"))
    said = reply(400, json.dumps({"code": "x", "text": "<b>" + "x" * 50_000, "stack": CANARY, "field": "login"}))
    upstream = Server(said)
    async with upstream, _before(upstream, mapping) as app:
        answer = await asked(app, "POST", "/scim/v2/Users", [BEARER], b'{"userName": "ada"}')
    assert is_refused(answer, "invalidValue")
    assert len(answer.json["detail"]) <= 1_000
    assert CANARY.encode() not in answer.content
