from typing import Any

import pytest

from adapter.errors import BadReply, InvalidValue
from adapter.mapping.transforms import Items, Number, Same, Table, same

TABLE = Table(((True, "enabled"), (False, 0)))


@pytest.mark.parametrize("value", ["a", True, 7, None, [1]])
def test_without_a_table_a_value_stays_as_it_is(value: Any) -> None:
    assert Same().to_scim(value, "field") is value
    assert Same().to_upstream(value, "attribute") is value


@pytest.mark.parametrize(("left", "right"), TABLE.rows)
def test_a_table_goes_both_ways(left: Any, right: Any) -> None:
    assert TABLE.to_upstream(left, "active") == right
    assert TABLE.to_scim(right, "status") is left


@pytest.mark.parametrize("value", ["ENABLED", "Enabled", "", False, 0.0, "0", None])
def test_an_upstream_value_that_no_row_has_is_not_guessed_at(value: Any) -> None:
    with pytest.raises(BadReply) as error:
        TABLE.to_scim(value, "status")
    assert error.value.detail == ("The upstream's field 'status' holds a value that the mapping's table does not have.")


@pytest.mark.parametrize("value", ["employee", "Guest", 1, True, None])
def test_a_scim_value_that_no_row_has_is_an_invalid_value(value: Any) -> None:
    with pytest.raises(InvalidValue) as error:
        Table((("Employee", 1), ("Contractor", 2))).to_upstream(value, "userType")
    assert error.value.detail == "userType can be one of Employee, Contractor."


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [(1, 1, True), ("a", "a", True), (True, 1, False), (0, False, False), (1, 1.0, False), ("1", 1, False),
     (None, None, True), (None, "", False)],
)  # fmt: skip
def test_values_are_the_same_when_their_types_are_too(one: Any, other: Any, are: bool) -> None:  # noqa: FBT001
    assert same(one, other) is are


@pytest.mark.parametrize("value", [1, 0, 1.0])
def test_a_number_is_no_boolean(value: Any) -> None:
    with pytest.raises(InvalidValue):
        TABLE.to_upstream(value, "active")


@pytest.mark.parametrize(
    ("items", "field", "values"),
    [
        (Items(Same()), ["a", "b"], ["a", "b"]),
        (Items(Same()), ["a", "", "a", None], ["a"]),
        (Items(Same()), [], None),
        (Items(Same(), ";"), "a; b;;a", ["a", "b"]),
        (Items(Same(), ";"), " ", None),
        (Items(Number()), [1, 2], ["1", "2"]),
        (Items(TABLE), ["enabled", 0], [True, False]),
    ],
)
def test_all_the_values_of_a_list_are_read(items: Items, field: Any, values: Any) -> None:
    assert items.to_scim(field, "field") == values


@pytest.mark.parametrize(
    ("items", "field"), [(Items(Same()), "a"), (Items(Same(), ";"), ["a"]), (Items(Number()), ["x"])]
)
def test_a_field_that_does_not_hold_a_list_is_not_believed(items: Items, field: Any) -> None:
    with pytest.raises(BadReply):
        items.to_scim(field, "field")


@pytest.mark.parametrize("value", ["a;b", " a", "a ", ";"])
def test_a_value_that_would_come_back_as_another_is_refused(value: str) -> None:
    with pytest.raises(InvalidValue, match="cannot hold ';' or blanks at its ends"):
        Items(Same(), ";").to_upstream([value], "roles.value")


def test_the_values_of_a_list_are_compared_without_their_order() -> None:
    assert same(["a", "b"], ["b", "a"])
    assert not same(["a"], ["a", "b"])
    assert not same([1], [True])
