import asyncio
import logging
import re
from typing import Any, cast

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient

from adapter.sandbox.api import api as user_api
from adapter.sandbox.call import Call
from adapter.sandbox.gate import Gate
from adapter.sandbox.routes import ROUTES
from adapter.sandbox.seed import seeded
from adapter.sandbox.sessions import Sessions
from adapter.sandbox.world import World

ERROR = r"\[ID=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}\] "


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/api/nope", 404, "NOT FOUND: ResourceNotFoundException: Path not found: '/api/nope'."),
        ("GET", "/", 404, "NOT FOUND: ResourceNotFoundException: Path not found: '/'."),
        ("PUT", "/api/users", 405, "METHOD NOT ALLOWED: MethodNotAllowedException: Method not allowed: PUT."),
        ("DELETE", "/api/org-units/50/users", 405, "METHOD NOT ALLOWED"),
    ],
)
async def test_an_unknown_path_or_method_has_n_central_s_error_body(
    api: AsyncClient, method: str, path: str, status: int, says: str
) -> None:
    reply = await api.request(method, path)
    assert reply.status_code == reply.json()["status"] == status
    assert re.match(ERROR + re.escape(says), reply.json()["message"])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"email":"\xff"}', b"[" * 100_000])
async def test_a_body_that_is_no_json_object_has_n_central_s_error_body(api: AsyncClient, content: bytes) -> None:
    reply = await api.post("/api/org-units/50/users", content=content)
    assert reply.status_code == 400
    assert re.match(ERROR + "BAD REQUEST: InvalidInputFormatException", reply.json()["message"])


async def test_a_body_that_is_too_large_has_n_central_s_error_body(api: AsyncClient) -> None:
    reply = await api.post("/api/org-units/50/users", content=b" " * 11_000_000)
    assert reply.status_code == reply.json()["status"] == 413


async def test_a_fault_of_the_sandbox_itself_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    def stumble(_world: World, _call: Call) -> None:
        raise ZeroDivisionError

    broken = msgspec.structs.replace(ROUTES[0], handle=stumble)
    gate = Gate(World(store=seeded(), sessions=Sessions("jwt")))
    wire = ASGITransport(cast("Any", user_api(gate, [broken])))  # one protocol, typed differently by the two libraries
    async with AsyncClient(transport=wire, base_url="http://sandbox") as client:
        with caplog.at_level(logging.ERROR):
            reply = await client.post(broken.path)
    assert reply.status_code == 500
    assert re.match(ERROR + "INTERNAL SERVER ERROR: ZeroDivisionError", reply.json()["message"])
    assert "the sandbox failed" in caplog.text


async def test_two_creates_of_one_person_at_once_make_one_user(api: AsyncClient, body: dict[str, object]) -> None:
    replies = await asyncio.gather(*(api.post("/api/org-units/50/users", json=body) for _ in range(2)))
    assert sorted(reply.status_code for reply in replies) == [201, 409]
