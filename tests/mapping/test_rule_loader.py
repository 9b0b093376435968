"""What a rule becomes; the rules that are refused are under tests/broken."""

from typing import Any

import pytest

from adapter.mapping.rules import Element, Rule, Way
from adapter.mapping.transforms import Same, Table
from tests.mapping.minimal import mapping


def rule(text: str) -> Rule:
    return mapping(text).resource.rules[1]


@pytest.mark.parametrize(
    ("text", "read", "write"),
    [
        ("{scim: title, field: t}", Way("t", Same()), Way("t", Same())),
        ("{scim: title, field: t, mutability: readOnly}", Way("t", Same()), None),
        ("{scim: title, field: t, mutability: writeOnly}", None, Way("t", Same())),
        ("{scim: title, read: {field: t}, mutability: readOnly}", Way("t", Same()), None),
        ("{scim: title, write: {field: t}, mutability: writeOnly}", None, Way("t", Same())),
        ("{scim: title, read: {field: a}, write: {field: b}}", Way("a", Same()), Way("b", Same())),
        (
            "{scim: title, field: t, values: [[A, a]]}",
            Way("t", Table((("A", "a"),))),
            Way("t", Table((("A", "a"),))),
        ),
        (
            "{scim: title, read: {field: a, values: [[A, 1]]}, write: {field: b}}",
            Way("a", Table((("A", 1),))),
            Way("b", Same()),
        ),
    ],
)
def test_a_rule_knows_its_two_ways(text: str, read: Way | None, write: Way | None) -> None:
    assert (rule(text).read, rule(text).write) == (read, write)


@pytest.mark.parametrize(
    ("scim", "element"),
    [
        ('emails[type eq "work"].value', Element("type", "work")),
        ("emails[primary eq true].value", Element("primary", True)),  # noqa: FBT003
        ('addresses[TYPE eq "home"].locality', Element("type", "home")),
        ("title", None),
        ("name.givenName", None),
    ],
)
def test_a_rule_knows_its_element(scim: str, element: Element | None) -> None:
    assert rule(f"{{scim: '{scim}', field: t}}").element == element


@pytest.mark.parametrize("value", [True, "true", 1, 1.0, "1"])
def test_a_table_keeps_the_types_of_its_values(value: Any) -> None:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
    table = rule(f"{{scim: userType, field: t, values: [[A, {shown}], [B, other]]}}").read
    assert table is not None
    assert type(table.transform.to_upstream("A", "userType")) is type(value)


def test_values_that_python_takes_for_equal_are_different_rows() -> None:
    made = rule('{scim: userType, field: t, values: [[A, 1], [B, true], [C, "1"], [D, 1.0]]}')
    assert made.write is not None
    assert [made.write.transform.to_upstream(each, "") for each in "ABCD"] == [1, True, "1", 1.0]


def test_a_default_may_come_from_a_rule_that_stands_later() -> None:
    loaded = mapping("{scim: nickName, field: n, default: {attribute: title}}", "{scim: title, field: t}")
    assert [str(each) for each in loaded.resource.rules] == ["userName", "nickName", "title"]


def test_a_field_with_two_parts_may_be_shown_as_a_whole_too() -> None:
    parts = ("{scim: name.givenName, field: full, part: first, lossy: true}",
             "{scim: name.familyName, field: full, part: last, lossy: true}")  # fmt: skip
    made = mapping(*parts, "{scim: displayName, field: full, mutability: readOnly}")
    assert [str(each) for each in made.resource.rules[1].joined] == ["name.givenName", "name.familyName"]


def test_a_kept_rule_has_no_way_to_the_upstream() -> None:
    made = rule("{scim: externalId, keep: here}")
    assert (made.is_kept, made.read, made.write, made.calls) == (True, None, None, None)
    assert made.from_record({"id": "x", "externalId": "y"}) is None
    assert not rule("{scim: externalId, field: ref}").is_kept
    assert rule("{scim: externalId, keep: here, mutability: immutable}").mutability == "immutable"
