from typing import Any

import pytest
from httpx import AsyncClient

PATH = "/api/access-groups/2003/users"


async def person(api: AsyncClient, body: dict[str, Any], number: int) -> int:
    more = {"email": f"{number}{body['email']}", "username": f"{number}{body['username']}", "accessGroupIds": ["2001"]}
    return int((await api.post("/api/org-units/50/users", json=body | more)).json()["data"]["userId"])


async def members(api: AsyncClient) -> list[int]:
    answer = (await api.get(PATH, params={"pageSize": "-1"})).json()
    return [user["userId"] for user in answer["data"]]


async def test_members_are_listed_in_pages(api: AsyncClient, body: dict[str, Any]) -> None:
    ids = [await person(api, body, number) for number in range(3)]
    await api.post(PATH, json={"userIds": [str(each) for each in ids]})
    answer = (
        await api.get(PATH, params={"pageSize": "2", "pageNumber": "1", "select": f"userName==*{body['username']}"})
    ).json()
    assert answer["data"] == [{"userId": ids[number], "userName": f"{number}{body['username']}"} for number in (0, 1)]
    assert (answer["totalItems"], answer["totalPages"]) == (3, 2)
    assert answer["_links"]["nextPage"].startswith(f"{PATH}?")
    assert (await api.get(PATH, params={"sortBy": "userName", "sortOrder": "reverse"})).status_code == 200
    assert (await api.get(PATH, params={"sortBy": "firstName"})).status_code == 400


async def test_members_are_added_and_nothing_is_answered(api: AsyncClient, body: dict[str, Any]) -> None:
    one, two = [await person(api, body, number) for number in range(2)]
    before = await members(api)
    for user_ids in ([one], [one, two], [two, two]):  # the second and the third say again what is so
        reply = await api.post(PATH, json={"userIds": [str(each) for each in user_ids]})
        assert (reply.status_code, reply.content) == (204, b"")
    assert await members(api) == [*before, one, two]
    assert (await api.get(f"/api/users/{one}")).json()["data"]["accessGroupIds"] == [2001, 2003]
    assert (await api.get("/api/access-groups/2003")).json()["data"]["userIds"] == [*before, one, two]


async def test_a_member_is_taken_out_once(api: AsyncClient, body: dict[str, Any]) -> None:
    one, two = [await person(api, body, number) for number in range(2)]
    await api.post(PATH, json={"userIds": [str(one), str(two)]})
    reply = await api.delete(f"{PATH}/{one}")
    assert (reply.status_code, reply.content) == (204, b"")
    assert one not in await members(api)
    assert two in await members(api)
    again = await api.delete(f"{PATH}/{one}")
    assert again.status_code == 404
    assert again.json()["message"].endswith(f"Access Group Member not found: '{one}'.")


@pytest.mark.parametrize("body", [{}, {"userIds": []}, {"userIds": [10001]}, {"userIds": ["555"]}, {"userId": "10001"}])
async def test_an_addition_that_breaks_a_rule_is_refused(api: AsyncClient, body: dict[str, Any]) -> None:
    assert (await api.post(PATH, json=body)).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/access-groups/555/users", 404),
        ("POST", "/api/access-groups/555/users", 404),
        ("DELETE", "/api/access-groups/555/users/10001", 404),
        ("DELETE", f"{PATH}/555", 404),
        ("DELETE", f"{PATH}/x", 400),
        ("GET", "/api/access-groups/x/users", 400),
    ],
)
async def test_what_is_not_there_is_not_found(api: AsyncClient, method: str, path: str, status: int) -> None:
    assert (await api.request(method, path)).status_code == status


async def test_a_dropped_addition_succeeds_and_adds_nothing(
    api: AsyncClient, control: AsyncClient, body: dict[str, Any]
) -> None:
    user_id = await person(api, body, 0)
    fault = {"kind": "drop", "method": "POST", "route": "/api/access-groups/{accessGroupId}/users"}
    assert (await control.post("/faults", json=fault)).status_code == 204
    assert (await api.post(PATH, json={"userIds": [str(user_id)]})).status_code == 204
    assert user_id not in await members(api)
