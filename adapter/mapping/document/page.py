"""How a list is cut into pages."""

from typing import Annotated

import msgspec

from adapter.mapping.document.words import Positive, Spot, Strict, Text


class Numbered(Strict, frozen=True, kw_only=True, tag_field="by", tag="number"):
    """Pages by their number."""

    number: Text
    """The query parameter for the page's number."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""
    first: Annotated[int, msgspec.Meta(ge=0, le=1)] = 1
    """The first page's number."""


class Offset(Strict, frozen=True, kw_only=True, tag_field="by", tag="offset"):
    """Pages by how many records are skipped."""

    offset: Text
    """The query parameter for the records that are skipped."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""


class Cursor(Strict, frozen=True, kw_only=True, tag_field="by", tag="cursor"):
    """Pages of which each names the next by a cursor."""

    cursor: Text
    """The query parameter for the cursor."""
    next: Spot
    """Where a page has the next one's cursor; nothing there means that it is the last."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""


class Link(Strict, frozen=True, kw_only=True, tag_field="by", tag="link"):
    """Pages of which each names the next by its address. Only its query is taken: the call stays the mapping's."""

    next: Spot
    """Where a page has the next one's address: a field, or the header Link with rel="next" (RFC 8288)."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""


class Unpaged(Strict, frozen=True, kw_only=True, tag_field="by", tag="nothing"):
    """The whole list in one reply."""


Page = Numbered | Offset | Cursor | Link | Unpaged
