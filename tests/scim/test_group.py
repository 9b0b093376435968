from typing import Any

import pytest

from adapter.errors import InvalidValue
from adapter.scim.group import GROUP
from adapter.scim.resource import received
from adapter.scim.schema import Attribute
from tests.scim.given import GROUP_TYPE

MEMBERS = GROUP.attribute("members")
assert MEMBERS is not None
EVERY = {each.name: each for each in GROUP.attributes} | {
    f"members.{each.name}": each for each in MEMBERS.sub_attributes
}


def _those(characteristic: str, value: Any) -> list[str]:
    return [name for name, each in EVERY.items() if getattr(each, characteristic) == value]


def test_the_group_has_the_urn_and_the_attributes_of_the_rfc() -> None:
    assert GROUP.id == "urn:ietf:params:scim:schemas:core:2.0:Group"
    assert list(EVERY) == [
        *("externalId", "displayName", "members"),
        *("members.value", "members.$ref", "members.display", "members.type"),
    ]


def test_a_group_needs_a_name_that_is_its_own_and_compared_without_case() -> None:
    assert _those("required", value=True) == ["displayName"]
    assert _those("uniqueness", "server") == ["displayName"]
    assert not EVERY["displayName"].case_exact


def test_ids_and_addresses_are_compared_with_case() -> None:
    assert _those("case_exact", value=True) == ["externalId", "members.value", "members.$ref"]


def test_a_member_comes_and_goes_and_does_not_change() -> None:
    assert _those("mutability", "immutable") == ["members.value", "members.$ref", "members.type"]


def test_what_is_made_from_the_value_is_what_it_is_whatever_a_client_sends() -> None:
    assert _those("is_made", value=True) == ["members.$ref", "members.type"]
    assert _those("mutability", "readOnly") == ["members.display"]


def test_a_member_is_a_user() -> None:
    assert EVERY["members.type"].canonical_values == EVERY["members.$ref"].reference_types == ("User",)


def test_members_and_nothing_else_are_a_list_of_objects() -> None:
    assert _those("multi_valued", value=True) == _those("type", "complex") == ["members"]
    assert _those("type", "reference") == ["members.$ref"]


@pytest.mark.parametrize("attribute", EVERY.values(), ids=EVERY)
def test_every_attribute_has_a_description(attribute: Attribute) -> None:
    assert attribute.description.endswith(".")


@pytest.mark.parametrize("kind", ["User", "user", None])
def test_a_member_is_received_as_its_value(kind: str | None) -> None:
    member = {"value": "17", "$ref": "https://elsewhere/Users/17", "display": "Ada", "type": kind}
    assert received({"displayName": "Engineers", "members": [member]}, GROUP_TYPE) == {
        "displayName": "Engineers",
        "members": [{"value": "17"}],
    }


@pytest.mark.parametrize("member", [{"value": "g", "type": "Group"}, {"TYPE": "group", "value": "g"}])
def test_a_group_inside_a_group_is_refused(member: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue) as refused:
        received({"displayName": "Engineers", "members": [{"value": "17"}, member]}, GROUP_TYPE)
    assert refused.value.detail == "groups have users as members here; leave out what is of another type than User."
