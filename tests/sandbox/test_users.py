from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from httpx import AsyncClient

Started = Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]]
LIST = "/api/org-units/50/users"


async def made(api: AsyncClient, body: dict[str, Any], unit: int = 50) -> int:
    reply = await api.post(f"/api/org-units/{unit}/users", json=body)
    assert reply.status_code == 201, reply.text
    return int(reply.json()["data"]["userId"])


async def test_the_users_path_is_no_list_of_users(api: AsyncClient) -> None:
    reply = await api.get("/api/users")
    assert reply.json() == {"_links": {"user-list - GET": "/api/org-units/{orgUnitId}/users"}}


async def test_a_created_user_is_answered_by_its_id_alone(api: AsyncClient, body: dict[str, Any]) -> None:
    reply = await api.post(LIST, json=body)
    assert reply.status_code == 201
    answer = reply.json()
    assert isinstance(answer["data"].pop("userId"), int)
    assert answer == {"status": 201, "message": "User created successfully.", "data": {}}


async def test_a_created_user_is_read_with_ids_as_integers(api: AsyncClient, body: dict[str, Any]) -> None:
    user_id = await made(api, body)
    answer = (await api.get(f"/api/users/{user_id}")).json()
    assert answer == {
        "data": {
            "userId": user_id,
            "userName": body["username"],
            "firstName": "John",
            "lastName": "Doe",
            "fullName": "John Doe",
            "description": "",
            "isEnabled": True,
            "isLocked": False,
            "isLdap": False,
            "readOnly": False,
            "supportUser": False,
            "loggedInUser": False,
            "apiOnlyUser": False,
            "twoFactorEnabled": False,
            "currentSsoProvider": "None",
            "roleIds": [1001, 1002],
            "accessGroupIds": [2001, 2002],
            "customerTree": ["System", "Fernhill Managed Services"],
            "email": body["email"],
            "createdOn": answer["data"]["createdOn"],
            "modifiedOn": answer["data"]["createdOn"],
        },
        "_links": {},
    }
    assert answer["data"]["createdOn"].endswith("Z")
    listed = (await api.get(LIST, params={"select": f"userId=={user_id}"})).json()
    assert listed["data"] == [answer["data"]]


async def test_everything_written_is_kept_except_the_password(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    user_id = await made(api, body)
    users = (await control.get("/state")).json()["users"]
    (kept,) = (user for user in users if user["userId"] == user_id)
    assert "password" not in kept
    written = body | {"roleIds": [1001, 1002], "accessGroupIds": [2001, 2002]}
    del written["password"]
    assert {name: kept[name] for name in written} == written


async def test_a_listing_shows_the_unit_and_those_below_it(started: Started, body: dict[str, Any]) -> None:
    async with started() as (api, _):
        for number, unit in enumerate((1, 50, 101)):
            await made(api, body | {"email": f"unit{unit}@example.com", "username": f"unit{number}"}, unit)
        shown = [
            [user["email"] for user in (await api.get(f"/api/org-units/{unit}/users")).json()["data"]]
            for unit in (1, 50, 101)
        ]
        every = ["unit1@example.com", "unit50@example.com", "unit101@example.com"]
        assert shown == [every, every[1:], every[2:]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_org_unit_is_not_found(api: AsyncClient, method: str) -> None:
    reply = await api.request(method, "/api/org-units/555/users")
    assert reply.status_code == 404
    assert reply.json()["message"].endswith("] NOT FOUND: ResourceNotFoundException: Org Unit not found: '555'.")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_org_unit_that_is_no_number_is_malformed(api: AsyncClient, method: str) -> None:
    reply = await api.request(method, "/api/org-units/someString/users")
    assert reply.status_code == 400
    assert reply.json()["message"].endswith(
        "] BAD REQUEST: InvalidInputFormatException: Invalid orgUnitId format: someString."
    )


async def test_a_listing_is_selected_by_user_name(api: AsyncClient, body: dict[str, Any]) -> None:
    user_id = await made(api, body)
    answer = (await api.get(LIST, params={"select": f"userName=={body['username'].upper()}"})).json()
    assert [user["userId"] for user in answer["data"]] == [user_id]
    assert answer["totalItems"] == 1


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"select": "nickName==ada"}, 400, "Field not found: nickName"),
        ({"select": "userId=gt=5"}, 500, "INTERNAL SERVER ERROR: NullPointerException"),
        ({"sortBy": "email"}, 400, "Invalid sortBy"),
        ({"sortBy": "LASTNAME"}, 400, "Invalid sortBy"),
        ({"sortOrder": "natural"}, 400, "Invalid sortOrder"),
        ({"sortOrder": "reverse"}, 400, "Invalid sortOrder"),
    ],
)
async def test_a_query_is_refused(api: AsyncClient, query: dict[str, str], status: int, text: str) -> None:
    reply = await api.get(LIST, params=query)
    assert reply.status_code == status
    assert text in reply.json()["message"]


