from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies

from adapter.errors import BadReply, InvalidFilter
from adapter.plan.conversation import Outcome, Reply
from adapter.plan.find import query
from adapter.scim import filter as filters
from adapter.scim.operation import Query
from tests.plan.by_hand import (
    BARE_404,
    GET,
    LIST,
    MAPPING,
    NOBODY,
    WIDE,
    Played,
    answered,
    found,
    listed,
    pages_of,
    played,
    record,
)

PEOPLE = "GET /people"


def _asked(text: str, *outcomes: Outcome, start: int = 1, count: int = 100) -> Played:
    return played(query(Query(filters.read(text), start, count), MAPPING), *outcomes)


def _ids(result: Played) -> list[str]:
    return [each["id"] for each in result.content.resources]


def test_a_match_by_user_name_is_one_call_with_the_upstreams_own_search() -> None:
    result = _asked('userName eq "ada"', listed(record()))
    assert result.routes == [LIST]
    assert result.calls[0].query["select"] == "userName==ada"
    assert _ids(result) == ["42"]


def test_a_miss_is_one_call_where_the_upstream_ignores_case() -> None:
    result = _asked('userName eq "eve"', listed())
    assert (result.content.total, result.content.resources, len(result.calls)) == (0, [], 1)


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ('id eq "42"', [GET]),
        ('id eq "42" and userName eq "ada"', [GET]),
        ('userName eq "ada" and id eq "42"', [GET]),
        ('active eq true and (userName eq "ada" and id eq "42")', [GET]),
        ('id eq "42" and id eq "43"', [GET]),
    ],
)
def test_a_filter_that_demands_an_id_is_one_read(text: str, routes: list[str]) -> None:
    assert _asked(text, found(42)).routes == routes


@pytest.mark.parametrize(
    "text", ['id eq ".."', 'id eq "042"', 'id eq "a/b"', 'id eq ""', 'id eq "x" and userName eq "ada"']
)
def test_a_filter_that_demands_what_cannot_be_an_id_makes_no_call(text: str) -> None:
    result = _asked(text)
    assert (result.calls, result.content.total) == ([], 0)


def test_an_id_that_is_not_there_is_an_empty_list() -> None:
    assert _asked('id eq "42"', NOBODY).content.total == 0


def test_an_id_that_cannot_be_read_is_no_empty_list() -> None:
    assert type(_asked('id eq "42"', BARE_404).error) is BadReply


def test_each_branch_of_an_or_is_a_search_of_its_own() -> None:
    result = _asked('id eq "42" or userName eq "eve"', found(), listed(record(7, userName="eve")))
    assert result.routes == [GET, LIST]
    assert result.calls[1].query["select"] == "userName==eve"
    assert [each["id"] for each in result.content.resources] == ["42", "7"]


def test_one_who_is_found_by_two_branches_is_one_match() -> None:
    result = _asked('id eq "42" or userName eq "ada"', found(), listed(record()))
    assert result.content.total == 1


@pytest.mark.parametrize("text", ['userName eq "ada" and id eq "42"', 'active eq true and (id eq "42" or id eq "42")'])
def test_of_an_and_the_most_selective_part_is_asked_for(text: str) -> None:
    assert set(_asked(text, *[found()] * (2 if "or" in text else 1)).routes) == {GET}


@pytest.mark.parametrize(
    "text",
    [
        'emails[type eq "work"].value eq "ada@example.com"',
        'userName sw "ad"',
        'userName ne "eve"',
        'not (userName eq "eve")',
        "userName pr",
        'name.familyName eq "byron"',
        'userName eq "o\'brien" or active eq true',
        'id ne "7"',
    ],
)
def test_what_the_upstream_cannot_look_for_is_one_scan_of_the_whole_list(text: str) -> None:
    result = _asked(text, listed(record()))
    assert result.routes == [LIST]
    assert "select" not in result.calls[0].query
    assert _ids(result) == ["42"]


