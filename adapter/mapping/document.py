"""The shape of a mapping file: one frozen Struct for each kind of thing that it can hold, unknown keys refused.

The docstrings here are the reference of the language. What a file says beyond its shape (names that must exist, tables
that must be reversible) is judged in `load`.
"""

from typing import Annotated, Any, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1)]
Field = Annotated[str, msgspec.Meta(pattern=r"^[^.]+(\.[^.]+)*$")]
"""A field of a record or a reply by its dotted path, `data.userId`; in a reply `$` is the whole body."""
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Meaning = Literal[
    "success", "not found", "uniqueness", "invalid value", "not permitted", "throttled", "token refused", "failure"
]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping file; a key that the language does not have is an error, not a remark."""


class Setting(_Strict, frozen=True, kw_only=True):
    """A value that differs between installations; the operator gives it as ADAPTER_SETTING_<NAME>."""

    name: Name
    about: Text
    kind: Literal["text", "number", "list"] = "text"
    """`list` takes several values with commas between them; a `number` stays one in a body."""
    default: Text | list[Text] | None = None
    """Used when the operator gives nothing; without it the setting must be given."""


class Secret(_Strict, frozen=True, kw_only=True):
    """A secret value; the operator gives it as ADAPTER_SECRET_<NAME> or ADAPTER_SECRET_<NAME>_FILE."""

    name: Name
    about: Text


class Header(_Strict, frozen=True, kw_only=True):
    """A header of the upstream's reply, where others have a field of the body."""

    header: Text


Spot = Field | Header
"""Where something stands in a reply: a field of its body, `$` for the whole body, or a header."""


class Sent(_Strict, frozen=True, kw_only=True):
    """Where a token goes in each call; exactly one of the three places."""

    header: Text | None = None
    prefix: str = ""
    """What stands before the token in the header: `"Bearer "`, with its blank."""
    query: Text | None = None
    """The query parameter that holds it."""
    body: Field | None = None
    """The field of the JSON body that holds it."""


class NoCredential(_Strict, frozen=True, kw_only=True, tag_field="kind", tag="none"):
    """The upstream lets everybody in that reaches it."""


class StaticToken(_Strict, frozen=True, kw_only=True, tag_field="kind", tag="token"):
    """A token that does not change: an API key, or a bearer token made by hand."""

    token: Text
    """The token, made of secrets and settings: `{secret:key}`."""
    sent: Sent = Sent(header="Authorization", prefix="Bearer ")


class Basic(_Strict, frozen=True, kw_only=True, tag_field="kind", tag="basic"):
    """A user name and a password with every call (HTTP Basic, RFC 7617)."""

    user: Text
    password: Text


class ClientCredentials(_Strict, frozen=True, kw_only=True, tag_field="kind", tag="client credentials"):
    """An access token from an OAuth 2 token endpoint (RFC 6749 section 4.4)."""

    call: Text
    """Method and path of the token endpoint: `POST /oauth/token`."""
    client_id: Text
    client_secret: Text
    authentication: Literal["basic", "body"] = "basic"
    """Whether the two go by HTTP Basic or in the body (RFC 6749 section 2.3.1)."""
    form: dict[str, str] = {}
    """More fields of the request, such as scope or audience."""
    sent: Sent = Sent(header="Authorization", prefix="Bearer ")


class Exchange(_Strict, frozen=True, kw_only=True, tag_field="kind", tag="exchange"):
    """A credential that is exchanged for a short-lived token, which then goes with every call."""

    call: Text
    """Method and path of the exchange: `POST /api/auth/authenticate`."""
    headers: dict[str, str] = {}
    body: Any = msgspec.UNSET
    """The JSON body of the exchange, with placeholders, such as a user name and a password."""
    form: dict[str, str] | None = None
    """The fields of the exchange, sent as a form instead of JSON."""
    token: Spot
    """Where the reply has the token; `$` where the whole reply is the token."""
    lifetime: Spot | None = None
    """Where the reply has the token's lifetime in seconds."""
    lives: Positive | None = None
    """The token's lifetime in seconds, where the reply does not say; one of lifetime and lives is needed."""
    sent: Sent = Sent(header="Authorization", prefix="Bearer ")


