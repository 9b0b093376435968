import base64
import json
from typing import Any

import httpx
import msgspec
import pytest

from adapter.errors import BadReply, Unavailable, Uniqueness, UpstreamError
from adapter.mapping.load import load
from adapter.plan.conversation import Call, Plan
from adapter.scim.messages import Response
from adapter.upstream.client import Upstream
from adapter.upstream.times import Times
from tests.mapping.minimal import RESOURCE, USER_NAME
from tests.upstream.server import Server, reply

QUICK = Times(request=5, attempt=2, backoff=0.001)
SECRETS = {"key": "the-key", "id": "me"}


def _upstream(
    http: httpx.AsyncBaseTransport, base: str, credential: str, replies: str = "[]", secrets: dict[str, str] = SECRETS
) -> Upstream:
    top = "version: 1\nupstream: API\nsecrets: [{name: key, about: k}, {name: id, about: i}]\n"
    text = f"{top}replies: {replies}\ncredential: {credential}\n{RESOURCE}    attributes: [{USER_NAME}]\n"
    return Upstream(http, base, load(text, "test.yaml").bound({}, lambda one: one[0]), secrets, QUICK)


def _asking(*calls: Call) -> Plan:
    for each in calls:
        _ = yield each  # the plan is sent what came of it, which is of no interest here
    return Response(200)


GET = Call(route="GET /users", method="GET", path="/users", is_read=True)
RPC = Call(route="POST /rpc", method="POST", path="/rpc", body={"method": "List"}, is_read=True)


@pytest.mark.parametrize(
    ("credential", "shown"),
    [
        ("{kind: none}", {}),
        ('{kind: token, token: "{secret:key}"}', {"authorization": "Bearer the-key"}),
        ('{kind: token, token: "{secret:key}", sent: {header: PRIVATE-TOKEN}}', {"private-token": "the-key"}),
        (
            '{kind: token, token: "{secret:id}:{secret:key}", sent: {header: Authorization, prefix: "Token "}}',
            {"authorization": "Token me:the-key"},
        ),
        (
            '{kind: basic, user: "{secret:id}/token", password: "{secret:key}"}',
            {"authorization": "Basic " + base64.b64encode(b"me/token:the-key").decode()},
        ),
    ],
)
async def test_a_fixed_credential_goes_with_every_call(
    http: httpx.AsyncBaseTransport, credential: str, shown: dict[str, str]
) -> None:
    async with Server(reply(200, "[]")) as server:
        await _upstream(http, server.url, credential).run(_asking(GET, GET))
        for seen in server.seen:
            own = {name: seen.headers[name] for name in ("authorization", "private-token") if name in seen.headers}
            assert own == shown


async def test_a_token_may_go_into_the_query_or_the_body(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200, "[]")) as server:
        await _upstream(http, server.url, '{kind: token, token: "{secret:key}", sent: {query: apikey}}').run(
            _asking(GET)
        )
        await _upstream(http, server.url, '{kind: token, token: "{secret:key}", sent: {body: visa}}').run(_asking(RPC))
        assert server.seen[0].target == "/users?apikey=the-key"
        assert msgspec.json.decode(server.seen[1].body) == {"method": "List", "visa": "the-key"}
    assert RPC.body == {"method": "List"}


async def test_a_fixed_credential_that_is_refused_is_not_tried_again(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(401, "{}")) as server:
        with pytest.raises(BadReply, match=r"refuses the gateway's credential \(401\)"):
            await _upstream(http, server.url, "{kind: none}").run(_asking(GET))
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("where", "form", "basic"),
    [
        ("basic", b"grant_type=client_credentials&scope=a+b", True),
        ("body", b"grant_type=client_credentials&scope=a+b&client_id=me&client_secret=the-key", False),
    ],
)
async def test_client_credentials_get_a_token_that_serves_all_calls(
    http: httpx.AsyncBaseTransport,
    where: str,
    form: bytes,
    basic: bool,  # noqa: FBT001
) -> None:
    token = '{"access_token": "t1", "expires_in": 3600}'
    async with Server(reply(200, token)) as server:
        credential = (
            'kind: client credentials, call: POST /oauth/token, client_id: "{secret:id}", '
            f'client_secret: "{{secret:key}}", authentication: {where}, form: {{scope: a b}}'
        )
        await _upstream(http, server.url, f"{{{credential}}}").run(_asking(GET, GET))
        first, *others = server.seen
        assert (first.target, first.body) == ("/oauth/token", form)
        assert first.headers["content-type"] == "application/x-www-form-urlencoded"
        assert ("authorization" in first.headers) is basic
        assert [each.headers["authorization"] for each in others] == ["Bearer t1"] * 2


async def test_a_rolling_token_is_taken_from_every_reply(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200, '{"visa": "v1"}'), reply(200, '{"visa": "v2"}'), reply(200, "{}")) as server:
        credential = (
            "{kind: rolling, call: POST /rpc, body: {method: Login, password: '{secret:key}'}, token: visa, lives: 840, "
            "sent: {body: visa}}"
        )
        await _upstream(http, server.url, credential).run(_asking(RPC, RPC, RPC))
        bodies: list[Any] = [msgspec.json.decode(each.body) for each in server.seen]
        assert bodies[0] == {"method": "Login", "password": "the-key"}
        assert [each.get("visa") for each in bodies] == [None, "v1", "v2", "v2"]