@pytest.mark.parametrize("text", ['userName eq "ada" and active eq true', 'active eq true and userName eq "ada"'])
def test_a_part_that_every_match_must_satisfy_is_looked_for_and_the_rest_is_checked_here(text: str) -> None:
    result = _asked(text, listed(record(42), record(43, isEnabled=False)))
    assert result.calls[0].query["select"] == "userName==ada"
    assert _ids(result) == ["42"]


@given(strategies.text())
def test_a_value_is_sent_to_the_search_only_if_no_character_of_it_means_something(value: str) -> None:
    wanted = filters.read(f"userName eq {msgspec.json.encode(value).decode()}") if _encodable(value) else None
    if wanted is None:
        return
    sent = answered(query(Query(wanted), MAPPING), lambda _: listed()).calls[0].query.get("select")
    plain = value not in ("", ".", "..") and all(
        each.isascii() and (each.isalnum() or each in "-._~@+") for each in value
    )
    assert sent == (f"userName=={value}" if plain else None)


def _encodable(value: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in value) and len(value) < 1000


@pytest.mark.parametrize(
    "text", ['externalId eq "x"', "title pr", "meta pr", 'password eq "x"', "active eq 1", 'id eq "42" and nickName pr']
)
def test_a_filter_that_cannot_be_answered_exactly_makes_no_call(text: str) -> None:
    result = _asked(text)
    assert type(result.error) is InvalidFilter
    assert result.calls == []


def test_a_search_that_is_exact_about_case_is_not_believed_when_it_finds_nothing() -> None:
    plan = query(Query(filters.read('userName eq "ADA"')), WIDE)
    result = played(plan, _people(), _people({"id": "u1", "login": "ada"}))
    assert [each.query.get("q") for each in result.calls] == ["login==ADA", None]
    assert _ids(result) == ["u1"]


def test_a_search_that_is_exact_about_case_is_believed_when_it_finds_something() -> None:
    plan = query(Query(filters.read('userName eq "ada"')), WIDE)
    assert played(plan, _people({"id": "u1", "login": "ada"})).routes == [PEOPLE]


def test_a_search_is_believed_when_it_finds_nothing_for_an_attribute_that_is_exact_about_case() -> None:
    plan = query(Query(filters.read('externalId eq "ADA"')), WIDE)
    result = played(plan, _people())
    assert (result.routes, result.content.total) == ([PEOPLE], 0)


def test_a_search_that_is_too_wide_does_no_harm() -> None:
    assert _ids(_asked('userName eq "ada"', listed(record(41, userName="adam"), record(42)))) == ["42"]


@given(start=strategies.integers(1, 12), count=strategies.integers(0, 12))
def test_a_window_of_the_matches_is_cut_here_and_the_total_is_that_of_the_matches(start: int, count: int) -> None:
    records = [record(number, isEnabled=number % 2 == 0) for number in range(1, 21)]
    plan = query(Query(filters.read("active eq true"), start, count), MAPPING)
    result = answered(plan, pages_of(records, MAPPING))
    expected = [str(number) for number in range(2, 21, 2)]
    assert _ids(result) == expected[start - 1 : start - 1 + count]
    assert (result.content.total, result.content.start_index) == (10, start)


@pytest.mark.parametrize(("start", "count", "ids"), [(1, 2, ["1", "2"]), (3, 2, ["3"]), (9, 2, []), (1, 0, [])])
def test_without_a_filter_a_window_of_the_list_is_asked_for(start: int, count: int, ids: list[str]) -> None:
    result = answered(query(Query(None, start, count), MAPPING), pages_of([record(1), record(2), record(3)], MAPPING))
    assert (_ids(result), result.content.total, result.content.start_index) == (ids, 3, start)
    assert len(result.calls) == 1


def test_a_scan_that_is_not_whole_is_no_answer() -> None:
    plan = query(Query(filters.read("userName pr")), MAPPING)
    assert type(played(plan, listed(record(), total=3), listed(total=3)).error) is BadReply


def _people(*items: dict[str, Any]) -> Reply:
    return Reply(200, {"items": list(items), "count": len(items)})
