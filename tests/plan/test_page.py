from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import TooMany
from adapter.plan import page as pages
from adapter.plan.page import Ordered, Window, page_from
from adapter.scim.operation import Query
from adapter.scim.sort import sort_key
from tests.plan.by_hand import MAPPING

UP, DOWN = "ascending", "descending"
WAYS = st.sampled_from([UP, DOWN])
KEY = sort_key("userName", MAPPING.resource.type)


def _named(*names: str) -> list[dict[str, Any]]:
    return [{"id": str(at), "userName": name} for at, name in enumerate(names)]


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 10))
def test_a_window_counts_everything_and_holds_what_is_shown(begin: int, count: int, total: int) -> None:
    window = Window(begin, count)
    take, resources = window.taker("User", None), _named(*["a"] * total)
    for each in resources:
        take(each)
    assert window.total == total
    assert window.page == [("User", each) for each in resources[begin : begin + count]]


@given(st.lists(st.sampled_from(["Ada", "bob", "Eve", ""])), st.integers(0, 4), st.integers(0, 4), WAYS)
def test_an_ordered_page_is_a_part_of_the_whole_order(names: list[str], begin: int, count: int, way: str) -> None:
    ordered = Ordered(begin, count, descending=way == DOWN)
    take, resources = ordered.taker("User", KEY), _named(*names)
    for each in resources:
        take(each)
    whole = sorted(resources, key=lambda each: (not each["userName"], each["userName"].lower()), reverse=way == DOWN)
    assert ordered.total == len(names)
    assert ordered.page == [("User", each) for each in whole[begin : begin + count]]


def test_resources_of_several_types_stand_in_one_order() -> None:
    ordered = Ordered(0, 10, descending=False)
    users, groups = ordered.taker("User", lambda one: (0, one["n"])), ordered.taker("Group", lambda one: (0, one["n"]))
    for number in (3, 1):
        users({"n": number})
    groups({"n": 2})
    assert ordered.page == [("User", {"n": 1}), ("Group", {"n": 2}), ("User", {"n": 3})]


def test_no_more_are_put_in_order_than_can_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_SORTED", 3)
    ordered = Ordered(0, 1, descending=False)
    take = ordered.taker("User", KEY)
    for each in _named("c", "b", "a"):
        take(each)
    assert [one["userName"] for _, one in ordered.page] == ["a"]
    with pytest.raises(TooMany, match=r"More than 3 resources match, too many to sort; narrow the filter\."):
        take({"id": "4", "userName": "d"})


def test_a_page_is_in_order_only_where_the_query_asks_for_one() -> None:
    assert type(page_from(0, Query())) is Window
    assert type(page_from(0, Query(sort_by="userName"))) is Ordered
