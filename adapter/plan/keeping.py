"""What a plan may yield besides a call: steps that speak to the store, which keeps what the upstream has no field for.

An attribute is named here by the text of its rule: `externalId`, `urn:…:User:department`. What is kept says nothing about
which resources exist: that the upstream alone knows, and a kept id may be of one that was removed there.
"""

from typing import Any

import msgspec

from adapter.scim.match import folded
from adapter.scim.schema import Attribute

Folded = str | int | float | bool
"""The form in which two values are equal, as `scim.match.folded` makes it."""


class Recall(msgspec.Struct, frozen=True):
    """Asks what is kept of these resources; is sent their values, by id and attribute, without the ids of which there are none."""

    kind: str
    """The resource type: `User`."""
    ids: tuple[str, ...]


class Lookup(msgspec.Struct, frozen=True):
    """Asks which resources have this value of an attribute, among several perhaps; is sent their ids, in order."""

    kind: str
    attribute: str
    folded: Folded


class Keep(msgspec.Struct, frozen=True):
    """Gives attributes of a resource these values, all or none; is sent None once the disk has them."""

    kind: str
    id: str
    values: dict[str, Any]
    """The new values; None removes one. What is not named stays as it is."""
    folded: dict[str, tuple[Folded, ...]]
    """What a Lookup finds each by (`foldings`); an attribute that is not here is kept, and found by no Lookup."""


class Forget(msgspec.Struct, frozen=True):
    """Removes everything that is kept of a resource; is sent None once the disk has done so."""

    kind: str
    id: str


Step = Recall | Lookup | Keep | Forget


def foldings(attribute: Attribute, value: Any) -> tuple[Folded, ...]:
    """Return what a Lookup finds a value by: each of a list; of a complex value its `value`, as a filter means it."""
    listed = [] if value is None else value if isinstance(value, list) else [value]
    if attribute.type == "complex":
        part = attribute.sub("value")
        return tuple(folded(part, each["value"]) for each in listed if "value" in each) if part else ()
    return tuple(folded(attribute, each) for each in listed)
