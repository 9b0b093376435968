from typing import Any

import pytest
from httpx import AsyncClient

PATH = "/api/org-units/50/user-roles"
ROLE = {"roleName": "Help desk", "description": "Sees devices", "permissionIds": ["1", "2"]}


async def made(api: AsyncClient, name: str, **more: Any) -> str:
    reply = await api.post(PATH, json=ROLE | {"roleName": name} | more)
    assert reply.status_code == 201, reply.text
    return f"{PATH}/{reply.json()['data']['roleId']}"


async def test_roles_are_listed_in_pages(api: AsyncClient) -> None:
    answer = (await api.get(PATH, params={"pageSize": "1"})).json()
    assert answer["totalItems"] >= 3
    assert answer["data"] == [
        {
            "roleId": 1001,
            "roleName": "Default Dashboard Role",
            "roleDescription": "Sees the dashboards",
            "createdOn": "2026-01-05T08:00:00Z",
            "modifiedOn": "2026-01-05T08:00:00Z",
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
    answer = (await api.get(f"{PATH}/{role_id}")).json()
    assert answer == {
        "data": {
            "roleId": role_id,
            "orgUnitId": 50,
            "roleName": "Help desk",
            "roleDescription": "Sees devices",
            "userIds": [user_id],
            "createdOn": answer["data"]["createdOn"],
            "modifiedOn": answer["data"]["createdOn"],
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


@pytest.mark.parametrize("select", ["roleName==user administrator", "roleName==User*;roleId!=1001", "roleId==1003"])
async def test_roles_are_selected(api: AsyncClient, select: str) -> None:
    answer = (await api.get(PATH, params={"select": select})).json()
    assert [role["roleId"] for role in answer["data"]] == [1003]


async def test_a_role_is_changed_and_answered_by_its_id_alone(api: AsyncClient) -> None:
    path = await made(api, "Night shift")
    change = {"roleName": "Day shift", "description": "Sees more", "permissionIds": ["3"]}
    reply = await api.patch(path, json=change)
    role_id = int(path.rpartition("/")[2])
    assert reply.status_code == 200
    assert reply.json() == {"status": 200, "message": "User role updated successfully.", "data": {"roleId": role_id}}
    data = (await api.get(path)).json()["data"]
    assert (data["roleName"], data["roleDescription"]) == ("Day shift", "Sees more")
    assert data["_extra"]["permissions"] == ["DEVICES_EDIT"]
    assert (await api.patch(path, json={"roleName": "DAY SHIFT"})).status_code == 200  # its own name


async def test_a_deleted_role_is_lost_by_its_users(api: AsyncClient, body: dict[str, Any]) -> None:
    user_id = (await api.post("/api/org-units/50/users", json=body | {"roleIds": ["1001"]})).json()["data"]["userId"]
    path = await made(api, "Temporary", userIds=[str(user_id)])
    role_id = int(path.rpartition("/")[2])
    selected = {"select": f"roleIds=={role_id}"}
    (holder,) = (await api.get("/api/org-units/50/users", params=selected)).json()["data"]
    assert (holder["userId"], holder["roleIds"]) == (user_id, [1001, role_id])
    reply = await api.delete(path)
    assert (reply.status_code, reply.content) == (204, b"")
    assert [(await api.request(each, path)).status_code for each in ("GET", "PATCH", "DELETE")] == [404, 404, 404]
    assert (await api.get(f"/api/users/{user_id}")).json()["data"]["roleIds"] == [1001]
    assert (await api.get("/api/org-units/50/users", params=selected)).json()["data"] == []


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PATCH", {"description": "x"})])
async def test_a_readonly_role_stays_as_it_is(api: AsyncClient, method: str, body: Any) -> None:
    before = (await api.get(f"{PATH}/1001")).json()
    reply = await api.request(method, f"{PATH}/1001", json=body)
    assert reply.status_code == 409
    assert reply.json()["message"].endswith("Role is read-only: 'Default Dashboard Role'.")
    assert (await api.get(f"{PATH}/1001")).json() == before


async def test_the_name_of_a_role_is_taken_within_its_org_unit_whatever_its_case(api: AsyncClient) -> None:
    path = await made(api, "Auditor")
    reply = await api.post(PATH, json=ROLE | {"roleName": "AUDITOR"})
    assert reply.status_code == 409
    assert reply.json()["message"].endswith("Role already exists: 'AUDITOR'.")
    other = await made(api, "Bookkeeper")
    assert (await api.patch(other, json={"roleName": "auditor"})).status_code == 409
    assert (await api.post("/api/org-units/101/user-roles", json=ROLE | {"roleName": "Auditor"})).status_code == 201
    assert (await api.patch(path, json={"roleName": "Reviewer"})).status_code == 200
    assert (await api.patch(other, json={"roleName": "auditor"})).status_code == 200  # it is free again


@pytest.mark.parametrize("change", [{"roleName": ""}, {"permissionIds": ["999"]}, {"userIds": []}, {"readonly": False}])
async def test_a_change_of_a_role_that_breaks_a_rule_is_refused(api: AsyncClient, change: dict[str, Any]) -> None:
    assert (await api.patch(f"{PATH}/1003", json=change)).status_code == 400