class Rolling(_Strict, frozen=True, kw_only=True, tag_field="kind", tag="rolling"):
    """A login whose token comes anew in every reply, and the newest one goes with the next call."""

    call: Text
    headers: dict[str, str] = {}
    body: Any = msgspec.UNSET
    form: dict[str, str] | None = None
    token: Spot
    """Where each reply has the token: that of the login, and that of every call after it."""
    lives: Positive
    """Seconds that a token lives from the reply that brought it."""
    sent: Sent


Credential = NoCredential | StaticToken | Basic | ClientCredentials | Exchange | Rolling


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


class Numbered(_Strict, frozen=True, kw_only=True, tag_field="by", tag="number"):
    """Pages by their number."""

    number: Text
    """The query parameter for the page's number."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""
    first: Annotated[int, msgspec.Meta(ge=0, le=1)] = 1
    """The first page's number."""


class Offset(_Strict, frozen=True, kw_only=True, tag_field="by", tag="offset"):
    """Pages by how many records are skipped."""

    offset: Text
    """The query parameter for the records that are skipped."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""


class Cursor(_Strict, frozen=True, kw_only=True, tag_field="by", tag="cursor"):
    """Pages of which each names the next by a cursor."""

    cursor: Text
    """The query parameter for the cursor."""
    next: Spot
    """Where a page has the next one's cursor; nothing there means that it is the last."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""


class Link(_Strict, frozen=True, kw_only=True, tag_field="by", tag="link"):
    """Pages of which each names the next by its address. Only its query is taken: the call stays the mapping's."""

    next: Spot
    """Where a page has the next one's address: a field, or the header Link with rel="next" (RFC 8288)."""
    size: Text
    """The query parameter for the page's size."""
    most: Positive
    """The largest size that the upstream takes."""


class Unpaged(_Strict, frozen=True, kw_only=True, tag_field="by", tag="nothing"):
    """The whole list in one reply."""


Page = Numbered | Offset | Cursor | Link | Unpaged


class _Call(_Strict, frozen=True, kw_only=True):
    """A call of the upstream, or the sentence that says why there is none."""

    call: Text | None = None
    """Method and path: `POST /api/users`."""
    unsupported: Text | None = None
    """In place of a call: what the administrator reads, with 501, where the upstream has no such call."""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Any = msgspec.UNSET
    """The JSON body, with placeholders; a text that is one placeholder alone keeps the value's own type."""


class _Write(_Call, frozen=True, kw_only=True):
    """A call that sends fields."""

    fields: Field | None = None
    """Where in the body the fields go; without it they stand at its top."""
    send: Literal["json", "form"] = "json"


class Listing(_Call, frozen=True, kw_only=True):
    """The call that lists records."""

    records: Spot
    """Where the list is."""
    total: Spot | None = None
    """Where the number of records on all pages is. Without it a list is read on until a page is empty."""
    page: Page
    lacks: list[Text] = []
    """Attributes that the rows of the list do not show, only a read of one record does. Where a client asks for one of
    them, or filters by it, each row is read by itself."""


class Find(_Call, frozen=True, kw_only=True):
    """A filter that the upstream can answer itself: by the list call with more in its query, or by a call of its own.

    Whatever it answers is checked again here, so a search that finds too much does no harm.
    """

    filter: Text
    """An attribute and the operator eq: `userName eq`."""
    record: Spot | None = None
    """With a call of its own: where the one record is; a reply that means `not found` is none."""
    quoting: Literal["plain", "fiql"] = "plain"
    """How the value is written there; one that cannot be written is found by reading the whole list."""
    case: Literal["exact", "ignored"] = "exact"
    """Whether the upstream ignores case. If not, a miss is looked up again in the whole list where SCIM ignores it."""
    misses: Literal["believed", "checked"] = "believed"
    """`checked` where the search lags behind the truth: when it finds nothing, the whole list is read."""


class Getting(_Call, frozen=True, kw_only=True):
    """The call that reads one record; `{id}` in it."""

    by: Literal["call", "list"] = "call"
    """`list` where the upstream has no such call: the record is looked for in the whole list."""
    record: Spot = "$"
    """Where the record is; without it the whole body is the record."""


