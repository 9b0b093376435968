"""A rule made into functions: what can be known of it once is not asked again for each record.

Reading the records of a list is most of what the gateway does, and a rule has many kinds: so each function is made for the
kind that its rule is of.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adapter.errors import BadReply
from adapter.mapping import fields
from adapter.mapping.transforms import Same
from adapter.scim.instant import instant
from adapter.scim.match import folded
from adapter.scim.schema import Attribute, Resource, types_of

if TYPE_CHECKING:
    from adapter.mapping.rules import Rule

Record = dict[str, Any]


def reader(rule: "Rule") -> Callable[[Record], Any]:
    """Return what finds the attribute's value in a record, None when the record has none there.

    It raises BadReply when the record cannot be believed: a required field is missing, or a type is wrong.
    """
    way, constant, is_required = rule.read, rule.constant, rule.required
    if constant is not None or way is None:
        return lambda _: constant
    field, found, fits = way.field, way.found, _fitting(rule.target.leaf, every=rule.every)
    converted = None if isinstance(way.transform, Same) else way.transform.to_scim

    def value_in(record: Record) -> Any:
        value = found(record)
        if value is fields.ABSENT and is_required:
            raise BadReply(f"The upstream sent a record without the field '{field}'.")
        if value is fields.ABSENT or value is None or value == "":
            return None
        if converted is not None:
            value = converted(value, field)
        if value is None or fits(value):
            return value
        raise BadReply(
            f"The upstream's field '{field}' does not hold what {rule} needs: "
            f"{rule.target.leaf.type}. Correct the mapping."
        )

    return value_in


def _fitting(leaf: Attribute, *, every: bool) -> Callable[[Any], bool]:
    """Return what tells whether a value is one of the attribute's type; a text must name an instant to be a date-time."""

    def is_typed(value: Any) -> bool:
        return type(value) in types

    def is_instant(value: Any) -> bool:
        return isinstance(value, str) and instant(value) is not None

    types, fits = types_of(leaf), is_instant if leaf.type == "dateTime" else is_typed
    return (lambda values: all(map(fits, values))) if every else fits


def getter(rule: "Rule") -> Callable[[Resource], Any]:
    """Return what finds the attribute's value in a resource, None when there is none."""
    extension, name = rule.target.extension, rule.target.attribute.name
    sub = rule.target.sub.name if rule.target.sub else None
    chosen = chooser(rule) if rule.element is not None else None

    def value_of(resource: Resource) -> Any:
        holder = resource if extension is None else resource.get(extension, {})
        value = holder.get(name)
        if value is None:
            return None
        if chosen is not None:
            value = chosen(value)
        return value if sub is None or value is None else value.get(sub)

    def values_of(resource: Resource) -> Any:
        """Return the value of each element, each once; an empty text states nothing, as when it is read."""
        holder = resource if extension is None else resource.get(extension, {})
        elements = holder.get(name) or []
        found = elements if sub is None else [each.get(sub) for each in elements]
        return [each for each in dict.fromkeys(found) if each not in (None, "")] or None

    return values_of if rule.every else value_of


def putter(rule: "Rule") -> Callable[[Resource, Any], None]:
    """Return what puts the attribute's value into a resource, making what holds it."""
    extension, name = rule.target.extension, rule.target.attribute.name
    sub = rule.target.sub.name if rule.target.sub else None

    def put_alone(holder: dict[str, Any], value: Any) -> None:
        holder[name] = value

    def put_part(holder: dict[str, Any], value: Any) -> None:
        holder.setdefault(name, {})[sub] = value

    def put_every(holder: dict[str, Any], value: Any) -> None:
        holder[name] = list(value) if sub is None else [{sub: each} for each in value]

    if rule.element is not None:
        put = _element_putter(rule)
    else:
        put = put_every if rule.every else put_alone if sub is None else put_part
    return put if extension is None else lambda resource, value: put(resource.setdefault(extension, {}), value)


def _element_putter(rule: "Rule") -> Callable[[dict[str, Any], Any], None]:
    assert rule.element is not None  # noqa: S101 (the caller has asked)
    assert rule.target.sub is not None  # noqa: S101 (load has checked it)
    name, sub, chosen, made = rule.target.attribute.name, rule.target.sub.name, chooser(rule), rule.element

    def put(holder: dict[str, Any], value: Any) -> None:
        elements = holder.setdefault(name, [])
        element = chosen(elements)
        if element is None:
            element = {made.key: made.value}
            elements.append(element)
        element[sub] = value

    return put


def chooser(rule: "Rule") -> Callable[[list[dict[str, Any]]], dict[str, Any] | None]:
    """Return what finds the element that the rule is about: of several the last, for which there is a place upstream."""
    assert rule.element is not None  # noqa: S101 (only asked for rules that have one)
    key, value = rule.target.attribute.sub(rule.element.key), rule.element.value
    assert key is not None  # noqa: S101 (load has checked it)
    name, wanted = key.name, folded(key, value)

    def chosen(elements: list[dict[str, Any]]) -> dict[str, Any] | None:
        each: dict[str, Any]
        for each in reversed(elements):
            given = each.get(name)
            if given == value or folded(key, given) == wanted:
                return each
        return None

    return chosen
