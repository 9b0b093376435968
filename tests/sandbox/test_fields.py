from typing import Any

import pytest
from httpx import AsyncClient

from adapter.sandbox.fields import USER, USER_CHANGES

PATH = "/api/org-units/50/users"

REFUSED: list[tuple[str, Any]] = [
    *[(field.name, None) for field in USER],
    *[(field.name, 5) for field in USER],
    *[(name, "") for name in ("email", "password", "firstName", "lastName", "username")],
    *[(name, "x" * 51) for name in ("firstName", "lastName", "username", "city", "state", "department")],
    *[(name, "x" * 101) for name in ("street1", "street2")],
    *[(name, value) for name in ("email", "notificationEmail") for value in ("a b", "a@b@c", "a b@c", "@c")],
    *[("password", weak) for weak in ("Ab1!xyz", "abcdefg1!", "ABCDEFG1!", "Abcdefgh!", "Abcdefgh1")],
    *[("postalCode", value) for value in ("1", "-12345", "12345-", "12--345", "1234567890123", "12345\n")],
    *[("telephone", value) for value in ("123456", "1234567890123456", "+", "555-CALL-NOW", "-1234567", "1234567 x")],
    *[("ext", value) for value in ("", "1234567", "12a", "+1")],
    *[("status", value) for value in ("", "Enabled", "active", True)],
    *[
        (name, value)
        for name in ("roleIds", "accessGroupIds")
        for value in ([], "1001", [1001], ["9999"], ["x"], [None])
    ],
    *[("apiOnlyUser", value) for value in ("false", 0)],
    ("externalId", "unknown"),
]

ACCEPTED: list[tuple[str, Any]] = [
    *[(name, "x" * 50) for name in ("firstName", "lastName", "city", "state", "department")],
    *[(name, "x" * 100) for name in ("street1", "street2")],
    *[("postalCode", value) for value in ("12", "SW1A 1AA", "123456789012", "12345-6789")],
    *[("telephone", value) for value in ("1234567", "+123456789012345", "(555) 123-4567", "555.123.4567")],
    *[("ext", value) for value in ("1", "123456")],
    *[("status", value) for value in ("enabled", "disabled")],
    *[(name, "") for name in ("street1", "street2", "city", "state", "department", "country")],
    ("apiOnlyUser", True),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
async def test_a_value_that_breaks_its_rule_is_refused(
    api: AsyncClient, body: dict[str, Any], name: str, value: Any
) -> None:
    reply = await api.post(PATH, json=body | {name: value})
    assert reply.status_code == 400
    assert [error["field"] for error in reply.json()["errors"]] == [name]


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
async def test_a_value_at_the_edge_of_its_rule_is_taken(
    api: AsyncClient, body: dict[str, Any], name: str, value: Any
) -> None:
    assert (await api.post(PATH, json=body | {name: value})).status_code == 201


@pytest.mark.parametrize("name", ["email", "password", "firstName", "lastName", "roleIds", "accessGroupIds"])
async def test_a_required_field_must_be_there(api: AsyncClient, body: dict[str, Any], name: str) -> None:
    del body[name]
    reply = await api.post(PATH, json=body)
    assert reply.status_code == 400
    assert reply.json()["errors"] == [{"field": name, "message": f"{name} is required"}]


async def test_several_faults_are_answered_together(api: AsyncClient, body: dict[str, Any]) -> None:
    reply = await api.post(PATH, json=body | {"email": 1, "ext": "x", "roleIds": []})
    assert reply.json()["message"].endswith("] Multiple Validations Failed.")
    assert {error["field"] for error in reply.json()["errors"]} == {"email", "ext", "roleIds"}


def test_a_password_cannot_be_changed() -> None:
    assert {field.name for field in USER} - {field.name for field in USER_CHANGES} == {"password"}
