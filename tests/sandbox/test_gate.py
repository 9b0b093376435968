import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from httpx import AsyncClient, ReadTimeout

Started = Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]]

CREATE = {"method": "POST", "route": "/api/org-units/{orgUnitId}/users"}
CHANGE = {"method": "PATCH", "route": "/api/users/{userId}"}
DELETE = {"method": "DELETE", "route": "/api/users/{userId}"}
LIST = "/api/org-units/50/users"


async def order(control: AsyncClient, kind: str, **more: Any) -> None:
    reply = await control.post("/faults", json={"kind": kind} | more)
    assert reply.status_code == 204, reply.text


async def kept(control: AsyncClient, email: str) -> list[dict[str, Any]]:
    users = (await control.get("/state")).json()["users"]
    return [user for user in users if user["email"] == email]


async def made(api: AsyncClient, body: dict[str, Any]) -> str:
    return f"/api/users/{(await api.post(LIST, json=body)).json()['data']['userId']}"


async def test_a_fourth_call_at_once_is_turned_away_immediately(started: Started) -> None:
    async with started(latency=0.3) as (api, control):
        begun = time.monotonic()
        calls = [asyncio.create_task(api.get(LIST)) for _ in range(5)]
        other = asyncio.create_task(api.get("/api/users/me"))
        first = await next(asyncio.as_completed(calls))
        assert first.status_code == 429
        assert time.monotonic() - begun < 0.3
        assert "TOO MANY REQUESTS" in first.json()["message"]
        assert sorted([(await call).status_code for call in calls]) == [200, 200, 200, 429, 429]
        assert (await other).status_code == 200
        seen = (await control.get("/calls")).json()["routes"]["GET /api/org-units/{orgUnitId}/users"]
        assert seen == {"calls": 5, "statuses": {"200": 3, "429": 2}, "mostInFlight": 3}


async def test_the_limit_is_an_option(started: Started) -> None:
    async with started(latency=0.1, in_flight=1) as (api, _):
        replies = await asyncio.gather(api.get(LIST), api.get(LIST))
        assert sorted(reply.status_code for reply in replies) == [200, 429]


async def test_a_dropped_create_succeeds_and_keeps_nothing(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    await order(control, "drop", **CREATE)
    reply = await api.post(LIST, json=body)
    assert reply.status_code == 201
    assert await kept(control, body["email"]) == []
    assert (await api.get(f"/api/users/{reply.json()['data']['userId']}")).status_code == 404
    assert (await api.post(LIST, json=body)).status_code == 201


async def test_a_dropped_change_succeeds_and_changes_nothing(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    path = await made(api, body)
    await order(control, "drop", **CHANGE)
    assert (await api.patch(path, json={"lastName": "Roe"})).status_code == 200
    assert [user["lastName"] for user in await kept(control, body["email"])] == ["Doe"]


async def test_a_dropped_delete_succeeds_and_deletes_nothing(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    path = await made(api, body)
    await order(control, "drop", **DELETE)
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 200


async def test_a_doubled_create_keeps_two_records(api: AsyncClient, control: AsyncClient, body: dict[str, Any]) -> None:
    await order(control, "double", **CREATE)
    await made(api, body)
    one, other = await kept(control, body["email"])
    assert one["userId"] != other["userId"]


async def test_an_altered_create_keeps_another_last_name(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    await order(control, "alter", **CREATE)
    await made(api, body)
    assert [user["lastName"] for user in await kept(control, body["email"])] == ["Altered"]


async def test_an_altered_change_keeps_another_last_name(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    path = await made(api, body)
    await order(control, "alter", **CHANGE)
    assert (await api.patch(path, json={"lastName": "Roe"})).status_code == 200
    assert (await api.get(path)).json()["data"]["lastName"] == "Altered"


@pytest.mark.parametrize("status", [500, 503])
async def test_a_failed_create_keeps_nothing(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any], status: int
) -> None:
    await order(control, "fail", status=status, **CREATE)
    reply = await api.post(LIST, json=body)
    assert reply.status_code == reply.json()["status"] == status
    assert await kept(control, body["email"]) == []


async def test_an_error_can_come_with_status_200(api: AsyncClient, control: AsyncClient, body: dict[str, Any]) -> None:
    await order(control, "error-in-200", **CREATE)
    reply = await api.post(LIST, json=body)
    assert (reply.status_code, set(reply.json())) == (200, {"error message"})
    assert await kept(control, body["email"]) == []


async def test_a_stalled_create_is_kept_before_it_is_answered(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    await order(control, "stall", seconds=0.3, **CREATE)
    with pytest.raises(ReadTimeout):
        await api.post(LIST, json=body, timeout=0.1)
    assert len(await kept(control, body["email"])) == 1


async def test_only_the_nth_call_is_spoilt(api: AsyncClient, control: AsyncClient) -> None:
    await order(control, "fail", method="GET", route="/api/users/me", nth=2)
    assert [(await api.get("/api/users/me")).status_code for _ in range(3)] == [200, 503, 200]


async def test_a_call_without_a_token_does_not_use_up_a_fault(api: AsyncClient, control: AsyncClient) -> None:
    await order(control, "fail", method="GET", route="/api/users/me")
    assert (await api.get("/api/users/me", headers={"Authorization": "Bearer wrong"})).status_code == 401
    assert (await api.get("/api/users/me")).status_code == 503
