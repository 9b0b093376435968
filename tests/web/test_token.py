import base64
from urllib.parse import quote, quote_plus, urlencode

import msgspec
import pytest

from tests.conversation import CLIENT_SECRET, PUBLIC, SETTINGS, TOKEN, Answer, asked, gateway, mapping_of

FORM = ("Content-Type", "application/x-www-form-urlencoded")
GRANT = "grant_type=client_credentials"
GOOD = f"{GRANT}&client_id=entra&client_secret={CLIENT_SECRET}"


def _basic(text: str) -> tuple[str, str]:
    return "Authorization", "Basic " + base64.b64encode(text.encode()).decode()


async def _asked(body: str | bytes, *headers: tuple[str, str], secret: str = SETTINGS.client_secret) -> Answer:
    settings = msgspec.structs.replace(SETTINGS, client_secret=secret)
    async with gateway(mapping_of("n-able"), settings) as (app, _):
        return await asked(app, "POST", "/oauth/token", list(headers), body.encode() if isinstance(body, str) else body)


def _grants(answer: Answer) -> None:
    assert answer.status == 200
    assert answer.json == {
        "access_token": answer.json["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "scim",
    }


def _refuses(answer: Answer, status: int, error: str) -> None:
    assert (answer.status, answer.json) == (status, {"error": error})


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (GOOD, [FORM]),
        (f"{GOOD}&scope=scim&resource=x", [FORM]),
        (f"{GOOD}&scope=", [FORM]),
        (GRANT, [FORM, _basic(f"entra:{CLIENT_SECRET}")]),
        (f"{GRANT}&scope=scim&client_id=entra", [FORM, _basic(f"entra:{CLIENT_SECRET}")]),
        (GRANT, [FORM, _basic(f"entra:{CLIENT_SECRET.replace('-', '%2D')}")]),
        (GRANT, [FORM, ("Authorization", f"bAsIc  {base64.b64encode(f'entra:{CLIENT_SECRET}'.encode()).decode()} ")]),
    ],
)
async def test_credentials_in_the_body_or_in_basic_get_a_token(body: str, headers: list[tuple[str, str]]) -> None:
    _grants(await _asked(body, *headers))


@pytest.mark.parametrize("secret", ["a:b::c", "50%", "a+b c", "ä:&=%2F", "x" * 500])
async def test_a_secret_may_hold_anything_when_the_client_encodes_it(secret: str) -> None:
    _grants(await _asked(GRANT, _basic(f"entra:{quote(secret, safe='')}"), secret=secret))
    _grants(await _asked(GRANT, _basic(f"entra:{quote_plus(secret)}"), secret=secret))
    form = urlencode({"grant_type": "client_credentials", "client_id": "entra", "client_secret": secret})
    _grants(await _asked(form, secret=secret))


async def test_basic_is_cut_at_its_first_colon() -> None:
    _grants(await _asked(GRANT, _basic("entra:a:b"), secret="a:b"))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Type", "application/json")],
        [("Content-Type", "application/scim+json; charset=utf-8")],
        [("Content-Type", "multipart/form-data")],
        [("Content-Type", "nonsense")],
        [("Accept", "text/html")],
    ],
)
async def test_the_content_type_is_never_judged(headers: list[tuple[str, str]]) -> None:
    _grants(await _asked(GOOD, *headers))


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("", 400, "invalid_request"),
        (f"client_id=entra&client_secret={CLIENT_SECRET}", 400, "invalid_request"),
        (f"{GOOD}&client_id=entra", 400, "invalid_request"),
        (f"{GOOD}&{GRANT}", 400, "invalid_request"),
        (b"grant_type=client_credentials&client_id=\xff", 400, "invalid_request"),
        ("grant_type=client_credentials&client_id=%FF", 400, "invalid_request"),
        ('{"grant_type": "client_credentials"}', 400, "invalid_request"),
        (f"{GOOD}&x={'x' * 20_000}", 400, "invalid_request"),
        ("grant_type=", 400, "unsupported_grant_type"),
        ("grant_type=password&username=a&password=b", 400, "unsupported_grant_type"),
        ("grant_type=authorization_code&code=x", 400, "unsupported_grant_type"),
        (GRANT, 401, "invalid_client"),
        (f"{GRANT}&client_id=entra", 401, "invalid_client"),
        (f"{GRANT}&client_id=entra&client_secret=", 401, "invalid_client"),
        (f"{GRANT}&client_id=entra&client_secret=wrong", 401, "invalid_client"),
        (f"{GRANT}&client_id=ENTRA&client_secret={CLIENT_SECRET}", 401, "invalid_client"),
        (f"{GRANT}&client_id=&client_secret={CLIENT_SECRET}", 401, "invalid_client"),
    ],
)
async def test_each_fault_has_its_error_of_rfc_6749(body: str | bytes, status: int, error: str) -> None:
    answer = await _asked(body)
    _refuses(answer, status, error)
    assert "www-authenticate" not in answer.headers


