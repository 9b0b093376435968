import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidValue
from adapter.scim.path import Path
from adapter.scim.projection import Projection, projected, read
from adapter.scim.schema import Resource
from tests.scim.given import CORE, ENTERPRISE, NAMES, USER_TYPE

ADA: Resource = {
    "schemas": [CORE, ENTERPRISE],
    "id": "1",
    "userName": "ada",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [{"type": "work", "value": "a"}, {"value": "b", "primary": True}],
    ENTERPRISE: {"department": "Engines", "manager": {"value": "17"}},
    "meta": {"resourceType": "User", "location": "https://x/Users/1"},
}
KEPT = {"schemas": ADA["schemas"], "id": "1"}


def _without(name: str, /, **others: Any) -> Resource:
    return {key: value for key, value in ADA.items() if key != name} | others


SHOWN: list[tuple[str, Resource]] = [
    ("userName", {"userName": "ada"}),
    ("USERNAME, Name.GivenName", {"userName": "ada", "name": {"givenName": "Ada"}}),
    ("name", {"name": ADA["name"]}),
    ("name.givenName,name.familyName", {"name": ADA["name"]}),
    ("name,name.givenName", {"name": ADA["name"]}),
    ("name.givenName,name", {"name": ADA["name"]}),
    ("emails", {"emails": ADA["emails"]}),
    ("emails.value", {"emails": [{"value": "a"}, {"value": "b"}]}),
    ("emails.value,emails.primary", {"emails": [{"value": "a"}, {"value": "b", "primary": True}]}),
    ("emails,emails.value", {"emails": ADA["emails"]}),
    ("emails.type", {"emails": [{"type": "work"}]}),
    ("emails.primary,emails.type", {"emails": [{"type": "work"}, {"primary": True}]}),
    ("emails.display", {}),
    ("meta", {"meta": ADA["meta"]}),
    ("meta.location", {"meta": {"location": "https://x/Users/1"}}),
    (f"{CORE}:userName", {"userName": "ada"}),
    (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "Engines"}}),
    (f"{ENTERPRISE.lower()}:manager.value", {ENTERPRISE: {"manager": {"value": "17"}}}),
    (f"{ENTERPRISE}:manager.displayName", {}),
    (f"{ENTERPRISE}:costCenter", {}),
    (ENTERPRISE, {ENTERPRISE: ADA[ENTERPRISE]}),
    (f"{ENTERPRISE}:department,{ENTERPRISE}", {ENTERPRISE: ADA[ENTERPRISE]}),
    # What is always returned comes without being asked for; what is not there is passed over.
    ("id", {}),
    ("schemas", {}),
    ("title", {}),
    ("unheardOf", {}),
    ("unheardOf,userName", {"userName": "ada"}),
    ("userName.value", {}),
    ("department", {}),
]


@pytest.mark.parametrize(("attributes", "shown"), SHOWN)
def test_what_is_asked_for_is_shown_beside_what_is_always_shown(attributes: str, shown: Resource) -> None:
    assert projected(ADA, read(attributes, ""), USER_TYPE) == KEPT | shown


EXCLUDED: list[tuple[str, Resource]] = [
    ("userName", _without("userName")),
    ("USERNAME", _without("userName")),
    ("name", _without("name")),
    ("name.givenName", _without("name", name={"familyName": "Lovelace"})),
    ("name.givenName,name.familyName", _without("name")),
    ("emails", _without("emails")),
    ("emails.value", _without("emails", emails=[{"type": "work"}, {"primary": True}])),
    ("emails.value,emails.type", _without("emails", emails=[{"primary": True}])),
    ("emails.value,emails.type,emails.primary", _without("emails")),
    ("meta", _without("meta")),
    ("meta.location", _without("meta", meta={"resourceType": "User"})),
    (f"{ENTERPRISE}:department", _without(ENTERPRISE, **{ENTERPRISE: {"manager": {"value": "17"}}})),
    (f"{ENTERPRISE}:manager.value", _without(ENTERPRISE, **{ENTERPRISE: {"department": "Engines"}})),
    (f"{ENTERPRISE}:department,{ENTERPRISE}:manager", _without(ENTERPRISE)),
    (ENTERPRISE, _without(ENTERPRISE)),
    # RFC 7644 section 3.9: what is always returned cannot be excluded.
    ("id", ADA),
    ("ID,schemas", ADA),
    # Entra asks so for groups; here nothing is called that.
    ("members", ADA),
    ("title,unheardOf,name.middleName,department", ADA),
    (f"{ENTERPRISE}:costCenter", ADA),
]


@pytest.mark.parametrize(("excluded", "shown"), EXCLUDED)
def test_what_is_excluded_is_left_out(excluded: str, shown: Resource) -> None:
    assert projected(ADA, read("", excluded), USER_TYPE) == shown


def test_an_extension_that_is_not_there_is_neither_shown_nor_excluded() -> None:
    bare = {"schemas": [CORE], "id": "1", "userName": "ada"}
    for text in (ENTERPRISE, f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager.value"):
        assert projected(bare, read(text, ""), USER_TYPE) == {"schemas": [CORE], "id": "1"}
        assert projected(bare, read("", text), USER_TYPE) == bare


@pytest.mark.parametrize("attributes", ["", ",", " , "])
def test_nothing_asked_for_is_everything(attributes: str) -> None:
    assert projected(ADA, read(attributes, ""), USER_TYPE) == ADA
    assert projected(ADA, read("", attributes), USER_TYPE) == ADA


def test_a_list_is_read_with_its_spaces() -> None:
    paths = (Path("userName"), Path("name", "givenName"), Path("department", None, ENTERPRISE))
    assert read(f" userName ,name.givenName,, {ENTERPRISE}:department", "") == Projection(paths)
    assert read("", "emails") == Projection((), (Path("emails"),))


def test_both_parameters_at_once_are_refused() -> None:
    # RFC 7644 section 3.9: "the parameter[s] are mutually exclusive".
    with pytest.raises(InvalidValue) as refused:
        read("userName", "emails")
    assert refused.value.detail == "attributes and excludedAttributes exclude each other; send one of them."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("user name", "user name"),
        ("userName,1", "1"),
        ('emails[type eq "work"]', 'emails[type eq "work"]'),
        ("userName;emails", "userName;emails"),
        ("*", "*"),
        ("x" * 100 + "!", "x" * 80),
    ],
)
def test_a_name_that_cannot_be_read_is_refused(text: str, name: str) -> None:
    for arguments in ((text, ""), ("", text)):
        with pytest.raises(InvalidValue) as refused:
            read(*arguments)
        assert refused.value.detail == f"'{name}' is not an attribute name."


ASKED = st.lists(st.sampled_from([each for each in NAMES if each != "$ref"]), min_size=1, max_size=4).map(",".join)


@settings(max_examples=200, deadline=None)
@given(ASKED)
def test_what_is_shown_and_what_is_left_out_come_to_the_whole(asked: str) -> None:
    before = copy.deepcopy(ADA)
    shown, left = (projected(ADA, each, USER_TYPE) for each in (read(asked, ""), read("", asked)))
    assert before == ADA
    for part in (shown, left):
        assert {name: part[name] for name in KEPT} == KEPT
    assert shown.keys() | left.keys() == ADA.keys()
    for name in shown.keys() & left.keys() - KEPT.keys():
        if isinstance(ADA[name], dict):
            assert shown[name].keys() | left[name].keys() == ADA[name].keys()
