"""Queries by cursor: the pages one after the other are the whole, whatever the upstream's own pages are."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import ExpiredCursor, InvalidCursor
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome
from adapter.plan.plan import plan
from adapter.scim import operation
from adapter.scim.messages import Listing
from tests.mapping.minimal import REPLIES, mapping
from tests.plan.by_hand import Played, answered
from tests.plan.directory import Directory

PAGED = "{call: GET /users, records: data, total: total, %spage: {by: number, number: page, size: size, most: %d}}"
FIND = 'get: {call: "GET /users/{id}"}\n      find: [{filter: userName eq, query: {q: "{value}"}, case: ignored}]'
LEAVES = 'delete: {call: "DELETE /users/{id}", leaves: {field: state, holds: [gone]}, again: new user}'


def _mapping(most: int, more: str = "", **routes: str) -> Mapping:
    lines = {"list": f"list: {PAGED % (more, most)}", "get": FIND} | routes
    return mapping("{scim: title, field: title}", top=REPLIES, routes=lines).bound({}, min)


MADE = _mapping(100)


def _directory(total: int, *, off: int = 0) -> Directory:
    users = [{"id": f"u{at}", "name": f"n{at}", "title": "even" if at % 2 == 0 else "odd"} for at in range(total)]
    for each in users[:off]:
        each["state"] = "off"
    return Directory(users)


def _page(made: Mapping, upstream: Any, cursor: bytes, **asked: str) -> Played:
    return answered(plan(operation.query(asked | {"cursor": cursor.decode()}, made.resource.type), made), upstream)


def _pages(made: Mapping, upstream: Any, **asked: str) -> list[Listing]:
    found: list[Listing] = []
    cursor: bytes | None = b""
    while cursor is not None:
        assert len(found) < 500, "it has no end"
        result = _page(made, upstream, cursor, **asked)
        assert result.error is None, result.error
        found.append(result.content)
        cursor = found[-1].next_cursor
    return found


def _ids(pages: list[Listing]) -> list[str]:
    return [one["id"] for each in pages for one in each.resources]


QUERIES: list[dict[str, str]] = [
    {},
    {"filter": 'title eq "odd"'},
    {"filter": 'userName eq "n3"'},
    {"filter": 'userName eq "n3" or id eq "u1"'},
    {"filter": 'title eq "none"'},
    {"sortBy": "userName"},
    {"sortBy": "title", "sortOrder": "descending"},
    {"sortBy": "userName", "filter": 'title eq "even"'},
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(QUERIES), st.integers(0, 25), st.integers(1, 9), st.integers(1, 12))
def test_the_pages_of_a_cursor_are_the_whole_each_once(
    asked: dict[str, str], total: int, most: int, count: int
) -> None:
    made, upstream = _mapping(most), _directory(total)
    whole = answered(plan(operation.query(asked | {"count": "1000"}, made.resource.type), made), upstream).content
    pages = _pages(made, upstream, **asked, count=str(count))
    assert _ids(pages) == _ids([whole])
    assert all(len(each.resources) == count for each in pages[:-1])
    assert len(pages[-1].resources) <= count
    assert {each.total for each in pages} <= {None, whole.total}


def test_a_cursor_costs_each_page_of_the_upstream_once() -> None:
    upstream, numbers = _directory(40), list[str]()

    def counted(call: Call) -> Outcome:
        numbers.append(f"{call.query['page']}x{call.query['size']}")
        return upstream(call)

    _pages(MADE, counted, count="10")
    assert numbers == ["1x10", "2x10", "3x10", "4x10"]


def test_the_total_is_told_where_it_is_the_upstreams_own() -> None:
    assert [each.total for each in _pages(MADE, _directory(5), count="2")] == [5, 5, 5]
    assert {each.total for each in _pages(MADE, _directory(5), count="2", filter="title pr")} == {None}
    assert {each.total for each in _pages(_mapping(100, delete=LEAVES), _directory(5), count="2")} == {None}
    assert [each.total for each in _pages(MADE, _directory(5), count="2", sortBy="userName")] == [5, 5, 5]


def test_those_whom_a_list_leaves_out_come_after_the_others() -> None:
    made, upstream = _mapping(4, "also: [{state: off}], "), _directory(9, off=3)
    upstream.hides = "off"
    for count in range(1, 11):
        pages = _pages(made, upstream, count=str(count))
        assert _ids(pages) == [f"u{at}" for at in (3, 4, 5, 6, 7, 8, 0, 1, 2)]
        assert {each.total for each in pages} == {None}


def test_removed_ones_fill_no_page() -> None:
    upstream = _directory(9)
    for at in (0, 1, 2, 5):
        upstream.records["users"][f"u{at}"]["state"] = "gone"
    assert _ids(_pages(_mapping(2, delete=LEAVES), upstream, count="3")) == ["u3", "u4", "u6", "u7", "u8"]


def test_a_page_of_nothing_leads_to_where_it_began() -> None:
    upstream = _directory(9)
    first = _page(MADE, upstream, b"", count="2", filter="title pr").content
    nothing = _page(MADE, upstream, first.next_cursor, count="0", filter="title pr").content
    assert nothing.resources == []
    rest = _page(MADE, upstream, nothing.next_cursor, count="20", filter="title pr").content
    assert _ids([rest]) == [f"u{at}" for at in range(2, 9)]


@pytest.mark.parametrize("asked", [{}, {"filter": "title pr"}], ids=["all", "filtered"])
def test_a_list_that_grows_meanwhile_passes_nobody_over(asked: dict[str, str]) -> None:
    made, upstream = _mapping(3), _directory(7)
    first = _page(made, upstream, b"", count="2", **asked).content
    upstream.records["users"]["u9"] = {"id": "u9", "name": "n9", "title": "odd"}
    rest = _page(made, upstream, first.next_cursor, count="20", **asked)
    assert set(_ids([first, rest.content])) == {*(f"u{at}" for at in range(7)), "u9"}


@pytest.mark.parametrize("count", ["2", "3", "4"], ids=["within a page", "after a page", "within the second page"])
@pytest.mark.parametrize("asked", [{}, {"filter": "title pr"}], ids=["all", "filtered"])
def test_a_list_that_shrinks_meanwhile_ends_the_cursor(asked: dict[str, str], count: str) -> None:
    made, upstream = _mapping(3), _directory(7)
    first = _page(made, upstream, b"", count=count, **asked).content
    del upstream.records["users"]["u0"]
    rest = _page(made, upstream, first.next_cursor, count="20", **asked)
    assert isinstance(rest.error, ExpiredCursor)


@pytest.mark.parametrize("token", [b"x", b"{", b"[]", b'{"given": "two"}', b'{"turn": {}}'])
def test_what_is_no_position_is_refused(token: bytes) -> None:
    result = _page(MADE, _directory(3), token)
    assert isinstance(result.error, InvalidCursor)
    assert result.calls == []


def test_a_position_quotes_no_value_of_a_user() -> None:
    token = _page(MADE, _directory(30), b"", count="10", filter='title eq "odd"').content.next_cursor
    assert set(msgspec.json.decode(token)) == {"turn", "list", "given", "total"}
    assert b"n1" not in token