async def test_a_listing_is_sorted(started: Started) -> None:
    async with started(users=20) as (api, _):
        answer = (await api.get(LIST, params={"sortBy": "lastName", "sortOrder": "DESC"})).json()
        names = [user["lastName"].casefold() for user in answer["data"]]
        assert names == sorted(names, reverse=True)


@pytest.mark.parametrize("taken", ["email", "username"])
async def test_a_taken_name_is_a_conflict(api: AsyncClient, body: dict[str, Any], taken: str) -> None:
    await made(api, body)
    other = {"email": f"other-{body['email']}", "username": f"other-{body['username']}"}
    reply = await api.post(LIST, json=body | other | {taken: body[taken].upper()})
    assert reply.status_code == 409
    assert reply.json()["message"].endswith(f"already exists: '{body[taken].upper()}'.")


async def test_the_email_of_a_deleted_user_stays_taken(api: AsyncClient, body: dict[str, Any]) -> None:
    reply = await api.delete(f"/api/users/{await made(api, body)}")
    assert (reply.status_code, reply.content) == (204, b"")
    assert (await api.post(LIST, json=body)).status_code == 409


async def test_the_service_account_has_a_profile(api: AsyncClient) -> None:
    answer = (await api.get("/api/users/me")).json()
    documented = (
        "userId customerId username title firstName lastName email phone extension department street1 street2 city"
        " stateProv country postalCode isEnabled isLocked isPasswordExpired isPasswordResetRequired autoSOPower"
        " autoSOUser isLDAP ncompassEnabled twoFactorType previousTwoFactorType externallyProvisioned generation"
    )
    assert set(answer.pop("data")) == set(documented.split())
    assert answer == {"status": 200, "message": "User profile retrieved successfully."}


async def test_a_change_is_answered_by_the_id_alone(api: AsyncClient, body: dict[str, Any]) -> None:
    user_id = await made(api, body)
    reply = await api.patch(f"/api/users/{user_id}", json={"lastName": "Roe", "roleIds": ["1003", "1001"]})
    assert reply.status_code == 200
    assert reply.json() == {"status": 200, "message": "User updated successfully.", "data": {"userId": user_id}}
    data = (await api.get(f"/api/users/{user_id}")).json()["data"]
    assert (data["fullName"], data["roleIds"], data["accessGroupIds"]) == ("John Roe", [1003, 1001], [2001, 2002])


async def test_a_user_is_disabled_and_enabled_by_its_status(api: AsyncClient, body: dict[str, Any]) -> None:
    path = f"/api/users/{await made(api, body)}"
    for status, enabled in (("disabled", False), ("enabled", True)):
        assert (await api.patch(path, json={"status": status})).status_code == 200
        assert (await api.get(path)).json()["data"]["isEnabled"] is enabled


@pytest.mark.parametrize(
    "change",
    [
        {"password": "SecurePassword123!"},
        {"isEnabled": False},
        {"status": None},
        {"telephone": None},
        {"ext": "abc"},
        {"lastName": ""},
        {"roleIds": []},
        {"accessGroupIds": []},
        {"roleIds": [1001]},
        {"accessGroupIds": ["9999"]},
    ],
)
async def test_a_change_that_breaks_a_rule_changes_nothing(
    api: AsyncClient, body: dict[str, Any], change: dict[str, Any]
) -> None:
    path = f"/api/users/{await made(api, body)}"
    before = (await api.get(path)).json()
    assert (await api.patch(path, json={"firstName": "Jane"} | change)).status_code == 400
    assert (await api.get(path)).json() == before


async def test_a_change_to_a_taken_name_is_a_conflict(api: AsyncClient, body: dict[str, Any]) -> None:
    await made(api, body)
    second = await made(api, body | {"email": f"b{body['email']}", "username": f"b{body['username']}"})
    assert (await api.patch(f"/api/users/{second}", json={"email": body["email"]})).status_code == 409


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_unknown_user_is_not_found(api: AsyncClient, method: str) -> None:
    reply = await api.request(method, "/api/users/555")
    assert reply.status_code == 404
    assert reply.json()["message"].endswith("] NOT FOUND: ResourceNotFoundException: User not found: '555'.")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a_user_id_that_is_no_number_is_malformed(api: AsyncClient, method: str) -> None:
    assert (await api.request(method, "/api/users/someone")).status_code == 400
