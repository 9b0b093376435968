"""The small directory does what its docstring says: what its users are asked is told by the suites."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fakes.directory import Directory, application
from tests.fakes.systems import served

TOKEN = "the-token"


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        served(application(Directory(TOKEN))) as url,
        httpx.AsyncClient(base_url=url, headers=headers) as client,
    ):
        yield client


async def made(api: httpx.AsyncClient, path: str, **given: Any) -> str:
    reply = await api.post(path, json=given)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def test_a_user_is_made_read_changed_and_removed(api: httpx.AsyncClient) -> None:
    given = {"login": "ada", "mails": {"work": {"value": "ada@example.com", "preferred": True}}, "secret": "s"}
    reply = await api.post("/users", json=given)
    record = reply.json()
    assert (reply.status_code, record["mails"], "secret" in record) == (201, given["mails"], False)
    path = f"/users/{record['id']}"
    change = {"mails": {"work": {"preferred": None}, "home": {"value": "ada@home.example"}}, "nick": "A"}
    changed = (await api.patch(path, json=change)).json()
    mails = {"work": {"value": "ada@example.com"}, "home": {"value": "ada@home.example"}}
    assert (changed["mails"], changed["nick"], changed["madeAt"]) == (mails, "A", record["madeAt"])
    assert (await api.patch(path, json={"nick": "A"})).json() == changed == (await api.get(path)).json()
    assert (await api.delete(path)).status_code == 204
    gone = await api.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "no_such_user")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"login": "ADA"}, 409, "login_taken"),
        ({"nick": "x"}, 400, "bad_field"),
        ({"login": "x", "more": 1}, 400, "unknown_field"),
        ({"login": "x", "mails": {"job": {}}}, 400, "unknown_field"),
        ({"login": "x", "enabled": "True"}, 400, "bad_field"),
        ({"login": "x", "mails": []}, 400, "bad_field"),
        ({"login": "x", "madeAt": "now"}, 400, "unknown_field"),
    ],
)
async def test_a_user_is_refused(api: httpx.AsyncClient, given: dict[str, Any], status: int, code: str) -> None:
    await made(api, "/users", login="ada")
    reply = await api.post("/users", json=given)
    assert (reply.status_code, reply.json()["code"]) == (status, code)


async def test_a_list_is_cut_and_filtered(api: httpx.AsyncClient) -> None:
    for number in range(5):
        await made(api, "/users", login=f"user{number}", externalRef=f"ref{number}")
    page = (await api.get("/users", params={"offset": 3, "limit": 3})).json()
    assert ([each["login"] for each in page["items"]], page["total"]) == (["user3", "user4"], 5)
    for asked in ({"login": "USER2"}, {"externalRef": "ref2"}):
        found = (await api.get("/users", params=asked)).json()
        assert ([each["login"] for each in found["items"]], found["total"]) == (["user2"], 1)
    assert (await api.get("/users", params={"mails": "x"})).status_code == 400


async def test_a_group_holds_its_members_in_a_field(api: httpx.AsyncClient) -> None:
    ada, eve = await made(api, "/users", login="ada"), await made(api, "/users", login="eve")
    path = f"/groups/{await made(api, '/groups', name='North', memberIds=[ada, eve])}"
    assert (await api.delete(f"/users/{ada}")).status_code == 204
    assert (await api.get(path)).json()["memberIds"] == [eve]
    assert (await api.patch(path, json={"memberIds": [ada]})).json()["code"] == "unknown_member"
    assert (await api.patch(path, json={"memberIds": []})).json()["memberIds"] == []
    assert (await api.post("/groups", json={"name": "NORTH"})).json()["code"] == "name_taken"
    assert (await api.get("/groups", params={"name": "north"})).json()["total"] == 1
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).json()["code"] == "no_such_group"


async def test_a_team_holds_its_members_in_calls_of_their_own(api: httpx.AsyncClient) -> None:
    ada, eve = await made(api, "/users", login="ada"), await made(api, "/users", login="eve")
    path = f"/teams/{await made(api, '/teams', name='North')}/members"
    for ids in ([ada], [ada, eve]):
        assert (await api.post(path, json={"ids": ids})).status_code == 204
    page = (await api.get(path, params={"limit": 1, "offset": 1})).json()
    assert page == {"items": [{"id": eve, "login": "eve"}], "total": 2}
    assert (await api.delete(f"{path}/{ada}")).status_code == 204
    assert (await api.delete(f"{path}/{ada}")).json()["code"] == "no_such_member"
    assert (await api.post(path, json={"ids": ["nobody"]})).json()["code"] == "unknown_member"
    assert (await api.delete(f"/users/{eve}")).status_code == 204
    assert (await api.get(path)).json() == {"items": [], "total": 0}
    assert (await api.get("/groups/x/members")).json()["code"] == "no_such_call"
