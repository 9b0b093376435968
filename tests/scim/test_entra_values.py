import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidValue, ScimError
from adapter.scim import entra_values
from adapter.scim.filter import Compare
from adapter.scim.path import Path, parse
from adapter.scim.resource import held
from adapter.scim.schema import Attribute
from adapter.scim.user import ENTERPRISE_USER, USER
from tests.scim.given import ENTERPRISE, JSON, USER_TYPE


def _attribute(name: str) -> Attribute:
    return next(each for each in (*USER.attributes, *ENTERPRISE_USER.attributes) if each.name == name)


@pytest.mark.parametrize(
    ("name", "value", "lowered"),
    [
        ("userName", "x", "x"),
        ("userName", ["x"], "x"),
        ("userName", [{"$ref": None, "value": "x"}], "x"),
        ("userName", [{}], None),
        ("userName", [], None),
        ("userName", [None], None),
        ("userName", {"value": "x"}, {"value": "x"}),
        ("name", [{"givenName": "A"}], {"givenName": "A"}),
        ("manager", [{"value": "9"}], {"value": "9"}),
    ],
)
def test_a_list_of_one_is_that_one(name: str, value: Any, lowered: Any) -> None:
    assert entra_values.single_from_list(_attribute(name), value) == lowered


def test_a_list_of_more_is_refused_for_one_value() -> None:
    with pytest.raises(InvalidValue, match=r"^title has one value; a list of 3 was sent\.$"):
        entra_values.single_from_list(_attribute("title"), ["a", "b", "c"])


@pytest.mark.parametrize(
    ("value", "lowered"),
    [
        *(("True", True), ("False", False), ("true", True), ("false", False), ("TRUE", True), (" False ", False)),
        *(("yes", "yes"), ("1", "1"), ("0", "0"), ("", ""), ("\uff54rue", "\uff54rue")),
        *((True, True), (False, False), (None, None), (1, 1), (0, 0)),
    ],
)
def test_a_text_that_spells_a_boolean_is_one(value: Any, lowered: Any) -> None:
    result = entra_values.boolean_from_text(_attribute("active"), value)
    assert (result, type(result)) == (lowered, type(lowered))


@pytest.mark.parametrize("text", ["True", "false"])
def test_a_text_stays_a_text_where_a_text_belongs(text: str) -> None:
    assert entra_values.boolean_from_text(_attribute("displayName"), text) == text


@pytest.mark.parametrize(
    ("name", "value", "lowered"),
    [
        ("manager", "2819", {"value": "2819"}),
        ("manager", "", None),
        ("manager", {"value": "2819"}, {"value": "2819"}),
        ("manager", {"value": ""}, None),
        ("manager", {"value": None}, {"value": None}),
        ("manager", {"displayName": "Bob"}, {"displayName": "Bob"}),
        ("manager", None, None),
        ("manager", 5, 5),
        ("roles", "admin", {"value": "admin"}),
        ("roles", {"value": ""}, {"value": ""}),
        # No `value` to put the text under.
        ("name", "Ada", "Ada"),
        ("addresses", "1 Loop", "1 Loop"),
        ("title", "", ""),
    ],
)
def test_a_text_for_a_reference_is_its_value(name: str, value: Any, lowered: Any) -> None:
    assert entra_values.reference_from_text(_attribute(name), value) == lowered


@pytest.mark.parametrize(
    ("name", "value", "lowered"),
    [
        ("roles", None, None),
        ("roles", [], []),
        ("roles", "admin", [{"value": "admin"}]),
        ("roles", {"primary": "True"}, [{"primary": True}]),
        ("roles", [{"PRIMARY": "True"}, "b"], [{"PRIMARY": True}, {"value": "b"}]),
        ("emails", [{"type": ["work"], "value": [{"value": "x"}]}], [{"type": "work", "value": "x"}]),
        ("manager", [""], None),
        ("name", {"givenName": ["Ada"]}, {"givenName": "Ada"}),
        ("active", ["False"], False),
    ],
)
def test_a_value_is_lowered_all_the_way_down(name: str, value: Any, lowered: Any) -> None:
    assert entra_values.lowered_value(_attribute(name), value) == lowered


