"""One kind of resource: how the upstream keeps it, by which calls, and which rules."""

from typing import Annotated, Any, Literal

import msgspec

from adapter.mapping.document.call import Routes
from adapter.mapping.document.members import Members
from adapter.mapping.document.rule import Attribute
from adapter.mapping.document.words import Field, Single, Strict, Text


class Identifier(Strict, frozen=True, kw_only=True):
    """Where a record's id is, and what ids look like; anything else never reaches the upstream."""

    field: Field
    """Where a record has its id."""
    kind: Literal["number", "text"]
    """`number`: digits without leading zeros. `text`: letters, digits and `_ - . ~`, 200 at the most."""


class Generated(Strict, frozen=True, kw_only=True):
    """A random password: letters of both cases, digits and punctuation, at least one of each."""

    length: Annotated[int, msgspec.Meta(ge=12, le=128)] = 24
    """How many characters."""
    punctuation: Annotated[str, msgspec.Meta(pattern=r"^[!-/:-@\[-`{-~]+$")] = "!#%+-=?@_"
    """The characters of punctuation that the upstream takes."""


class OnCreate(Strict, frozen=True, kw_only=True):
    """A field of every new record that no attribute stands for; exactly one of the three sources."""

    field: Field
    """The field."""
    value: Any = msgspec.UNSET
    """A constant."""
    setting: str | None = None
    """The name of a setting."""
    password: Generated | None = None
    """A password made for this record and kept nowhere."""


class Protected(Strict, frozen=True, kw_only=True):
    """Records that nobody may change or remove by SCIM: service accounts, administrators. They are found and read."""

    field: Field
    """The field that tells."""
    holds: Annotated[list[Single], msgspec.Meta(min_length=1)]
    """The values of the field that protect a record."""


class ExtensionAttribute(Strict, frozen=True, kw_only=True):
    """An attribute that SCIM does not have; its characteristics are those of RFC 7643 section 7."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    """Its name, as clients write it."""
    about: Text
    """What it holds; clients read it in the discovery documents."""
    type: Literal["string", "boolean", "integer"] = "string"
    """What a value is."""
    multi_valued: bool = False
    """Several values; one rule with `every` holds them all."""
    case_exact: bool = False
    """Whether case matters when two values are compared."""


class Extension(Strict, frozen=True, kw_only=True):
    """A schema of the mapping's own (RFC 7643 section 3.3); a rule names its attributes after the URN and a colon."""

    urn: Annotated[str, msgspec.Meta(pattern=r"^urn:[A-Za-z0-9][A-Za-z0-9-]*(:[A-Za-z0-9._-]+)+$")]
    """Its name, such as `urn:example:params:scim:schemas:extension:desk:2.0:User`."""
    name: Text
    """Its name for people."""
    about: Text
    """What it is for; clients read it in the discovery documents."""
    attributes: Annotated[list[ExtensionAttribute], msgspec.Meta(min_length=1)]
    """Its attributes."""


class Resource(Strict, frozen=True, kw_only=True):
    """One kind of resource and how the upstream keeps it."""

    resource: Literal["User", "Group"]
    """The kind: `User`, or `Group` after it."""
    id: Identifier
    """Where a record's id is, and what ids look like."""
    extensions: list[Extension] = []
    """Schemas of the mapping's own."""
    routes: Routes
    """The upstream's calls."""
    visible_within: Annotated[float, msgspec.Meta(ge=0, le=20)] = 0
    """Seconds until reads and searches show what was written; so long the gateway looks again before it believes that a
    write was not done."""
    on_create: list[OnCreate] = []
    """Fields of every new record that no attribute stands for."""
    protected: list[Protected] = []
    """Records that nobody may change or remove by SCIM."""
    members: Members | None = None
    """How the members of a group are kept, where no field of its record lists them."""
    attributes: Annotated[list[Attribute], msgspec.Meta(min_length=1)]
    """The rules: which attribute is which field."""
