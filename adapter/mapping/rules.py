"""A rule made ready: one attribute and one field, read both ways.

Two laws hold for every rule, and a test searches for values that break them: what is read and written back changes
nothing; what is written reads back.
"""

from functools import cached_property
from typing import Any, Literal

import msgspec

from adapter.errors import BadReply, InvalidValue
from adapter.mapping import fields
from adapter.mapping.route import Route
from adapter.mapping.transforms import Items, Transform, same
from adapter.scim.instant import instant
from adapter.scim.match import folded
from adapter.scim.schema import Attribute, Mutability, Resource, Target, has_type


class Way(msgspec.Struct, frozen=True):
    """One direction of a rule: the field, and what happens to the value on the way."""

    field: str
    transform: Transform
    second: str | None = None
    """The field that holds the last word, where two fields together hold a name."""

    @property
    def inner(self) -> Transform:
        """What happens to one value, where the field holds a list of them."""
        return self.transform.each if isinstance(self.transform, Items) else self.transform

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field, or both."""
        return (self.field,) if self.second is None else (self.field, self.second)

    def found(self, record: dict[str, Any]) -> Any:
        """Return what the record has there, or `fields.ABSENT`; of two fields the texts with a blank between them."""
        if self.second is None:
            return fields.read(record, self.field)
        both = [each for each in (fields.read(record, self.field), fields.read(record, self.second)) if each]
        texts = [each for each in both if isinstance(each, str)]
        return " ".join(texts) if texts else fields.ABSENT


class Calls(msgspec.Struct, frozen=True):
    """A direction of a rule that is not a field: a call for each value, or one for any (its value is None)."""

    routes: tuple[tuple[Any, Route], ...]

    def route(self, value: Any, attribute: str) -> Route:
        """Return the call that brings the value about; InvalidValue when there is none."""
        for own, route in self.routes:
            if own is None or same(own, value):
                return route
        raise InvalidValue(f"{attribute} can be one of {', '.join(str(own) for own, _ in self.routes)}.")


class Element(msgspec.Struct, frozen=True):
    """Which element of a multi-valued attribute is meant: the one whose `key` has this value."""

    key: str
    value: Any


class Rule(msgspec.Struct, frozen=True, kw_only=True, dict=True):  # with a dict, to keep what is found out once
    """One line of a mapping's `attributes`, with its names resolved and its tables made."""

    target: Target
    element: Element | None
    read: Way | None
    write: Way | None
    mutability: Mutability
    required: bool
    default: Any
    clear: Literal["null", "empty", "refused"]
    calls: Calls | None = None
    """How the attribute is written, in place of `write`."""
    only: Literal["create", "update"] | None = None
    """Which of the two calls takes the field, if not both."""
    every: bool = False
    """Whether the field holds all the values of a multi-valued attribute; the attribute's value is then a list."""
    constant: Any = None
    """The value that every record has, in place of `read` and `write`."""
    is_kept: bool = False
    """Whether the gateway's own store keeps the value, in place of `read` and `write`."""
    unsupported: str | None = None
    """What to say to a client that asks for another value than the user has; nothing is ever written then."""

    audit: Literal["clear", "hash", "mask", "drop"] = "hash"
    """How the audit trail shows the attribute's values."""

    joined: tuple[Target, ...] = ()
    """The attributes whose values, with a blank between them, make up the field: this one and its partner."""

    @cached_property
    def is_fixed(self) -> bool:
        """Whether the upstream has no way to change the attribute."""
        return self.constant is not None or self.unsupported is not None

    @cached_property
    def is_late(self) -> bool:
        """Whether a new record gets the attribute only after it was made."""
        return self.calls is not None or (self.write is not None and self.only == "update")

    def __str__(self) -> str:
        """The attribute's path, as an administrator knows it."""
        return self._text

    @cached_property
    def _text(self) -> str:
        if self.element is None:
            return str(self.target)
        sub = f".{self.target.sub.name}" if self.target.sub else ""
        return f'{self.target.attribute.name}[{self.element.key} eq "{self.element.value}"]{sub}'

    def from_record(self, record: dict[str, Any]) -> Any:
        """Return the attribute's value in a record, or None when the record has none there.

        Raises BadReply when the record cannot be believed: a required field is missing, or a type is wrong.
        """
        if self.constant is not None or self.read is None:
            return self.constant
        value = self.read.found(record)
        if value is fields.ABSENT and self.required:
            raise BadReply(f"The upstream sent a record without the field '{self.read.field}'.")
        if value is fields.ABSENT or value is None or value == "":
            return None
        value = self.read.transform.to_scim(value, self.read.field)
        if value is None:
            return None
        if not (all(map(self._fits, value)) if self.every else self._fits(value)):
            raise BadReply(
                f"The upstream's field '{self.read.field}' does not hold what {self} needs: "
                f"{self.target.leaf.type}. Correct the mapping."
            )
        return value

    def _fits(self, value: Any) -> bool:
        """Tell whether a value is one of the attribute's type; a text must name an instant to be a date-time."""
        leaf = self.target.leaf
        return has_type(leaf, value) and (leaf.type != "dateTime" or instant(value) is not None)

    def write_into(self, record: dict[str, Any], value: Any, resource: Resource) -> None:
        """Write the attribute's value into its field, or into both of its fields; None clears it.

        `resource` is the whole that is wanted: a field may take the values of two attributes.
        """
        if self.write is None:
            return
        if self.write.second is None:
            fields.written(record, self.write.field, self._to_field(value, resource))
            return
        words = str(value or "").strip()
        first, _, last = words.rpartition(" ") if " " in words else (words, "", "")
        for field, text in ((self.write.field, first), (self.write.second, last)):
            fields.written(record, field, text or (None if self.clear == "null" else ""))

    def _to_field(self, value: Any, resource: Resource) -> Any:
        if self.joined:
            parts = [_at(resource, each) for each in self.joined]
            return " ".join(each for each in parts if each)
        if value is None and self.write and isinstance(self.write.transform, Items) and self.write.transform.by is None:
            return []
        if value is None:
            return None if self.clear == "null" else ""
        return self.write.transform.to_upstream(value, str(self)) if self.write else None

    def is_as_wanted(self, record: dict[str, Any], before: Any, value: Any, resource: Resource) -> bool:
        """Tell whether the record has the attribute, which is `before`, as it is wanted.

        Two that share a field are judged by the field.
        """
        if self.joined and self.read is not None:
            held = fields.read(record, self.read.field)
            words = held.split() if isinstance(held, str) else []
            return words == str(self._to_field(value, resource)).split()  # blanks between words are nobody's wish
        return same(before, value)

    def value(self, resource: Resource) -> Any:
        """Return the attribute's value in a resource, or None."""
        holder = resource.get(self.target.extension, {}) if self.target.extension else resource
        value = holder.get(self.target.attribute.name)
        if self.every:
            return self._values(value or []) or None
        if self.element is not None:
            value = self._element_of(value or [])
        if self.target.sub is None or value is None:
            return value
        return value.get(self.target.sub.name)

    def put(self, resource: Resource, value: Any) -> None:
        """Put the attribute's value into a resource, making what holds it."""
        holder = resource.setdefault(self.target.extension, {}) if self.target.extension else resource
        name = self.target.attribute.name
        if self.every:
            sub = self.target.sub
            holder[name] = list(value) if sub is None else [{sub.name: each} for each in value]
        elif self.target.sub is None:
            holder[name] = value
        elif self.element is None:
            holder.setdefault(name, {})[self.target.sub.name] = value
        else:
            elements = holder.setdefault(name, [])
            element = self._element_of(elements)
            if element is None:
                element = {self.element.key: self.element.value}
                elements.append(element)
            element[self.target.sub.name] = value

    def _values(self, elements: list[Any]) -> list[Any]:
        """Return the value of each element, each once; an empty text states nothing, as when it is read."""
        sub = self.target.sub
        found = elements if sub is None else [each.get(sub.name) for each in elements]
        return [each for each in dict.fromkeys(found) if each not in (None, "")]

    def _element_of(self, elements: list[dict[str, Any]]) -> dict[str, Any] | None:
        key, wanted = self._chosen
        # Of several the last one added is meant: there is one place for it upstream.
        alike = (each for each in reversed(elements) if folded(key, each.get(key.name)) == wanted)
        return next(alike, None)

    @cached_property
    def _chosen(self) -> tuple[Attribute, Any]:
        """By which part an element is chosen, and the form in which its value compares."""
        assert self.element is not None  # noqa: S101 (only asked for rules that have one)
        key = self.target.attribute.sub(self.element.key)
        assert key is not None  # noqa: S101 (load has checked it)
        return key, folded(key, self.element.value)


def _at(resource: Resource, target: Target) -> Any:
    holder = resource.get(target.extension, {}) if target.extension else resource
    value = holder.get(target.attribute.name)
    return value.get(target.sub.name) if target.sub and isinstance(value, dict) else value