async def test_a_whole_reply_may_be_the_token(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200, "plain-token")) as server:
        await _upstream(http, server.url, "{kind: exchange, call: POST /login, token: $, lives: 600}").run(_asking(GET))
        assert server.seen[1].headers["authorization"] == "Bearer plain-token"


async def test_what_lets_us_in_is_not_told_to_a_client_where_the_upstream_quotes_it(
    http: httpx.AsyncBaseTransport,
) -> None:
    def quoting(call: Call) -> Plan:
        raise Uniqueness(f"taken, says the upstream: {(yield call).body}")

    said = json.dumps("Bearer a-token-of-ours for a-key-of-ours-too and a-key-of-ours of me")
    async with Server(reply(200, '{"token": "a-token-of-ours"}'), reply(409, said)) as server:
        credential = "{kind: exchange, call: POST /login, token: token, lives: 600}"
        secrets = {"key": "a-key-of-ours-too", "id": "a-key-of-ours"}
        with pytest.raises(Uniqueness) as refused:
            await _upstream(http, server.url, credential, secrets=secrets).run(quoting(GET))
        assert refused.value.detail == "taken, says the upstream: Bearer … for … and … of me"
    cut = reply(409, json.dumps("you have sent Bearer a-token-of-ou"))  # an explanation is passed on up to a length
    async with Server(reply(200, '{"token": "a-token-of-ours"}'), cut) as server:
        with pytest.raises(Uniqueness) as refused:
            await _upstream(http, server.url, credential, secrets=secrets).run(quoting(GET))
        assert refused.value.detail == "taken, says the upstream: you have sent Bearer …"


async def test_a_reply_may_say_that_the_token_is_refused_whatever_its_status(http: httpx.AsyncBaseTransport) -> None:
    token = '{"token": "t1"}'
    async with Server(
        reply(200, token), reply(200, '{"error": "token expired"}'), reply(200, token), reply(200, "[]")
    ) as server:
        rule = "[{status: 200, field: error, contains: token expired, means: token refused}]"
        credential = "{kind: exchange, call: POST /login, token: token, lives: 600}"
        await _upstream(http, server.url, credential, rule).run(_asking(GET))
        assert [each.target for each in server.seen] == ["/login", "/users", "/login", "/users"]


async def test_a_reply_may_say_that_the_upstream_is_overloaded_whatever_its_status(
    http: httpx.AsyncBaseTransport,
) -> None:
    async with Server(reply(200, '{"error": "slow down"}')) as server:
        rule = "[{status: 200, field: error, means: throttled}]"
        with pytest.raises(Unavailable):
            await _upstream(http, server.url, "{kind: none}", rule).run(_asking(GET))
        assert len(server.seen) == 3


async def test_a_login_that_gives_no_token_is_an_error_that_names_the_secret(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200, "{}")) as server:
        with pytest.raises(UpstreamError, match="Check the service account's secret"):
            await _upstream(http, server.url, "{kind: exchange, call: POST /login, token: token, lives: 600}").run(
                _asking(GET)
            )


REFRESH = (
    "{kind: exchange, call: POST /login, body: {password: '{secret:key}'}, token: token, lives: 600, "
    "refresh: {call: POST /refresh, body: '{refresh}', send: text, token: refresh}}"
)


async def test_a_token_is_renewed_by_the_refresh_token_where_there_is_one(http: httpx.AsyncBaseTransport) -> None:
    first, second = reply(200, '{"token": "t1", "refresh": "r1"}'), reply(200, '{"token": "t2", "refresh": "r2"}')
    async with Server(first, reply(401, "{}"), second, reply(200, "[]")) as server:
        await _upstream(http, server.url, REFRESH).run(_asking(GET))
        assert [each.target for each in server.seen] == ["/login", "/users", "/refresh", "/users"]
        assert (server.seen[2].body, server.seen[2].headers["content-type"]) == (b"r1", "text/plain; charset=utf-8")
        assert server.seen[3].headers["authorization"] == "Bearer t2"


async def test_a_refresh_token_that_is_refused_is_followed_by_a_login(http: httpx.AsyncBaseTransport) -> None:
    first, second = reply(200, '{"token": "t1", "refresh": "r1"}'), reply(200, '{"token": "t2"}')
    async with Server(first, reply(401, "{}"), reply(401, "{}"), second, reply(200, "[]")) as server:
        await _upstream(http, server.url, REFRESH).run(_asking(GET))
        assert [each.target for each in server.seen] == ["/login", "/users", "/refresh", "/login", "/users"]


EXPIRED = "[{status: 500, means: credential expired, detail: Renew the password.}]"
LOGIN = "{kind: exchange, call: POST /login, token: token, lives: 600}"


async def test_a_fresh_token_with_which_every_read_fails_is_a_credential_that_has_expired(
    http: httpx.AsyncBaseTransport,
) -> None:
    async with Server(reply(200, '{"token": "t1"}'), reply(500, "{}")) as server:
        with pytest.raises(BadReply) as error:
            await _upstream(http, server.url, LOGIN, EXPIRED).run(_asking(GET))
        assert error.value.detail == "The API gives a token and fails every call with it: Renew the password."
        assert len(server.seen) == 4  # a login, and three attempts: it might have passed


async def test_one_failure_does_not_accuse_a_credential_that_has_served(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(200, '{"token": "t1"}'), reply(200, "[]"), reply(500, "{}")) as server:
        with pytest.raises(BadReply) as error:
            await _upstream(http, server.url, LOGIN, EXPIRED).run(_asking(GET, GET))
        assert error.value.detail == "The API gave no usable reply: it answered 500."
