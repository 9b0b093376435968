"""Microsoft's SCIM validator (scimvalidator.microsoft.com), its rows for users made again: every value sent comes back.

The rows are those of its result files, U1 to U14 and the preview rows P1 to P4; a letter after the number tells shapes
apart that it was seen to send. They run against a directory that keeps everything, and, trimmed to /Schemas as with its
"discover schema", against the stand-in for N-able. The values are others in each run; a failure prints the seed, and
VALIDATOR_SEED=… brings it back.
"""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.conversation import Answer
from tests.suites.client import Scim, gateway
from tests.suites.people import MANAGER, People, Values, body, differing, seen

SEED = os.environ.get("VALIDATOR_SEED") or secrets.token_hex(4)
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

Row = Callable[[Scim, People], Awaitable[None]]


async def _made(scim: Scim, values: Values) -> dict[str, Any]:
    answer = await scim("POST", "/Users", body(values))
    assert answer.status == 201, answer.content
    user: dict[str, Any] = answer.json
    return user


async def _found(scim: Scim, name: str) -> list[dict[str, Any]]:
    """Return what the match query finds, in the shape that the validator judges."""
    answer = await scim.matching("Users", "userName", name)
    assert answer.status == 200, answer.content
    assert answer.json["schemas"] == [LIST]
    resources: list[dict[str, Any]] = answer.json["Resources"]
    assert answer.json["totalResults"] == len(resources)
    return resources


async def _holds(scim: Scim, answer: Answer, values: Values) -> None:
    """Hold the answer to a PATCH, and what a GET then shows, against what was sent."""
    assert answer.status == 200, answer.content
    user = answer.json
    assert differing(user, values) == {}
    assert (await scim("GET", f"/Users/{user['id']}")).json == user


def _verbose(op: str, values: Values) -> list[dict[str, Any]]:
    """Return an operation for each value."""
    return [{"op": op, "path": path, "value": value} for path, value in values.items()]


def _flat(op: str, values: Values) -> list[dict[str, Any]]:
    """Return an operation for each element's part, and one without a path for all the rest."""
    parts = {path: value for path, value in values.items() if "[" in path}
    rest = {path: value for path, value in values.items() if "[" not in path}
    return [*_verbose(op, parts), *([{"op": op, "value": rest}] if rest else [])]


async def creates_a_user(scim: Scim, people: People) -> None:
    values = people.whole()
    user = await _made(scim, values)
    assert differing(user, values) == {}
    assert await _found(scim, values["userName"]) == [user]


async def creates_a_duplicate(scim: Scim, people: People) -> None:
    values = people.whole()
    await _made(scim, values)
    again = await scim("POST", "/Users", body(values))
    assert (again.status, again.json["scimType"]) == (409, "uniqueness")
    assert len(await _found(scim, values["userName"])) == 1


async def finds_an_existing_user(scim: Scim, people: People) -> None:
    values = people.whole()
    user = await _made(scim, values)
    (found,) = await _found(scim, values["userName"])
    assert found == user == (await scim("GET", f"/Users/{user['id']}")).json
    assert {"id", "userName", "active", "schemas", "meta"} <= found.keys()


async def finds_nobody(scim: Scim, people: People) -> None:
    assert await _found(scim, people.name()) == []


async def finds_in_another_case(scim: Scim, people: People) -> None:
    values = people.whole()
    user = await _made(scim, values)
    assert await _found(scim, values["userName"].upper()) == [user]


def patches(op: str, shape: Callable[[str, Values], list[dict[str, Any]]], *, least: bool = False) -> Row:
    async def row(scim: Scim, people: People) -> None:
        before, values = people.least() if least else people.whole(), people.values()
        user = await _made(scim, before)
        await _holds(scim, await scim.patched(f"/Users/{user['id']}", *shape(op, values)), before | values)

    return row


async def renames_a_user(scim: Scim, people: People) -> None:
    values, name = people.whole(), people.name()
    user = await _made(scim, values)
    answer = await scim.patched(f"/Users/{user['id']}", {"op": "replace", "value": {"userName": name}})
    await _holds(scim, answer, values | {"userName": name})
    assert await _found(scim, values["userName"]) == []
    assert [each["id"] for each in await _found(scim, name)] == [user["id"]]


def disables(**shape: Any) -> Row:
    async def row(scim: Scim, people: People) -> None:
        values = people.whole()
        user = await _made(scim, values)
        answer = await scim.patched(f"/Users/{user['id']}", {"op": "replace", **shape})
        await _holds(scim, answer, values | {"active": False})
        assert await _found(scim, values["userName"]) == [answer.json]

    return row


def manages(op: str, shape: Callable[[str], Any], *, before: bool) -> Row:
    async def row(scim: Scim, people: People) -> None:
        values, manager = people.whole(), people.word()  # a manager whom nobody has heard of
        user = await _made(scim, values if before else _without_manager(values))
        answer = await scim.patched(f"/Users/{user['id']}", {"op": op, "path": MANAGER, "value": shape(manager)})
        await _holds(scim, answer, values | {f"{MANAGER}.value": manager})

    return row


