"""The shape of a mapping file: one frozen Struct for each kind of thing that it can hold, unknown keys refused.

The docstrings here are the reference of the language. What a file says beyond its shape (names that must exist, tables
that must be reversible) is judged in `load`.
"""

from typing import Annotated, Any, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1)]
Field = Annotated[str, msgspec.Meta(pattern=r"^[^.]+(\.[^.]+)*$")]
"""A field of a record or a reply by its dotted path, `data.userId`."""
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Meaning = Literal["success", "not found", "uniqueness", "invalid value", "not permitted", "failure"]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping file; a key that the language does not have is an error, not a remark."""


class Setting(_Strict, frozen=True, kw_only=True):
    """A value that differs between installations; the operator gives it as ADAPTER_SETTING_<NAME>."""

    name: Name
    about: Text
    kind: Literal["text", "list"] = "text"
    """`list` takes several values with commas between them."""
    default: Text | list[Text] | None = None
    """Used when the operator gives nothing; without it the setting must be given."""


class Secret(_Strict, frozen=True, kw_only=True):
    """A secret value; the operator gives it as ADAPTER_SECRET_<NAME> or ADAPTER_SECRET_<NAME>_FILE."""

    name: Name
    about: Text


class Exchange(_Strict, frozen=True, kw_only=True, tag_field="kind", tag="exchange"):
    """A credential that is exchanged for a short-lived token, which then goes with every call as a Bearer token."""

    call: Text
    """Method and path of the exchange: `POST /api/auth/authenticate`."""
    headers: dict[str, str] = {}
    token: Field
    """The field of the reply that holds the token."""
    lifetime: Field
    """The field of the reply that holds the token's lifetime in seconds."""


class Limits(_Strict, frozen=True, kw_only=True):
    """What the upstream can bear."""

    in_flight: Positive = 3
    """Calls under way at once on one route (one method and path template)."""


class Replying(_Strict, frozen=True, kw_only=True):
    """What a reply means where its status alone does not say; the first rule that fits counts.

    Without a fitting rule 2xx is `success` and everything else is `failure`: a 404 is `not found` only where a rule
    says so.
    """

    status: Status | Annotated[list[Status], msgspec.Meta(min_length=1)]
    field: Field | None = None
    """A field that must be in the reply's body for the rule to fit."""
    contains: Text | Annotated[list[Text], msgspec.Meta(min_length=1)] | None = None
    """Texts of which the field must hold one, compared without case."""
    means: Meaning
    detail: Text | None = None
    """A sentence for the administrator, in place of the general one."""
    says: Field | None = None
    """The field that holds the upstream's own explanation; it is passed on to the administrator."""


class Page(_Strict, frozen=True, kw_only=True):
    """How a list is cut into pages by page number."""

    by: Literal["number"]
    number: Text
    """The query parameter for the page's number."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""
    first: Annotated[int, msgspec.Meta(ge=0, le=1)] = 1
    """The first page's number."""


class Listing(_Strict, frozen=True, kw_only=True):
    """The call that lists records."""

    call: Text
    query: dict[str, str] = {}
    records: Field
    """The field that holds the list."""
    total: Field
    """The field that holds the number of records on all pages."""
    page: Page


class Find(_Strict, frozen=True, kw_only=True):
    """A filter that the upstream can answer itself, by the list call with more in its query.

    Whatever it answers is checked again here.
    """

    filter: Text
    """An attribute and the operator eq: `userName eq`."""
    query: dict[str, str]
    """Added to the list call's query; `{value}` stands for the value that is looked for."""
    quoting: Literal["fiql"] = "fiql"
    """How the value is written there; one that cannot be written is found by reading the whole list."""
    case: Literal["exact", "ignored"] = "exact"
    """Whether the upstream ignores case. If not, a miss is looked up again in the whole list where SCIM ignores it."""


class Getting(_Strict, frozen=True, kw_only=True):
    """The call that reads one record; `{id}` in its path."""

    call: Text
    record: Field | None = None
    """The field that holds the record; without it the whole body is the record."""


