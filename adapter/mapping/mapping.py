"""A mapping made ready for use: what `load` makes of a file, and what plans and the edge work with.

The file's settings are filled in by `bound`; its secrets never come here, only their names.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from adapter.errors import SettingsError
from adapter.mapping import fields
from adapter.mapping.document import Creating, Find, Listing, Meaning, OnCreate, Replying, Secret, Setting
from adapter.mapping.rules import Rule
from adapter.mapping.template import NO_SEGMENT, CallTemplate, Template
from adapter.scim.schema import ResourceType, Target

Values = dict[str, str | list[str]]
Choose = Callable[[str], str]
"""Picks one character of a text at random: randomness comes from outside, these rooms have none."""

MOST_SAID = 500
"""Characters of the upstream's own explanation that are passed on."""


class Exchange(msgspec.Struct, frozen=True):
    """How a token is got: the call, its header templates, and where the reply has the token and its lifetime."""

    call: CallTemplate
    headers: tuple[tuple[str, Template], ...]
    token: str
    lifetime: str


class Pushed(msgspec.Struct, frozen=True):
    """A filter that the upstream can answer: which attribute, and what its `find` entry says."""

    target: Target
    find: Find


class ResourceMapping(msgspec.Struct, frozen=True, kw_only=True):
    """One resource of a mapping: its type as SCIM sees it, its rules, its calls."""

    type: ResourceType
    id_field: str
    id_kind: Literal["number", "text"]
    rules: tuple[Rule, ...]
    on_create: tuple[OnCreate, ...]
    listing: Listing
    pushed: tuple[Pushed, ...]
    creating: Creating
    record: str | None
    """The field of the get call's reply that holds the record; None means the whole body."""
    list: CallTemplate
    get: CallTemplate
    create: CallTemplate
    update: CallTemplate
    delete: CallTemplate


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """A whole mapping, with the values of its settings once it is bound."""

    upstream: str
    settings: tuple[Setting, ...]
    secrets: tuple[Secret, ...]
    exchange: Exchange
    in_flight: int
    replies: tuple[Replying, ...]
    user: ResourceMapping
    values: Values = {}
    choose: Choose | None = None

    def bound(self, values: Values, choose: Choose) -> "Mapping":
        """Return the mapping with the values of its settings; `choose` picks characters of passwords.

        Raises SettingsError when a setting stands in a path and cannot: better now than with the first user.
        """
        user = self.user
        calls = (self.exchange.call, user.list, user.get, user.create, user.update, user.delete)
        in_paths = {name for each in calls for name in each.path.names}
        faults = [
            f"ADAPTER_SETTING_{name.upper()}: '{value}' cannot stand in a path"
            for name, value in values.items()
            if value in NO_SEGMENT and f"setting:{name}" in in_paths
        ]
        if faults:
            raise SettingsError(faults)
        return msgspec.structs.replace(self, values=values, choose=choose)

    def texts(self, **more: str) -> dict[str, str]:
        """Return what the placeholders of a call stand for: the settings of kind text, and what is given here."""
        settings = {f"setting:{name}": value for name, value in self.values.items() if isinstance(value, str)}
        return settings | more

    def meaning(self, status: int, body: Any) -> tuple[Meaning, str]:
        """Return what a reply means, and what to tell the administrator of it (may be empty).

        `body` is the decoded JSON, or the text when it is none.
        """
        for rule in self.replies:
            if _fits(rule, status, body):
                said = "; ".join(fields.texts(body, rule.says)) if rule.says else ""
                printable = "".join(each if each.isprintable() else " " for each in said)[:MOST_SAID]
                return rule.means, " ".join(part for part in (rule.detail, printable) if part)
        return ("success" if 200 <= status < 300 else "failure"), ""  # noqa: PLR2004 (RFC 9110 section 15.3)


def _fits(rule: Replying, status: int, body: Any) -> bool:
    statuses = rule.status if isinstance(rule.status, list) else [rule.status]
    if status not in statuses:
        return False
    if rule.field is None:
        return True
    value = fields.read(body, rule.field)
    if value is fields.ABSENT:
        return False
    wanted = [rule.contains] if isinstance(rule.contains, str) else rule.contains
    return wanted is None or any(each.lower() in str(value).lower() for each in wanted)
