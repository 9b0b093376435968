"""The rules that the golden files do not have."""

from typing import Any

import pytest

from adapter.mapping.draft.finder import Api, sampled
from adapter.mapping.draft.known import Known
from adapter.mapping.draft.rules import rules
from adapter.mapping.draft.sample import schema_of
from adapter.mapping.draft.spec import Operation, Spec


def _rules(row: Any, sent: Any, changed: Any = None, required: tuple[str, ...] = ()) -> list[str]:
    spec = Spec({})
    create = Operation(
        method="POST", path="/users", sent=schema_of(sent) | {"required": list(required)}, reply=schema_of(row)
    )
    get = Operation(method="GET", path="/users/{id}", reply=schema_of(row))
    update = Operation(method="PATCH", path="/users/{id}", sent=schema_of(changed)) if changed else None
    listing = Operation(method="GET", path="/users")
    api = sampled(spec, schema_of(row), Api(list=listing, records="$", get=get, create=create, update=update))
    return [each.strip() for each in rules(Known(spec, api, "it.json"))]


ROW = {"id": 7, "login": "ada", "enabled": True}


@pytest.mark.parametrize(
    ("sent", "changed", "rule"),
    [
        ({}, {}, "read: {field: enabled}, default: true, unsupported: "),
        ({"enabled": True}, {"enabled": True}, "field: enabled, default: true"),
        ({"enabled": True}, {"title": "x"}, "read: {field: enabled}, default: true, unsupported: "),
        ({}, {"enabled": True}, "read: {field: enabled}, write: {field: enabled, only: update}, default: true"),
    ],
)
def test_active_is_written_where_a_call_takes_it(sent: Any, changed: Any, rule: str) -> None:
    made = _rules(ROW, {"login": "ada"} | sent, changed)
    assert any(f"{{scim: active, {rule}" in each for each in made), made


def test_what_a_create_demands_and_nothing_shows_is_written_only() -> None:
    made = _rules(
        ROW, {"login": "ada", "email": "a@b", "password": "p", "teams": ["1"]}, required=("email", "password", "teams")
    )
    assert '- {scim: \'emails[type eq "work"].value\', field: email, mutability: writeOnly, required: true, default: {attribute: userName}}' in made  # fmt: skip
    assert any(each.startswith("- {field: password, password: {length: 24}}") for each in made)
    assert "- {field: teams, setting: teams}" in made


def test_no_field_is_written_twice() -> None:
    made = _rules({"id": 7, "email": "a@b", "name": "A"}, {"email": "a@b", "name": "A"}, {"email": "a@b", "name": "A"})
    assert "- {scim: userName, field: email, required: true}" in made
    assert "- {scim: 'emails[type eq \"work\"].value', field: email, mutability: readOnly}" in made
