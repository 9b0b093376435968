import json

import httpx
import pytest
import respx

from adapter.simulator.control import Control

URL = "http://127.0.0.1:8082"


@respx.mock
async def test_the_calls_and_the_users_are_read() -> None:
    respx.get(f"{URL}/calls").respond(json={"total": 3, "routes": {}})
    respx.get(f"{URL}/state").respond(json={"users": [{"userName": "ada"}], "roles": []})
    async with Control(URL) as control:
        assert await control.calls() == {"total": 3, "routes": {}}
        assert await control.users() == [{"userName": "ada"}]


@respx.mock
async def test_a_fault_is_ordered_for_one_creation() -> None:
    ordered = respx.post(f"{URL}/faults").respond(201)
    async with Control(URL) as control:
        await control.spoil("drop", nth=12)
    assert json.loads(ordered.calls.last.request.content) == {
        "kind": "drop",
        "method": "POST",
        "route": "/api/org-units/{orgUnitId}/users",
        "nth": 12,
    }


@respx.mock
async def test_a_control_port_that_refuses_is_an_error() -> None:
    respx.get(f"{URL}/state").respond(500)
    async with Control(URL) as control:
        with pytest.raises(httpx.HTTPStatusError):
            await control.users()
