from typing import Any

import httpx
import pytest

from adapter.simulator import judgement
from adapter.simulator.judgement import Judge
from adapter.simulator.people import Fate, Person

ADA = Person(1, "ada@example.com", "Ada", "Lovelace", None, Fate.UNTOUCHED)
RESOURCE = {
    "id": "7",
    "userName": "ada@example.com",
    "active": True,
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
}
LIST = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]}
EMPTY = LIST | {"totalResults": 0, "Resources": []}
ONE = LIST | {"totalResults": 1, "Resources": [RESOURCE]}
ERROR = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "There is no user 7."}
TOKEN = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600}
HERE = {"Location": "https://gateway.example/scim/v2/Users/7"}

created = judgement.created(ADA)
read = judgement.read(ADA, "7")
changed = judgement.changed(ADA, "7")
found = judgement.found(ADA, "7")


def answer(status: int, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
    if body is None:
        return httpx.Response(status, headers=headers)
    return httpx.Response(status, json=body, headers={"Content-Type": "application/scim+json"} | (headers or {}))


@pytest.mark.parametrize(
    ("judge", "response"),
    [
        (judgement.token, answer(200, TOKEN, {"Content-Type": "application/json"})),
        (judgement.nobody, answer(200, EMPTY)),
        (judgement.nobody, answer(200, EMPTY, {"Content-Type": "application/scim+json; charset=utf-8"})),
        (found, answer(200, ONE)),
        (created, answer(201, RESOURCE, HERE)),
        (read, answer(200, RESOURCE)),
        (changed, answer(200, RESOURCE)),
        (changed, answer(204)),
        (judgement.deleted, answer(204)),
        (judgement.missing, answer(404, ERROR)),
    ],
)
def test_entra_goes_on(judge: Judge, response: httpx.Response) -> None:
    assert judge(response) is None


@pytest.mark.parametrize(
    ("judge", "response", "fault"),
    [
        (judgement.token, answer(401, {"error": "invalid_client"}), "401 invalid_client"),
        (judgement.token, answer(200, {}), "there is no access_token in the answer"),
        (judgement.token, answer(200, TOKEN | {"token_type": "mac"}), "token_type is 'mac', should be 'Bearer'"),
        (judgement.token, answer(200, TOKEN | {"expires_in": 60}), "expires_in is 60, should be 3600 to 21600"),
        (judgement.token, answer(200, TOKEN | {"expires_in": "3600"}), "expires_in is '3600', should be 3600 to 21600"),
        (judgement.nobody, answer(404, ERROR), "404 There is no user 7."),
        (judgement.nobody, answer(204), "204 No Content"),
        (judgement.nobody, answer(302, None, {"Location": "/login"}), "302 Found"),
        (
            judgement.nobody,
            answer(200, EMPTY, {"Content-Type": "application/json"}),
            "Content-Type is 'application/json', should be 'application/scim+json'",
        ),
        (judgement.nobody, answer(200, []), "the body is not a JSON object"),
        (judgement.nobody, answer(200, {"totalResults": 0}), "the answer is not a ListResponse"),
        (judgement.nobody, answer(200, LIST | {"totalResults": 0}), "there is no Resources in the list"),
        (judgement.nobody, answer(200, ONE), "1 resources of totalResults 1, should be 0"),
        (judgement.nobody, answer(200, LIST | {"Resources": []}), "0 resources of totalResults None, should be 0"),
        (found, answer(200, EMPTY), "0 resources of totalResults 0, should be 1"),
        (found, answer(200, LIST | {"totalResults": 1, "Resources": [{}]}), "id is None, should be '7'"),
        (created, answer(409, {"scimType": "uniqueness", "detail": "taken"}), "409 uniqueness: taken"),
        (created, answer(200, RESOURCE, HERE), "200 OK"),
        (created, answer(201, RESOURCE | {"id": 7}, HERE), "id is 7, should be a string"),
        (created, answer(201, RESOURCE), "Location is '', should end in '/Users/7'"),
        (read, answer(502, {"detail": "the upstream does not answer"}), "502 the upstream does not answer"),
        (read, answer(200, RESOURCE | {"active": "True"}), "active is 'True', should be True"),
        (changed, answer(200, RESOURCE | {"userName": "eve"}), "userName is 'eve', should be 'ada@example.com'"),
        (judgement.deleted, answer(200), "200 OK"),
        (judgement.missing, answer(200, RESOURCE), "200 OK"),
        (judgement.missing, answer(404, {"detail": "Not Found"}), "the 404 is not a SCIM error"),
        (judgement.missing, answer(404), "Content-Type is 'none', should be 'application/scim+json'"),
    ],
)
def test_entra_does_not_accept(judge: Judge, response: httpx.Response, fault: str) -> None:
    assert judge(response) == fault
