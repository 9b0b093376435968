"""The `scim` paths of a file made ready: which attribute is meant, and which element of a list."""

from typing import Any

import msgspec

from adapter.errors import InvalidPath
from adapter.mapping.document import Extension
from adapter.mapping.rules import Element
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.scim.filter import Compare, Place, read_place
from adapter.scim.group import GROUP
from adapter.scim.match import is_outside
from adapter.scim.patch import target_of
from adapter.scim.schema import Attribute, ResourceType, Schema, Target, has_type
from adapter.scim.user import ENTERPRISE_USER, USER


def type_of(kind: str, extensions: list[Extension]) -> ResourceType:
    """Return the `User` or `Group` type with every attribute that a rule may name: SCIM's own, and those of the mapping."""
    own = tuple(
        Schema(
            each.urn,
            each.name,
            each.about,
            tuple(
                Attribute(
                    name=one.name,
                    type=one.type,
                    multi_valued=one.multi_valued,
                    description=one.about,
                    case_exact=one.case_exact,
                )
                for one in each.attributes
            ),
        )
        for each in extensions
    )
    if kind == "Group":
        return ResourceType("Group", "/Groups", GROUP, own, _TIMES)
    return ResourceType("User", "/Users", USER, (ENTERPRISE_USER, *own), _TIMES)


_TIMES = ("created", "lastModified")
_MEMBERSHIP = ("members", "groups")


class TargetLoader:
    """Judges the paths of rules, each at its place in the file."""

    def __init__(self, source: Source, resource_type: ResourceType) -> None:
        self.source, self.type = source, resource_type

    def target(self, text: str, path: Path, *, every: bool) -> tuple[Target, Element | None]:
        """Return what a rule's path means, and which element of a list; `every` if it means all of them."""
        place = place_of(text, path, self.source)
        target = target_of(place, self.type)
        if target is None:
            raise self.source.error(path, self._unknown(text, place))
        name = target.attribute.name
        if (
            name == "id"
            or is_outside(target)
            or str(target) == "meta.resourceType"
            or (name in _MEMBERSHIP and target.sub and target.sub.name != "value")
        ):
            raise self.source.error(path, f"'{text}' is made by the gateway itself; take this rule out")
        if name in _MEMBERSHIP and not every:
            raise self.source.error(path, f"a rule about {name} is for all of them: {name}.value, with every")
        if every:
            self._every(text, place, target, path)
            return target, None
        if place.inner is None and target.attribute.multi_valued:
            way_out = f'say which element: {name}[type eq "work"].value'
            if target.attribute.type != "complex":
                way_out = "add every: list"
            raise self.source.error(path, f"'{text}' is a list; {way_out}")
        if place.inner is not None and not target.attribute.multi_valued:
            raise self.source.error(path, f"'{name}' is no list, so no element can be chosen; take the brackets out")
        self._whole(text, target, path)
        return target, None if place.inner is None else self._element(place, target, path)

    def _every(self, text: str, place: Place, target: Target, path: Path) -> None:
        if not target.attribute.multi_valued or place.inner is not None:
            raise self.source.error(path, f"every goes with all values of a list, such as roles.value, not '{text}'")
        self._whole(text, target, path)

    def _whole(self, text: str, target: Target, path: Path) -> None:
        if target.leaf.type == "complex":
            subs = ", ".join(each.name for each in target.leaf.sub_attributes)
            raise self.source.error(path, f"'{text}' has parts; map one of them: {subs}")

    def _element(self, place: Place, target: Target, path: Path) -> Element:
        inner = place.inner
        key = target.attribute.sub(inner.path.name) if isinstance(inner, Compare) and inner.operator == "eq" else None
        if not isinstance(inner, Compare) or key is None or key == target.sub:
            name = target.attribute.name
            raise self.source.error(path, f'an element is chosen as in {name}[type eq "work"].value')
        if not has_type(key, inner.value):
            raise self.source.error(path, f"{key.name} is a {key.type}, and '{shown(inner.value)}' is none")
        return Element(key.name, inner.value)

    def _unknown_of(self, urn: str, place: Place) -> str:
        """Return the message for a path that begins with the name of a schema."""
        schema = self.type.schema if urn.lower() == self.type.schema.id.lower() else self.type.extension(urn)
        if schema is None:
            return f"no schema is called '{urn}'; declare it in extensions"
        return unknown(f"attribute of {schema.id}", place.path.name, [each.name for each in schema.attributes])

    def _unknown(self, text: str, place: Place) -> str:
        """Return the message for a path that names nothing: the nearest attribute, or part of one, that there is."""
        whole = self.type.target(msgspec.structs.replace(place.path, sub=None))
        if whole is not None:
            parts = [each.name for each in whole.attribute.sub_attributes]
            return unknown(f"part of {whole}", place.path.sub or place.sub or "", parts, "" if parts else "it has none")
        extension = next((each for each in self.type.extensions if each.attribute(text)), None)
        if extension is not None:
            return f"unknown attribute '{text}': did you mean '{extension.id}:{text}'?"
        if place.path.urn:
            return self._unknown_of(place.path.urn, place)
        names = [each.name for each in self.type.schema.attributes]
        section = "4.1" if self.type.name == "User" else "4.2"
        return unknown(
            "attribute", text, names, f"see RFC 7643 section {section} for the attributes of a {self.type.name}"
        )


def place_of(text: str, path: Path, source: Source) -> Place:
    """Return what a SCIM path in the file means; a path that cannot be read is an error at its place."""
    try:
        return read_place(text)
    except InvalidPath as error:
        raise source.error(path, error.detail.replace("The path", f"'{text}'", 1).rstrip(".")) from None


def shown(value: Any) -> str:
    """Return a value as a message shows it."""
    return msgspec.json.encode(value).decode().strip('"')
