"""Which attributes an answer shows: `attributes` and `excludedAttributes` (RFC 7644 section 3.9), and `returned`.

RFC 7643 section 7 has four words for `returned`, and they hold for a sub-attribute within its attribute:

- always: shown whatever is asked, a sub-attribute wherever its attribute is shown;
- never: not shown, not even when it is asked for;
- request: shown when `attributes` names it or a part of it; the name of what holds it is not enough;
- default: shown unless it is excluded, or others are asked for.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from adapter.errors import InvalidValue
from adapter.scim.path import Path, parse
from adapter.scim.schema import Attribute, Resource, ResourceType, Target


class Projection(msgspec.Struct, frozen=True):
    """The attributes to show and nothing else, or the attributes to leave out; neither means the default."""

    shown: tuple[Path, ...] = ()
    excluded: tuple[Path, ...] = ()


def read(attributes: str, excluded: str) -> Projection:
    """Return the projection that the two query parameters ask for; each is a list with commas.

    Raises InvalidValue when both are given, or when a name cannot be read.
    """
    if attributes and excluded:
        raise InvalidValue("attributes and excludedAttributes exclude each other; send one of them.")
    return Projection(_paths(attributes), _paths(excluded)) if attributes or excluded else Projection()


def projector(projection: Projection, resource_type: ResourceType) -> Callable[[Resource], Resource]:
    """Return what makes of a body one that holds only what the projection lets through: once for many bodies.

    `schemas` and `id` always stay.
    Where nothing is asked for, and a body holds nothing that is withheld, it stays as it is: most do.
    """
    if projection.shown or projection.excluded:
        return _chosen(projection, resource_type)
    withheld = resource_type.withheld
    is_plain = all(each.sub is None and each.extension is None for each in withheld)

    def left(body: Resource) -> Resource:
        held = {each.attribute.name for each in withheld if _holds(body, each)}
        if not held:
            return body
        if is_plain:
            return {name: value for name, value in body.items() if name not in held}
        return _chosen(projection, resource_type)(body)

    return left


def _chosen(projection: Projection, resource_type: ResourceType) -> Callable[[Resource], Resource]:
    asked = _asked(projection, resource_type)

    @cache
    def shown(name: str) -> Callable[[Any], Any]:
        """Return what is left of the value that a body holds under this name."""
        extension = resource_type.extension(name)
        if name == "schemas":
            return lambda value: value
        if extension is None:
            found = resource_type.target(Path(name))
            return _shown(asked, found or Target(Attribute(name=name)))
        parts = cache(lambda part: _shown(asked, Target(_named(extension.attribute(part), part), None, extension.id)))
        return lambda value: _each(value, parts)

    return lambda body: _each(body, shown)


def shows(projection: Projection, wanted: Target | str, resource_type: ResourceType) -> bool:
    """Tell whether an answer may show an attribute or sub-attribute; a plan need not read what no answer shows."""
    path = parse(wanted) if isinstance(wanted, str) else None
    target = resource_type.target(path) if path else wanted
    return isinstance(target, Target) and _asked(projection, resource_type).shows(target)


class _Asked(msgspec.Struct, frozen=True):
    """A projection with its names found: each by its extension, attribute and sub-attribute, None for the whole."""

    is_only: bool
    names: set[tuple[str | None, str | None, str | None]]
    in_part: set[tuple[str | None, str]]
    """The attributes of which a part is named."""

    def shows(self, target: Target) -> bool:
        """Tell whether the target is shown."""
        extension, name = target.extension, target.attribute.name
        if target.sub is not None and not self.shows(Target(target.attribute, None, extension)):
            return False
        returned = target.leaf.returned
        if returned in ("always", "never"):
            return returned == "always"
        if (extension, name, target.sub and target.sub.name) in self.names:
            return self.is_only
        if target.sub is None:
            if self.is_only and (extension, name) in self.in_part:
                return True
            return returned == "default" and self._is_extension_named(extension) == self.is_only
        return returned == "default" and (self._is_whole(target) or not self.is_only)

    def _is_whole(self, target: Target) -> bool:
        """Tell whether an attribute that is shown is shown by itself, and not only for some of its parts."""
        named = (target.extension, target.attribute.name, None) in self.names
        returned = target.attribute.returned
        return named or returned == "always" or (returned == "default" and self._is_extension_named(target.extension))

    def _is_extension_named(self, extension: str | None) -> bool:
        return extension is not None and (extension, None, None) in self.names


def _asked(projection: Projection, resource_type: ResourceType) -> _Asked:
    """Return what the paths of a projection mean; unknown names show and hide nothing."""
    asked = _Asked(bool(projection.shown), set(), set())
    for path in projection.shown or projection.excluded:
        extension, target = resource_type.whole(path), resource_type.target(path)
        if extension is not None:
            asked.names.add((extension.id, None, None))
        elif target is not None:
            asked.names.add((target.extension, target.attribute.name, target.sub.name if target.sub else None))
            if target.sub is not None:
                asked.in_part.add((target.extension, target.attribute.name))
    return asked


def _shown(asked: _Asked, target: Target) -> Callable[[Any], Any]:
    """Return what is left of an attribute's value: None when it is not shown."""
    if not asked.shows(target):
        return lambda _: None
    attribute = target.attribute
    if not attribute.sub_attributes:
        return lambda value: value

    @cache
    def part(name: str) -> Callable[[Any], Any]:
        sub = _named(attribute.sub(name), name)
        is_shown = asked.shows(Target(attribute, sub, target.extension))
        return lambda value: value if is_shown else None

    def left(value: Any) -> Any:
        if isinstance(value, list):
            return [kept for each in value if (kept := left(each)) != {}]
        return _each(value, part) if isinstance(value, dict) else value

    return left


def _each(holder: dict[str, Any], shown: Callable[[str], Callable[[Any], Any]]) -> dict[str, Any]:
    """Return what is left of an object, without what is left empty: no value is absent, not an empty object."""
    left = {name: shown(name)(value) for name, value in holder.items()}
    return {name: value for name, value in left.items() if value not in (None, {}, [])}


def _holds(body: Resource, target: Target) -> bool:
    holder = body.get(target.extension, {}) if target.extension else body
    value = holder.get(target.attribute.name)
    if target.sub is None or value is None:
        return value is not None
    return any(target.sub.name in each for each in (value if isinstance(value, list) else [value]))


def _named(found: Attribute | None, name: str) -> Attribute:
    """Return the attribute, or one by the name that no schema has: it is shown as others are."""
    return found or Attribute(name=name)


def _paths(text: str) -> tuple[Path, ...]:
    paths = [(name.strip(), parse(name.strip())) for name in text.split(",") if name.strip()]
    for name, path in paths:
        if path is None:
            raise InvalidValue(f"'{name[:80]}' is not an attribute name.")
    return tuple(path for _, path in paths if path is not None)
