"""A rule made into functions: what can be known of it once is not asked again for each record.

Reading the records of a list is most of what the gateway does, and a rule has many kinds: so each function is made for the
kind that its rule is of.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adapter.errors import BadReply
from adapter.mapping import fields
from adapter.mapping.transforms import Items, Same
from adapter.scim.instant import is_instant
from adapter.scim.match import folded
from adapter.scim.schema import Attribute, Resource, Target, types_of

if TYPE_CHECKING:
    from adapter.mapping.rules import Rule, Way

Record = dict[str, Any]


def reader(rule: "Rule") -> Callable[[Record], Any]:
    """Return what finds the attribute's value in a record, None when the record has none there.

    It raises BadReply when the record cannot be believed: a required field is missing, or a type is wrong.
    """
    way, constant, is_required, absent = rule.read, rule.constant, rule.required, fields.ABSENT
    if constant is not None or way is None:
        return lambda _: constant
    field, found = way.field, _finder(way)
    converted = None if isinstance(way.transform, Same) else way.transform.to_scim
    types, fits = ((list,) if rule.every else types_of(rule.target.leaf)), _fitting(rule.target.leaf, every=rule.every)

    def value_in(record: Record) -> Any:
        value = found(record)
        if value is absent and is_required:
            raise BadReply(f"The upstream sent a record without the field '{field}'.")
        if value is absent or value is None or value == "":
            return None
        if converted is not None:
            value = converted(value, field)
        if (type(value) in types and (fits is None or fits(value))) or value is None:
            return value
        raise BadReply(
            f"The upstream's field '{field}' does not hold what {rule} needs: "
            f"{rule.target.leaf.type}. Correct the mapping."
        )

    return value_in


def _finder(way: "Way") -> Callable[[Record], Any]:
    """Return what finds what a record has in a way's field, or `fields.ABSENT`; of two fields the texts with a blank between."""
    first = fields.reader(way.field)
    if way.second is None:
        return first
    second = fields.reader(way.second)

    def both(record: Record) -> Any:
        texts = [each for each in (first(record), second(record)) if isinstance(each, str) and each]
        return " ".join(texts) if texts else fields.ABSENT

    return both


def _fitting(leaf: Attribute, *, every: bool) -> Callable[[Any], bool] | None:
    """Return what more must be asked of a value than its type: a date-time names an instant, each of a list has its type."""
    types, fits = types_of(leaf), is_instant if leaf.type == "dateTime" else None
    if not every:
        return fits
    return lambda values: all(type(each) in types and (fits is None or fits(each)) for each in values)


def getter(rule: "Rule") -> Callable[[Resource], Any]:
    """Return what finds the attribute's value in a resource, None when there is none."""
    extension, name = rule.target.extension, rule.target.attribute.name
    sub = rule.target.sub.name if rule.target.sub else None
    chosen = chooser(rule) if rule.element is not None else None

    def value_alone(holder: dict[str, Any]) -> Any:
        return holder.get(name)

    def value_of_part(holder: dict[str, Any]) -> Any:
        value = holder.get(name)
        if value is not None and chosen is not None:
            value = chosen(value)
        return None if value is None else value.get(sub)

    def values_of(holder: dict[str, Any]) -> Any:
        """Return the value of each element, each once; an empty text states nothing, as when it is read."""
        elements = holder.get(name) or []
        found = elements if sub is None else [each.get(sub) for each in elements]
        return [each for each in dict.fromkeys(found) if each not in (None, "")] or None

    value = values_of if rule.every else value_alone if sub is None else value_of_part
    return value if extension is None else lambda resource: value(resource.get(extension, {}))


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


def writer(rule: "Rule") -> Callable[[Record, Any, Resource], None]:
    """Return what writes the attribute's value into its field, or into both of its fields; None clears it.

    It takes the whole resource that is wanted, too: a field may have the values of two attributes.
    """
    way = rule.write
    if way is None:
        return lambda _, __, ___: None
    put, made = fields.writer(way.field), rule.to_field
    if way.second is None:
        return lambda record, value, resource: put(record, made(value, resource))
    put_last, cleared = fields.writer(way.second), None if rule.clear == "null" else ""

    def write_both(record: Record, value: Any, __: Resource) -> None:
        words = str(value or "").strip()
        first, _, last = words.rpartition(" ") if " " in words else (words, "", "")
        put(record, first or cleared)
        put_last(record, last or cleared)

    return write_both


def field_maker(rule: "Rule") -> Callable[[Any, Resource], Any]:
    """Return what makes the field's value of the attribute's, None for none; of the whole resource where two share a field."""
    way, name, joined = rule.write, str(rule), [_at(each) for each in rule.joined]
    if joined:
        return lambda _, resource: " ".join(each for each in [part(resource) for part in joined] if each)
    cleared = None if rule.clear == "null" else ""
    is_list = way is not None and isinstance(way.transform, Items) and way.transform.by is None
    converted = None if way is None or isinstance(way.transform, Same) else way.transform.to_upstream

    def made(value: Any, _: Resource) -> Any:
        if value is None:
            return [] if is_list else cleared
        return value if converted is None else converted(value, name)

    return made


def _at(target: Target) -> Callable[[Resource], Any]:
    """Return what finds the value at a target that chooses no element."""
    extension, name, sub = target.extension, target.attribute.name, target.sub.name if target.sub else None

    def value_at(resource: Resource) -> Any:
        value = (resource.get(extension, {}) if extension else resource).get(name)
        return value.get(sub) if sub and isinstance(value, dict) else value

    return value_at


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
