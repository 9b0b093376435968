"""What a plan may yield besides calls and steps of the store: turns, waits, what the gateway knows, and what is told of it.

None of it outlives the process, and the upstream stays the only one that says who exists. Where nobody does these things,
as when a plan is only explained, each may be answered with None: the plan then does without.
"""

from typing import Literal

import msgspec

from adapter.plan.keeping import Folded
from adapter.scim.schema import Resource

Change = Literal["create", "update", "delete", "adopt", "revive"]
"""What is done to a resource: `adopt` takes over one who is there already, `revive` brings a removed one back."""


class Turn(msgspec.Struct, frozen=True):
    """Asks to be the only one at work on a resource, or on a name that one is to get; is sent None when that is so.

    The turn is held until the plan ends, or yields `Over` with it.
    """

    kind: str
    """The resource type: `User`."""
    id: str | None = None
    name: Folded | None = None
    """One of the two: the id of the resource, or the name."""


class Over(msgspec.Struct, frozen=True):
    """Gives a turn back before the plan ends; is sent None."""

    turn: Turn


class Wait(msgspec.Struct, frozen=True):
    """Asks to go on after so many seconds; is sent None."""

    seconds: float


class Sought(msgspec.Struct, frozen=True):
    """Asks the index who has a name; is sent their ids, to be verified by a read, or None where the list must tell.

    An empty answer may be believed: a complete reading of the list, begun no longer ago than the mapping allows, has
    shown nobody of this name.
    """

    kind: str
    name: Folded


class Recent(msgspec.Struct, frozen=True):
    """Asks who was given a name so lately that the upstream's searches may not show it yet; is sent their ids, or None."""

    kind: str
    name: Folded


class Noted(msgspec.Struct, frozen=True):
    """Tells what has just been seen or done: this resource has this name, is gone (no name), or nobody has it (no id).

    Without both, one may be there that nobody has seen yet: what the index knows, and what was missed, is out of date.
    """

    kind: str
    id: str | None
    name: Folded | None


class Missed(msgspec.Struct, frozen=True):
    """Asks whether a complete, fresh look has found nobody of a name, a moment ago and as the last thing noted of it."""

    kind: str
    name: Folded


class Loss(msgspec.Struct, frozen=True):
    """Tells that a resource is about to be disabled or removed; the guard against mass loss may raise Unavailable."""

    kind: str
    id: str


class Wished(msgspec.Struct, frozen=True):
    """Tells the audit trail that somebody asks for a change, before anything is known of it; is sent None.

    A change that fails before it is intended is told by this alone.
    """

    change: Change
    kind: str
    id: str | None = None
    """None for a create."""
    ends: bool = False
    """Whether it would disable the resource, or remove it."""


class Intended(msgspec.Struct, frozen=True):
    """Tells the audit trail what is about to be changed, before the first write; is sent None once the trail has it.

    Of several in one plan the last one counts. What changes nothing is not intended. The write may be refused where the
    trail cannot have it (Unavailable).
    """

    change: Change
    kind: str
    id: str | None
    """None where the upstream has yet to say it."""
    before: Resource | None
    """None for one that is not there, or that nobody has read."""
    wanted: Resource | None
    """None for one that shall be gone."""


Moment = Turn | Over | Wait | Sought | Recent | Noted | Missed | Loss | Wished | Intended
