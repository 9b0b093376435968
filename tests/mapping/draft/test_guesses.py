"""Attributes and switches among the fields."""

from typing import Any

import pytest

from adapter.mapping.draft.guesses import ATTRIBUTES, Fields, Switch
from adapter.mapping.draft.spec import Spec
from adapter.mapping.target_loader import type_of
from adapter.scim.filter import read_place
from adapter.scim.patch import target_of

BOOLEAN = {"type": "boolean"}


def _fields(**properties: Any) -> Fields:
    return Fields(Spec({}), {"type": "object", "properties": properties, "required": ["login", 7, "gone"]})


@pytest.mark.parametrize(
    ("field", "switch"),
    [
        ({"isEnabled": BOOLEAN}, Switch("isEnabled", on=True, off=False)),
        ({"is_suspended": BOOLEAN}, Switch("is_suspended", on=False, off=True)),
        ({"status": {"type": "string", "enum": ["Active", "Inactive"]}}, Switch("status", "Active", "Inactive")),
        ({"state": {"type": "string", "enum": ["on", "off", "new"]}}, Switch("state", "on", "off", others=True)),
        ({"status": {"type": "string"}}, None),
        ({"status": {"type": "string", "enum": ["open", "closed"]}}, None),
        ({"active": {"type": "string"}}, None),
    ],
)
def test_the_field_that_says_whether_a_user_is_active(field: dict[str, Any], switch: Switch | None) -> None:
    assert _fields(**field).switch() == switch


def test_fields_inside_some_objects_count_and_names_that_no_path_can_hold_do_not() -> None:
    inner = {"type": "object", "properties": {"email": {"type": "string"}}}
    fields = _fields(login={"type": "string"}, profile=inner, manager=inner, **{"a.b": {"type": "string"}})
    assert list(fields.schemas) == ["login", "profile.email"]
    assert fields.required == ["login"]


def test_every_attribute_is_one_of_scim() -> None:
    assert [each for each in ATTRIBUTES if target_of(read_place(each), type_of("User", [])) is None] == []
