"""The shape of a mapping file: one frozen Struct for each kind of thing that it can hold, unknown keys refused.

The docstrings here are the reference of the language. What a file says beyond its shape (names that must exist, tables
that must be reversible) is judged in `load`.
"""

from typing import Annotated, Literal

import msgspec

from adapter.mapping.document.call import (
    Changing,
    Creating,
    Deleting,
    Find,
    Getting,
    Left,
    Listing,
    Reviving,
    Routes,
)
from adapter.mapping.document.credential import (
    Basic,
    ClientCredentials,
    Credential,
    Exchange,
    NoCredential,
    Refresh,
    Rolling,
    Sent,
    StaticToken,
)
from adapter.mapping.document.members import ByCalls, ByUsers, MemberChange, MemberList, Members
from adapter.mapping.document.page import Cursor, Link, Numbered, Offset, Page, Unpaged
from adapter.mapping.document.resource import (
    Extension,
    ExtensionAttribute,
    Generated,
    Identifier,
    OnCreate,
    Protected,
    Resource,
)
from adapter.mapping.document.rule import Attribute, Audited, Every, From, OwnCall, Separated, Side, Writing
from adapter.mapping.document.words import Field, Header, Name, Positive, Single, Spot, Status, Strict, Table, Text

__all__ = [
    "Attribute",
    "Audited",
    "Basic",
    "ByCalls",
    "ByUsers",
    "Changing",
    "ClientCredentials",
    "Creating",
    "Credential",
    "Cursor",
    "Deleting",
    "Document",
    "Doing",
    "Every",
    "Exchange",
    "Extension",
    "ExtensionAttribute",
    "Field",
    "Find",
    "From",
    "Generated",
    "Getting",
    "Header",
    "Identifier",
    "Left",
    "Limits",
    "Link",
    "Listing",
    "Meaning",
    "MemberChange",
    "MemberList",
    "Members",
    "Name",
    "NoCredential",
    "Numbered",
    "Offset",
    "OnCreate",
    "OwnCall",
    "Page",
    "Positive",
    "Protected",
    "Refresh",
    "Replying",
    "Resource",
    "Reviving",
    "Rolling",
    "Routes",
    "Secret",
    "Sent",
    "Separated",
    "Setting",
    "Side",
    "Single",
    "Spot",
    "StaticToken",
    "Status",
    "Strict",
    "Table",
    "Text",
    "Unpaged",
    "Writing",
]

Meaning = Literal[
    "success",
    "not found",
    "uniqueness",
    "invalid value",
    "not permitted",
    "throttled",
    "token refused",
    "credential expired",
    "failure",
]
Doing = Literal["list", "find", "get", "create", "update", "delete", "own", "members"]
"""What a call is for: `own` is one that writes a single attribute, or brings a user back; `members` lists, adds or
removes those of a group."""


class Setting(Strict, frozen=True, kw_only=True):
    """A value that differs between installations; the operator gives it as ADAPTER_SETTING_<NAME>."""

    name: Name
    """Its name, as placeholders have it: `{setting:name}`."""
    about: Text
    """What it is, for the operator."""
    kind: Literal["text", "number", "list"] = "text"
    """`list` takes several values with commas between them; a `number` stays one in a body."""
    default: Text | list[Text] | None = None
    """Used when the operator gives nothing; without it the setting must be given."""


class Secret(Strict, frozen=True, kw_only=True):
    """A secret value; the operator gives it as ADAPTER_SECRET_<NAME> or ADAPTER_SECRET_<NAME>_FILE."""

    name: Name
    """Its name, as placeholders have it: `{secret:name}`."""
    about: Text
    """What it is, for the operator."""


class Limits(Strict, frozen=True, kw_only=True):
    """What the upstream can bear."""

    in_flight: Positive = 3
    """Calls under way at once on one route (one method and path template)."""


class Replying(Strict, frozen=True, kw_only=True):
    """What a reply means where its status alone does not say; the first rule that fits counts.

    Without a fitting rule 2xx is `success` and everything else is `failure`: a 404 is `not found` only where a rule
    says so. `credential expired` fits only while no call has succeeded with the token, so that one failing call does
    not accuse the service account.
    """

    status: Status | Annotated[list[Status], msgspec.Meta(min_length=1)]
    """The status, or several."""
    of: Doing | Annotated[list[Doing], msgspec.Meta(min_length=1)] | None = None
    """The calls whose replies are meant, if not all: a bare 404 may mean `not found` of `get`, and nothing of `list`."""
    resource: Literal["User", "Group"] | None = None
    """The kind of resource whose calls are meant, if not all."""
    field: Spot | None = None
    """A field that must be in the reply's body for the rule to fit, `$` for the whole body, or a header."""
    contains: Text | Annotated[list[Text], msgspec.Meta(min_length=1)] | None = None
    """Texts of which the field must hold one, compared without case."""
    means: Meaning
    """What the reply means."""
    detail: Text | None = None
    """A sentence for the administrator, in place of the general one."""
    says: Spot | None = None
    """The field that holds the upstream's own explanation; it is passed on to the administrator."""
    blames: Field | None = None
    """The field that names the upstream's field which it refuses; the administrator reads the attribute's name."""


class Document(Strict, frozen=True, kw_only=True):
    """A mapping file: one upstream."""

    version: Literal[1]
    """The version of the language. A file of version 1 keeps its meaning, or is refused with the way to change it."""
    upstream: Text
    """What to call the upstream in messages to administrators, after *the*: `Deskly API`."""
    settings: list[Setting] = []
    """The values that differ between installations."""
    secrets: list[Secret] = []
    """The secret values."""
    credential: Credential
    """What lets the gateway in."""
    client_certificate: Text | None = None
    """The certificate and the private key that the gateway shows in TLS, both in PEM: `{secret:certificate}`."""
    openapi: Text | None = None
    """Where the upstream publishes its calls as an OpenAPI document: `GET /openapi.json`; `check --live` reads it."""
    limits: Limits = Limits()
    """What the upstream can bear."""
    replies: list[Replying] = []
    """What replies mean where their status alone does not say."""
    resources: Annotated[list[Resource], msgspec.Meta(min_length=1, max_length=2)]
    """The kinds of resources that the upstream keeps: users, and groups after them."""