class Creating(_Write, frozen=True, kw_only=True):
    """The call that makes a record; the body is a JSON object with the fields that the rules write."""

    id: Spot | None = None
    """Where the reply has the new record's id, or the header Location, whose last part is the id. It is read again."""
    record: Spot | None = None
    """Where the reply has the whole new record, which is then not read again. One of id and record is needed."""


class Changing(_Write, frozen=True, kw_only=True):
    """The call that changes a record; the body is a JSON object with the changed fields only. `{id}` in it."""

    record: Spot | None = None
    """Where the reply has the whole changed record, which is then not read again."""
    sends: Literal["changes", "record"] = "changes"
    """`record` where the upstream replaces the whole record: what the mapping does not name is sent back as it was."""
    leave_out: list[Field] = []
    """Fields of the record that are not sent back: those that the upstream makes itself, or shows masked."""


class Deleting(_Call, frozen=True, kw_only=True):
    """The call that removes a record; `{id}` in it."""


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
    """How a rule reads, where it writes in another way."""

    field: Field
    values: Table | None = None
    """A table: SCIM's value on the left, the upstream's on the right; no value twice in a column."""
    otherwise: str | bool | int | None = None
    """SCIM's value for whatever the table does not have: every other state means `false`. Only reading can say so."""


class OwnCall(_Strict, frozen=True, kw_only=True):
    """A call that writes one attribute and nothing else, such as blocking a user; `{id}` in it, `{value}` may be."""

    value: str | bool | int | None = None
    """The SCIM value that this call brings about; without it the call takes any value, as `{value}`."""
    call: Text
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Any = msgspec.UNSET


class Writing(_Strict, frozen=True, kw_only=True):
    """How a rule writes, where it reads in another way: into a field, or by calls of its own."""

    field: Field | None = None
    values: Table | None = None
    """A table: SCIM's value on the left, the upstream's on the right; no value twice in a column."""
    calls: Annotated[list[OwnCall], msgspec.Meta(min_length=1)] | None = None
    """In place of a field: a call for each value, or one for any. A new user gets them after it was made."""
    only: Literal["create", "update"] | None = None
    """Where only one of the two calls takes the field: with `update`, a new user gets it by a second call."""


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
    write: Writing | None = None
    kept_as: Literal["number"] | None = None
    """`number` where the upstream keeps a text of SCIM as a number; a text that is none is refused."""
    part: Literal["first", "last"] | None = None
    """Two rules may share one field that holds a whole name: `last` is its last word, `first` is what stands before."""
    lossy: bool = False
    """Says that the author knows what a rule loses: a shared field cannot tell where a name of three words divides."""
    value: str | bool | int | None = None
    """In place of any field: the value that every user has, because the upstream knows no other."""
    unsupported: Text | None = None
    """What the administrator reads, with 501, when a client asks for another value than the upstream can have."""
    mutability: Literal["readWrite", "readOnly", "writeOnly", "immutable"] = "readWrite"
    required: bool = False
    """Whether the upstream needs it: a create without it is refused, and it cannot be removed."""
    default: str | bool | int | From | None = None
    """Used on create when the client sends none; it satisfies `required`."""
    clear: Literal["null", "empty", "refused"] | None = "null"
    """What is written when the attribute is removed: null, an empty text, or nothing, since it cannot be."""


class Protected(_Strict, frozen=True, kw_only=True):
    """Records that nobody may change or remove by SCIM: service accounts, administrators. They are found and read."""

    field: Field
    holds: Annotated[list[str | bool | int], msgspec.Meta(min_length=1)]
    """The values of the field that protect a record."""


class Resource(_Strict, frozen=True, kw_only=True):
    """One kind of resource and how the upstream keeps it."""

    resource: Literal["User"]
    id: Identifier
    routes: Routes
    on_create: list[OnCreate] = []
    protected: list[Protected] = []
    attributes: Annotated[list[Attribute], msgspec.Meta(min_length=1)]


class Document(_Strict, frozen=True, kw_only=True):
    """A mapping file: one upstream."""

    version: Literal[1]
    upstream: Text
    """What to call the upstream in messages to administrators."""
    settings: list[Setting] = []
    secrets: list[Secret] = []
    credential: Credential
    limits: Limits = Limits()
    replies: list[Replying] = []
    resources: Annotated[list[Resource], msgspec.Meta(min_length=1, max_length=1)]
