from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies

from adapter.errors import BadReply, Forbidden, Unavailable
from adapter.mapping.document import Numbered
from adapter.mapping.mapping import Mapping
from adapter.plan import scan
from adapter.plan.conversation import Call, Outcome, Plan, Reply
from adapter.plan.scan import everything, window
from adapter.scim.messages import Response
from tests.plan.by_hand import (
    BARE_404,
    BROKEN,
    FAILED,
    FORBIDDEN,
    LIST,
    MAPPING,
    NOBODY,
    REFUSED,
    Played,
    answered,
    listed,
    pages_of,
    played,
    record,
)


def _windowed(start: int, count: int, mapping: Mapping = MAPPING) -> Plan:
    """A window as a plan of its own, which returns the records and the total."""
    records, total = yield from window(start, count, mapping)
    return Response(200, {"records": records, "total": total})


def _scanned(mapping: Mapping = MAPPING, **query: str) -> Plan:
    records = yield from everything(query, mapping)
    return Response(200, {"records": records})


def _mapping(most: int, first: int = 1) -> Mapping:
    """The n-able mapping with pages of another size, numbered from another number."""
    user = MAPPING.resource
    assert isinstance(user.listing.page, Numbered)
    page = msgspec.structs.replace(user.listing.page, most=most, first=first)
    listing = msgspec.structs.replace(user.listing, page=page)
    return msgspec.structs.replace(MAPPING, resource=msgspec.structs.replace(user, listing=listing))


def _records(total: int) -> list[dict[str, Any]]:
    return [record(number) for number in range(1, total + 1)]


def _ids(result: Played) -> list[int]:
    return [each["userId"] for each in result.content["records"]]


