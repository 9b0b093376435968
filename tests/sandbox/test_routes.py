from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from httpx import AsyncClient

from adapter.sandbox.routes import ROUTES, routes

ASSUMED = [
    "GET /api/users/{userId}",
    "PATCH /api/users/{userId}",
    "DELETE /api/users/{userId}",
    "PATCH /api/org-units/{orgUnitId}/user-roles/{userRoleId}",
    "DELETE /api/org-units/{orgUnitId}/user-roles/{userRoleId}",
    "PATCH /api/access-groups/{accessGroupId}",
    "DELETE /api/access-groups/{accessGroupId}",
    "GET /api/access-groups/{accessGroupId}/users",
    "POST /api/access-groups/{accessGroupId}/users",
    "DELETE /api/access-groups/{accessGroupId}/users/{userId}",
]


def test_no_route_is_in_the_table_twice() -> None:
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names))


def test_what_is_assumed_is_left_out_with_stock() -> None:
    assert [route.name for route in routes(stock=False) if route.assumed] == ASSUMED
    assert [route.name for route in routes(stock=True) if route.assumed] == []


async def test_a_stock_sandbox_knows_only_what_n_able_documents(
    started: Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]],
) -> None:
    async with started(stock=True, users=1) as (api, control):
        for method in ("GET", "PATCH", "DELETE"):
            reply = await api.request(method, "/api/users/10001")
            assert reply.status_code == 404
            assert "Path not found" in reply.json()["message"]
        assert (await api.delete("/api/users/me")).status_code == 405
        for path in ("/api/org-units/50/user-roles/1003", "/api/access-groups/2003"):
            assert [(await api.request(each, path)).status_code for each in ("GET", "PATCH", "DELETE")] == [
                200,
                405,
                405,
            ]
        assert (await api.get("/api/access-groups/2003/users")).status_code == 404
        (user,) = (await api.get("/api/org-units/1/users")).json()["data"]
        assert "email" not in user
        assert (await api.get("/api/org-units/1/users?select=email==x")).status_code == 400
        assert "email" in (await control.get("/state")).json()["users"][0]
        document = (await api.get("/api-explorer/openapi-spec.json")).json()
        assert "/api/users/{userId}" not in document["paths"]
