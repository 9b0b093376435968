from typing import Any

import pytest

from adapter.errors import BadReply
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Reply
from adapter.plan.plan import plan
from adapter.scim.operation import Query
from tests.mapping.minimal import mapping
from tests.plan.by_hand import Played, answered, played


def _mapping(page: str, total: str = "total: total, ") -> Mapping:
    line = f"list: {{call: GET /users, records: data, {total}page: {page}}}"
    return mapping(routes={"list": line}).bound({}, lambda text: text[0])


def _rows(*names: str) -> list[dict[str, str]]:
    return [{"id": name, "name": name} for name in names]


def _listed(made: Played) -> list[str]:
    return [each["id"] for each in made.content.resources]


NUMBER = "{by: number, number: page, size: size, most: 2}"
OFFSET = "{by: offset, offset: skip, size: limit, most: 2}"
CURSOR = "{by: cursor, cursor: after, next: next, size: limit, most: 2}"
LINK = "{by: link, next: {header: Link}, size: per_page, most: 2}"
FIELD_LINK = "{by: link, next: links.next, size: per_page, most: 2}"


@pytest.mark.parametrize(
    ("page", "replies", "queries"),
    [
        (NUMBER, [{"data": _rows("a", "b")}, {"data": _rows("c")}, {"data": []}],
         [{"page": "1", "size": "2"}, {"page": "2", "size": "2"}, {"page": "3", "size": "2"}]),
        (NUMBER.replace("most", "first: 0, most"), [{"data": _rows("a", "b", "c")}, {"data": []}],
         [{"page": "0", "size": "2"}, {"page": "1", "size": "2"}]),
        (OFFSET, [{"data": _rows("a", "b")}, {"data": _rows("c")}, {"data": []}],
         [{"skip": "0", "limit": "2"}, {"skip": "2", "limit": "2"}, {"skip": "3", "limit": "2"}]),
        (CURSOR, [{"data": _rows("a", "b"), "next": "x y"}, {"data": _rows("c"), "next": None}],
         [{"limit": "2"}, {"limit": "2", "after": "x y"}]),
        (FIELD_LINK, [{"data": _rows("a", "b"), "links": {"next": "https://elsewhere.test/x?id_after=2&b=%20"}},
                      {"data": _rows("c"), "links": {}}],
         [{"per_page": "2"}, {"id_after": "2", "b": " "}]),
        ("{by: nothing}", [{"data": _rows("a", "b", "c")}], [{}]),
    ],
)  # fmt: skip
def test_a_list_without_a_total_is_read_to_its_end(
    page: str, replies: list[dict[str, Any]], queries: list[dict[str, str]]
) -> None:
    made = played(plan(Query(), _mapping(page, "")), *(Reply(200, each) for each in replies))
    assert _listed(made) == ["a", "b", "c"]
    assert made.content.total == 3
    assert [each.query for each in made.calls] == queries
    assert {each.path for each in made.calls} == {"/users"}


def test_the_next_page_may_be_named_by_the_header_link() -> None:
    link = '<https://x.test/users?page=1>; rel="prev", <https://x.test/users?page=2&per_page=2>; rel="next"'
    first = Reply(200, {"data": _rows("a", "b")}, {"link": link})
    last = Reply(200, {"data": _rows("c")}, {"link": '<https://x.test/users?page=1>; rel="first"'})
    made = played(plan(Query(), _mapping(LINK, "")), first, last)
    assert [each.query for each in made.calls] == [{"per_page": "2"}, {"page": "2", "per_page": "2"}]
    assert _listed(made) == ["a", "b", "c"]


@pytest.mark.parametrize("page", [NUMBER, OFFSET])
def test_with_a_total_only_the_window_is_read(page: str) -> None:
    made = played(plan(Query(start_index=3, count=2), _mapping(page)), Reply(200, {"data": _rows("c"), "total": 3}))
    assert _listed(made) == ["c"]
    assert made.calls[0].query in ({"page": "2", "size": "2"}, {"skip": "2", "limit": "2"})


def test_a_total_may_stand_in_a_header() -> None:
    made = _mapping(NUMBER, "total: {header: X-Total}, ")
    result = played(plan(Query(count=2), made), Reply(200, {"data": _rows("a", "b")}, {"x-total": "9"}))
    assert result.content.total == 9


@pytest.mark.parametrize("total", ["many", "-1", ""])
def test_a_total_that_is_no_number_is_not_believed(total: str) -> None:
    made = _mapping(NUMBER, "total: {header: X-Total}, ")
    result = played(plan(Query(count=2), made), Reply(200, {"data": _rows("a", "b")}, {"x-total": total}))
    assert isinstance(result.error, BadReply)


@pytest.mark.parametrize("page", [NUMBER, OFFSET, CURSOR])
def test_a_page_that_repeats_is_not_believed(page: str) -> None:
    result = answered(plan(Query(), _mapping(page, "")), lambda _: Reply(200, {"data": _rows("a"), "next": "x"}))
    assert isinstance(result.error, BadReply)
    assert len(result.calls) == 2


def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.plan.scan.MOST_PAGES", 5)

    def upstream(call: Call) -> Reply:
        return Reply(200, {"data": _rows(f"u{call.query['page']}")})

    result = answered(plan(Query(), _mapping(NUMBER, "")), upstream)
    assert isinstance(result.error, BadReply)
    assert len(result.calls) == 5
