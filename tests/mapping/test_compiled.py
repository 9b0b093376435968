"""What a rule is made into; `test_rules` asks the rules themselves, and `test_laws` holds both directions together."""

from typing import Any

import pytest

from adapter.errors import BadReply
from adapter.mapping import fields
from adapter.mapping.compiled import chooser, getter, putter, reader
from tests.mapping.test_rules import rule

WORK = "{scim: 'emails[type eq \"work\"].value', field: mail}"
DEPARTMENT = "{scim: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', field: department}"
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
