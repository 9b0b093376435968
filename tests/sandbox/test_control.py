from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from httpx import AsyncClient

ROUTE = "/api/org-units/{orgUnitId}/users"


@pytest.fixture
async def own(
    started: Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]],
) -> AsyncGenerator[tuple[AsyncClient, AsyncClient]]:
    async with started(users=2) as clients:
        yield clients


async def test_the_state_is_everything_that_is_kept(control: AsyncClient) -> None:
    state = (await control.get("/state")).json()
    assert set(state) == {"users", "roles", "accessGroups"}
    assert state["roles"][0] == {
        "roleId": 1001,
        "orgUnitId": 1,
        "roleName": "Default Dashboard Role",
        "roleDescription": "Sees the dashboards",
        "permissionIds": [1],
        "readonly": True,
        "createdOn": "2026-01-05T08:00:00Z",
        "modifiedOn": "2026-01-05T08:00:00Z",
    }
    assert state["accessGroups"][0]["groupId"] == 2001


async def test_calls_are_counted_until_they_are_forgotten(own: tuple[AsyncClient, AsyncClient]) -> None:
    api, control = own
    await api.get("/api/org-units/50/users")
    await api.get("/api/org-units/101/users")
    await api.get("/api/org-units/555/users")
    assert (await control.get("/calls")).json() == {
        "total": 3,
        "routes": {f"GET {ROUTE}": {"calls": 3, "statuses": {"200": 2, "404": 1}, "mostInFlight": 1}},
    }
    assert (await control.delete("/calls")).status_code == 204
    assert (await control.get("/calls")).json() == {"total": 0, "routes": {}}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "explode"},
        {"kind": "drop", "when": "now"},
        {"kind": "drop", "nth": 0},
        {"kind": "drop", "nth": "1"},
        {"kind": "drop", "status": 503},
        {"kind": "fail", "status": 200},
        {"kind": "fail", "seconds": 2},
        {"kind": "stall", "seconds": -1},
        {"kind": "drop", "route": "/api/nope"},
        {"kind": "drop", "method": "GET"},
        {"kind": "double", "method": "PATCH", "route": "/api/users/{userId}"},
        {"kind": "alter", "method": "DELETE", "route": "/api/users/{userId}"},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(control: AsyncClient, fault: dict[str, Any]) -> None:
    reply = await control.post("/faults", json={"method": "POST", "route": ROUTE} | fault)
    assert reply.status_code == 400


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"kind":"drop"}'])
async def test_an_order_that_cannot_be_read_is_refused(control: AsyncClient, content: bytes) -> None:
    assert (await control.post("/faults", content=content)).status_code == 400


async def test_faults_that_are_cleared_do_not_happen(api: AsyncClient, control: AsyncClient) -> None:
    assert (await control.post("/faults", json={"kind": "fail", "method": "GET", "route": ROUTE})).status_code == 204
    assert (await control.delete("/faults")).status_code == 204
    assert (await api.get("/api/org-units/50/users")).status_code == 200


async def test_after_a_restart_every_token_is_dead_and_every_user_is_there(
    own: tuple[AsyncClient, AsyncClient],
) -> None:
    api, control = own
    assert (await control.post("/restart")).status_code == 204
    assert (await api.get("/api/users/me")).status_code == 401
    assert len((await control.get("/state")).json()["users"]) == 2


async def test_an_expired_password_spoils_every_call_but_the_exchange(
    own: tuple[AsyncClient, AsyncClient], jwt: str
) -> None:
    api, control = own
    assert (await control.post("/service-account", json={"passwordExpired": True})).status_code == 204
    reply = await api.post("/api/auth/authenticate", headers={"Authorization": f"Bearer {jwt}"})
    assert reply.status_code == 200
    for path in ("/api/users/me", "/api/org-units/1/users", "/api/auth/validate"):
        reply = await api.get(path)
        assert reply.status_code == 500
        assert reply.json()["message"].endswith(
            "INTERNAL SERVER ERROR: UnexpectedDmsResponseException: DMS responded with non-success status code : 500."
        )
    await control.post("/service-account", json={"passwordExpired": False})
    assert (await api.get("/api/users/me")).status_code == 200


@pytest.mark.parametrize("body", [{}, {"passwordExpired": "yes"}, {"passwordExpired": True, "more": 1}])
async def test_a_service_account_change_that_cannot_be_read_is_refused(
    control: AsyncClient, body: dict[str, Any]
) -> None:
    assert (await control.post("/service-account", json=body)).status_code == 400
