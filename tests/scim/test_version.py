from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidSyntax
from adapter.scim.version import Condition, condition, version
from tests.scim.given import JSON

ADA = {
    "id": "42",
    "userName": "ada",
    "active": True,
    "emails": [{"type": "work", "value": "ada@example.com"}, {"type": "home", "value": "ada@example.org"}],
    "meta": {"created": "2024-01-01T00:00:00Z"},
}
TAG = "".join(chr(each) for each in (0x21, *range(0x23, 0x7F), *range(0x80, 0x100)))
# What an entity tag holds, and the blanks and commas that may stand around it in a list.
OPAQUE = st.text(TAG, max_size=6)
WITHIN = st.sampled_from([",", ", ", " ,\t", ",,", " , ,  "])
AROUND = st.sampled_from(["", " ", ",", " , ", "\t"])


def test_a_version_is_a_weak_entity_tag_that_stays_the_same_from_release_to_release() -> None:
    # Clients keep versions: another hash would make each of their next changes fail once.
    assert version(ADA) == 'W/"c9efbcf4329e306a55"'


def test_a_version_does_not_depend_on_the_order_of_names() -> None:
    def reversed_names(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: reversed_names(value[name]) for name in reversed(list(value))}
        return [reversed_names(each) for each in value] if isinstance(value, list) else value

    assert version(reversed_names(ADA)) == version(ADA)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "43"},
        {"userName": "Ada"},
        {"active": False},
        {"active": "true"},
        {"active": 1},
        {"title": "x"},
        {"emails": [{"type": "work", "value": "ada@example.com"}]},
        {"meta": {"created": "2024-01-01T00:00:01Z"}},
        {"meta": {}},
    ],
)
def test_a_version_changes_with_any_attribute(change: dict[str, Any]) -> None:
    assert version(ADA | change) != version(ADA)


def test_a_version_does_not_depend_on_the_order_of_values() -> None:
    turned = list(reversed(ADA["emails"]))  # type: ignore[call-overload]  # the list that is written above
    assert version(ADA | {"emails": turned}) == version(ADA)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=3), st.dictionaries(st.text(max_size=4), JSON, max_size=3))
def test_two_resources_have_one_version_when_they_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert version(one) == version(deepcopy(one))
    assert (version(one) == version(other)) == (repr(_sorted(one)) == repr(_sorted(other)))


def _sorted(value: Any, *, within: bool = False) -> Any:
    """Return a value in one order: names everywhere, and the elements of a list that is not within another."""
    if isinstance(value, dict):
        return {name: _sorted(value[name], within=within) for name in sorted(value)}
    if isinstance(value, list):
        each = [_sorted(one, within=True) for one in value]
        return each if within else sorted(each, key=repr)
    return value


@pytest.mark.parametrize("header", ["*", " * ", "\t*"])
def test_a_star_holds_for_every_version(header: str) -> None:
    assert condition(header) == Condition(frozenset(), is_any=True)
    assert condition(header).holds(version(ADA))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "W/"]), OPAQUE), min_size=1, max_size=4), AROUND, AROUND, st.data())
def test_a_list_holds_for_the_versions_in_it_weak_or_strong(
    tags: list[tuple[str, str]], before: str, after: str, data: st.DataObject
) -> None:
    header = before
    for number, (weak, opaque) in enumerate(tags):
        header += (data.draw(WITHIN) if number else "") + f'{weak}"{opaque}"'
    asked = condition(header + after)
    assert asked == Condition(frozenset(f'"{opaque}"' for _, opaque in tags))
    assert all(asked.holds(f'{weak}"{opaque}"') for weak in ("", "W/") for _, opaque in tags)


@given(st.lists(OPAQUE, min_size=1, max_size=4), OPAQUE)
def test_a_list_holds_for_no_other_version(tags: list[str], other: str) -> None:
    asked = condition(", ".join(f'W/"{each}"' for each in tags))
    assert asked.holds(f'W/"{other}"') == (other in tags)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "  ",
        ",",
        "4bdbabd6a67bbb2662",
        "W/4bdbabd6a67bbb2662",
        '"a',
        'a"',
        'w/"a"',
        'W/ "a"',
        'W "a"',
        '"a" "b"',
        '"a""b"',
        '"a", b',
        '*, "a"',
        '"a", *',
        "**",
        "'a'",
        '"a b"',
        '"\u0000"',
        '"\u20ac"',
        '"a";',
    ],
)
def test_what_is_no_list_of_entity_tags_is_refused_and_shown_how_it_should_look(header: str) -> None:
    with pytest.raises(InvalidSyntax) as refused:
        condition(header)
    assert refused.value.detail == 'A version is an entity tag in quotes, as meta.version has it: W/"3694e05e9dff590".'


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=12) | st.text('"W/*, ab', max_size=12))
def test_any_header_is_a_condition_or_invalid_syntax(header: str) -> None:
    try:
        asked = condition(header)
    except InvalidSyntax:
        return
    assert asked.is_any or asked.tags


def test_a_header_of_a_megabyte_is_read_at_once() -> None:
    with pytest.raises(InvalidSyntax):
        condition(" ," * 500_000 + "x")
    with pytest.raises(InvalidSyntax):
        condition('"a"' + " " * 1_000_000 + "x")
    assert condition('"a",' * 250_000).tags == {'"a"'}
