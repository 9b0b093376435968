from typing import Any

import msgspec
import pytest

from adapter.mapping import document
from adapter.mapping.document import Attribute, Document, Generated, Replying, Setting
from tests.mapping.document.accepts import accepts
from tests.mapping.minimal import mapping

STRUCTS = [
    each
    for each in vars(document).values()
    if isinstance(each, type) and issubclass(each, msgspec.Struct) and not each.__name__.startswith("_")
]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_part_of_a_file_refuses_a_key_that_it_does_not_have(struct: Any) -> None:
    assert struct.__struct_config__.forbid_unknown_fields
    assert struct.__struct_config__.frozen


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_part_of_a_file_says_what_it_is(struct: Any) -> None:
    assert struct.__doc__


def test_the_language_can_be_given_to_an_editor_as_a_json_schema() -> None:
    schema = msgspec.json.schema(Document)
    assert set(schema["$defs"]["Document"]["required"]) == {"version", "upstream", "credential", "resources"}
    assert schema["$defs"]["Document"]["additionalProperties"] is False


def test_what_a_file_does_not_say() -> None:
    assert mapping().in_flight == 3
    assert mapping().replies == ()
    assert msgspec.to_builtins(mapping().resource.listing.page)["first"] == 1
    assert mapping().resource.getting.record == "$"
    assert mapping().resource.changing.sends == "changes"
    assert Setting(name="a", about="b").kind == "text"
    assert Attribute(scim="a").clear == "null"
    assert Attribute(scim="a").mutability == "readWrite"
    assert Generated().length == 24


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        (Replying, {"status": 100, "means": "failure"}, True),
        (Replying, {"status": 99, "means": "failure"}, False),
        (Replying, {"status": 600, "means": "failure"}, False),
        (Replying, {"status": [400, 409], "means": "uniqueness", "field": "message", "contains": ["a"]}, True),
        (Replying, {"status": [], "means": "failure"}, False),
        (Replying, {"status": 400, "means": "failure", "field": "m", "contains": ""}, False),
        (Generated, {"length": 12}, True),
        (Generated, {"length": 128}, True),
        (Generated, {"length": 129}, False),
        (Setting, {"name": "org_unit", "about": "x", "default": ["a"]}, True),
        (Setting, {"name": "org-unit", "about": "x"}, False),
        (Setting, {"name": "org_unit", "about": ""}, False),
        (Setting, {"name": "org_unit", "about": "x", "default": ""}, False),
    ],
)
def test_the_bounds_of_a_part(kind: Any, data: dict[str, Any], fits: bool) -> None:  # noqa: FBT001
    assert accepts(kind, data) is fits
