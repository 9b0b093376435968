"""What stands on a line of the trail: an intent before the first write of a change, and the event that says how it came out."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

VERSION = 1
"""Of the lines' form; what is added to it later does not change the number."""

Outcome = Literal["success", "failure", "unknown"]
Effect = Literal["joined", "left"]


class Actor(msgspec.Struct, frozen=True):
    """Who asked: the client's name, and its network address."""

    client: str
    address: str


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom it is about; what is no id is shown as the mapping says."""

    kind: str
    id: str | None = None
    """The upstream's id; None where nobody knows it yet."""
    name: Any = None
    """The userName, or the displayName of a group."""
    external_id: Any = None


class Altered(msgspec.Struct, frozen=True):
    """One attribute that differs. Of a list that is kept whole only what was added to it and taken out."""

    path: str
    before: Any = UNSET
    """Null where nothing was there; not said where nobody has looked."""
    after: Any = UNSET
    """What is there now; in an event of success alone."""
    wanted: Any = UNSET
    """What was to be there; whether it is, nobody has said."""
    added: list[Any] | UnsetType = UNSET
    removed: list[Any] | UnsetType = UNSET


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line, without its place in the chain."""

    v: int
    kind: Literal["intent", "event"]
    id: str
    """An intent and its event have the same."""
    time: str
    """When the line was made: UTC, with milliseconds."""
    type: str
    """`user.update`: the resource type, and what is done to it."""
    outcome: Outcome | UnsetType = UNSET
    level: Literal["info", "warn"]
    """`warn` for who was taken over, and for an outcome that somebody should look at."""
    asked: str
    """When the request was taken up: UTC, with milliseconds."""
    intended: bool = False
    """Of an event: whether an intent stands before it."""
    effect: Effect | None = None
    """Whether somebody comes in by it, or goes: is disabled, or removed."""
    actor: Actor
    tenant: str
    """The connection."""
    request_id: str
    op: str
    """The SCIM request, without ids: `PATCH /Users/{id}`."""
    target: Target
    changes: list[Altered] = []
    upstream: list[Any] = []
    """The calls that were made, by route and status."""
    reason: str | None = None
    """Why it did not succeed: an error's name."""
    mapping: str
    """Which mapping was in use."""


class Brief(msgspec.Struct, frozen=True):
    """As much of a line as tells which intents have their events."""

    v: int
    kind: Literal["intent", "event"]
    id: str
    intended: bool = False


def body_of(event: Event) -> bytes:
    """Return an event as JSON, as the chain takes it."""
    return msgspec.json.encode(event)
