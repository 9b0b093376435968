"""What becomes of the two directions of a rule; the rules that are refused are under tests/broken."""

import pytest

from adapter.mapping.rules import Way
from adapter.mapping.transforms import Items, Number, Same, Table
from tests.mapping.minimal import mapping

STATE = Table((("A", "a"),), "B")


@pytest.mark.parametrize(
    ("text", "read", "write"),
    [
        ("{scim: title, field: t, kept_as: number}", Way("t", Number()), Way("t", Number())),
        ("{scim: title, read: {field: t, kept_as: number}, write: {field: t}}", Way("t", Number()), Way("t", Same())),
        ("{scim: title, read: {field: t}, write: {field: t, kept_as: number}}", Way("t", Same()), Way("t", Number())),
        (
            "{scim: title, read: {field: t, values: [[A, a]], otherwise: B}, write: {field: t}}",
            Way("t", STATE),
            Way("t", Same()),
        ),
        ("{scim: roles.value, field: r, every: list}", Way("r", Items(Same())), Way("r", Items(Same()))),
        (
            "{scim: roles.value, read: {field: r, kept_as: number}, write: {field: r}, every: list}",
            Way("r", Items(Number())),
            Way("r", Items(Same())),
        ),
        ('{scim: roles.value, field: r, every: {by: ";"}}', Way("r", Items(Same(), ";")), Way("r", Items(Same(), ";"))),
        ("{scim: displayName, fields: [a, b], lossy: true}", Way("a", Same(), "b"), Way("a", Same(), "b")),
        ("{scim: displayName, fields: [a, b], mutability: readOnly}", Way("a", Same(), "b"), None),
    ],
)
def test_each_direction_has_its_field_and_what_happens_on_the_way(text: str, read: Way, write: Way | None) -> None:
    rule = mapping(text).resource.rules[1]
    assert (rule.read, rule.write) == (read, write)
