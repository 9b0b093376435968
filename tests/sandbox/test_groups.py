from typing import Any

import pytest
from httpx import AsyncClient

PATH = "/api/org-units/50/access-groups"
GROUP = {"groupName": "North", "groupDescription": "The north region"}


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
