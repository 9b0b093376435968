"""Which searches are made for a filter; what comes of them is in test_find.py and test_members.py."""

import pytest

from adapter.plan.search import ById, ByIndex, ByKept, ByMember, ByValue, Search, searches
from adapter.scim import filter as filters
from tests.mapping.minimal import BY_CALLS, IN_USERS, groups
from tests.plan.by_hand import MAPPING, WIDE

BY_USERS = groups(members="    members: {by: users}\n", user=(IN_USERS,))


def _kinds(ways: list[Search] | None) -> list[str] | None:
    return None if ways is None else [str(getattr(each, "id", getattr(each, "value", "?"))) for each in ways]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('id eq "42"', ["42"]),
        ('userName eq "ada"', ["ada"]),
        ('userName eq "ada" and id eq "42"', ["42"]),
        ('userName eq "ada" and active eq true', ["ada"]),
        ('active eq true and (userName eq "ada" or id eq "7")', ["ada", "7"]),
        ('userName eq "a" or userName eq "b" or id eq "7"', ["a", "b", "7"]),
        ('(userName eq "a" or userName eq "b") and id eq "7"', ["7"]),
        ('(userName eq "a" and active eq true) or (id eq "7" and userName eq "b")', ["a", "7"]),
        ('userName eq "a" or active eq true', None),
        ('not (userName eq "a")', None),
        ('userName ne "a"', None),
        ('userName sw "a"', None),
        ("userName pr", None),
        ('userName eq "a b"', None),  # FIQL cannot write it
        ('userName eq "a b" or id eq "7"', None),
        ("active eq true", None),
    ],
)
def test_a_filter_is_searched_for_by_its_most_selective_part(text: str, found: list[str] | None) -> None:
    assert _kinds(searches(filters.read(text), MAPPING)) == found


def test_an_attribute_that_only_one_can_have_is_searched_for_first() -> None:
    for text in ('externalId eq "x" and userName eq "ada"', 'userName eq "ada" and externalId eq "x"'):
        [search] = searches(filters.read(text), WIDE) or []
        assert isinstance(search, ByValue)
        assert search.value == "ada"


def test_the_groups_of_a_user_are_told_by_the_user_where_its_record_says_them() -> None:
    wanted = filters.read('members eq "u1"')
    assert searches(wanted, BY_USERS) == [ByMember("u1")]
    assert searches(wanted, groups(members=BY_CALLS)) is None
    assert searches(filters.read('members eq "u1" and id eq "red"'), BY_USERS) == [ById("red")]


KEPT = groups("{scim: externalId, keep: here}", "{scim: members.value, field: u, every: list}")


def test_a_kept_value_is_looked_up_only_where_no_other_search_serves() -> None:
    assert searches(filters.read('externalId eq "x"'), KEPT) == [ByKept("externalId", "x")]
    assert searches(filters.read('externalId eq "x" and id eq "red"'), KEPT) == [ById("red")]
    assert searches(filters.read('externalId eq "x" and displayName eq "Y"'), KEPT) == [ByIndex("y")]
    costs = [ById("x").cost, ByIndex("x").cost, ByMember("x").cost, ByKept("externalId", "x").cost]
    assert costs == sorted(costs)


@pytest.mark.parametrize("rule", ["mutability: immutable", "without_store: left out"])
def test_what_a_rule_says_beside_does_not_hide_that_it_is_kept(rule: str) -> None:
    made = groups(f"{{scim: externalId, keep: here, {rule}}}")
    assert searches(filters.read('externalId eq "x"'), made) == [ByKept("externalId", "x")]


@pytest.mark.parametrize("part", ["type", "$ref"])
def test_only_the_id_of_a_member_names_a_user(part: str) -> None:
    assert searches(filters.read(f'members.{part} eq "User"'), BY_USERS) is None
