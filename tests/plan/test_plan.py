from typing import Any, get_args

import pytest

from adapter.plan.conversation import Outcome, Reply
from adapter.plan.plan import plan
from adapter.scim import entra
from adapter.scim import filter as filters
from adapter.scim.operation import Create, Delete, Get, Operation, Patch, Query, Replace
from tests.plan.by_hand import CREATE, DELETE, DONE, GET, LIST, MAPPING, PATCH, found, listed, played, record

ADA: dict[str, Any] = {"userName": "ada", "active": True, "name": {"givenName": "Ada", "familyName": "Byron"}}


def _patch(value: Any) -> Patch:
    operations = [{"op": "Replace", "path": "active", "value": value}]
    return Patch("42", entra.lowered_operations(operations, MAPPING.resource.type)[0])


# The price of each operation: its calls, in their order. More than these would slow every cycle of a client down.
PRICES: list[tuple[str, Operation, list[str], list[Outcome]]] = [
    ("a read", Get("42"), [GET], [found()]),
    ("a match", Query(filters.read('userName eq "ada"')), [LIST], [listed(record())]),
    ("a match by id", Query(filters.read('id eq "42"')), [GET], [found()]),
    ("a list", Query(), [LIST], [listed(record())]),
    ("a count", Query(count=0), [LIST], [listed(record())]),
    (
        "a create",
        Create(ADA),
        [CREATE, GET],
        [Reply(201, {"data": {"userId": 42}}), found(email="ada")],
    ),
    ("a disable", _patch("False"), [GET, PATCH, GET], [found(), DONE, found(isEnabled=False)]),
    ("a patch that changes nothing", _patch("True"), [GET], [found()]),
    ("a replace", Replace("42", ADA | {"active": False}), [GET, PATCH, GET], [found(), DONE, found(isEnabled=False)]),
    ("a replace that changes nothing", Replace("42", ADA), [GET], [found()]),
    ("a delete", Delete("42"), [DELETE], [Reply(204)]),
]


@pytest.mark.parametrize(("_", "operation", "routes", "outcomes"), PRICES, ids=[each[0] for each in PRICES])
def test_an_operation_costs_these_calls_and_no_more(
    _: str, operation: Operation, routes: list[str], outcomes: list[Outcome]
) -> None:
    result = played(plan(operation, MAPPING), *outcomes)
    assert result.error is None
    assert result.routes == routes


def test_every_operation_has_its_price() -> None:
    assert {type(operation) for _, operation, _, _ in PRICES} == set(get_args(Operation))


def test_a_plan_asks_for_nothing_before_it_is_played() -> None:
    plan(Create({}), MAPPING).close()
