"""The rules: which attribute is which field."""

from typing import Annotated, Any, Literal

import msgspec

from adapter.mapping.document.words import Field, Single, Strict, Table, Text

Kept = Literal["number"]
Audited = Literal["clear", "hash", "mask", "drop"]
Pair = tuple[Field, Field]


class Separated(Strict, frozen=True, kw_only=True):
    """A text that holds several values."""

    by: Text
    """What stands between two values: `";"`. Blanks around a value are not part of it."""


Every = Literal["list"] | Separated
"""How one field holds all the values of a multi-valued attribute: as a list of single values, or in one text."""


class Side(Strict, frozen=True, kw_only=True):
    """How a rule reads, where it writes in another way."""

    field: Field
    """The field that is read."""
    values: Table | None = None
    """A table: SCIM's value on the left, the upstream's on the right; no value twice in a column."""
    otherwise: Single | None = None
    """SCIM's value for whatever the table does not have: every other state means `false`. Only reading can say so."""
    kept_as: Kept | None = None
    """As beside `field`, for this direction alone."""


class OwnCall(Strict, frozen=True, kw_only=True):
    """A call that writes one attribute and nothing else, such as blocking a user; `{id}` in it, `{value}` may be."""

    value: Single | None = None
    """The SCIM value that this call brings about; without it the call takes any value, as `{value}`."""
    call: Text
    """Method and path: `POST /users/{id}/block`."""
    query: dict[str, str] = {}
    """The parameters of the query, with placeholders."""
    headers: dict[str, str] = {}
    """Headers of the call, with placeholders."""
    body: Any = msgspec.UNSET
    """The JSON body, with placeholders."""


class Writing(Strict, frozen=True, kw_only=True):
    """How a rule writes, where it reads in another way: into a field, or by calls of its own."""

    field: Field | None = None
    """The field that is written."""
    values: Table | None = None
    """A table: SCIM's value on the left, the upstream's on the right; no value twice in a column."""
    calls: Annotated[list[OwnCall], msgspec.Meta(min_length=1)] | None = None
    """In place of a field: a call for each value, or one for any. A new user gets them after it was made."""
    kept_as: Kept | None = None
    """As beside `field`, for this direction alone."""
    only: Literal["create", "update"] | None = None
    """Where only one of the two calls takes the field: with `update`, a new user gets it by a second call."""


class From(Strict, frozen=True, kw_only=True):
    """A default that is taken from another attribute."""

    attribute: Text
    """Its path, as in its rule."""


class Attribute(Strict, frozen=True, kw_only=True):
    """A rule: one SCIM attribute and one field, read both ways.

    `field` alone serves both directions; `read` and `write` serve one each. A rule without a way to read needs
    `mutability: writeOnly`, one without a way to write `mutability: readOnly`: the file says what it means.
    """

    scim: Text
    """The attribute's path as RFC 7644 writes it: `userName`, `name.givenName`, `emails[type eq "work"].value`."""
    field: Field | None = None
    """The field, for both directions."""
    values: Table | None = None
    """A table for both directions, as in `read` and `write`."""
    read: Side | None = None
    """How the attribute is read, where it is written otherwise."""
    write: Writing | None = None
    """How the attribute is written, where it is read otherwise."""
    kept_as: Kept | None = None
    """`number` where the upstream keeps a text of SCIM as a number; a text that is none is refused."""
    fields: Pair | None = None
    """Two fields that together hold a whole name: written, its last word goes into the second and the rest into the
    first. It needs `lossy: true`, or `mutability: readOnly` if it is only shown."""
    every: Every | None = None
    """For a path that means every value of a list, such as `roles.value`: how the one field holds them all."""
    part: Literal["first", "last"] | None = None
    """Two rules may share one field that holds a whole name: `last` is its last word, `first` is what stands before."""
    lossy: bool = False
    """Says that the author knows what a rule loses: a shared field cannot tell where a name of three words divides."""
    value: Single | None = None
    """In place of any field: the value that every user has, because the upstream knows no other."""
    unsupported: Text | None = None
    """What the administrator reads, with 501, when a client asks for another value than the upstream can have. With
    `value`, or in place of `write` beside what is read; `default` then says which value a new user has."""
    keep: Literal["here"] | None = None
    """In place of any field, where the upstream has none: the gateway's own store keeps the value, and forgets it when
    the user is removed."""
    without_store: Literal["refused", "left out"] = "refused"
    """With `keep: here`, what comes of it where the operator gives no store: the gateway does not start, or it serves
    without the attribute."""
    mutability: Literal["readWrite", "readOnly", "writeOnly", "immutable"] = "readWrite"
    """RFC 7643 section 7: whether the attribute can be changed (`readWrite`), only read, only written, or set once."""
    required: bool = False
    """Whether the upstream needs it: a create without it is refused, and it cannot be removed."""
    default: Single | From | None = None
    """Used on create when the client sends none; it satisfies `required`."""
    clear: Literal["null", "empty", "refused"] | None = "null"
    """What is written when the attribute is removed: null, an empty text, or nothing, since it cannot be."""
    audit: Audited | None = None
    """How the audit trail shows the values: `clear`; `hash`, so that equal ones can be told; `mask`, which says that there
    is one; `drop`, not at all. Not said it is `clear` for booleans and for ids of members and groups, `drop` for what is
    only written, and `hash` for all else."""
