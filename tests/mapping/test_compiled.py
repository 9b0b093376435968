"""What a rule is made into; `test_rules` asks the rules themselves, and `test_laws` holds both directions together."""

from typing import Any

import pytest

from adapter.errors import BadReply
from adapter.mapping import fields
from adapter.mapping.compiled import chooser, field_maker, getter, putter, reader
from tests.mapping.minimal import mapping
from tests.mapping.test_rules import rule

WORK = "{scim: 'emails[type eq \"work\"].value', field: mail}"
DEPARTMENT = "{scim: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', field: department}"
NAMES = [("givenName", "first"), ("familyName", "last")]
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    ("text", "value", "resource"),
    [
        ("{scim: title, field: t}", "Dr.", {"title": "Dr."}),
        ("{scim: name.givenName, field: t}", "Ada", {"name": {"givenName": "Ada"}}),
        (WORK, "a@b.c", {"emails": [{"type": "work", "value": "a@b.c"}]}),
        (DEPARTMENT, "Sales", {ENTERPRISE: {"department": "Sales"}}),
        ("{scim: emails.value, field: t, every: list}", ["x", "y"], {"emails": [{"value": "x"}, {"value": "y"}]}),
    ],
)
def test_what_is_put_into_a_resource_is_found_there(text: str, value: Any, resource: dict[str, Any]) -> None:
    made: dict[str, Any] = {}
    putter(rule(text))(made, value)
    assert made == resource
    assert getter(rule(text))(resource) == value
    assert getter(rule(text))({}) is None


def test_of_several_elements_the_last_is_meant_whatever_the_case_of_what_it_is_chosen_by() -> None:
    elements = [{"type": "work", "value": "1"}, {"type": "Work", "value": "2"}, {"type": "home", "value": "3"}, {}]
    assert chooser(rule(WORK))(elements) == {"type": "Work", "value": "2"}
    assert chooser(rule(WORK))(elements[2:]) is None


@pytest.mark.parametrize("value", [fields.ABSENT, None, ""])
def test_a_field_without_a_value_is_no_value(value: Any) -> None:
    record = {} if value is fields.ABSENT else {"t": value}
    assert reader(rule("{scim: title, field: t}"))(record) is None


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("{scim: title, field: t}", {"t": 1}),
        ("{scim: active, field: t}", {"t": "yes"}),
        ("{scim: meta.created, field: t, mutability: readOnly}", {"t": "yesterday"}),
        ("{scim: meta.created, field: t, mutability: readOnly}", {"t": 1}),
        ("{scim: externalId, field: t, required: true}", {}),
    ],
)
def test_a_record_that_cannot_be_believed_is_an_error(text: str, record: dict[str, Any]) -> None:
    with pytest.raises(BadReply):
        reader(rule(text))(record)


@pytest.mark.parametrize(
    ("text", "value", "field"),
    [
        ("{scim: title, field: t}", "Dr.", "Dr."),
        ("{scim: title, field: t}", None, None),
        ("{scim: title, field: t, clear: empty}", None, ""),
        ("{scim: title, field: t, kept_as: number}", "7", 7),
        ("{scim: active, field: t, values: [[true, on], [false, off]]}", False, "off"),
        ("{scim: emails.value, field: t, every: list}", ["x", "y"], ["x", "y"]),
        ("{scim: emails.value, field: t, every: list}", None, []),
        ("{scim: emails.value, field: t, every: {by: ';'}}", ["x", "y"], "x;y"),
        ("{scim: emails.value, field: t, every: {by: ';'}}", None, None),
    ],
)
def test_a_value_is_made_into_what_its_field_holds(text: str, value: Any, field: Any) -> None:
    assert field_maker(rule(text))(value, {}) == field


def test_a_field_that_two_share_is_made_of_both() -> None:
    parts = [f"{{scim: name.{name}, field: t, part: {part}, lossy: true}}" for name, part in NAMES]
    made = field_maker(mapping(*parts).resource.rules[1])
    assert made("Ada", {"name": {"givenName": "Ada", "familyName": "King"}}) == "Ada King"
    assert made("Ada", {"name": {"givenName": "Ada"}}) == "Ada"
    assert made(None, {}) == ""
