"""Which attributes a client asked for: `attributes` and `excludedAttributes` (RFC 7644 section 3.9)."""

from typing import Any

import msgspec

from adapter.errors import InvalidValue
from adapter.scim.path import Path, parse
from adapter.scim.schema import Resource, ResourceType, Target

_ALWAYS = {"schemas", "id"}


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
    return Projection(_paths(attributes), _paths(excluded))


def projected(body: Resource, projection: Projection, resource_type: ResourceType) -> Resource:
    """Return the body with only what the projection lets through; `schemas` and `id` always stay."""
    if projection.shown:
        result = {name: value for name, value in body.items() if name in _ALWAYS}
        for target in _targets(projection.shown, resource_type):
            _copy(body, result, target)
        return _filled(result)
    if projection.excluded:
        result = dict(body)
        for target in _targets(projection.excluded, resource_type):
            _drop(result, target)
        return _filled(result)
    return body


def _targets(paths: tuple[Path, ...], resource_type: ResourceType) -> list[Target | str]:
    """Return what the paths mean; a whole extension by its URN. Unknown names show and hide nothing."""
    found: list[Target | str | None] = []
    for path in paths:
        extension = resource_type.extension(str(path))
        found.append(extension.id if extension else resource_type.target(path))
    return [each for each in found if each is not None]


def _copy(body: Resource, result: Resource, target: Target | str) -> None:
    if isinstance(target, str):
        if target in body:
            result[target] = body[target]
        return
    holder = body.get(target.extension, {}) if target.extension else body
    name = target.attribute.name
    if name not in holder:
        return
    into = result.setdefault(target.extension, {}) if target.extension else result
    if target.sub is None:
        into[name] = holder[name]
        return
    sub = target.sub.name
    if isinstance(holder[name], list):
        before = into.get(name, [{} for _ in holder[name]])
        into[name] = [
            old | ({sub: each[sub]} if sub in each else {}) for old, each in zip(before, holder[name], strict=True)
        ]
    elif sub in holder[name]:
        into[name] = into.get(name, {}) | {sub: holder[name][sub]}


def _drop(result: Resource, target: Target | str) -> None:
    if isinstance(target, str):
        result.pop(target, None)
        return
    if target.extension:
        if target.extension not in result:
            return
        holder = result[target.extension] = dict(result[target.extension])
    else:
        holder = result
    name = target.attribute.name
    if name in _ALWAYS or name not in holder:
        return
    if target.sub is None:
        del holder[name]
        return
    sub = target.sub.name
    whole = holder[name]
    holder[name] = [_without(each, sub) for each in whole] if isinstance(whole, list) else _without(whole, sub)


def _filled(holder: dict[str, Any]) -> dict[str, Any]:
    """Return the object without what the projection left empty: no value is absent, not an empty object."""
    result: dict[str, Any] = {}
    for name, value in holder.items():
        if isinstance(value, list):
            kept: Any = [each for each in value if each != {}]
        else:
            kept = _filled(value) if isinstance(value, dict) else value
        if kept not in ({}, []):
            result[name] = kept
    return result


def _without(whole: dict[str, Any], sub: str) -> dict[str, Any]:
    return {name: value for name, value in whole.items() if name != sub}


def _paths(text: str) -> tuple[Path, ...]:
    paths = [(name.strip(), parse(name.strip())) for name in text.split(",") if name.strip()]
    for name, path in paths:
        if path is None:
            raise InvalidValue(f"'{name[:80]}' is not an attribute name.")
    return tuple(path for _, path in paths if path is not None)