class Creating(_Strict, frozen=True, kw_only=True):
    """The call that makes a record; the body is a JSON object with the fields that the rules write."""

    call: Text
    id: Field
    """The field of the reply that holds the new record's id; the record is then read by the get call."""


class Changing(_Strict, frozen=True, kw_only=True):
    """The call that changes a record; the body is a JSON object with the changed fields only. `{id}` in its path."""

    call: Text


class Deleting(_Strict, frozen=True, kw_only=True):
    """The call that removes a record; `{id}` in its path."""

    call: Text


class Routes(_Strict, frozen=True, kw_only=True):
    """The upstream's calls."""

    find: list[Find] = []
    list: Listing
    get: Getting
    create: Creating
    update: Changing
    delete: Deleting


class Identifier(_Strict, frozen=True, kw_only=True):
    """Where a record's id is, and what ids look like; anything else never reaches the upstream."""

    field: Field
    kind: Literal["number", "text"]
    """`number`: digits without leading zeros. `text`: letters, digits and `_ - . ~`, 200 at the most."""


class Generated(_Strict, frozen=True, kw_only=True):
    """A random password: letters of both cases, digits and punctuation, at least one of each."""

    length: Annotated[int, msgspec.Meta(ge=12, le=128)] = 24


class OnCreate(_Strict, frozen=True, kw_only=True):
    """A field of every new record that no attribute stands for; exactly one of the three sources."""

    field: Field
    value: Any = msgspec.UNSET
    """A constant."""
    setting: str | None = None
    """The name of a setting."""
    password: Generated | None = None
    """A password made for this record and kept nowhere."""


Table = Annotated[list[tuple[Any, Any]], msgspec.Meta(min_length=1)]
"""Rows of two values: SCIM's on the left, the upstream's on the right; no value twice in a column."""


class Side(_Strict, frozen=True, kw_only=True):
    """One direction of a rule, where the two directions differ."""

    field: Field
    values: Table | None = None
    """A table: SCIM's value on the left, the upstream's on the right; no value twice in a column."""


class From(_Strict, frozen=True, kw_only=True):
    """A default that is taken from another attribute."""

    attribute: Text


class Attribute(_Strict, frozen=True, kw_only=True):
    """A rule: one SCIM attribute and one field, read both ways.

    `field` alone serves both directions; `read` and `write` serve one each. A rule without a way to read needs
    `mutability: writeOnly`, one without a way to write `mutability: readOnly`: the file says what it means.
    """

    scim: Text
    """The attribute's path as RFC 7644 writes it: `userName`, `name.givenName`, `emails[type eq "work"].value`."""
    field: Field | None = None
    values: Table | None = None
    """A table for both directions, as in `read` and `write`."""
    read: Side | None = None
    write: Side | None = None
    mutability: Literal["readWrite", "readOnly", "writeOnly", "immutable"] = "readWrite"
    required: bool = False
    """Whether the upstream needs it: a create without it is refused, and it cannot be removed."""
    default: str | bool | int | From | None = None
    """Used on create when the client sends none; it satisfies `required`."""
    clear: Literal["null", "empty", "refused"] | None = "null"
    """What is written when the attribute is removed: null, an empty text, or nothing, since it cannot be."""


class Resource(_Strict, frozen=True, kw_only=True):
    """One kind of resource and how the upstream keeps it."""

    resource: Literal["User"]
    id: Identifier
    routes: Routes
    on_create: list[OnCreate] = []
    attributes: Annotated[list[Attribute], msgspec.Meta(min_length=1)]


class Document(_Strict, frozen=True, kw_only=True):
    """A mapping file: one upstream."""

    version: Literal[1]
    upstream: Text
    """What to call the upstream in messages to administrators."""
    settings: list[Setting] = []
    secrets: list[Secret] = []
    credential: Exchange
    limits: Limits = Limits()
    replies: list[Replying] = []
    resources: Annotated[list[Resource], msgspec.Meta(min_length=1, max_length=1)]
