"""How a client speaks SCIM, and so how its requests are read: leniently, as Entra needs it, or by the RFC alone.

How much a request may hold goes along, since whoever reads a request reads it by a profile. What differs is here, and only here: the two modules behind it are `entra` and `strict`.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from adapter.scim import entra, strict
from adapter.scim import filter as filters
from adapter.scim.filter import Filter
from adapter.scim.limits import USUAL, Limits
from adapter.scim.patch import Adapt, PatchOperation
from adapter.scim.resource import left_out
from adapter.scim.schema import ResourceType

MOST_IGNORED = 50
"""Names of ignored attributes that are told of one request: they go to a log."""

# A name that a log may show: an attribute's path as RFC 7644 section 3.10 writes it, and nothing that is data.
_NAME = re.compile(r"(urn:[a-z0-9:._-]+:)?[a-z$][a-z0-9_-]*(\.[a-z$][a-z0-9_-]*)?", re.ASCII | re.IGNORECASE)
_LONGEST_NAME = 80


class Profile(msgspec.Struct, frozen=True):
    """The functions by which a client's requests are read."""

    name: Literal["entra", "strict"]
    check: Callable[[dict[str, Any], str], None]
    """Refuses a message that does not say what it is: the message, and the URN that its `schemas` should name."""
    body: Callable[[dict[str, Any], ResourceType], tuple[dict[str, Any], list[str]]]
    """The body of a POST or PUT as the RFC has it, and the paths of what is left out of it."""
    operations: Callable[[Any, ResourceType, Limits], tuple[list[PatchOperation], list[str]]]
    """The operations of a PATCH as the RFC has them, and the paths of what is left out of them."""
    filter: Callable[[str, ResourceType, Limits], Filter]
    """The filter of a query."""
    adapt: Adapt
    """What becomes of an operation on elements of which there is none."""
    is_quiet: Callable[[ResourceType], bool]
    """Whether a PATCH of a resource of the type is answered without it: 204 (RFC 7644 section 3.5.2 allows both)."""
    limits: Limits = USUAL
    """How much a request may hold."""

    def within(self, limits: Limits) -> "Profile":
        """Return the same way to read a request, within these limits."""
        return msgspec.structs.replace(self, limits=limits)


def ignored(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a log may show, each once: attribute paths of a bounded length, and nothing that is data."""
    shown = (each for each in dict.fromkeys(names) if len(each) <= _LONGEST_NAME and _NAME.fullmatch(each))
    return tuple(shown)[:MOST_IGNORED]


# The functions of `entra` are looked up when they are called: a test takes each away and sees what fails without it.


def _entra_check(message: dict[str, Any], urn: str) -> None:
    entra.schemas_unchecked(message, urn)


def _entra_body(body: dict[str, Any], resource_type: ResourceType) -> tuple[dict[str, Any], list[str]]:
    lowered = entra.lowered_body(body, resource_type)
    return lowered, left_out(lowered, resource_type)


def _entra_filter(text: str, resource_type: ResourceType, limits: Limits) -> Filter:
    return entra.lowered_filter(filters.read(text, limits=limits), resource_type)


def _entra_is_quiet(resource_type: ResourceType) -> bool:
    return entra.group_unanswered(resource_type)


def _strict_body(body: dict[str, Any], resource_type: ResourceType) -> tuple[dict[str, Any], list[str]]:
    return body, left_out(body, resource_type)


def _strict_operations(raw: Any, resource_type: ResourceType, limits: Limits) -> tuple[list[PatchOperation], list[str]]:
    return strict.operations(raw, resource_type, limits), []


def _strict_filter(text: str, _: ResourceType, limits: Limits) -> Filter:
    return strict.wanted(text, limits)


ENTRA = Profile(
    "entra",
    _entra_check,
    _entra_body,
    entra.lowered_operations,
    _entra_filter,
    entra.lowered_missing,
    _entra_is_quiet,
)
STRICT = Profile(
    "strict", strict.named, _strict_body, _strict_operations, _strict_filter, strict.missing, lambda _: False
)
PROFILES = {each.name: each for each in (ENTRA, STRICT)}
