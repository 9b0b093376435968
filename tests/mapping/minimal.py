"""The smallest mapping, to which a test adds what it is about."""

import re
from pathlib import Path
from typing import Any

from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping

MAPPINGS = Path(__file__).parent.parent.parent / "mappings"
N_ABLE = MAPPINGS / "n-able.yaml"
SETTINGS: dict[str, str | list[str]] = {"org_unit": "50", "role_ids": ["1001"], "access_group_ids": ["2001"]}

TOP = """
version: 1
upstream: API
credential: {kind: exchange, call: POST /token, token: token, lifetime: seconds}
"""
RESOURCE = """
resources:
  - resource: User
    id: {field: id, kind: text}
    routes:
      list: {call: GET /users, records: data, total: total, page: {by: number, number: page, size: size, most: 100}}
      get: {call: "GET /users/{id}"}
      create: {call: POST /users, id: id}
      update: {call: "PATCH /users/{id}"}
      delete: {call: "DELETE /users/{id}"}
"""
GROUP = """
  - resource: Group
    id: {field: id, kind: text}
    routes:
      list: {call: GET /teams, records: data, total: total, page: {by: number, number: page, size: size, most: 100}}
      get: {call: "GET /teams/{id}"}
      create: {call: POST /teams, id: id}
      update: {call: "PATCH /teams/{id}"}
      delete: {call: "DELETE /teams/{id}"}
"""
DISPLAY_NAME = "{scim: displayName, field: name, required: true}"
BY_CALLS = """
    members:
      by: calls
      list: {call: "GET /teams/{id}/users", records: data, total: total, page: {by: number, number: page, size: size, most: 2}, id: user}
      add: {call: "POST /teams/{id}/users", body: {users: "{members}"}, most: 2}
      remove: {call: "DELETE /teams/{id}/users/{member}"}
"""
IN_USERS = "{scim: groups.value, field: teams, every: list, mutability: readOnly}"
REPLIES = "replies: [{status: 404, field: code, contains: none, means: not found}, {status: 409, means: uniqueness}]"
USER_NAME = "{scim: userName, field: name, required: true}"


def mapping(
    *rules: str, top: str = "", resource: str = "", user_name: str = USER_NAME, routes: dict[str, str] | None = None
) -> Mapping:
    """Return the smallest mapping with more rules, keys at its top and keys in its resource; settings are not bound.

    `routes` holds lines that take the place of the route of their name.
    """
    attributes = "".join(f"      - {each}\n" for each in (user_name, *rules))
    more = f"    {resource}\n" if resource else ""
    own = _routed(RESOURCE, routes)
    return load(f"{TOP}{top}\n{own}{more}    attributes:\n{attributes}", "test.yaml")


def group_text(
    *rules: str,
    members: str = "",
    user: tuple[str, ...] = (),
    routes: dict[str, str] | None = None,
    user_routes: dict[str, str] | None = None,
    more: str = "",
) -> str:
    """Return the text of the smallest mapping with groups: `members` is that key, `user` more rules of the users."""
    users = "".join(f"      - {each}\n" for each in (USER_NAME, *user))
    attributes = "".join(f"      - {each}\n" for each in (DISPLAY_NAME, *rules))
    text = f"{TOP}{REPLIES}\n{_routed(RESOURCE, user_routes)}    attributes:\n{users}{_routed(GROUP, routes)}{members}{more}"
    return f"{text}    attributes:\n{attributes}"


def groups(*rules: str, **more: Any) -> Mapping:
    """Return the smallest mapping with groups, speaking of them, made of the text of `group_text`."""
    return load(group_text(*rules, **more), "test.yaml").bound({}, min).about("Group")


def _routed(text: str, routes: dict[str, str] | None) -> str:
    for name, line in (routes or {}).items():
        text = re.sub(rf"^      {name}: .*$", lambda _, line=line: f"      {line}", text, flags=re.MULTILINE)  # type: ignore[misc]
    return text


def n_able() -> Mapping:
    """Return the shipped mapping, bound; its passwords are not random."""
    turn = iter(range(1_000_000))
    return load(N_ABLE.read_text(encoding="utf-8"), "n-able.yaml").bound(
        SETTINGS, lambda text: text[next(turn) * 29 % len(text)]
    )
