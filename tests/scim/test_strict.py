import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget, ScimError
from adapter.scim import strict
from adapter.scim.filter import read
from adapter.scim.patch import patched
from adapter.scim.profile import STRICT
from adapter.scim.resource import received, unknown
from adapter.scim.schema import Resource
from tests.scim.given import CORE, ENTERPRISE, JSON, NAMES, PATHS, USER_TYPE

MANAGER = f"{ENTERPRISE}:manager"
ADA: Resource = {
    "id": "1",
    "userName": "ada",
    "name": {"givenName": "Ada"},
    "emails": [{"type": "work", "value": "a"}],
    "groups": [{"value": "g"}],
}


@pytest.mark.parametrize("schemas", [[CORE], [CORE.upper()], [ENTERPRISE, CORE], ["urn:x:y", 5, CORE]])
def test_a_message_names_what_it_is(schemas: list[Any]) -> None:
    strict.named({"Schemas": schemas}, CORE)


@pytest.mark.parametrize("schemas", [None, [], CORE, {}, 5, [5], [ENTERPRISE]])
def test_a_message_that_does_not_is_refused(schemas: Any) -> None:
    with pytest.raises(InvalidSyntax):
        strict.named({"schemas": schemas}, CORE)
    with pytest.raises(InvalidSyntax) as refused:
        strict.named({}, CORE)
    assert refused.value.detail == f"The body's schemas must be a list that names {CORE}."


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"unheardOf": 1}, "unheardOf"),
        ({"name": {"givenName": "a", "unheardOf": 1}}, "name.unheardOf"),
        ({"emails": [{"value": "a"}, {"unheardOf": 1}]}, "emails.unheardOf"),
        ({"department": "B"}, "department"),
        ({ENTERPRISE: {"unheardOf": 1}}, f"{ENTERPRISE}:unheardOf"),
        ({"urn:x:y": {}}, "urn:x:y"),
    ],
)
def test_an_unknown_attribute_in_a_body_is_left_out_and_told_by_its_name(body: dict[str, Any], named: str) -> None:
    assert STRICT.body({"userName": "ada"} | body, USER_TYPE)[1] == [named]


def test_what_is_read_only_in_a_body_is_passed_over_as_the_rfc_has_it() -> None:
    body = {"schemas": [CORE], "id": "9", "meta": {}, "groups": [{"value": "g"}], "userName": "ada"}
    assert received(body, USER_TYPE) == {"userName": "ada"}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"active": "True"}, "active must be a boolean, not a string."),
        ({"title": ["x"]}, "title must be a string, not a list."),
        ({ENTERPRISE: {"manager": "9"}}, "manager must be an object, not a string."),
        ({"emails": ["a"]}, "emails must be an object, not a string."),
    ],
)
def test_a_value_of_another_type_is_not_mended(body: dict[str, Any], detail: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        received(body, USER_TYPE)
    assert refused.value.detail == detail


def _patched(*raw: dict[str, Any]) -> Resource:
    return patched(ADA, strict.operations(list(raw), USER_TYPE), USER_TYPE, strict.missing)


DONE: list[tuple[dict[str, Any], Resource]] = [
    ({"op": "replace", "path": "active", "value": False}, {"active": False}),
    (
        {"op": "add", "value": {"schemas": [CORE], "name": {"familyName": "L"}}},
        {"name": {"givenName": "Ada", "familyName": "L"}},
    ),
    ({"op": "add", "path": ENTERPRISE, "value": {"department": "B"}}, {ENTERPRISE: {"department": "B"}}),
    ({"op": "replace", "path": MANAGER, "value": {"value": "9"}}, {ENTERPRISE: {"manager": {"value": "9"}}}),
    (
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "b"},
        {"emails": [{"type": "work", "value": "b"}]},
    ),
    # A part of an element that the server makes, as RFC 7644 section 3.5.2.1 itself has it in its examples.
    (
        {"op": "add", "path": MANAGER, "value": {"value": "9", "displayName": "x"}},
        {ENTERPRISE: {"manager": {"value": "9"}}},
    ),
]


@pytest.mark.parametrize(("raw", "changed"), DONE)
def test_what_the_rfc_has_is_done(raw: dict[str, Any], changed: Resource) -> None:
    assert _patched(raw) == ADA | changed