MOVED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"userName": "a", "department": "B"}, {"userName": "a", ENTERPRISE: {"department": "B"}}),
    ({"DEPARTMENT": "B", "manager": None}, {ENTERPRISE: {"DEPARTMENT": "B", "manager": None}}),
    # What stands where it belongs counts before what does not, in either order and in any case.
    ({"department": "A", ENTERPRISE: {"department": "B"}}, {ENTERPRISE: {"department": "B"}}),
    ({ENTERPRISE: {"department": "B"}, "department": "A"}, {ENTERPRISE: {"department": "B"}}),
    (
        {ENTERPRISE.upper(): {"department": "B"}, "costCenter": "7"},
        {ENTERPRISE.upper(): {"costCenter": "7", "department": "B"}},
    ),
    ({ENTERPRISE: None, "department": "B"}, {ENTERPRISE: {"department": "B"}}),
    ({"department": "B", ENTERPRISE: None}, {ENTERPRISE: {"department": "B"}}),
    # Nonsense stays, to be refused as what it is.
    ({"department": "B", ENTERPRISE: "x"}, {ENTERPRISE: "x"}),
    ({"department": "B", ENTERPRISE: []}, {ENTERPRISE: []}),
    ({"userName": "a", "unheardOf": "x"}, {"userName": "a", "unheardOf": "x"}),
    ({}, {}),
]


@pytest.mark.parametrize(("body", "moved"), MOVED)
def test_an_attribute_of_an_extension_at_the_top_goes_where_it_belongs(
    body: dict[str, Any], moved: dict[str, Any]
) -> None:
    before = copy.deepcopy(body)
    assert entra_values.enterprise_attributes_moved(body, USER_TYPE) == moved
    assert body == before


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*USER.attributes, *ENTERPRISE_USER.attributes]), JSON)
def test_a_lowered_value_that_has_its_type_is_lowered_no_further(attribute: Attribute, value: Any) -> None:
    try:
        once = entra_values.lowered_value(attribute, value)
        kept = held(attribute, once)
    except ScimError:
        return
    assert held(attribute, entra_values.lowered_value(attribute, once)) == kept


@pytest.mark.parametrize(
    ("name", "value", "lowered"),
    [
        ("title", 42, "42"),
        ("title", -1, "-1"),
        ("title", 1.5, 1.5),
        ("title", True, True),
        ("active", 1, 1),
        ("title", "x", "x"),
    ],
)
def test_a_number_in_a_filter_is_a_text_where_a_text_belongs(name: str, value: Any, lowered: Any) -> None:
    asked = Compare(Path(name), "eq", value)
    assert entra_values.text_from_number(asked, _attribute(name)) == Compare(Path(name), "eq", lowered)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("department", f"{ENTERPRISE}:department"),
        ("Manager.value", f"{ENTERPRISE}:Manager.value"),
        ("userName", "userName"),
        ("unheardOf", "unheardOf"),
        ("urn:a:b:department", "urn:a:b:department"),
        (f"{ENTERPRISE}:department", f"{ENTERPRISE}:department"),
    ],
)
def test_a_bare_name_of_an_extension_s_attribute_is_found(text: str, means: str) -> None:
    path = parse(text)
    assert path is not None
    assert str(entra_values.extension_found(path, USER_TYPE)) == means


