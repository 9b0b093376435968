"""The order of a query's resources: `sortBy` and `sortOrder` (RFC 7644 section 3.4.2.3)."""

from collections.abc import Callable
from typing import Any

from adapter.errors import InvalidValue
from adapter.scim.instant import instant
from adapter.scim.match import folded, is_outside, readable
from adapter.scim.path import parse
from adapter.scim.schema import Attribute, Resource, ResourceType

Key = tuple[Any, ...]
"""What resources are ordered by, ascending: those without a value come last."""
_LAST: Key = (1,)


def sort_key(
    sort_by: str, resource_type: ResourceType, beside: tuple[ResourceType, ...] = ()
) -> Callable[[Resource], Key]:
    """Return what tells where a resource stands in the order of the attribute that `sort_by` names.

    A list stands where its primary element does, or else its first one; a complex value where its `value` does. Whoever
    sorts from last to first reverses the keys, so that what has no value comes first then. `beside` are the other types
    that the same query is about: what only they have is an attribute without a value here.

    Raises InvalidValue when `sort_by` names nothing that has an order, Sensitive when nobody may see it.
    """
    path = parse(sort_by.strip())
    found = [each.target(path) for each in (resource_type, *beside)] if path else []
    target = next((each for each in found if each), None)
    if path is None or target is None or is_outside(target):
        raise InvalidValue(f"sortBy: '{sort_by[:80]}' is not an attribute that this connection can sort by.")
    attribute, leaf = readable(path, target.attribute), readable(path, target.leaf)
    part, extension = target.sub, target.extension
    if leaf.type == "complex":
        part = leaf.sub("value")
        if part is None:
            raise InvalidValue(f"sortBy: '{path}' has parts; name one of them.")
        leaf = readable(path, part)
    if leaf.type == "binary":
        raise InvalidValue(f"sortBy: '{path}' is a binary, which has no order.")
    if found[0] is None:
        return lambda _: _LAST
    if str(target) == "meta.resourceType":
        # Resources hold none: an answer gets it from their type.
        return lambda _: (0, resource_type.name)

    def key(resource: Resource) -> Key:
        holder = resource.get(extension, {}) if extension else resource
        chosen = _chosen(holder.get(attribute.name))
        value = chosen.get(part.name) if part and chosen is not None else chosen
        ordered = None if value in ("", None) else _ordered(leaf, value)
        return _LAST if ordered is None else (0, ordered)

    return key


def _chosen(value: Any) -> Any:
    """Return the value that stands for a list: the primary one, or else the first."""
    if not isinstance(value, list):
        return value
    primary = (each for each in value if isinstance(each, dict) and each.get("primary") is True)
    return next(primary, value[0] if value else None)


def _ordered(attribute: Attribute, value: Any) -> Any:
    """Return the form in which values of the attribute have their order; None for a date-time that is none."""
    return instant(value) if attribute.type == "dateTime" else folded(attribute, value)