NAMES_OF_OPERATIONS = "An operation's op must be add, replace or remove, in lower case."
REFUSED: list[tuple[dict[str, Any], type[ScimError], str]] = [
    ({"op": "Replace", "path": "active", "value": False}, InvalidSyntax, NAMES_OF_OPERATIONS),
    ({"op": ["add"], "path": "active", "value": False}, InvalidSyntax, NAMES_OF_OPERATIONS),
    ({"path": "active", "value": False}, InvalidSyntax, NAMES_OF_OPERATIONS),
    (
        {"op": "replace", "value": {"name.givenName": "x"}},
        InvalidPath,
        "'name.givenName' is not an attribute of this User.",
    ),
    (
        {"op": "replace", "value": {f"{ENTERPRISE}:department": "x"}},
        InvalidPath,
        f"'{ENTERPRISE}:department' is not an attribute of this User.",
    ),
    ({"op": "replace", "path": "unheardOf", "value": 1}, InvalidPath, "'unheardOf' is not an attribute of this User."),
    (
        {"op": "replace", "path": "department", "value": "x"},
        InvalidPath,
        "'department' is not an attribute of this User.",
    ),
    ({"op": "add", "path": "name", "value": {"x": 1}}, InvalidPath, "'name.x' is not an attribute of this User."),
    ({"op": "add", "path": "emails", "value": [{"x": 1}]}, InvalidPath, "'emails.x' is not an attribute of this User."),
    (
        {"op": "add", "path": ENTERPRISE, "value": {"x": 1}},
        InvalidPath,
        f"'{ENTERPRISE}:x' is not an attribute of this User.",
    ),
    (
        {"op": "add", "path": "emails[", "value": 1},
        InvalidPath,
        "The path cannot be read at character 8: expected an attribute name.",
    ),
    (
        {"op": "replace", "path": "groups", "value": []},
        Mutability,
        "'groups' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        {"op": "replace", "value": {"id": "2"}},
        Mutability,
        "'id' is read-only here; remove it from the client's attribute mapping.",
    ),
    ({"op": "replace", "path": "active", "value": "False"}, InvalidValue, "active must be a boolean, not a string."),
    ({"op": "replace", "path": "title", "value": ["x"]}, InvalidValue, "title must be a string, not a list."),
    ({"op": "add", "path": MANAGER, "value": "9"}, InvalidValue, "manager must be an object, not a string."),
    ({"op": "add", "value": "x"}, InvalidValue, "An operation without a path needs an object as its value."),
    ({"op": "remove"}, NoTarget, "A remove operation needs a path."),
    (
        {"op": "replace", "path": 'emails[type eq "home"].value', "value": "b"},
        NoTarget,
        "No element of emails matches 'emails[type eq \"home\"].value'.",
    ),
    (
        {"op": "replace", "path": 'emails[primary eq "True"].value', "value": "b"},
        InvalidFilter,
        "'primary' is compared with a boolean, not with a text.",
    ),
]


@pytest.mark.parametrize(("raw", "error", "detail"), REFUSED, ids=[str(raw) for raw, _, _ in REFUSED])
def test_what_the_rfc_has_not_is_refused(raw: dict[str, Any], error: type[ScimError], detail: str) -> None:
    with pytest.raises(ScimError) as refused:
        _patched({"op": "replace", "path": "title", "value": "x"}, raw)
    assert (type(refused.value), refused.value.detail) == (error, detail)


def test_a_filter_is_what_it_says() -> None:
    assert strict.wanted('active eq "True"') == read('active eq "True"')


RAW = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "Add"])},
    optional={
        "path": st.sampled_from(PATHS),
        "value": JSON | st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3),
    },
)


@settings(max_examples=400, deadline=None)
@given(JSON | st.lists(RAW, min_size=1, max_size=3))
def test_any_json_as_operations_ends_in_a_resource_or_a_scim_error(raw: Any) -> None:
    before = copy.deepcopy((raw, ADA))
    try:
        after = patched(ADA, strict.operations(raw, USER_TYPE), USER_TYPE, strict.missing)
    except ScimError:
        pass
    else:
        assert (after["id"], after["groups"]) == ("1", [{"value": "g"}])
        assert unknown(after, USER_TYPE) == []
    assert (raw, ADA) == before
