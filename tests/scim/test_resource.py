from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidSyntax, InvalidValue, ScimError
from adapter.scim.resource import held, held_element, held_list, received, unknown, unknown_parts
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
    ({"emails": {"value": "a"}}, "emails has many values; send a list of them."),
    ({"emails": "a"}, "emails has many values; send a list of them."),
    ({"emails": ["a"]}, "emails must be an object, not a string."),
    ({"emails": [None]}, "emails must be an object, not null."),
    ({"emails": [[{"value": "a"}]]}, "emails must be an object, not a list."),
    ({"emails": [{"primary": "yes"}]}, "primary must be a boolean, not a string."),
    ({ENTERPRISE: "B"}, f"{ENTERPRISE} must be an object, not a string."),
    ({ENTERPRISE: []}, f"{ENTERPRISE} must be an object, not a list."),
    ({ENTERPRISE: {"manager": "9"}}, "manager must be an object, not a string."),
    ({"userName": "a\x00b"}, "userName holds a control character; remove it at the source."),
    (
        {"userName": "a\u200bb"},
        "userName holds U+200B, a control, bidirectional or zero-width character that nobody sees: another name could look the same. Remove it at the source.",
    ),
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
        ("emails", [{"value": "a"}], [{"value": "a"}]),
    ],
)
def test_a_value_is_held_in_one_form(name: str, value: Any, wanted: Any) -> None:
    attribute = USER.attribute(name)
    assert attribute is not None
    assert held(attribute, value) == wanted


def test_a_patch_may_give_one_value_for_a_list() -> None:
    emails = USER.attribute("emails")
    assert emails is not None
    assert held_list(emails, {"value": "a"}) == held_list(emails, [{"value": "a"}]) == [{"value": "a"}]
    assert held_list(emails, None) == held_list(emails, []) == []
    assert held_element(emails, {"value": "a"}) == held_element(emails, [{"value": "a"}]) == {"value": "a"}
    assert held_element(emails, None) == held_element(emails, []) == {}
    with pytest.raises(InvalidValue, match=r"^The path chooses values of emails; send one value for it, not 2\.$"):
        held_element(emails, [{"value": "a"}, {"value": "b"}])


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        (
            {
                "USERNAME": "a",
                "Name": {"GIVENNAME": "a"},
                "emails": [{"Value": "a"}],
                ENTERPRISE.upper(): {"MANAGER": {}},
            },
            [],
        ),
        # What every resource has, and what is read-only, is known.
        ({"schemas": [], "ID": "1", "meta": {"x": 1}, "groups": [{"value": "g"}]}, []),
        ({"unheardOf": 1, "urn:x:y": {"a": 1}, "": 1}, ["unheardOf", "urn:x:y", ""]),
        ({"name.givenName": "a", "department": "a"}, ["name.givenName", "department"]),
        ({"name": {"x": 1}, "emails": [{"x": 1}, {"X": 2, "x": 3}]}, ["name.x", "emails.x", "emails.X"]),
        ({ENTERPRISE: {"x": 1, "manager": {"x": 1}}}, [f"{ENTERPRISE}:x", f"{ENTERPRISE}:manager.x"]),
        ({ENTERPRISE: "x", "name": 5, "emails": None, "userName": {"x": 1}}, []),
    ],
)
def test_what_the_type_does_not_have_is_found(body: dict[str, Any], paths: list[str]) -> None:
    assert unknown(body, USER_TYPE) == paths


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), JSON, max_size=5))
def test_a_canonical_resource_holds_nothing_unknown(body: dict[str, Any]) -> None:
    try:
        resource = received(body, USER_TYPE)
    except ScimError:
        return
    assert unknown(resource, USER_TYPE) == []


def test_the_parts_of_a_value_without_parts_are_not_looked_at() -> None:
    title = USER.attribute("title")
    assert title is not None
    assert unknown_parts(title, {"x": 1}) == []


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
