"""The words of the language that its parts share."""

from typing import Annotated, Any

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1)]
Field = Annotated[str, msgspec.Meta(pattern=r"^(?!\$\.)([^.\[\]]+(\[[^\]=]+=[^\]]+\])?\.)*[^.\[\]]+$")]
"""A field of a record or a reply by its dotted path, `data.userId`; `custom_fields[id=3].value` is the value of the one
element of a list whose id is 3. In a reply `$` is the whole body."""
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Single = str | bool | int
"""One value as SCIM or a record holds it."""


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping file; a key that the language does not have is an error, not a remark."""


class Header(Strict, frozen=True, kw_only=True):
    """A header of the upstream's reply, where others have a field of the body."""

    header: Text
    """Its name; case does not matter."""


Spot = Field | Header
"""Where something stands in a reply: a field of its body, `$` for the whole body, or a header."""

Table = Annotated[list[tuple[Any, Any]], msgspec.Meta(min_length=1)]
"""Rows of two values: SCIM's on the left, the upstream's on the right; no value twice in a column."""
