import asyncio
import itertools
import json
from typing import Any

import httpx
import pytest
import respx

from adapter.simulator.control import Control
from adapter.simulator.entra import Entra, Form
from adapter.simulator.people import invented
from adapter.simulator.story import AT_ONCE, Story, told
from adapter.simulator.tally import Row

TENANT, CONTROL = "http://gateway.example/scim/v2", "http://control.example"
FORM = Form(TENANT, "http://gateway.example/oauth/token", "entra", "s3cret")
TOKEN = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600}
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"


class Gateway:
    """A gateway that keeps its users in a dictionary, and has as many upstream calls as requests."""

    def __init__(self, refused: str = "") -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.busy = self.most_busy = 0
        self._refused = refused
        self._ids = itertools.count(1)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        await asyncio.sleep(0.002 * (len(self.requests) % 2))  # every second one overtakes the one before
        self.busy -= 1
        status, body = self._answer(request)
        location = {"Location": f"{TENANT}/Users/{body.get('id')}"} if status == 201 else {}
        return httpx.Response(status, json=body, headers={"Content-Type": "application/scim+json"} | location)

    def _answer(self, request: httpx.Request) -> tuple[int, dict[str, Any]]:
        identifier = request.url.path.rpartition("/")[2]
        body = json.loads(request.content or b"{}")
        if "filter" in request.url.params:
            found = [user for user in self.users.values() if f'"{user["userName"]}"' in request.url.params["filter"]]
            return 200, {"schemas": [MESSAGES + "ListResponse"], "totalResults": len(found), "Resources": found}
        if request.method == "POST":
            if body["userName"] == self._refused:
                return 502, {"detail": "the upstream does not answer"}
            identifier = str(next(self._ids))
            self.users[identifier] = body | {"id": identifier, "active": True}
            return 201, self.users[identifier]
        if identifier not in self.users:
            return 404, {"schemas": [MESSAGES + "Error"], "status": "404"}
        if request.method == "DELETE":
            del self.users[identifier]
            return 204, {}
        for operation in body.get("Operations", []):
            path = operation.get("path")
            for name, value in ({path: operation["value"]} if path else operation["value"]).items():
                self._write(self.users[identifier], name, value)
        return 200, self.users[identifier]

    def _write(self, user: dict[str, Any], path: str, value: Any) -> None:
        if path.startswith("emails"):
            user["emails"] = [{"type": "work", "value": value}]
        elif path.startswith("name."):
            user["name"][path.partition(".")[2]] = value
        else:
            user[path] = {"True": True, "False": False}.get(value, value)


class Steps:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.dones = 0

    def step(self, name: str, requests: int) -> None:
        self.begun.append((name, requests))

    def done(self) -> None:
        self.dones += 1


async def tell(gateway: Gateway, watcher: Steps | None = None, users: int = 100) -> list[Row]:
    with respx.mock:
        respx.post(FORM.token_endpoint).respond(json=TOKEN)
        respx.route(url__startswith=TENANT).mock(side_effect=gateway.answer)
        respx.get(f"{CONTROL}/calls").mock(
            side_effect=lambda _: httpx.Response(200, json={"total": len(gateway.requests)})
        )
        async with Entra(FORM) as entra, Control(CONTROL) as control:
            return await told(Story(entra, invented(users)), control, watcher or Steps())


async def test_the_story_has_these_steps() -> None:
    assert [(row.step, row.request, row.result, row.calls) for row in await tell(Gateway())] == [
        ("test connection", "token", "1 given", 0),
        ("test connection", "probe for users", "3 empty", 3),
        ("test connection", "probe for groups", "3 empty", 3),
        ("initial cycle", "match query", "100 not there", 100),
        ("initial cycle", "create", "100 created", 100),
        ("incremental cycle", "token", "1 given", 0),
        ("incremental cycle", "GET", "53 read", 53),
        ("incremental cycle", "PATCH", "33 changed", 33),
        ("incremental cycle", "PATCH, no change", "10 accepted", 10),
        ("disable", "PATCH", "20 disabled", 20),
        ("disable", "GET", "20 still there", 20),
        ("disable", "match query", "20 still found", 20),
        ("restore", "PATCH", "10 restored", 10),
        ("delete", "DELETE", "10 deleted", 10),
        ("delete", "GET", "10 gone (404)", 10),
        ("delete", "match query", "10 not found", 10),
        ("delete", "DELETE again", "10 gone (404)", 10),
    ]


async def test_the_story_leaves_everybody_as_the_source_has_them() -> None:
    gateway = Gateway()
    await tell(gateway)
    assert sorted((user["userName"], user["active"]) for user in gateway.users.values()) == sorted(
        (after.user_name, after.active) for person in invented(100) if (after := person.afterwards())
    )


async def test_the_watcher_hears_of_every_step_and_request() -> None:
    watcher = Steps()
    await tell(Gateway(), watcher)
    assert watcher.begun == [
        ("test connection", 7),
        ("initial cycle", 200),
        ("incremental cycle", 97),
        ("disable", 60),
        ("restore", 10),
        ("delete", 40),
    ]
    assert watcher.dones == sum(requests for _, requests in watcher.begun)


async def test_several_requests_are_under_way_at_once() -> None:
    gateway = Gateway()
    await tell(gateway)
    assert gateway.most_busy == AT_ONCE


@pytest.mark.parametrize("users", [10, 50])
async def test_the_last_creation_is_that_of_the_last_person(users: int) -> None:
    gateway = Gateway()
    await tell(gateway, users=users)
    assert gateway.users[str(users)]["userName"] == invented(users)[-1].user_name


async def test_a_failed_creation_is_counted_and_the_story_goes_on() -> None:
    refused = invented(100)[0]  # who would be renamed
    rows = await tell(Gateway(refused.user_name))
    assert [line for row in rows for line in row.failures] == [f"{refused.user_name}: 502 the upstream does not answer"]
    results = {(row.step, row.request): row.result for row in rows}
    assert results["initial cycle", "create"] == "99 created, 1 failed"
    assert results["incremental cycle", "PATCH"] == "32 changed"
