from collections.abc import Iterator

import pytest

from adapter.scim.schema import Attribute
from adapter.scim.user import ENTERPRISE_USER, USER
from tests.scim.given import CORE, ENTERPRISE


def _all(attributes: tuple[Attribute, ...], before: str = "") -> Iterator[tuple[str, Attribute]]:
    for each in attributes:
        yield before + each.name, each
        yield from _all(each.sub_attributes, f"{before}{each.name}.")


EVERY = [pair for schema in (USER, ENTERPRISE_USER) for pair in _all(schema.attributes)]

# RFC 7643 section 4.1, in its order, after the common externalId of section 3.1.
SINGLE = (
    "userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active password"
)
MULTI = "emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates"


def test_the_user_has_the_attributes_of_the_rfc() -> None:
    assert [each.name for each in USER.attributes] == ["externalId", *SINGLE.split(), *MULTI.split()]


def test_the_enterprise_user_has_the_attributes_of_the_rfc() -> None:
    names = ["employeeNumber", "costCenter", "organization", "division", "department", "manager"]
    assert [each.name for each in ENTERPRISE_USER.attributes] == names


def test_the_schemas_have_the_urns_of_the_rfc() -> None:
    assert [each.id for each in (USER, ENTERPRISE_USER)] == [CORE, ENTERPRISE]


def test_the_plural_attributes_and_no_others_are_multi_valued() -> None:
    assert {name for name, each in EVERY if each.multi_valued} == set(MULTI.split())


def test_a_user_needs_a_user_name_and_nothing_else() -> None:
    # A user without a mailbox has no emails; Entra then sends none.
    assert [name for name, each in EVERY if each.required] == ["userName"]


def test_the_user_name_is_unique_and_compared_without_case() -> None:
    unique = {name: each.case_exact for name, each in EVERY if each.uniqueness != "none"}
    assert unique == {"userName": False}


def test_the_external_id_is_compared_with_case() -> None:
    # RFC 7643 section 3.1: externalId is caseExact.
    assert [name for name, each in EVERY if each.case_exact] == ["externalId", "password"]


def test_the_password_is_written_and_never_returned() -> None:
    hidden = [(name, each.returned) for name, each in EVERY if each.mutability == "writeOnly"]
    assert hidden == [("password", "never")]


def test_what_the_service_provider_computes_is_read_only() -> None:
    read_only = [name for name, each in EVERY if each.mutability == "readOnly"]
    assert read_only == [
        "groups",
        "groups.value",
        "groups.$ref",
        "groups.display",
        "groups.type",
        "manager.displayName",
    ]


def test_the_groups_are_shown_when_they_are_asked_for() -> None:
    assert [name for name, each in EVERY if each.returned == "request"] == ["groups"]


TYPES = {
    "boolean": ["active", *(f"{each}.primary" for each in MULTI.split() if each != "groups")],
    "reference": ["profileUrl", "photos.value", "groups.$ref", "manager.$ref"],
    "binary": ["x509Certificates.value"],
    "complex": ["name", "manager", *MULTI.split()],
}


@pytest.mark.parametrize("kind", TYPES)
def test_the_types_are_those_of_the_rfc(kind: str) -> None:
    assert {name for name, each in EVERY if each.type == kind} == set(TYPES[kind])


def test_every_other_attribute_is_a_string() -> None:
    assert {each.type for _, each in EVERY} == {"string", *TYPES}


def test_a_complex_attribute_and_no_other_has_sub_attributes() -> None:
    assert [name for name, each in EVERY if bool(each.sub_attributes) != (each.type == "complex")] == []


def test_every_reference_says_what_it_refers_to() -> None:
    assert {name for name, each in EVERY if each.reference_types} == set(TYPES["reference"])


def test_every_attribute_has_a_description() -> None:
    assert [name for name, each in EVERY if not each.description.endswith(".")] == []


CANONICAL = [
    ("emails.type", "work home other"),
    ("phoneNumbers.type", "work home mobile fax pager other"),
    ("photos.type", "photo thumbnail"),
    ("addresses.type", "work home other"),
    ("groups.type", "direct indirect"),
]


@pytest.mark.parametrize(("name", "values"), CANONICAL)
def test_the_kinds_of_a_value_are_those_of_the_rfc(name: str, values: str) -> None:
    assert dict(EVERY)[name].canonical_values == tuple(values.split())
