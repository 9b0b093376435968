from typing import Any

import pytest
from httpx import AsyncClient

PATH = "/api/org-units/50/user-roles"
ROLE = {"roleName": "Help desk", "description": "Sees devices", "permissionIds": ["1", "2"]}


async def test_roles_are_listed_in_pages(api: AsyncClient) -> None:
    answer = (await api.get(PATH, params={"pageSize": "1"})).json()
    assert answer["totalItems"] >= 3
    assert answer["data"] == [
        {
            "roleId": 1001,
            "roleName": "Default Dashboard Role",
            "roleDescription": "Sees the dashboards",
            "_extra": {
                "cloneable": True,
                "readonly": True,
                "usernames": [],
                "permissions": ["DASHBOARDS_VIEW"],
            },
        }
    ]


@pytest.mark.parametrize("order", ["natural", "reverse"])
async def test_roles_know_two_more_orders_than_users(api: AsyncClient, order: str) -> None:
    assert (await api.get(PATH, params={"sortBy": "roleName", "sortOrder": order})).status_code == 200


async def test_a_role_is_made_with_its_users(api: AsyncClient, body: dict[str, Any]) -> None:
    user_id = (await api.post("/api/org-units/50/users", json=body)).json()["data"]["userId"]
    reply = await api.post(PATH, json=ROLE | {"userIds": [str(user_id)]})
    assert reply.status_code == 201
    role_id = reply.json()["data"]["roleId"]
    assert reply.json() == {"data": {"roleId": role_id}, "_links": []}
    assert (await api.get(f"{PATH}/{role_id}")).json() == {
        "data": {
            "roleId": role_id,
            "orgUnitId": 50,
            "roleName": "Help desk",
            "roleDescription": "Sees devices",
            "userIds": [user_id],
            "_extra": {
                "cloneable": True,
                "readonly": False,
                "usernames": ["John Doe"],
                "permissions": ["DASHBOARDS_VIEW", "DEVICES_VIEW"],
            },
        },
        "_links": {},
    }
    assert role_id in (await api.get(f"/api/users/{user_id}")).json()["data"]["roleIds"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("roleName", ""),
        ("roleName", None),
        ("description", "x" * 256),
        ("permissionIds", [1]),
        ("permissionIds", ["999"]),
        ("userIds", ["555"]),
        ("more", "x"),
    ],
)
async def test_a_role_that_breaks_a_rule_is_refused(api: AsyncClient, name: str, value: Any) -> None:
    reply = await api.post(PATH, json=ROLE | {name: value})
    assert reply.status_code == 400
    assert [error["field"] for error in reply.json()["errors"]] == [name]


@pytest.mark.parametrize("name", ROLE)
async def test_a_role_s_required_field_must_be_there(api: AsyncClient, name: str) -> None:
    reply = await api.post(PATH, json={key: value for key, value in ROLE.items() if key != name})
    assert reply.json()["errors"] == [{"field": name, "message": f"{name} is required"}]


@pytest.mark.parametrize(
    ("path", "status"), [(f"{PATH}/555", 404), (f"{PATH}/x", 400), ("/api/org-units/555/user-roles", 404)]
)
async def test_a_role_that_cannot_be_found(api: AsyncClient, path: str, status: int) -> None:
    assert (await api.get(path)).status_code == status
