"""The shape of a mapping file: one frozen Struct for each kind of thing that it can hold, unknown keys refused.

The docstrings here are the reference of the language. What a file says beyond its shape (names that must exist, tables
that must be reversible) is judged in `load`.
"""

from typing import Annotated, Any, Literal

import msgspec

from adapter.mapping.document.call import Changing, Creating, Deleting, Find, Getting, Left, Listing, Reviving, Routes
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
from adapter.mapping.document.page import Cursor, Link, Numbered, Offset, Page, Unpaged
from adapter.mapping.document.rule import Attribute, Every, From, OwnCall, Separated, Side, Writing
from adapter.mapping.document.words import Field, Header, Name, Positive, Single, Spot, Status, Strict, Table, Text

__all__ = [
    "Attribute",
    "Basic",
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
Doing = Literal["list", "find", "get", "create", "update", "delete", "own"]
"""What a call is for: `own` is one that writes a single attribute, or brings a user back."""


class Setting(Strict, frozen=True, kw_only=True):
    """A value that differs between installations; the operator gives it as ADAPTER_SETTING_<NAME>."""

    name: Name
    about: Text
    kind: Literal["text", "number", "list"] = "text"
    """`list` takes several values with commas between them; a `number` stays one in a body."""
    default: Text | list[Text] | None = None
    """Used when the operator gives nothing; without it the setting must be given."""


class Secret(Strict, frozen=True, kw_only=True):
    """A secret value; the operator gives it as ADAPTER_SECRET_<NAME> or ADAPTER_SECRET_<NAME>_FILE."""

    name: Name
    about: Text


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
    of: Doing | Annotated[list[Doing], msgspec.Meta(min_length=1)] | None = None
    """The calls whose replies are meant, if not all: a bare 404 may mean `not found` of `get`, and nothing of `list`."""
    field: Spot | None = None
    """A field that must be in the reply's body for the rule to fit, `$` for the whole body, or a header."""
    contains: Text | Annotated[list[Text], msgspec.Meta(min_length=1)] | None = None
    """Texts of which the field must hold one, compared without case."""
    means: Meaning
    detail: Text | None = None
    """A sentence for the administrator, in place of the general one."""
    says: Spot | None = None
    """The field that holds the upstream's own explanation; it is passed on to the administrator."""
    blames: Field | None = None
    """The field that names the upstream's field which it refuses; the administrator reads the attribute's name."""


class Identifier(Strict, frozen=True, kw_only=True):
    """Where a record's id is, and what ids look like; anything else never reaches the upstream."""

    field: Field
    kind: Literal["number", "text"]
    """`number`: digits without leading zeros. `text`: letters, digits and `_ - . ~`, 200 at the most."""


class Generated(Strict, frozen=True, kw_only=True):
    """A random password: letters of both cases, digits and punctuation, at least one of each."""

    length: Annotated[int, msgspec.Meta(ge=12, le=128)] = 24
    punctuation: Annotated[str, msgspec.Meta(pattern=r"^[!-/:-@\[-`{-~]+$")] = "!#%+-=?@_"
    """The characters of punctuation that the upstream takes."""


class OnCreate(Strict, frozen=True, kw_only=True):
    """A field of every new record that no attribute stands for; exactly one of the three sources."""

    field: Field
    value: Any = msgspec.UNSET
    """A constant."""
    setting: str | None = None
    """The name of a setting."""
    password: Generated | None = None
    """A password made for this record and kept nowhere."""


class Protected(Strict, frozen=True, kw_only=True):
    """Records that nobody may change or remove by SCIM: service accounts, administrators. They are found and read."""

    field: Field
    holds: Annotated[list[Single], msgspec.Meta(min_length=1)]
    """The values of the field that protect a record."""


class ExtensionAttribute(Strict, frozen=True, kw_only=True):
    """An attribute that SCIM does not have; its characteristics are those of RFC 7643 section 7."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    about: Text
    type: Literal["string", "boolean", "integer"] = "string"
    multi_valued: bool = False
    """Several values; one rule with `every` holds them all."""
    case_exact: bool = False


class Extension(Strict, frozen=True, kw_only=True):
    """A schema of the mapping's own (RFC 7643 section 3.3); a rule names its attributes after the URN and a colon."""

    urn: Annotated[str, msgspec.Meta(pattern=r"^urn:[A-Za-z0-9][A-Za-z0-9-]*(:[A-Za-z0-9._-]+)+$")]
    """Its name, such as `urn:example:params:scim:schemas:extension:desk:2.0:User`."""
    name: Text
    about: Text
    attributes: Annotated[list[ExtensionAttribute], msgspec.Meta(min_length=1)]


class Resource(Strict, frozen=True, kw_only=True):
    """One kind of resource and how the upstream keeps it."""

    resource: Literal["User"]
    id: Identifier
    extensions: list[Extension] = []
    routes: Routes
    on_create: list[OnCreate] = []
    protected: list[Protected] = []
    attributes: Annotated[list[Attribute], msgspec.Meta(min_length=1)]


class Document(Strict, frozen=True, kw_only=True):
    """A mapping file: one upstream."""

    version: Literal[1]
    upstream: Text
    """What to call the upstream in messages to administrators."""
    settings: list[Setting] = []
    secrets: list[Secret] = []
    credential: Credential
    client_certificate: Text | None = None
    """The certificate and the private key that the gateway shows in TLS, both in PEM: `{secret:certificate}`."""
    openapi: Text | None = None
    """Where the upstream publishes its calls as an OpenAPI document: `GET /openapi.json`; `check --live` reads it."""
    limits: Limits = Limits()
    replies: list[Replying] = []
    resources: Annotated[list[Resource], msgspec.Meta(min_length=1, max_length=1)]