@settings(max_examples=300)
@given(
    total=strategies.integers(0, 60),
    start=strategies.integers(0, 70),
    count=strategies.integers(0, 40),
    most=strategies.integers(1, 25),
    first=strategies.integers(0, 1),
)
def test_a_window_is_the_slice_of_the_whole_list_in_few_calls(
    total: int, start: int, count: int, most: int, first: int
) -> None:
    mapping, records = _mapping(most, first), _records(total)
    result = answered(_windowed(start, count, mapping), pages_of(records, mapping))
    assert result.content == {"records": records[start : start + count], "total": total}
    assert len(result.calls) <= -(-max(count, 1) // most) + 1


@given(page=strategies.integers(0, 20), count=strategies.integers(1, 100))
def test_a_window_that_coincides_with_a_page_is_one_call_for_that_page(page: int, count: int) -> None:
    result = answered(_windowed(page * count, count), pages_of(_records(150), MAPPING))
    assert [each.query["pageNumber"] for each in result.calls] == [str(page + 1)]
    assert [each.query["pageSize"] for each in result.calls] == [str(count)]


@given(start=strategies.integers(0, 120), count=strategies.integers(1, 100))
def test_any_window_that_fits_into_a_page_is_one_call(start: int, count: int) -> None:
    assert len(answered(_windowed(start, count), pages_of(_records(150), MAPPING)).calls) == 1


@pytest.mark.parametrize(
    ("start", "count", "pages"),
    [
        (0, 0, [("1", "1")]),
        (0, 100, [("1", "100")]),
        (0, 1000, [("1", "1000")]),
        (5, 5, [("2", "5")]),
        (3, 2, [("2", "3")]),
        (999, 2, [("334", "3")]),
        (500, 1000, [("1", "1000"), ("2", "1000")]),
        (10_000_000, 1, [("10000001", "1")]),
    ],
)
def test_a_window_asks_for_these_pages(start: int, count: int, pages: list[tuple[str, str]]) -> None:
    result = answered(_windowed(start, count), pages_of(_records(3000), MAPPING))
    assert [(each.query["pageNumber"], each.query["pageSize"]) for each in result.calls] == pages


def test_a_list_call_carries_what_the_mapping_says_and_the_page() -> None:
    (call,) = played(_scanned(select="userName==ada"), listed()).calls
    assert (call.route, call.path, call.body) == (LIST, "/api/org-units/50/users", None)
    assert call.query == {
        "sortBy": "username",
        "sortOrder": "asc",
        "select": "userName==ada",
        "pageNumber": "1",
        "pageSize": "1000",
    }


@given(total=strategies.integers(0, 80), most=strategies.integers(1, 25), first=strategies.integers(0, 1))
def test_a_scan_returns_every_record_once_in_as_few_pages_as_hold_them(total: int, most: int, first: int) -> None:
    mapping, records = _mapping(most, first), _records(total)
    result = answered(_scanned(mapping), pages_of(records, mapping))
    assert result.content["records"] == records
    assert len(result.calls) == max(1, -(-total // most))


@given(
    total=strategies.integers(1, 30),
    most=strategies.integers(1, 10),
    missing=strategies.sets(strategies.integers(1, 30), min_size=1),
)
def test_a_scan_is_never_partial(total: int, most: int, missing: set[int]) -> None:
    mapping, records = _mapping(most), _records(total)
    whole = pages_of(records, mapping)

    def upstream(call: Call) -> Outcome:
        reply = whole(call)
        assert isinstance(reply, Reply)
        return Reply(200, reply.body | {"data": [each for each in reply.body["data"] if each["userId"] not in missing]})

    result = answered(_scanned(mapping), upstream)
    if missing.isdisjoint(range(1, total + 1)):
        assert result.content["records"] == records
    else:
        assert type(result.error) is BadReply


@given(events=strategies.lists(strategies.tuples(strategies.booleans(), strategies.integers(0, 40)), max_size=8))
def test_a_scan_of_a_list_that_grows_holds_all_who_were_there_at_first(events: list[tuple[bool, int]]) -> None:
    mapping = _mapping(3)
    at_first = [record(number) for number in range(10, 100, 10)]
    now, left = list(at_first), list(events)

    def upstream(call: Call) -> Outcome:
        reply = pages_of(list(now), mapping)(call)
        while left:
            again, place = left.pop()
            now.insert(place, record(1000 + len(now)))
            if not again:
                break
        return reply

    result = answered(_scanned(mapping), upstream)
    assert {each["userId"] for each in at_first} <= set(_ids(result))
    assert len(_ids(result)) == len(set(_ids(result)))


@given(removed=strategies.integers(0, 8), after=strategies.integers(1, 2))
def test_a_scan_of_a_list_that_shrinks_is_given_up(removed: int, after: int) -> None:
    mapping, now = _mapping(3), _records(9)
    seen: list[Call] = []

    def upstream(call: Call) -> Outcome:
        if len(seen) == after:
            del now[removed]
        seen.append(call)
        return pages_of(now, mapping)(call)

    assert type(answered(_scanned(mapping), upstream).error) is Unavailable


def test_a_page_that_comes_again_is_no_second_page() -> None:
    mapping = _mapping(2)
    page = listed(record(1), record(2), total=4)
    assert type(played(_scanned(mapping), page, page).error) is BadReply


def test_a_list_that_grows_and_then_ends_too_early_is_not_believed() -> None:
    pages = listed(record(1), record(2), total=4), listed(record(3), record(4), total=9), listed(total=9)
    assert type(played(_scanned(_mapping(2)), *pages).error) is BadReply


def test_a_scan_ends_where_an_upstream_grows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MOST_PAGES", 5)
    mapping = _mapping(1)
    count = iter(range(1, 100))

    def upstream(_: Call) -> Outcome:
        number = next(count)
        return listed(record(number), total=number + 1)

    result = answered(_scanned(mapping), upstream)
    assert type(result.error) is BadReply
    assert len(result.calls) == 5


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (FAILED, BadReply),
        (BARE_404, BadReply),
        (NOBODY, BadReply),
        (REFUSED, BadReply),
        (Reply(409), BadReply),
        (FORBIDDEN, Forbidden),
        (BROKEN, Unavailable),
        (Reply(204), BadReply),
        (Reply(200), BadReply),
        (Reply(200, []), BadReply),
        (Reply(200, "<html>"), BadReply),
        (Reply(200, {"totalItems": 0}), BadReply),
        (Reply(200, {"data": {}, "totalItems": 0}), BadReply),
        (Reply(200, {"data": ["x"], "totalItems": 1}), BadReply),
        (Reply(200, {"data": []}), BadReply),
        (Reply(200, {"data": [], "totalItems": "0"}), BadReply),
        (Reply(200, {"data": [], "totalItems": True}), BadReply),
        (Reply(200, {"data": [], "totalItems": -1}), BadReply),
        (Reply(200, {"data": [], "totalItems": None}), BadReply),
        (Reply(200, {"data": [record(1)], "totalItems": True}), BadReply),
        (listed(record(1), total=0), BadReply),
        (Reply(200, {"error message": "x", "data": [], "totalItems": 0}), BadReply),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_list_that_cannot_be_had_is_an_error_and_never_empty(reply: Outcome, error: type[Exception]) -> None:
    assert type(played(_scanned(), reply).error) is error
    assert type(played(_windowed(0, 100), reply).error) is error


@pytest.mark.parametrize("others", [[], [record(2)], [record(1), record(2), record(3), record(4)]])
def test_a_window_of_another_length_than_the_total_allows_is_not_believed(others: list[dict[str, Any]]) -> None:
    assert type(played(_windowed(0, 3), listed(*others, total=9)).error) is BadReply


def test_a_record_without_an_id_is_not_believed() -> None:
    assert type(played(_scanned(), listed(record() | {"userId": None})).error) is BadReply
