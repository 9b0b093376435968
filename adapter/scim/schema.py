"""Schemas and attribute characteristics (RFC 7643 sections 2, 7 and 8), and the one place where names are resolved.

SCIM names compare without case (RFC 7643 section 2.1). A `ResourceType` turns any spelling of a path into a `Target`:
the attribute's own definition and the keys under which a resource holds it. Everything after works on targets.
"""

import re
from functools import cached_property
from typing import Any, Literal

import msgspec

from adapter.errors import InvalidValue
from adapter.scim.path import Path

Resource = dict[str, Any]
"""A SCIM resource as JSON: attribute names spelled as the schema spells them, absent instead of null."""

Type = Literal["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"]
Mutability = Literal["readOnly", "readWrite", "immutable", "writeOnly"]
Returned = Literal["always", "never", "default", "request"]
Uniqueness = Literal["none", "server", "global"]

# Characters that no text needs and that truncate or forge in old systems (Unicode's category Cc); a tab or a line end may
# stand in a text. What turns the direction of a text, or has no width, Arabic, Persian and emoji need: it is refused only
# where a resource is looked for by the value.
_CONTROL = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\t", "\n", "\r"}

# What nobody sees in a name, so that two of them look alike: controls, line ends, what turns the direction of the text,
# what has no width, and tags (Unicode Technical Report 36 section 2).
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e007f]"
)


class Attribute(msgspec.Struct, frozen=True, kw_only=True, dict=True):  # with a dict, to keep what is found out once
    """One attribute with its characteristics; the defaults are those of RFC 7643 section 2.2."""

    name: str
    type: Type = "string"
    multi_valued: bool = False
    description: str = ""
    required: bool = False
    canonical_values: tuple[str, ...] = ()
    is_closed: bool = False
    """Whether nothing keeps an element for which this part has another than a canonical value."""
    case_exact: bool = False
    mutability: Mutability = "readWrite"
    is_made: bool = False
    """Whether it is made from another part, whatever a client sends for it."""
    returned: Returned = "default"
    uniqueness: Uniqueness = "none"
    is_sought: bool = False
    """Whether clients look for a resource by it, though it need not be unique: what looks alike must be alike."""
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple["Attribute", ...] = ()

    def sub(self, name: str) -> "Attribute | None":
        """Return the sub-attribute of that name, whatever its case."""
        return self._subs.get(name) or self._subs.get(name.lower())

    @cached_property
    def closed(self) -> tuple["Attribute", ...]:
        """The sub-attributes that choose elements, of which only some kinds are kept."""
        return tuple(each for each in self.sub_attributes if each.is_closed)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The canonical values, as they compare: in lower case."""
        return frozenset(each.lower() for each in self.canonical_values)

    @cached_property
    def only_type(self) -> str | None:
        """The type that every element has, where only one is kept."""
        kind = self.sub("type")
        return kind.canonical_values[0] if kind is not None and len(kind.canonical_values) == 1 else None

    @cached_property
    def is_text(self) -> bool:
        """Whether its value is one text."""
        return not self.multi_valued and str in _JSON[self.type]

    @cached_property
    def spelled(self) -> frozenset[str]:
        """The names of the sub-attributes as the schema spells them, and as most clients do."""
        return frozenset(each.name for each in self.sub_attributes)

    @cached_property
    def _subs(self) -> dict[str, "Attribute"]:
        return _by_name(self.sub_attributes)


class Schema(msgspec.Struct, frozen=True, dict=True):
    """A schema: a URN and the attributes that it defines."""

    id: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name, whatever its case."""
        return self._named.get(name) or self._named.get(name.lower())

    @cached_property
    def _named(self) -> dict[str, Attribute]:
        return _by_name(self.attributes)


class Target(msgspec.Struct, frozen=True, dict=True):
    """What a path means: the attribute, perhaps one of its sub-attributes, and the extension that holds it."""

    attribute: Attribute
    sub: Attribute | None = None
    extension: str | None = None

    @property
    def leaf(self) -> Attribute:
        """The definition that governs the value at the end of the path."""
        return self.sub or self.attribute

    def __str__(self) -> str:
        """The path, spelled as the schema spells it."""
        return self._text

    @cached_property
    def _text(self) -> str:
        return str(Path(self.attribute.name, self.sub.name if self.sub else None, self.extension))


