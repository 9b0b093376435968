from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from httpx import AsyncClient

Started = Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]]

PATH = "/api/org-units/50/access-groups"
GROUP = {"groupName": "North", "groupDescription": "The north region"}


async def made(api: AsyncClient, name: str, **more: Any) -> str:
    reply = await api.post(PATH, json=GROUP | {"groupName": name} | more)
    assert reply.status_code == 204, reply.text
    (found,) = (await api.get(PATH, params={"select": f"groupName=={name}"})).json()["data"]
    return f"/api/access-groups/{found['groupId']}"


async def person(api: AsyncClient, body: dict[str, Any], number: int = 0) -> int:
    more = {"email": f"{number}{body['email']}", "username": f"{number}{body['username']}", "accessGroupIds": ["2001"]}
    return int((await api.post("/api/org-units/50/users", json=body | more)).json()["data"]["userId"])


async def test_the_access_groups_path_is_no_list_of_them(api: AsyncClient) -> None:
    assert set((await api.get("/api/access-groups")).json()) == {"_links"}


async def test_access_groups_are_listed_in_pages(api: AsyncClient) -> None:
    answer = (await api.get(PATH, params={"pageSize": "1"})).json()
    assert answer["totalItems"] >= 3
    assert answer["data"] == [
        {
            "groupId": 2001,
            "orgUnitId": 1,
            "groupName": "Default System Access Group",
            "groupDescription": "Everything",
        }
    ]


async def test_an_access_group_is_shown_with_its_users(api: AsyncClient, body: dict[str, Any]) -> None:
    created = await api.post("/api/org-units/50/users", json=body | {"accessGroupIds": ["2003"]})
    assert (await api.get("/api/access-groups/2003")).json() == {
        "data": {
            "groupId": 2003,
            "orgUnitId": 101,
            "groupName": "Larkspur Dental",
            "groupDescription": "One customer only",
            "orgUnitIds": [101],
            "deviceIds": [],
            "userIds": [created.json()["data"]["userId"]],
            "autoIncludeNewOrgUnits": False,
            "_extra": {"grouptype": "ORG_UNIT", "readonly": "false"},
        }
    }


async def test_a_new_access_group_is_answered_by_nothing(api: AsyncClient, body: dict[str, Any]) -> None:
    user_id = (await api.post("/api/org-units/50/users", json=body)).json()["data"]["userId"]
    more = {"orgUnitIds": ["50", "101"], "userIds": [str(user_id)], "autoIncludeNewOrgUnits": "true"}
    reply = await api.post(PATH, json=GROUP | more)
    assert (reply.status_code, reply.content) == (204, b"")
    (found,) = (await api.get(PATH, params={"select": "groupName==North"})).json()["data"]
    data = (await api.get(f"/api/access-groups/{found['groupId']}")).json()["data"]
    assert (data["orgUnitIds"], data["userIds"], data["autoIncludeNewOrgUnits"]) == ([50, 101], [user_id], True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("groupName", ""),
        ("groupDescription", None),
        ("orgUnitIds", [50]),
        ("orgUnitIds", ["555"]),
        ("userIds", ["555"]),
        ("autoIncludeNewOrgUnits", True),
        ("more", "x"),
    ],
)
async def test_an_access_group_that_breaks_a_rule_is_refused(api: AsyncClient, name: str, value: Any) -> None:
    reply = await api.post(PATH, json=GROUP | {name: value})
    assert reply.status_code == 400
    assert [error["field"] for error in reply.json()["errors"]] == [name]


@pytest.mark.parametrize("name", GROUP)
async def test_an_access_group_s_required_field_must_be_there(api: AsyncClient, name: str) -> None:
    reply = await api.post(PATH, json={key: value for key, value in GROUP.items() if key != name})
    assert reply.json()["errors"] == [{"field": name, "message": f"{name} is required"}]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/access-groups/555", 404), ("/api/access-groups/-1", 404), ("/api/access-groups/x", 400)],
)
async def test_an_access_group_that_cannot_be_found(api: AsyncClient, path: str, status: int) -> None:
    assert (await api.get(path)).status_code == status


async def test_access_groups_are_selected(api: AsyncClient) -> None:
    answer = (await api.get(PATH, params={"select": "groupName==larkspur dental"})).json()
    assert [group["groupId"] for group in answer["data"]] == [2003]


