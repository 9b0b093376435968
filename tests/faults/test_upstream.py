"""The upstream of the campaign keeps records, lets callers in, counts, and has switches."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.faults.caller import Answer, Caller
from tests.faults.plan import Fault, Plan, Rule
from tests.faults.store import CANARIES, Store
from tests.faults.upstream import KEY, Upstream

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _entered(
    store: Store | None = None, plan: Plan | None = None, service: float = 0.0, life: int = 3600
) -> AsyncIterator[tuple[Upstream, Caller]]:
    async with (
        Upstream(store, plan, service=service, token_life=life) as upstream,
        Caller(upstream.listening.port, patience=5) as caller,
    ):
        answer = await caller.call("POST", "/login", {"key": KEY})
        caller.headers["Authorization"] = f"Bearer {answer.body['token']}"
        yield upstream, caller


async def _made(caller: Caller, login: str = "ada", **fields: Any) -> Answer:
    return await caller.call("POST", "/users", {"login": login, **fields})


async def test_a_record_is_made_read_changed_replaced_and_removed_with_a_history() -> None:
    async with _entered() as (upstream, caller):
        made = (await _made(caller, given="Ada")).body
        assert made == made | CANARIES | {"login": "ada", "given": "Ada", "pin": "****"}
        place = f"/users/{made['id']}"
        assert (await caller.call("PATCH", place, {"given": "Augusta"})).body["given"] == "Augusta"
        assert (await caller.call("POST", f"{place}/disable")).status == 204
        assert (await caller.call("GET", place)).body["enabled"] is False
        assert (await caller.call("PUT", place, {"login": "ada"})).body.keys() == {"id", "login", "pin", "created"}
        assert (await caller.call("DELETE", place)).status == 204
        assert (await caller.call("GET", place)).status == 404
        [record] = upstream.store.records.values()
        assert [each.what for each in record.history] == ["create", "update", "disable", "replace", "delete"]
        assert all(upstream.wire[each.request - 1].committed for each in record.history if each.request)


@pytest.mark.parametrize("field", ["pin", "created"])
async def test_a_masked_or_made_field_cannot_be_written(field: str) -> None:
    async with _entered() as (upstream, caller):
        made = (await _made(caller)).body
        assert (await caller.call("PATCH", f"/users/{made['id']}", {field: made[field]})).status == 400
        assert len(upstream.store.records[made["id"]].history) == 1


async def test_a_list_has_pages_and_a_search_ignores_case() -> None:
    async with _entered() as (_upstream, caller):
        for number in range(5):
            await _made(caller, f"u{number}")
        second = (await caller.call("GET", "/users?page=2&size=2")).body
        assert ([each["login"] for each in second["items"]], second["total"]) == (["u2", "u3"], 5)
        assert (await caller.call("GET", "/users?login=U3")).body["total"] == 1


@pytest.mark.parametrize(("unique", "status"), [(True, 409), (False, 201)])
async def test_whether_a_login_is_unique_is_a_switch(unique: bool, status: int) -> None:  # noqa: FBT001 (pytest)
    async with _entered(Store(unique=unique)) as (_upstream, caller):
        await _made(caller)
        assert (await _made(caller, "ADA")).status == status


async def test_a_new_record_is_listed_only_after_the_lag() -> None:
    async with _entered(Store(lag=0.1)) as (_upstream, caller):
        await _made(caller)
        assert (await caller.call("GET", "/users?login=ada")).body["total"] == 0
        await asyncio.sleep(0.15)
        assert (await caller.call("GET", "/users?login=ada")).body["total"] == 1


async def test_tokens_die_at_a_reboot_and_at_their_time() -> None:
    async with _entered(life=0) as (upstream, caller):
        assert (await caller.call("GET", "/users")).status == 401
    async with _entered() as (upstream, caller):
        assert (await caller.call("GET", "/users")).status == 200
        upstream.tokens.reboot()
        assert (await caller.call("GET", "/users")).status == 401
        assert (upstream.tokens.granted, upstream.tokens.refused, upstream.tokens.most_at_once) == (1, 1, 1)


async def test_calls_above_what_a_route_bears_are_refused_and_counted() -> None:
    async with _entered(service=0.05) as (upstream, caller):
        upstream.most["list"] = 2
        answers = await asyncio.gather(*(caller.call("GET", "/users") for _ in range(5)))
        assert sorted(each.status for each in answers) == [200, 200, 429, 429, 429]
        assert (upstream.throttled, upstream.most_in_flight["list"]) == (3, 3)


async def test_a_human_edits_behind_everybodys_back() -> None:
    async with _entered() as (upstream, caller):
        made = (await _made(caller)).body
        upstream.store.external(made["id"], badge="B-2")
        assert upstream.store.records[made["id"]].history[-1].request is None


async def test_the_wire_has_every_byte_that_was_received() -> None:
    async with _entered() as (upstream, caller):
        await _made(caller)
        login, create = upstream.wire
        assert login.head.startswith(b"POST /login HTTP/1.1\r\n")
        assert json.loads(create.body) == {"login": "ada"}
        assert (create.route, create.about, create.committed, create.status) == ("create", "ada", True, 201)


async def test_a_rule_applies_to_the_route_the_person_and_the_number_that_it_names() -> None:
    plan = Plan(rules=[Rule((Fault("status", "500"),), route="find", about="ada", first=2, times=1)])
    async with _entered(plan=plan) as (_upstream, caller):
        found = [(await caller.call("GET", f"/users?login={each}")).status for each in ("ada", "bob", "ada", "ada")]
        assert found == [200, 200, 500, 200]


async def test_chance_is_the_same_for_the_same_seed() -> None:
    async def answers(seed: int) -> list[int]:
        plan = Plan(seed, [Rule((Fault("status", "500"), Fault("status", "502")), route="list", times=None, share=0.5)])
        async with _entered(plan=plan) as (_upstream, caller):
            return [(await caller.call("GET", "/users")).status for _ in range(20)]

    assert await answers(7) == await answers(7)
    assert set(await answers(7)) == {200, 500, 502}