class ResourceType(msgspec.Struct, frozen=True, dict=True):
    """A kind of resource: its endpoint, its schema and the extensions it may carry (RFC 7643 section 6)."""

    name: str
    endpoint: str
    schema: Schema
    extensions: tuple[Schema, ...] = ()
    times: tuple[str, ...] = ()
    """The parts of `meta` that resources hold: `created`, `lastModified`."""

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """The core schema and then its extensions."""
        return (self.schema, *self.extensions)

    @cached_property
    def withheld(self) -> tuple[Target, ...]:
        """What an answer does not show unless it is asked for, or not even then (RFC 7643 section 7: `returned`)."""
        every = [
            Target(attribute, sub, None if schema is self.schema else schema.id)
            for schema in self.schemas
            for attribute in schema.attributes
            for sub in (None, *attribute.sub_attributes)
        ]
        return tuple(each for each in every if each.leaf.returned in ("never", "request"))

    def extension(self, urn: str) -> Schema | None:
        """Return the extension of that URN, whatever its case."""
        return self._extensions.get(urn.lower())

    def whole(self, path: Path) -> Schema | None:
        """Return the extension that `path` means as a whole: its URN alone reads as a URN and a name."""
        return self.extension(str(path)) if path.urn else None

    @cached_property
    def _extensions(self) -> dict[str, Schema]:
        return {each.id.lower(): each for each in self.extensions}

    def target(self, path: Path) -> Target | None:
        """Return what `path` means for this type, or None when it names nothing here."""
        return self._targets.get(_lowered(path))

    @cached_property
    def _targets(self) -> dict[tuple[str | None, str, str | None], Target]:
        """What there is to mean, by its path in lower case; the core schema's URN may be left out."""
        core = (*self.schema.attributes, *(each for each in _COMMON if self.schema.attribute(each.name) is None))
        every = [
            *((urn, Target(each)) for urn in (None, self.schema.id) for each in core),
            *((each.id, Target(one, None, each.id)) for each in self.extensions for one in each.attributes),
        ]
        every += [
            (urn, Target(each.attribute, sub, each.extension))
            for urn, each in every
            for sub in each.attribute.sub_attributes
        ]
        return {
            _lowered(Path(each.attribute.name, each.sub.name if each.sub else None, urn)): each
            for urn, each in reversed(every)  # of two of one name the first counts
            if each.attribute is not META or each.leaf.type != "dateTime" or each.leaf.name in self.times
        }


def _lowered(path: Path) -> tuple[str | None, str, str | None]:
    """Return a path as it is looked for: without regard to case."""
    return path.urn.lower() if path.urn else None, path.name.lower(), path.sub.lower() if path.sub else None


def typed(attribute: Attribute, value: Any) -> Any:
    """Return `value` as the attribute's type holds it; nothing is converted that RFC 7643 section 2.3 keeps apart.

    Raises InvalidValue, naming the attribute but not the value: it may be personal data.
    """
    if not has_type(attribute, value):
        raise InvalidValue(f"{attribute.name} must be {_ENGLISH[attribute.type]}, not {_english(value)}.")
    if isinstance(value, str):
        if not value.isprintable() and not _CONTROL.isdisjoint(value):
            raise InvalidValue(f"{attribute.name} holds a control character; remove it at the source.")
        is_name = attribute.uniqueness == "server"
        if is_name or attribute.is_sought:
            _check_seen(attribute, value, is_name=is_name)
    return value


def _check_seen(attribute: Attribute, value: str, *, is_name: bool) -> None:
    """Refuse what nobody sees in a value that resources are looked for by, and blanks around a name."""
    unseen = _UNSEEN.search(value)
    if unseen:
        raise InvalidValue(
            f"{attribute.name} holds U+{ord(unseen[0]):04X}, a control, bidirectional or zero-width character that "
            "nobody sees: another name could look the same. Remove it at the source."
        )
    if is_name and value != value.strip():
        raise InvalidValue(
            f"{attribute.name} begins or ends with a blank, which nobody sees and many a system drops: another name could "
            "look the same. Remove it at the source."
        )


def has_type(attribute: Attribute, value: Any) -> bool:
    """Tell whether `value` is JSON of the attribute's type; to Python a boolean is a number, to JSON it is not."""
    return type(value) in _JSON[attribute.type]


def types_of(attribute: Attribute) -> tuple[type, ...]:
    """Return the types that a value of the attribute has as Python reads it from JSON."""
    return _JSON[attribute.type]


def _by_name(attributes: tuple[Attribute, ...]) -> dict[str, Attribute]:
    """Return the attributes by their names in lower case, and by those names as they are spelled, as most are."""
    named = {each.name.lower(): each for each in reversed(attributes)}  # of two of one name the first counts
    return {each.name: named[each.name.lower()] for each in attributes} | named


def _english(value: Any) -> str:
    return {str: "a string", bool: "a boolean", dict: "an object", list: "a list", type(None): "null"}.get(
        type(value), "a number"
    )


_JSON: dict[Type, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "decimal": (int, float),
    "integer": (int,),
    "dateTime": (str,),
    "binary": (str,),
    "reference": (str,),
    "complex": (dict,),
}
_ENGLISH: dict[Type, str] = {
    "string": "a string",
    "boolean": "a boolean",
    "decimal": "a number",
    "integer": "a whole number",
    "dateTime": "a date-time string",
    "binary": "a base64 string",
    "reference": "a URI string",
    "complex": "an object",
}

# The common attributes of RFC 7643 section 3.1. They belong to every resource and to no schema document; externalId is
# left out because a resource type has it only where a mapping can keep it.
ID = Attribute(name="id", case_exact=True, mutability="readOnly", returned="always", uniqueness="server", required=True)
META = Attribute(
    name="meta",
    type="complex",
    mutability="readOnly",
    sub_attributes=(
        Attribute(name="resourceType", case_exact=True, mutability="readOnly"),
        Attribute(name="location", type="reference", case_exact=True, mutability="readOnly"),
        Attribute(name="version", case_exact=True, mutability="readOnly"),
        Attribute(name="created", type="dateTime", mutability="readOnly"),
        Attribute(name="lastModified", type="dateTime", mutability="readOnly"),
    ),
)
EXTERNAL_ID = Attribute(
    name="externalId", case_exact=True, is_sought=True, description="The provisioning client's identifier."
)
_COMMON = (ID, META)
