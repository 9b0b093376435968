"""The smallest mapping, to which a test adds what it is about."""

import re
from pathlib import Path

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
USER_NAME = "{scim: userName, field: name, required: true}"


def mapping(
    *rules: str, top: str = "", resource: str = "", user_name: str = USER_NAME, routes: dict[str, str] | None = None
) -> Mapping:
    """Return the smallest mapping with more rules, keys at its top and keys in its resource; settings are not bound.

    `routes` holds lines that take the place of the route of their name.
    """
    attributes = "".join(f"      - {each}\n" for each in (user_name, *rules))
    more = f"    {resource}\n" if resource else ""
    own = RESOURCE
    for name, line in (routes or {}).items():
        own = re.sub(rf"^      {name}: .*$", lambda _, line=line: f"      {line}", own, flags=re.MULTILINE)  # type: ignore[misc]
    return load(f"{TOP}{top}\n{own}{more}    attributes:\n{attributes}", "test.yaml")


def n_able() -> Mapping:
    """Return the shipped mapping, bound; its passwords are not random."""
    turn = iter(range(1_000_000))
    return load(N_ABLE.read_text(encoding="utf-8"), "n-able.yaml").bound(
        SETTINGS, lambda text: text[next(turn) * 29 % len(text)]
    )
