import pytest

from adapter.sandbox.call import Call
from adapter.sandbox.org_units import CUSTOMER, SERVICE_ORGANIZATION, SYSTEM, are_related, asked, is_within, tree
from adapter.sandbox.refusal import Refusal


def test_the_customer_tree_begins_at_the_system() -> None:
    assert tree(CUSTOMER) == ["System", "Fernhill Managed Services", "Larkspur Dental"]


def test_a_unit_lies_within_itself_and_those_above_it() -> None:
    assert [is_within(CUSTOMER, whole) for whole in (CUSTOMER, SERVICE_ORGANIZATION, SYSTEM)] == [True] * 3
    assert not is_within(SYSTEM, CUSTOMER)


def test_units_on_one_branch_are_related() -> None:
    assert are_related(SYSTEM, CUSTOMER)
    assert are_related(CUSTOMER, SYSTEM)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(Refusal, match="Org Unit not found: '555'"):
        asked(Call(parameters={"orgUnitId": "555"}))