async def test_a_body_over_the_limit_of_all_requests_is_refused_in_the_same_words() -> None:
    _refuses(await _asked("x" * 2_097_153), 413, "invalid_request")


@pytest.mark.parametrize(
    "header",
    [
        _basic("entra:wrong"),
        _basic(f"eve:{CLIENT_SECRET}"),
        _basic("entra"),
        _basic(":"),
        _basic(""),
        ("Authorization", "Basic"),
        ("Authorization", "Basic not-base64!"),
        ("Authorization", "Basic //8="),
        ("Authorization", "Basic ä"),
    ],
)
async def test_basic_that_is_wrong_is_refused_with_a_challenge_for_basic(header: tuple[str, str]) -> None:
    answer = await _asked(GRANT, header)
    _refuses(answer, 401, "invalid_client")
    assert answer.headers["www-authenticate"] == 'Basic realm="token"'


async def test_two_ways_of_authentication_in_one_request_are_refused() -> None:
    _refuses(await _asked(GOOD, _basic(f"entra:{CLIENT_SECRET}")), 400, "invalid_request")


async def test_another_scheme_is_no_authentication_and_the_body_counts() -> None:
    _grants(await _asked(GOOD, ("Authorization", f"Bearer {TOKEN}")))
    _refuses(await _asked(GRANT, ("Authorization", f"Bearer {TOKEN}")), 401, "invalid_client")


async def test_credentials_in_the_query_are_not_seen() -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        _refuses(await asked(app, "POST", f"/oauth/token?{GOOD}"), 400, "invalid_request")
        _refuses(await asked(app, "POST", f"/oauth/token?{GOOD}", body=GRANT.encode()), 401, "invalid_client")


@pytest.mark.parametrize("body", [GOOD, GRANT, "", "grant_type=password"])
async def test_no_answer_may_be_stored(body: str) -> None:
    answer = await _asked(body)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert answer.headers["content-type"] == "application/json"


async def test_without_a_client_nobody_gets_a_token() -> None:
    settings = msgspec.structs.replace(SETTINGS, client_id="", client_secret="")
    async with gateway(mapping_of("n-able"), settings) as (app, _):
        for body in (GOOD, f"{GRANT}&client_id=&client_secret=", GRANT):
            _refuses(await asked(app, "POST", "/oauth/token", body=body.encode()), 401, "invalid_client")


@pytest.mark.parametrize("target", ["/oauth/token", "/oauth/token/", "//oauth/token", "/oauth/token?aadOptscim062020"])
async def test_a_token_lets_its_bearer_in(target: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        granted = await asked(app, "POST", target, body=GOOD.encode())
        header = ("Authorization", f"Bearer {granted.json['access_token']}")
        assert (await asked(app, "GET", "/scim/v2/Schemas", [header])).status == 200


async def test_a_client_can_learn_where_tokens_are_given_and_how() -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        answer = await asked(app, "GET", "/.well-known/oauth-authorization-server")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json["issuer"] == PUBLIC
        assert {name for name, value in answer.json.items() if not value} == {"response_types_supported"}
        endpoint = answer.json["token_endpoint"].removeprefix(PUBLIC)
        granted = await asked(app, "POST", endpoint, [FORM], GOOD.encode())
        basic = await asked(app, "POST", endpoint, [FORM, _basic(f"entra:{CLIENT_SECRET}")], GRANT.encode())
        assert [granted.status, basic.status] == [200, 200]
        assert granted.json["scope"] in answer.json["scopes_supported"]
        for path in ("/.well-known", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/x"):
            assert (await asked(app, "GET", path)).status == 401
