"""What a SCIM request asks, parsed once at the door; everything further in trusts these types (RFC 7644 section 3)."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from adapter.errors import InvalidCount, InvalidFilter, InvalidSyntax, InvalidValue
from adapter.scim import profile as profiles
from adapter.scim import projection
from adapter.scim.filter import Filter
from adapter.scim.messages import PATCH, SEARCH, decoded
from adapter.scim.patch import Adapt, PatchOperation
from adapter.scim.profile import ENTRA, Profile
from adapter.scim.projection import Projection
from adapter.scim.resource import received
from adapter.scim.schema import Resource, ResourceType
from adapter.scim.version import Condition

DEFAULT_COUNT = 100
"""Resources on a page when the client names no `count`, unless a page may hold fewer."""
MOST_START = 2**31 - 1
"""The furthest `startIndex`: no list is as long, and numbers beyond it overflow in many an upstream."""


class Get(msgspec.Struct, frozen=True):
    """Read one resource (section 3.4.1)."""

    id: str
    shown: Projection = Projection()
    """What the answer will show: reads that only serve something else need not be made."""


class Query(msgspec.Struct, frozen=True):
    """Read the resources that match, one page of them (section 3.4.2)."""

    filter: Filter | None = None
    start_index: int = 1
    count: int = DEFAULT_COUNT
    shown: Projection = Projection()
    """What the answer will show: reads that only serve something else need not be made."""
    sort_by: str = ""
    """The attribute that orders the resources (section 3.4.2.3); empty for the upstream's own order."""
    descending: bool = False
    cursor: bytes | None = None
    """Where the page begins, as an earlier one said it, or empty for the first; None for a page by its number (RFC 9865)."""


class Create(msgspec.Struct, frozen=True):
    """Make a resource (section 3.3)."""

    resource: Resource
    ignored: tuple[str, ...] = ()
    """The attributes that were sent and that nothing here keeps."""
    shown: Projection | None = Projection()
    """What the answer will show; None for an answer without the resource."""


class Replace(msgspec.Struct, frozen=True):
    """Make an existing resource like this one (section 3.5.1)."""

    id: str
    resource: Resource
    ignored: tuple[str, ...] = ()
    only_if: Condition | None = None
    """The version that the resource must have (section 3.14)."""
    shown: Projection | None = Projection()


class Patch(msgspec.Struct, frozen=True):
    """Change an existing resource step by step (section 3.5.2)."""

    id: str
    operations: list[PatchOperation]
    adapt: Adapt = ENTRA.adapt
    """What becomes of an operation on elements of which there is none."""
    ignored: tuple[str, ...] = ()
    only_if: Condition | None = None
    shown: Projection | None = Projection()

    @property
    def names(self) -> set[str]:
        """The attributes of the core schema that the operations are about, as they are spelled there."""
        values = (each.value for each in self.operations if each.place is None and isinstance(each.value, dict))
        places = (each.place.path.name for each in self.operations if each.place is not None)
        return {name.lower() for name in (*places, *(name for value in values for name in value))}


class Delete(msgspec.Struct, frozen=True):
    """Remove a resource (section 3.6)."""

    id: str
    only_if: Condition | None = None


Operation = Get | Query | Create | Replace | Patch | Delete


