"""Microsoft's SCIM validator, its rows for groups: G1 to G12 and the preview rows P5 to P7, as in test_validator."""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.conversation import Answer
from tests.suites.client import Scim, gateway
from tests.suites.people import People, body, differing

SEED = os.environ.get("VALIDATOR_SEED") or secrets.token_hex(4)
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ADSCIM = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
WITHOUT_MEMBERS = "excludedAttributes=members"

Row = Callable[[Scim, People], Awaitable[None]]
Member = dict[str, Any]


def _values(people: People) -> dict[str, Any]:
    return people.trimmed({"displayName": people.word(), "externalId": people.word()}, GROUP)


async def _made(scim: Scim, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await scim(
        "POST", "/Groups", {"schemas": [GROUP, ADSCIM], "meta": {"resourceType": "Group"}} | values | more
    )
    assert answer.status == 201, answer.content
    group: dict[str, Any] = answer.json
    return group


async def _members(scim: Scim, people: People, count: int) -> list[Member]:
    """Return new users, as a group's members are written."""
    made = [await scim("POST", "/Users", body(people.whole())) for _ in range(count)]
    return [{"value": each.json["id"]} for each in made]


async def _found(scim: Scim, name: str, *, more: str = "") -> list[dict[str, Any]]:
    answer = await scim.matching("Groups", "displayName", name, more)
    assert answer.status == 200, answer.content
    assert answer.json["schemas"] == [LIST]
    resources: list[dict[str, Any]] = answer.json["Resources"]
    assert answer.json["totalResults"] == len(resources)
    return resources


async def _holds(scim: Scim, answer: Answer, group_id: str, values: dict[str, Any], *members: Member) -> None:
    """Hold what a GET shows after a PATCH against what was sent; the answer may be empty."""
    assert answer.status in (200, 204), answer.content
    group = (await scim("GET", f"/Groups/{group_id}")).json
    assert differing(group, values) == {}
    assert {each["value"] for each in group.get("members", [])} == {each["value"] for each in members}


async def shows_a_group_without_members(scim: Scim, people: People) -> None:
    values = _values(people)
    group = await _made(scim, values, members=await _members(scim, people, 1))
    answer = await scim("GET", f"/Groups/{group['id']}?{WITHOUT_MEMBERS}")
    assert (answer.status, "members" in answer.json, differing(answer.json, values)) == (200, False, {})


def finds(more: str = "", spelled: Callable[[str], str] = str) -> Row:
    async def row(scim: Scim, people: People) -> None:
        values = _values(people)
        members = await _members(scim, people, 1)
        group = await _made(scim, values, members=members)
        (found,) = await _found(scim, spelled(values["displayName"]), more=more)
        assert (found["id"], differing(found, values)) == (group["id"], {})
        assert [each["value"] for each in found.get("members", [])] == ([] if more else [members[0]["value"]])

    return row


async def finds_no_group(scim: Scim, people: People) -> None:
    for more in ("", f"&{WITHOUT_MEMBERS}"):
        assert await _found(scim, people.word(), more=more) == []


async def creates_a_group(scim: Scim, people: People) -> None:
    values = _values(people)
    group = await _made(scim, values)
    assert differing(group, values) == {}
    assert group.get("members", []) == []
    assert (await scim("GET", f"/Groups/{group['id']}")).json == group


async def creates_a_duplicate_group(scim: Scim, people: People) -> None:
    values = _values(people)
    await _made(scim, values)
    again = await scim("POST", "/Groups", {"schemas": [GROUP]} | values)
    assert (again.status, again.json["scimType"]) == (409, "uniqueness")
    assert len(await _found(scim, values["displayName"])) == 1


async def replaces_a_group_s_attributes(scim: Scim, people: People) -> None:
    members = await _members(scim, people, 1)
    group, values = await _made(scim, _values(people), members=members), _values(people)
    answer = await scim.patched(f"/Groups/{group['id']}", {"op": "replace", "value": values})
    await _holds(scim, answer, group["id"], values, *members)


async def updates_one_attribute_of_a_group(scim: Scim, people: People) -> None:
    values = _values(people)
    group = await _made(scim, values)
    for name in tuple(values):
        values[name] = people.word()
        answer = await scim.patched(f"/Groups/{group['id']}", {"op": "replace", "value": {name: values[name]}})
        await _holds(scim, answer, group["id"], values)


def adds(op: str, *, keeps: bool) -> Row:
    """Return the row for an op: `replace`, as the validator has it on a fresh group, or `add` to those who are there."""

    async def row(scim: Scim, people: People) -> None:
        values = _values(people)
        first, second = await _members(scim, people, 2)
        group = await _made(scim, values, **({"members": [first]} if keeps else {}))
        operation = {"op": op, "path": "members", "value": [second]}
        for _ in range(2):  # once more changes nothing
            answer = await scim.patched(f"/Groups/{group['id']}", operation)
            await _holds(scim, answer, group["id"], values, *([first, second] if keeps else [second]))

    return row


def removes(operation: Callable[[Member], dict[str, Any]]) -> Row:
    async def row(scim: Scim, people: People) -> None:
        values = _values(people)
        first, second, third = await _members(scim, people, 3)
        group = await _made(scim, values, members=[first, second, third])
        answer = await scim.patched(f"/Groups/{group['id']}", operation(second))
        await _holds(scim, answer, group["id"], values, first, third)

    return row


async def deletes_a_group(scim: Scim, people: People) -> None:
    (member,) = await _members(scim, people, 1)
    values = _values(people)
    path = f"/Groups/{(await _made(scim, values, members=[member]))['id']}"
    assert [(await scim("DELETE", path)).status, (await scim("GET", path)).status] == [204, 404]
    assert await _found(scim, values["displayName"]) == []
    assert (await scim("GET", f"/Users/{member['value']}")).status == 200


async def adds_and_removes_a_member(scim: Scim, people: People) -> None:
    values = _values(people)
    first, second = await _members(scim, people, 2)
    group = await _made(scim, values)
    answer = await scim.patched(
        f"/Groups/{group['id']}",
        {"op": "add", "path": "members", "value": [first, second]},
        {"op": "remove", "path": f'members[value eq "{first["value"]}"]'},
    )
    await _holds(scim, answer, group["id"], values, second)


async def deletes_no_group(scim: Scim, people: People) -> None:
    for unknown in ("999999999", people.word()):
        assert (await scim("DELETE", f"/Groups/{unknown}")).status == 404


async def deletes_a_group_twice(scim: Scim, people: People) -> None:
    path = f"/Groups/{(await _made(scim, _values(people)))['id']}"
    assert [(await scim("DELETE", path)).status for _ in range(2)] == [204, 404]


ROWS: dict[str, Row] = {
    "G1": shows_a_group_without_members,
    "G2": finds(f"&{WITHOUT_MEMBERS}"),
    "G3": finds(),
    "G4": finds_no_group,
    "G5": finds(f"&{WITHOUT_MEMBERS}", str.lower),
    "G6": creates_a_group,
    "G7": creates_a_duplicate_group,
    "G8": replaces_a_group_s_attributes,
    "G9": updates_one_attribute_of_a_group,
    "G10": adds("replace", keeps=False),
    "G10b": adds("Add", keeps=True),
    "G11": removes(lambda member: {"op": "remove", "path": f'members[value eq "{member["value"]}"]'}),
    "G11b": removes(lambda member: {"op": "Remove", "path": "members", "value": [{"$ref": None, **member}]}),
    "G12": deletes_a_group,
    "P5": adds_and_removes_a_member,
    "P6": deletes_no_group,
    "P7": deletes_a_group_twice,
}


@pytest.fixture(scope="module", params=["full", "teams", "n-able", "access-groups"])
async def scim(request: pytest.FixtureRequest) -> AsyncIterator[Scim]:
    async with gateway(request.param) as served:
        yield served


@pytest.mark.parametrize("row", ROWS)
async def test_the_validator_finds_what_it_sent(scim: Scim, row: str) -> None:
    print(f"VALIDATOR_SEED={SEED}")  # noqa: T201 (shown when the test fails)
    await ROWS[row](scim, People(f"{SEED} {row}", await scim.schemas()))
