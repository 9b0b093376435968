"""What a SCIM request asks, parsed once at the door; everything further in trusts these types (RFC 7644 section 3)."""

from urllib.parse import parse_qsl

import msgspec

from adapter.errors import InvalidFilter, InvalidSyntax, InvalidValue
from adapter.scim import entra, projection
from adapter.scim import filter as filters
from adapter.scim.filter import Filter
from adapter.scim.messages import decoded
from adapter.scim.patch import PatchOperation
from adapter.scim.projection import Projection
from adapter.scim.resource import received
from adapter.scim.schema import Resource, ResourceType

DEFAULT_COUNT = 100
"""Resources on a page when the client names no `count`."""
MOST_COUNT = 1000
"""Resources on a page at the most; a larger `count` gets this many, as RFC 7644 section 3.4.2.4 allows."""

MOST_START = 2**31 - 1
"""The furthest `startIndex`: no list is as long, and numbers beyond it overflow in many an upstream."""


class Get(msgspec.Struct, frozen=True):
    """Read one resource (section 3.4.1)."""

    id: str


class Query(msgspec.Struct, frozen=True):
    """Read the resources that match, one page of them (section 3.4.2)."""

    filter: Filter | None = None
    start_index: int = 1
    count: int = DEFAULT_COUNT
    shown: Projection = Projection()
    """What the answer will show: reads that only serve something else need not be made."""


class Create(msgspec.Struct, frozen=True):
    """Make a resource (section 3.3)."""

    resource: Resource


class Replace(msgspec.Struct, frozen=True):
    """Make an existing resource like this one (section 3.5.1)."""

    id: str
    resource: Resource


class Patch(msgspec.Struct, frozen=True):
    """Change an existing resource step by step (section 3.5.2)."""

    id: str
    operations: list[PatchOperation]


class Delete(msgspec.Struct, frozen=True):
    """Remove a resource (section 3.6)."""

    id: str


Operation = Get | Query | Create | Replace | Patch | Delete


def parameters(query_string: bytes) -> dict[str, str]:
    """Return the query parameters; `+` is a space, names keep their case, the last of a repeated one counts.

    Raises InvalidFilter when the bytes are not UTF-8: the filter is what such bytes would stand in.
    """
    try:
        return dict(parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict"))
    except (UnicodeDecodeError, ValueError):
        raise InvalidFilter("The query string is not percent-encoded UTF-8.") from None


def query(asked: dict[str, str], resource_type: ResourceType) -> Query:
    """Return the query that the parameters ask for; parameters that RFC 7644 does not name are ignored."""
    text = asked.get("filter", "")
    wanted = entra.lowered_filter(filters.read(text), resource_type) if text.strip() else None
    start = first_of(asked)
    return Query(wanted, start, min(max(0, _number(asked, "count", DEFAULT_COUNT)), MOST_COUNT), presentation(asked))


def first_of(asked: dict[str, str]) -> int:
    """Return the 1-based index of the first resource that is asked for (section 3.4.2.4)."""
    return min(max(1, _number(asked, "startIndex", 1)), MOST_START)


def presentation(asked: dict[str, str]) -> Projection:
    """Return which attributes the answer shows."""
    return projection.read(asked.get("attributes", ""), asked.get("excludedAttributes", ""))


def create(body: bytes, resource_type: ResourceType) -> Create:
    """Return the creation that a POST's body asks for."""
    return Create(received(entra.lowered_body(decoded(body), resource_type), resource_type))


def replace(resource_id: str, body: bytes, resource_type: ResourceType) -> Replace:
    """Return the replacement that a PUT's body asks for; the id in the path counts, not one in the body."""
    return Replace(resource_id, received(entra.lowered_body(decoded(body), resource_type), resource_type))


def patch(resource_id: str, body: bytes, resource_type: ResourceType) -> Patch:
    """Return the changes that a PATCH's body asks for."""
    message = {name.lower(): value for name, value in decoded(body).items()}
    if "operations" not in message:
        raise InvalidSyntax("A PATCH needs a list named Operations.")
    return Patch(resource_id, entra.lowered_operations(message["operations"], resource_type))


def _number(asked: dict[str, str], name: str, default: int) -> int:
    text = asked.get(name, "").strip()
    try:
        return int(text) if text else default
    except ValueError:
        raise InvalidValue(f"{name} must be a whole number.") from None