def parameters(query_string: bytes) -> dict[str, str]:
    """Return the query parameters; `+` is a space, names keep their case, the last of a repeated one counts.

    Raises InvalidFilter when the bytes are not UTF-8: the filter is what such bytes would stand in.
    """
    if not query_string:
        return {}
    try:
        return dict(parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict"))
    except (UnicodeDecodeError, ValueError):
        raise InvalidFilter("The query string is not percent-encoded UTF-8.") from None


def query(asked: dict[str, str], resource_type: ResourceType, profile: Profile = ENTRA) -> Query:
    """Return the query that the parameters ask for; parameters that RFC 7644 does not name are ignored."""
    text = asked.get("filter", "")
    wanted = profile.filter(text, resource_type, profile.limits) if text.strip() else None
    by_cursor = "cursor" in asked
    if by_cursor and "startIndex" in asked:
        raise InvalidValue("startIndex and cursor exclude each other; send one of them.")
    return Query(
        wanted,
        first_of(asked),
        _count(asked, profile.limits.count, by_cursor=by_cursor),
        presentation(asked),
        asked.get("sortBy", "").strip(),
        _is_descending(asked.get("sortOrder", "")),
        asked["cursor"].encode() if by_cursor else None,
    )


def search(body: bytes, profile: Profile = ENTRA) -> dict[str, str]:
    """Return the parameters of a query that come in a body (section 3.4.3).

    Raises InvalidSyntax when the body is no SearchRequest.
    """
    message = {name.lower(): value for name, value in decoded(body, profile.limits).items()}
    profile.check(message, SEARCH)
    asked: dict[str, str] = {}
    for name, kind in _SEARCH.items():
        value = message.get(name.lower())
        if value is None:
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InvalidSyntax(f"{name} must be {'a list of texts' if kind is list else _ENGLISH[kind]}.")
        if isinstance(value, list) and not all(isinstance(each, str) and "," not in each for each in value):
            raise InvalidSyntax(f"{name} must be a list of texts, each the name of an attribute.")
        asked[name] = ",".join(value) if isinstance(value, list) else str(value)
    return asked


_SEARCH: dict[str, type] = {
    "attributes": list,
    "excludedAttributes": list,
    "filter": str,
    "sortBy": str,
    "sortOrder": str,
    "startIndex": int,
    "count": int,
    "cursor": str,
}
_ENGLISH = {str: "a text", int: "a whole number"}


def first_of(asked: dict[str, str]) -> int:
    """Return the 1-based index of the first resource that is asked for (section 3.4.2.4)."""
    return min(max(1, _number(asked, "startIndex", 1)), MOST_START)


def presentation(asked: dict[str, str]) -> Projection:
    """Return which attributes the answer shows."""
    return projection.read(asked.get("attributes", ""), asked.get("excludedAttributes", ""))


def create(body: bytes, resource_type: ResourceType, profile: Profile = ENTRA) -> Create:
    """Return the creation that a POST's body asks for."""
    return Create(*_resource(decoded(body, profile.limits), resource_type, profile))


def replace(resource_id: str, body: bytes, resource_type: ResourceType, profile: Profile = ENTRA) -> Replace:
    """Return the replacement that a PUT's body asks for; the id in the path counts, not one in the body."""
    message = decoded(body, profile.limits)
    resource, ignored = _resource(message, resource_type, profile)
    if any(name.lower() == "members" and value == [] for name, value in message.items()):
        resource["members"] = []  # the one list that a PUT may leave out: here it says that nobody is left
    return Replace(resource_id, resource, ignored)


def patch(resource_id: str, body: bytes, resource_type: ResourceType, profile: Profile = ENTRA) -> Patch:
    """Return the changes that a PATCH's body asks for."""
    message = {name.lower(): value for name, value in decoded(body, profile.limits).items()}
    profile.check(message, PATCH)
    if "operations" not in message:
        raise InvalidSyntax("A PATCH needs a list named Operations.")
    operations, ignored = profile.operations(message["operations"], resource_type, profile.limits)
    return Patch(resource_id, operations, profile.adapt, profiles.ignored(ignored))


def _resource(
    message: dict[str, Any], resource_type: ResourceType, profile: Profile
) -> tuple[Resource, tuple[str, ...]]:
    profile.check(message, resource_type.schema.id)
    profile.limits.check_members({name: value for name, value in message.items() if name.lower() != "schemas"})
    lowered, ignored = profile.body(message, resource_type)
    return received(lowered, resource_type), profiles.ignored(ignored)


def _count(asked: dict[str, str], most: int, *, by_cursor: bool) -> int:
    """Return how many resources a page may hold; by number a negative count is 0 (section 3.4.2.4), by cursor an error."""
    try:
        count = _number(asked, "count", DEFAULT_COUNT)
    except InvalidValue as error:
        raise (InvalidCount(error.detail) if by_cursor else error) from None
    if by_cursor and count < 0:
        raise InvalidCount("count must be a whole number, 0 or more.")
    return min(max(0, count), most)


def _is_descending(text: str) -> bool:
    if text.strip().lower() not in ("", "ascending", "descending"):
        raise InvalidValue("sortOrder must be ascending or descending.")
    return text.strip().lower() == "descending"


def _number(asked: dict[str, str], name: str, default: int) -> int:
    text = asked.get(name, "").strip()
    try:
        return int(text) if text else default
    except ValueError:
        raise InvalidValue(f"{name} must be a whole number.") from None
