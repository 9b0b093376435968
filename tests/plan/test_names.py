from collections.abc import Callable
from typing import Any

import pytest

from adapter.errors import BadReply, ScimError
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Plan, Reply
from adapter.plan.keeping import Folded
from adapter.plan.moment import Moment, Noted
from adapter.plan.names import name_in, name_of, names, noted
from adapter.scim.messages import Response
from adapter.scim.schema import Resource
from tests.mapping.minimal import REPLIES, groups, mapping
from tests.plan.by_hand import BROKEN, FAILED, MAPPING, Played, answered, listed, pages_of, played, record

USERS = mapping(top=REPLIES)
GROUPS = groups()


@pytest.mark.parametrize(
    ("made", "shown", "name"),
    [
        (MAPPING, record(userName="Ada"), "ada"),
        (MAPPING, record(userName="STRASSE"), "strasse"),
        (USERS, {"id": "u1", "name": "ADA@Example.COM"}, "ada@example.com"),
        (USERS, {"id": "u1", "name": None}, None),
        (GROUPS, {"id": "g1", "name": "All Staff"}, "all staff"),
    ],
)
def test_a_record_is_known_by_its_name_whatever_its_case(
    made: Mapping, shown: dict[str, Any], name: str | None
) -> None:
    assert name_of(shown, made) == name


@pytest.mark.parametrize(
    ("made", "resource", "name"),
    [
        (USERS, {"id": "u1", "userName": "Ada"}, "ada"),
        (USERS, {"id": "u1", "displayName": "Ada"}, None),
        (USERS, {}, None),
        (GROUPS, {"id": "g1", "displayName": "All Staff"}, "all staff"),
        (GROUPS, {"id": "g1", "userName": "ada"}, None),
    ],
)
def test_a_resource_is_known_by_its_name_whatever_its_case(made: Mapping, resource: Resource, name: str | None) -> None:
    assert name_in(resource, made) == name


@pytest.mark.parametrize("text", ["ada", "ADA", "Straße", "ÅSA", "İpek", "o'Brien", "ﬁ"])
def test_a_record_and_the_resource_that_it_stands_for_have_one_name(text: str) -> None:
    assert name_of({"id": "u1", "name": text}, USERS) == name_in({"userName": text}, USERS)


def _told(before: Resource | None, after: Resource | None, made: Mapping = USERS) -> list[Moment]:
    def plan() -> Plan:
        yield from noted("u1", before, after, made)
        return Response(204)

    return answered(plan(), lambda _: pytest.fail("a call")).moments


ADA, EVE, NOBODY = {"userName": "Ada"}, {"userName": "eve"}, {"title": "x"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, ADA, [Noted("User", "u1", "ada")]),
        (ADA, EVE, [Noted("User", "u1", "eve")]),
        (NOBODY, EVE, [Noted("User", "u1", "eve")]),
        (ADA, NOBODY, [Noted("User", "u1", None)]),
        (ADA, None, [Noted("User", "u1", None)]),
        (NOBODY, None, [Noted("User", "u1", None)]),
        (None, None, [Noted("User", "u1", None)]),
        (ADA, ADA, []),
        (ADA, {"userName": "ADA", "title": "x"}, []),
        (NOBODY, {"title": "y"}, []),
    ],
    ids=str,
)
def test_only_another_name_or_its_end_is_told(
    before: Resource | None, after: Resource | None, expected: list[Moment]
) -> None:
    assert _told(before, after) == expected


def test_a_group_is_told_by_its_own_name() -> None:
    assert _told({"displayName": "Red"}, {"displayName": "Blue"}, GROUPS) == [Noted("Group", "u1", "blue")]
    assert _told({"displayName": "Red"}, {"displayName": "RED"}, GROUPS) == []


def _read(made: Mapping) -> Plan:
    found = dict[str, Folded]()
    yield from names(made, found.__setitem__)
    return Response(200, {"found": found})


@pytest.mark.parametrize("number", [0, 1, 100, 250])
def test_every_page_is_read(number: int) -> None:
    rows = [{"id": f"u{each}", "name": f"User{each}"} for each in range(number)]
    result = answered(_read(USERS), pages_of(rows, USERS))
    assert result.content["found"] == {f"u{each}": f"user{each}" for each in range(number)}
    assert len(result.calls) == max(1, -(-number // 100))
    assert result.moments == []


def test_one_without_a_name_is_left_out_and_two_of_one_name_are_both_there() -> None:
    rows: list[dict[str, Any]] = [{"id": "u1", "name": "Ada"}, {"id": "u2", "name": None}, {"id": "u3", "name": "ada"}]
    assert answered(_read(USERS), pages_of(rows, USERS)).content["found"] == {"u1": "ada", "u3": "ada"}


def test_groups_are_read_from_their_own_list() -> None:
    rows = [{"id": "g1", "name": "Red"}]
    result = answered(_read(GROUPS), pages_of(rows, GROUPS))
    assert (result.routes, result.content["found"]) == (["GET /teams"], {"g1": "red"})


def test_those_whom_the_list_leaves_out_unless_asked_are_read_too() -> None:
    listing = (
        "list: {call: GET /users, records: data, total: total, also: [{state: locked}], "
        "page: {by: number, number: page, size: size, most: 100}}"
    )
    made = mapping(routes={"list": listing})

    def upstream(call: Call) -> Outcome:
        shown = {"id": "u2", "name": "Eve"} if call.query.get("state") else {"id": "u1", "name": "Ada"}
        return Reply(200, {"data": [shown], "total": 1})

    assert answered(_read(made), upstream).content["found"] == {"u1": "ada", "u2": "eve"}


def _fails(*outcomes: Outcome) -> Played:
    return played(_read(MAPPING), *outcomes)


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (lambda: _fails(FAILED), BadReply),
        (lambda: _fails(BROKEN), ScimError),
        (lambda: _fails(listed(record(), total=2), listed(total=2)), BadReply),
        (lambda: _fails(Reply(200, {"data": [{"userName": "ada"}], "totalItems": 1})), BadReply),
        (lambda: _fails(Reply(200, {"data": [{"userId": 42}], "totalItems": 1})), BadReply),
    ],
    ids=["refused", "unknown", "fewer than it says", "without an id", "without the field of the name"],
)
def test_a_part_is_never_taken_for_the_whole(result: Callable[[], Played], error: type[ScimError]) -> None:
    raised = result().error
    assert isinstance(raised, error)
    assert raised.status >= 500