def unmanages(operation: dict[str, Any]) -> Row:
    async def row(scim: Scim, people: People) -> None:
        values = people.whole()
        user = await _made(scim, values)
        answer = await scim.patched(f"/Users/{user['id']}", operation | {"path": MANAGER})
        await _holds(scim, answer, _without_manager(values))
        assert seen(answer.json, MANAGER) is None

    return row


async def deletes_a_user(scim: Scim, people: People) -> None:
    values = people.whole()
    path = f"/Users/{(await _made(scim, values))['id']}"
    assert (await scim("DELETE", path)).status == 204
    assert (await scim("GET", path)).status == 404
    assert await _found(scim, values["userName"]) == []


async def patches_several_attributes(scim: Scim, people: People) -> None:
    values, new = people.whole(), {"externalId": people.word(), "displayName": people.word()}
    del values["externalId"]
    user = await _made(scim, values)
    answer = await scim.patched(
        f"/Users/{user['id']}",
        {"op": "remove", "path": "preferredLanguage"},
        {"op": "add", "path": "externalId", "value": new["externalId"]},
        {"op": "replace", "path": "displayName", "value": new["displayName"]},
    )
    assert values.pop("preferredLanguage")
    await _holds(scim, answer, values | new)
    assert "preferredLanguage" not in answer.json


async def patches_one_attribute_in_order(scim: Scim, people: People) -> None:
    values = people.whole()
    path = next(path for path in ("displayName", 'emails[type eq "work"].value') if path in values)
    user, first, last = await _made(scim, values), people.name(), people.name()
    for steps, end in (
        ([{"op": "remove"}, {"op": "add", "value": first}, {"op": "replace", "value": last}], last),
        ([{"op": "add", "value": last}, {"op": "remove"}, {"op": "add", "value": first}], first),
    ):
        answer = await scim.patched(f"/Users/{user['id']}", *({"path": path} | step for step in steps))
        await _holds(scim, answer, values | {path: end})


async def deletes_nobody(scim: Scim, people: People) -> None:
    user = await _made(scim, people.whole())
    await scim("DELETE", f"/Users/{user['id']}")
    for unknown in ("999999999", people.word(), user["id"]):
        assert (await scim("DELETE", f"/Users/{unknown}")).status == 404


async def deletes_a_user_twice(scim: Scim, people: People) -> None:
    path = f"/Users/{(await _made(scim, people.whole()))['id']}"
    assert [(await scim("DELETE", path)).status for _ in range(2)] == [204, 404]


def _without_manager(values: Values) -> Values:
    return {path: value for path, value in values.items() if not path.startswith(MANAGER)}


def _object(manager: str) -> Any:
    return {"value": manager}


ROWS: dict[str, Row] = {
    "U1": creates_a_user,
    "U2": creates_a_duplicate,
    "U3": finds_an_existing_user,
    "U4": finds_nobody,
    "U5": finds_in_another_case,
    "U6": patches("replace", _flat),
    "U7": patches("replace", _verbose),
    "U8": patches("add", _verbose, least=True),
    "U8b": patches("add", _flat, least=True),
    "U9": renames_a_user,
    "U10": disables(path="active", value=False),
    "U10b": disables(value={"active": False}),
    "U11": manages("add", _object, before=False),
    "U11b": manages("add", str, before=False),
    "U12": manages("replace", _object, before=True),
    "U12b": manages("replace", str, before=True),
    "U13": unmanages({"op": "replace", "value": ""}),
    "U13b": unmanages({"op": "replace", "value": {"value": ""}}),
    "U13c": unmanages({"op": "remove"}),
    "U14": deletes_a_user,
    "P1": patches_several_attributes,
    "P2": patches_one_attribute_in_order,
    "P3": deletes_nobody,
    "P4": deletes_a_user_twice,
}

# Rows about attributes that the upstream does not keep: /Schemas does not offer them, so the validator leaves them out.
LEFT_OUT = {
    "full": frozenset[str](),
    "n-able": frozenset(row for row in ROWS if row[:3] in ("U11", "U12", "U13", "P1")),
}
CASES = [(system, row) for system, left_out in LEFT_OUT.items() for row in ROWS if row not in left_out]


@pytest.fixture(scope="module")
async def gateways() -> AsyncIterator[dict[str, Scim]]:
    async with gateway("full") as full, gateway("n-able") as n_able:
        yield {"full": full, "n-able": n_able}


@pytest.mark.parametrize(("system", "row"), CASES)
async def test_the_validator_finds_what_it_sent(gateways: dict[str, Scim], system: str, row: str) -> None:
    scim, seed = gateways[system], f"{SEED} {row}"
    print(f"VALIDATOR_SEED={SEED}")  # noqa: T201 (shown when the test fails)
    await ROWS[row](scim, People(seed, await scim.schemas()))


async def test_only_what_is_not_offered_is_left_out(gateways: dict[str, Scim]) -> None:
    about = (f"{MANAGER}.value", "preferredLanguage", "displayName")
    for system, scim in gateways.items():
        people = People(SEED, await scim.schemas())
        offered = people.trimmed(dict.fromkeys(about, ""))
        assert len(offered) == (0 if LEFT_OUT[system] else len(about))


async def test_the_validator_s_36_attributes_are_all_kept_by_the_full_mapping(gateways: dict[str, Scim]) -> None:
    people = People(SEED, await gateways["full"].schemas())
    assert (len(people.values()), len(people.least())) == (36, 1)
