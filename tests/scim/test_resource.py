from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidSyntax, InvalidValue, ScimError
from adapter.scim.resource import held, received
from adapter.scim.schema import Resource
from adapter.scim.user import USER
from tests.scim.given import CORE, ENTERPRISE, JSON, NAMES, USER_TYPE

RECEIVED: list[tuple[dict[str, Any], Resource]] = [
    ({}, {}),
    ({"userName": "ada"}, {"userName": "ada"}),
    # One spelling for each name, the schema's, all the way down.
    (
        {"USERNAME": "ada", "Name": {"GIVENNAME": "Ada"}, "EMAILS": [{"VALUE": "a", "Primary": True}]},
        {"userName": "ada", "name": {"givenName": "Ada"}, "emails": [{"value": "a", "primary": True}]},
    ),
    ({ENTERPRISE.upper(): {"DEPARTMENT": "B"}}, {ENTERPRISE: {"department": "B"}}),
    # RFC 7643 section 2.5: null, an empty array and an absent attribute are the same.
    ({"title": None, "emails": [], "roles": None, "name": None, ENTERPRISE: None}, {}),
    ({"name": {}, ENTERPRISE: {}, "emails": [{}]}, {}),
    ({"name": {"givenName": None, "familyName": "L"}}, {"name": {"familyName": "L"}}),
    ({"emails": [{"value": "a", "type": None}, {"unheardOf": 1}]}, {"emails": [{"value": "a"}]}),
    ({ENTERPRISE: {"manager": {"value": None}}}, {}),
    # An empty text, false and zero are values.
    ({"title": "", "active": False}, {"title": "", "active": False}),
    # RFC 7644 section 3.3: "attributes whose mutability is "readOnly" SHALL be ignored".
    ({"id": "7", "meta": {"resourceType": "User"}, "groups": [{"value": "g"}], "userName": "ada"}, {"userName": "ada"}),
    ({ENTERPRISE: {"manager": {"value": "9", "displayName": "Bob"}}}, {ENTERPRISE: {"manager": {"value": "9"}}}),
    ({"groups": "not even a list", "id": 7}, {}),
    # What the type does not have is left out, whatever it holds.
    ({"schemas": [CORE], "unheardOf": {"a": [1]}, "urn:example:Other": {"x": 1}, "": 1}, {}),
    ({"name": {"unheardOf": 1}, "department": "B"}, {}),
    # One value for a multi-valued attribute is a list of one.
    ({"emails": {"value": "a"}}, {"emails": [{"value": "a"}]}),
    # A write-only attribute is received like any other.
    ({"password": "secret"}, {"password": "secret"}),
]


@pytest.mark.parametrize(("body", "resource"), RECEIVED)
def test_a_body_becomes_a_resource_with_one_form_for_everything(body: dict[str, Any], resource: Resource) -> None:
    assert received(body, USER_TYPE) == resource


@pytest.mark.parametrize(("body", "resource"), RECEIVED)
def test_a_canonical_resource_stays_as_it_is(body: dict[str, Any], resource: Resource) -> None:
    assert received(received(body, USER_TYPE), USER_TYPE) == resource


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"userName": 5}, "userName must be a string, not a number."),
    ({"userName": True}, "userName must be a string, not a boolean."),
    ({"userName": ["ada"]}, "userName must be a string, not a list."),
    ({"active": "True"}, "active must be a boolean, not a string."),
    ({"active": 1}, "active must be a boolean, not a number."),
    ({"name": "Ada"}, "name must be an object, not a string."),
    ({"name": {"givenName": {}}}, "givenName must be a string, not an object."),
    ({"emails": ["a"]}, "emails must be an object, not a string."),
    ({"emails": [None]}, "emails must be an object, not null."),
    ({"emails": [[{"value": "a"}]]}, "emails must be an object, not a list."),
    ({"emails": [{"primary": "yes"}]}, "primary must be a boolean, not a string."),
    ({ENTERPRISE: "B"}, f"{ENTERPRISE} must be an object, not a string."),
    ({ENTERPRISE: []}, f"{ENTERPRISE} must be an object, not a list."),
    ({ENTERPRISE: {"manager": "9"}}, "manager must be an object, not a string."),
    ({"userName": "a\x00b"}, "userName holds a control character; remove it at the source."),
    ({"name": {"givenName": "\x1b[31m"}}, "givenName holds a control character; remove it at the source."),
]


@pytest.mark.parametrize(("body", "detail"), WRONG)
def test_a_value_of_the_wrong_type_is_refused(body: dict[str, Any], detail: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        received(body, USER_TYPE)
    assert refused.value.detail == detail


@pytest.mark.parametrize(
    "body",
    [
        {"userName": "a", "USERNAME": "a"},
        {"unheardOf": 1, "UNHEARDOF": 2},
        {"name": {"givenName": "a", "givenname": "b"}},
        {"emails": [{"value": "a", "Value": "b"}]},
        {ENTERPRISE: {}, ENTERPRISE.upper(): {}},
        {ENTERPRISE: {"department": "a", "Department": "b"}},
    ],
)
def test_a_name_that_comes_twice_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidSyntax, match=r"^An attribute comes twice, spelled in different cases; send it once\.$"):
        received(body, USER_TYPE)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("userName", "a", "a"),
        ("userName", None, None),
        ("name", {"givenName": None}, None),
        ("emails", [], None),
        ("emails", {"value": "a"}, [{"value": "a"}]),
    ],
)
def test_a_value_is_held_in_one_form(name: str, value: Any, wanted: Any) -> None:
    attribute = USER.attribute(name)
    assert attribute is not None
    assert held(attribute, value) == wanted


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), JSON, max_size=5))
def test_any_json_object_is_a_canonical_resource_or_a_scim_error(body: dict[str, Any]) -> None:
    try:
        resource = received(body, USER_TYPE)
    except ScimError:
        return
    assert received(resource, USER_TYPE) == resource
    assert resource.keys() <= {ENTERPRISE, *(each.name for each in USER.attributes)}
    assert not any(value in (None, [], {}) for value in resource.values())
