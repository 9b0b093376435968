"""What differs, and how it is shown; the mapping is `wide`, and one with rules that say otherwise."""

from typing import Any

import msgspec
import pytest

from adapter.audit.altered import altered, target
from adapter.audit.event import Altered, Target
from adapter.audit.redaction import Redaction
from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from tests.conversation import mapping_of
from tests.mapping.minimal import MAPPINGS

REDACTION = Redaction("key")
TEXT = """
version: 1
upstream: API
credential: {kind: none}
resources:
  - resource: User
    id: {field: id, kind: text}
    routes:
      list: {call: GET /users, records: data, page: {by: nothing}}
      get: {call: "GET /users/{id}"}
      create: {call: POST /users, id: id}
      update: {call: "PATCH /users/{id}"}
      delete: {call: "DELETE /users/{id}"}
    attributes:
      - {scim: userName, field: name, required: true}
      - {scim: active, field: enabled}
      - {scim: title, field: title, audit: clear}
      - {scim: nickName, field: nick, audit: mask}
      - {scim: userType, field: kind, audit: drop}
      - {scim: password, field: password, mutability: writeOnly}
      - {scim: roles.value, field: roles, every: list}
      - {scim: externalId, field: external, audit: clear}
      - {scim: meta.created, field: made, mutability: readOnly}
"""
MADE = load(TEXT, "made.yaml")
ADA = {
    "id": "42",
    "userName": "ada",
    "active": True,
    "title": "Countess",
    "nickName": "A",
    "userType": "x",
    "password": "geheim-7",
    "roles": [{"value": "r1"}, {"value": "r2"}],
    "externalId": "e-1",
    "meta": {"created": "2026-01-01T00:00:00Z"},
}


def h(value: Any, path: str) -> str:
    return str(REDACTION.shown(value, "hash", path))


def differing(before: Any, now: Any, mapping: Mapping = MADE, *, is_done: bool = True) -> list[Altered]:
    return altered(before, now, mapping, REDACTION, is_done=is_done)


def test_a_new_user_is_shown_attribute_by_attribute_as_the_mapping_says() -> None:
    assert differing(None, ADA) == [
        Altered("userName", None, h("ada", "userName")),
        Altered("active", None, after=True),
        Altered("title", None, "Countess"),
        Altered("nickName", None, "***"),
        Altered("roles.value", added=[h("r1", "roles.value"), h("r2", "roles.value")], removed=[]),
        Altered("externalId", None, "e-1"),
    ]


def test_a_password_and_what_is_dropped_leave_no_trace() -> None:
    assert differing(ADA, ADA | {"password": "geheim-8", "userType": "y"}) == []
    assert b"geheim" not in msgspec.json.encode(differing(None, ADA))


def test_only_what_differs_is_shown_and_what_is_gone_is_null() -> None:
    now = {name: value for name, value in ADA.items() if name != "title"} | {"active": False}
    assert differing(ADA, now) == [Altered("active", before=True, after=False), Altered("title", "Countess", None)]


def test_what_nobody_has_seen_done_is_only_wanted() -> None:
    assert differing(ADA, ADA | {"active": False}, is_done=False) == [Altered("active", before=True, wanted=False)]


def test_of_a_list_only_what_came_and_what_went_is_shown() -> None:
    now = ADA | {"roles": [{"value": "r2"}, {"value": "r3"}]}
    assert differing(ADA, now) == [
        Altered("roles.value", added=[h("r3", "roles.value")], removed=[h("r1", "roles.value")])
    ]


def test_members_that_no_rule_names_are_shown_by_their_ids() -> None:
    groups = mapping_of("gitlab").about("Group")
    assert groups.resource.keeps_members
    before, now = [{"id": "g", "displayName": "G", "members": [{"value": one} for one in ids]} for ids in ("12", "23")]
    assert differing(before, now, groups) == [Altered("members.value", added=["3"], removed=["1"])]


def test_it_is_about_whom_the_id_says_with_the_name_as_it_may_be_shown() -> None:
    assert target("User", None, ADA, MADE, REDACTION) == Target("User", "42", h("ada", "userName"), "e-1")
    assert target("User", "7", None, MADE, REDACTION) == Target("User", "7")
    for text in ("ada@example.com", "../42", "4 2", "x" * 201, ""):
        assert target("User", text, None, MADE, REDACTION) == Target("User")


@pytest.mark.parametrize("file", sorted(MAPPINGS.glob("*.yaml")), ids=lambda file: file.stem)
def test_no_shipped_mapping_shows_what_is_only_written(file: Any) -> None:
    if ".examples" in file.name:
        return
    for each in load(file.read_text(encoding="utf-8"), file.name).resources:
        secret = [rule for rule in each.rules if rule.target.leaf.mutability == "writeOnly"]
        assert {rule.audit for rule in secret} <= {"drop"}