@pytest.mark.parametrize(
    ("kinds", "element", "assumed"),
    [
        (("work",), {"value": "a"}, {"value": "a", "type": "work"}),
        (("work",), {"value": "a", "Type": "home"}, {"value": "a", "Type": "home"}),
        (("work",), {"value": "a", "type": None}, {"value": "a", "type": None}),
        (("work", "home"), {"value": "a"}, {"value": "a"}),
        ((), {"value": "a"}, {"value": "a"}),
        (("work",), "a", "a"),
    ],
)
def test_an_element_without_a_type_has_the_only_one_that_is_kept(
    kinds: tuple[str, ...], element: Any, assumed: Any
) -> None:
    emails = _attribute("emails")
    subs = tuple(
        msgspec.structs.replace(each, canonical_values=kinds) if each.name == "type" else each
        for each in emails.sub_attributes
    )
    assert entra_values.type_assumed(msgspec.structs.replace(emails, sub_attributes=subs), element) == assumed


@pytest.mark.parametrize(
    ("value", "listed"), [(None, None), ([], []), ([1], [1]), ({"value": "a"}, [{"value": "a"}]), ("a", ["a"])]
)
def test_one_value_for_many_is_a_list_of_one(value: Any, listed: Any) -> None:
    assert entra_values.list_from_single(value) == listed


OTHER = {"value": "a", "type": "other", "primary": True}


@pytest.mark.parametrize(
    ("kinds", "elements", "assumed"),
    [
        (("work",), [OTHER], [OTHER | {"type": "work"}]),
        (("work",), [{"Type": "OTHER", "PRIMARY": True}], [{"Type": "work", "PRIMARY": True}]),
        (
            ("work",),
            [{"value": "b", "type": "home"}, OTHER],
            [{"value": "b", "type": "home"}, OTHER | {"type": "work"}],
        ),
        # Beside the one that is kept it is another one; not preferred, or one of two, it need not be the one.
        (("work",), [{"value": "b", "type": "Work"}, OTHER], None),
        (("work",), [OTHER | {"primary": False}], None),
        (("work",), [{"value": "a", "type": "other"}], None),
        (("work",), [OTHER, {"value": "b", "type": "other"}], None),
        (("work",), [OTHER | {"type": "home"}], None),
        (("work",), ["a", 5, None], None),
        (("work", "other"), [OTHER], None),
        (("other",), [OTHER], None),
        ((), [OTHER], None),
    ],
)
def test_the_preferred_one_of_no_kind_has_the_only_one_that_is_kept(
    kinds: tuple[str, ...], elements: list[Any], assumed: list[Any] | None
) -> None:
    emails = _attribute("emails")
    subs = tuple(
        msgspec.structs.replace(each, canonical_values=kinds) if each.name == "type" else each
        for each in emails.sub_attributes
    )
    narrow = msgspec.structs.replace(emails, sub_attributes=subs)
    assert entra_values.other_assumed(narrow, elements) == (elements if assumed is None else assumed)


SCIM_1 = "urn:scim:schemas:extension:enterprise:1.0"


@pytest.mark.parametrize(
    ("body", "renamed"),
    [
        (
            {SCIM_1: {"department": "B", "manager": {"managerId": "9"}}},
            {ENTERPRISE: {"department": "B", "manager": {"value": "9"}}},
        ),
        ({SCIM_1.upper(): {"Manager": {"MANAGERID": "9", "x": 1}}}, {ENTERPRISE: {"Manager": {"value": "9", "x": 1}}}),
        ({SCIM_1: {"manager": "9"}}, {ENTERPRISE: {"manager": "9"}}),
        ({SCIM_1: {"department": "B"}, ENTERPRISE: {}}, None),
        ({SCIM_1: "x"}, None),
        ({"userName": "a"}, None),
    ],
)
def test_the_extension_of_scim_1_is_that_of_scim_2(body: dict[str, Any], renamed: dict[str, Any] | None) -> None:
    before = copy.deepcopy(body)
    assert entra_values.scim_1_extension_renamed(body, USER_TYPE) == (body if renamed is None else renamed)
    assert body == before


def test_an_extension_that_is_not_kept_is_not_renamed() -> None:
    bare = msgspec.structs.replace(USER_TYPE, extensions=())
    assert entra_values.scim_1_extension_renamed({SCIM_1: {}}, bare) == {SCIM_1: {}}
