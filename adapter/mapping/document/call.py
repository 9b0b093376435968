"""The upstream's calls."""

from typing import Annotated, Any, Literal

import msgspec

from adapter.mapping.document.page import Page
from adapter.mapping.document.words import Field, Single, Spot, Strict, Text


class Call(Strict, frozen=True, kw_only=True):
    """A call of the upstream, or the sentence that says why there is none."""

    call: Text | None = None
    """Method and path: `POST /api/users`."""
    unsupported: Text | None = None
    """In place of a call: what the administrator reads, with 501, where the upstream has no such call."""
    query: dict[str, str] = {}
    """The parameters of the query, with placeholders."""
    headers: dict[str, str] = {}
    """Headers of the call, with placeholders."""
    body: Any = msgspec.UNSET
    """The JSON body, with placeholders; a text that is one placeholder alone keeps the value's own type."""


class Writes(Call, frozen=True, kw_only=True):
    """A call that sends fields."""

    fields: Field | None = None
    """Where in the body the fields go; without it they stand at its top."""
    send: Literal["json", "form"] = "json"
    """`form` where the call takes a form and no JSON."""


class Listed(Call, frozen=True, kw_only=True):
    """A call that lists something, perhaps in pages."""

    records: Spot | None = None
    """Where the list is; needed with call."""
    total: Spot | None = None
    """Where the number of records on all pages is. Without it a list is read on until a page is empty."""
    page: Page | None = None
    """How the list is cut into pages; needed with call."""
    id: Field | None = None
    """Where a row has its id, if not where a single record has it."""


class Listing(Listed, frozen=True, kw_only=True):
    """The call that lists records."""

    also: list[dict[str, str]] = []
    """Queries with which the list is read again, for users that it leaves out unless asked: locked, archived."""
    lacks: list[Text] = []
    """Attributes that the rows of the list do not show, only a read of one record does. Where a client asks for one of
    them, or filters by it, each row is read by itself."""
    freshness: Annotated[float, msgspec.Meta(ge=0, le=86400)] = 300
    """Where no find tells for certain whether somebody has a userName, or a group a displayName, the gateway keeps an
    index of the list: a name that is not in it nobody has, for so many seconds after the reading of the list has begun.
    Make it shorter where others write too; 0 reads the whole list each time, as does a get by list."""


class Find(Call, frozen=True, kw_only=True):
    """A filter that the upstream can answer itself: by the list call with more in its query, or by a call of its own.

    Whatever it answers is checked again here, so a search that finds too much does no harm.
    """

    filter: Text
    """An attribute and the operator eq: `userName eq`."""
    record: Spot | None = None
    """With a call of its own: where the one record is; a reply that means `not found` is none."""
    quoting: Literal["plain", "fiql", "odata", "json"] = "plain"
    """How the value is written there. `odata` stands between single quotes, `json` between double ones; the quotes are
    the query's own. A value that cannot be written so is found by reading the whole list."""
    case: Literal["exact", "ignored"] = "exact"
    """Whether the upstream ignores case. If not, a miss is looked up again in the whole list where SCIM ignores it."""
    misses: Literal["believed", "checked"] = "believed"
    """`checked` where the search lags behind the truth: when it finds nothing, the whole list is read."""


class Getting(Call, frozen=True, kw_only=True):
    """The call that reads one record; `{id}` in it."""

    by: Literal["call", "list"] = "call"
    """`list` where the upstream has no such call: the record is looked for in the whole list."""
    record: Spot = "$"
    """Where the record is; without it the whole body is the record."""


class Creating(Writes, frozen=True, kw_only=True):
    """The call that makes a record; the body is a JSON object with the fields that the rules write."""

    id: Spot | None = None
    """Where the reply has the new record's id, or the header Location, whose last part is the id. It is read again."""
    record: Spot | None = None
    """Where the reply has the whole new record, which is then not read again. One of id and record is needed."""
    by_name: bool = False
    """In place of id and record, where the reply tells neither: the new record is looked for by its userName, or by a
    group's displayName."""
    duplicates: Literal["refused", "allowed"] = "refused"
    """Whether the upstream itself refuses a second user of one userName, or group of one displayName. Where it allows
    that, the gateway looks for the name before each create and each renaming: one call more, and one replica only."""
    adopts: bool = False
    """Whether a create of one who is there already takes it over: found by the userName, or by a group's displayName.
    What else was sent is written to it; that name and a user's emails stay as they are. Without a call of its
    own a create can only adopt; where nobody is found, it is answered with `unsupported`."""


class Changing(Writes, frozen=True, kw_only=True):
    """The call that changes a record; the body is a JSON object with the changed fields only. `{id}` in it."""

    record: Spot | None = None
    """Where the reply has the whole changed record, which is then not read again."""
    sends: Literal["changes", "record"] = "changes"
    """`record` where the upstream replaces the whole record: what the mapping does not name is sent back as it was."""
    leave_out: list[Field] = []
    """Fields of the record that are not sent back: those that the upstream makes itself, or shows masked."""
    blind: bool = False
    """`true` where a PATCH may be written without reading the record before: one call in place of two or three. The
    upstream must take parts of a record, its success is believed, nobody can be protected, and no record may stay of who is removed; what cannot be said
    without the record (a removal, a list as a whole, a new userName, If-Match) is still read first."""


class Left(Strict, frozen=True, kw_only=True):
    """What tells the record of a removed user, where the upstream keeps it: such a record is never found or shown."""

    field: Field
    """The field that tells."""
    holds: Annotated[list[Single], msgspec.Meta(min_length=1)]
    """The values of the field that mean removed. A user who is only disabled must not have one of them."""


class Reviving(Call, frozen=True, kw_only=True):
    """The call that brings a removed user back; `{id}` in it. What differs is changed after it."""


class Deleting(Call, frozen=True, kw_only=True):
    """The call that removes a record; `{id}` in it."""

    leaves: Left | None = None
    """What tells a removed user, where the upstream keeps the record."""
    again: Reviving | Literal["new user"] | None = None
    """With `leaves`, what a create of the same userName does: a call that brings the old user back, or `new user` where
    the upstream lets a new one have the name."""


_Finds = list[Find]  # here, since in Routes `list` is a field: from Python 3.14 on an annotation there means that one


class Routes(Strict, frozen=True, kw_only=True):
    """The upstream's calls."""

    find: _Finds = []
    """Filters that the upstream can answer itself; any other is answered by reading the whole list."""
    list: Listing
    """The call that lists records."""
    get: Getting
    """The call that reads one record."""
    create: Creating
    """The call that makes a record."""
    update: Changing
    """The call that changes a record."""
    delete: Deleting
    """The call that removes a record."""
