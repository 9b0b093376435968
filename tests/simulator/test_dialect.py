from typing import Any

import pytest

from adapter.simulator.dialect import MAIL, Dialect, change, creation, differences, shown
from adapter.simulator.people import Fate, Person

ADA = Person(1, "ada@example.com", "Ada", "Lovelace", "ada@mail.example.com", Fate.UNTOUCHED)
RESOURCE = {
    "id": "7",
    "userName": "ada@example.com",
    "active": True,
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [{"type": "home", "value": "ada@home.example.com"}, {"type": "work", "value": "ada@mail.example.com"}],
}


def numbered(number: int, mailbox: str | None = None) -> dict[str, Any]:
    return creation(Person(number, "ada@example.com", "Ada", "Lovelace", mailbox, Fate.UNTOUCHED))


def test_a_creation_has_the_modern_form() -> None:
    assert creation(ADA) == {
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "externalId": "1bcf314b-926c-5c9d-941d-e4f9ce1bf610",
        "userName": "ada@example.com",
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": "ada@mail.example.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
        "roles": [],
    }


def test_creations_mix_the_variants_that_are_seen() -> None:
    assert "emails" not in numbered(1)
    assert numbered(3)["active"] == "True"
    assert numbered(4)["manager"] is None
    assert numbered(4)["addresses"] is None
    assert "manager" not in numbered(3)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("userName", "ada@example.com"),
        ("name.familyName", "Lovelace"),
        (MAIL, "ada@mail.example.com"),
        ("name.honorificPrefix", None),
        ("userName.value", None),
    ],
)
def test_a_path_shows_its_value(path: str, value: Any) -> None:
    assert shown(RESOURCE, path) == value


@pytest.mark.parametrize(
    "emails",
    [
        None,
        "ada@mail.example.com",
        [],
        ["ada@mail.example.com"],
        [{"type": "work"}],
        [{"type": "work", "value": "a"}, {"type": "work", "value": "b"}],
    ],
)
def test_a_resource_without_one_work_mail_shows_none(emails: Any) -> None:
    assert shown({"emails": emails}, MAIL) is None


@pytest.mark.parametrize("resource", [None, [], "Ada", {}, {"name": "Ada"}])
def test_what_is_no_resource_differs_in_everything(resource: Any) -> None:
    assert set(differences(ADA, resource)) == {MAIL, "userName", "active", "name.givenName", "name.familyName"}


def test_the_same_person_has_no_differences() -> None:
    assert differences(ADA, RESOURCE) == {}


def test_a_boolean_as_a_string_is_a_difference() -> None:
    assert differences(ADA, RESOURCE | {"active": "True"}) == {"active": True}


def test_the_default_dialect_is_capitalised_with_strings_for_booleans() -> None:
    new: dict[str, str | bool] = {"active": False, "name.familyName": "King", MAIL: "king@mail.example.com"}
    assert change(new, {"name": {"familyName": "Lovelace"}, "active": True}, Dialect.DEFAULT) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Replace", "path": "name.familyName", "value": "King"},
            {"op": "Add", "path": 'emails[type eq "work"].value', "value": "king@mail.example.com"},
        ],
    }


def test_the_flags_dialect_has_one_operation_without_a_path() -> None:
    new: dict[str, str | bool] = {"active": False, "name.familyName": "King"}
    assert change(new, {}, Dialect.FLAG) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "value": {"active": False, "name.familyName": "King"}}],
    }


def test_the_flags_dialect_writes_a_mail_apart() -> None:
    assert change({MAIL: "king@mail.example.com"}, {}, Dialect.FLAG)["Operations"] == [
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "king@mail.example.com"}
    ]