async def test_an_access_group_is_changed_and_answered_by_its_id_alone(api: AsyncClient) -> None:
    path = await made(api, "South")
    group_id = int(path.rpartition("/")[2])
    reply = await api.patch(path, json={"groupName": "Far south", "groupDescription": "Penguins"})
    assert reply.status_code == 200
    assert reply.json() == {
        "status": 200,
        "message": "Access group updated successfully.",
        "data": {"groupId": group_id},
    }
    data = (await api.get(path)).json()["data"]
    assert (data["groupName"], data["groupDescription"]) == ("Far south", "Penguins")
    assert (await api.patch(path, json={"groupName": "FAR SOUTH"})).status_code == 200  # its own name


async def test_the_users_of_a_change_are_all_that_there_are(api: AsyncClient, body: dict[str, Any]) -> None:
    one, two, three = [await person(api, body, number) for number in range(3)]
    path = await made(api, "East", userIds=[str(one), str(two)])
    for user_ids in ([two, three], [], [one]):
        assert (await api.patch(path, json={"userIds": [str(each) for each in user_ids]})).status_code == 200
        assert (await api.get(path)).json()["data"]["userIds"] == user_ids
    assert (await api.get(f"/api/users/{one}")).json()["data"]["accessGroupIds"] == [2001, int(path.rpartition("/")[2])]
    assert (await api.patch(path, json={"groupDescription": "x"})).status_code == 200
    assert (await api.get(path)).json()["data"]["userIds"] == [one]


async def test_a_deleted_access_group_is_lost_by_its_users(api: AsyncClient, body: dict[str, Any]) -> None:
    user_id = await person(api, body)
    path = await made(api, "West", userIds=[str(user_id)])
    reply = await api.delete(path)
    assert (reply.status_code, reply.content) == (204, b"")
    assert [(await api.request(each, path)).status_code for each in ("GET", "PATCH", "DELETE")] == [404, 404, 404]
    assert (await api.get(f"/api/users/{user_id}")).json()["data"]["accessGroupIds"] == [2001]


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PATCH", {"groupDescription": "x", "userIds": []})])
async def test_a_readonly_access_group_stays_as_it_is(api: AsyncClient, method: str, body: Any) -> None:
    before = (await api.get("/api/access-groups/2001")).json()
    reply = await api.request(method, "/api/access-groups/2001", json=body)
    assert reply.status_code == 409
    assert reply.json()["message"].endswith("Access Group is read-only: 'Default System Access Group'.")
    assert (await api.get("/api/access-groups/2001")).json() == before


async def test_the_users_of_a_readonly_access_group_can_change(started: Started, body: dict[str, Any]) -> None:
    async with started() as (api, _):
        user_id = await person(api, body)
        assert (await api.patch("/api/access-groups/2001", json={"userIds": []})).status_code == 200
        # Nobody asks whether it was the last one: only what is written of the user itself is judged.
        assert (await api.get(f"/api/users/{user_id}")).json()["data"]["accessGroupIds"] == []
        assert (await api.patch(f"/api/users/{user_id}", json={"accessGroupIds": []})).status_code == 400


async def test_the_name_of_an_access_group_is_taken_within_its_org_unit_whatever_its_case(api: AsyncClient) -> None:
    await made(api, "Coast")
    reply = await api.post(PATH, json=GROUP | {"groupName": "COAST"})
    assert reply.status_code == 409
    assert reply.json()["message"].endswith("Access Group already exists: 'COAST'.")
    other = await made(api, "Hills")
    assert (await api.patch(other, json={"groupName": "coast"})).status_code == 409
    assert (await api.post("/api/org-units/101/access-groups", json=GROUP | {"groupName": "Coast"})).status_code == 204


@pytest.mark.parametrize(
    "change", [{"groupName": ""}, {"userIds": ["555"]}, {"userIds": [10001]}, {"orgUnitIds": []}, {"more": 1}]
)
async def test_a_change_of_an_access_group_that_breaks_a_rule_is_refused(
    api: AsyncClient, change: dict[str, Any]
) -> None:
    assert (await api.patch("/api/access-groups/2003", json=change)).status_code == 400
