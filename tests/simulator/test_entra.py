import base64
import json
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from adapter.simulator.entra import Entra, Form
from adapter.simulator.people import Fate, Person

TENANT = "http://gateway.example/scim/v2"
FORM = Form(TENANT, "http://gateway.example/oauth/token", "entra: the client", "s3cret/+=")
TOKEN = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600}
EVEN = Person(2, "d'arcy+2@example.com", "D'Arcy", "Müller", None, Fate.RENAMED)
ODD = Person(1, "ada@example.com", "Ada", "King", None, Fate.RENAMED)
RESOURCE = {"active": True, "name": {"familyName": "Hopper"}}


@respx.mock
async def test_the_credentials_go_in_the_header() -> None:
    asked = respx.post(FORM.token_endpoint).respond(json=TOKEN)
    async with Entra(FORM) as entra:
        assert (await entra.sign_in_by_header()).fault is None
    request = asked.calls.last.request
    assert request.content == b"grant_type=client_credentials"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    kind, _, pair = request.headers["Authorization"].partition(" ")
    assert (kind, base64.b64decode(pair)) == ("Basic", b"entra%3A%20the%20client:s3cret%2F%2B%3D")


@respx.mock
async def test_the_credentials_go_in_the_body() -> None:
    asked = respx.post(FORM.token_endpoint).respond(json=TOKEN)
    async with Entra(FORM) as entra:
        assert (await entra.sign_in_by_body()).fault is None
    request = asked.calls.last.request
    assert "Authorization" not in request.headers
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["entra: the client"],
        "client_secret": ["s3cret/+="],
    }


@respx.mock
async def test_requests_carry_the_token_and_no_user_agent() -> None:
    respx.post(FORM.token_endpoint).respond(json=TOKEN)
    asked = respx.get(url__startswith=f"{TENANT}/Users").respond(404)
    async with Entra(FORM) as entra:
        await entra.sign_in_by_header()
        await entra.read(ODD, "7")
    request = asked.calls.last.request
    assert request.headers["Authorization"] == "Bearer abc"
    assert "User-Agent" not in request.headers
    assert "Content-Type" not in request.headers


@respx.mock
async def test_the_match_query_is_encoded_as_entra_does() -> None:
    asked = respx.get(url__startswith=f"{TENANT}/Users").respond(404)
    async with Entra(FORM) as entra:
        await entra.match(EVEN)
    assert asked.calls.last.request.url.raw_path == (
        b"/scim/v2/Users?filter=userName+eq+%22d%27arcy%2B2%40example.com%22"
    )


@respx.mock
async def test_test_connection_asks_for_a_user_and_a_group_that_cannot_exist() -> None:
    users = respx.get(url__regex=rf"{TENANT}/Users\?filter=userName\+eq\+%22[0-9a-f-]{{36}}%22$").respond(404)
    groups = respx.get(
        url__regex=rf"{TENANT}/Groups\?excludedAttributes=members&filter=displayName\+eq\+%22[0-9a-f-]{{36}}%22$"
    ).respond(404)
    async with Entra(FORM) as entra:
        await entra.probe_users()
        await entra.probe_groups()
    assert users.called
    assert groups.called


@respx.mock
async def test_a_creation_is_sent_as_scim() -> None:
    asked = respx.post(f"{TENANT}/Users").respond(409, json={"scimType": "uniqueness", "detail": "taken"})
    async with Entra(FORM) as entra:
        answer = await entra.create(EVEN)
    assert answer.fault == "409 uniqueness: taken"
    assert asked.calls.last.request.headers["Content-Type"] == "application/scim+json; charset=utf-8"
    assert json.loads(asked.calls.last.request.content)["userName"] == "d'arcy+2@example.com"


@respx.mock
@pytest.mark.parametrize(
    ("person", "url", "operations"),
    [
        (
            EVEN,
            f"{TENANT}/Users/7",
            [
                {"op": "Replace", "path": "active", "value": "False"},
                {"op": "Replace", "path": "name.familyName", "value": "King"},
            ],
        ),
        (
            ODD,
            f"{TENANT}/Users/7?aadOptscim062020",
            [{"op": "replace", "value": {"active": False, "name.familyName": "King"}}],
        ),
    ],
)
async def test_the_two_dialects_alternate(person: Person, url: str, operations: object) -> None:
    asked = respx.patch(url__startswith=f"{TENANT}/Users/7").respond(204)
    async with Entra(FORM) as entra:
        answer = await entra.patch(person, "7", {"active": False, "name.familyName": "King"}, RESOURCE)
    assert answer.fault is None
    assert str(asked.calls.last.request.url) == url
    assert json.loads(asked.calls.last.request.content)["Operations"] == operations


@respx.mock
async def test_deletions_expect_204_and_then_404() -> None:
    respx.delete(f"{TENANT}/Users/7").respond(204)
    respx.get(f"{TENANT}/Users/7").respond(200, json={})
    async with Entra(FORM) as entra:
        assert (await entra.delete("7")).fault is None
        assert (await entra.delete_again("7")).fault == "204 No Content"
        assert (await entra.read_deleted("7")).fault == "200 OK"


@respx.mock
async def test_no_answer_at_all_is_a_fault_too() -> None:
    respx.delete(f"{TENANT}/Users/7").mock(side_effect=httpx.ReadTimeout("too slow"))
    async with Entra(FORM) as entra:
        answer = await entra.delete("7")
    assert answer.fault == "no answer: ReadTimeout('too slow')"
    assert answer.body is None
