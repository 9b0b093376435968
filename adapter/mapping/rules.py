"""A rule made ready: one attribute and one field, read both ways.

Two laws hold for every rule, and a test searches for values that break them: what is read and written back changes
nothing; what is written reads back.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

import msgspec

from adapter.errors import InvalidValue
from adapter.mapping import compiled, fields
from adapter.mapping.route import Route
from adapter.mapping.transforms import Items, Transform, same
from adapter.scim.schema import Mutability, Resource, Target


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

    @cached_property
    def from_record(self) -> Callable[[dict[str, Any]], Any]:
        """What finds the attribute's value in a record (`compiled.reader`): `rule.from_record(record)`."""
        return compiled.reader(self)

    @cached_property
    def value(self) -> Callable[[Resource], Any]:
        """What finds the attribute's value in a resource (`compiled.getter`): `rule.value(resource)`."""
        return compiled.getter(self)

    @cached_property
    def put(self) -> Callable[[Resource, Any], None]:
        """What puts the attribute's value into a resource (`compiled.putter`): `rule.put(resource, value)`."""
        return compiled.putter(self)

    @cached_property
    def to_field(self) -> Callable[[Any, Resource], Any]:
        """What makes the field's value of the attribute's (`compiled.field_maker`): `rule.to_field(value, resource)`."""
        return compiled.field_maker(self)

    @cached_property
    def sent_in(self) -> Callable[[dict[str, Any]], Any]:
        """What finds in the fields that a call sends what the rule writes, or `fields.ABSENT`."""
        return (lambda _: fields.ABSENT) if self.write is None else fields.reader(self.write.field)

    @cached_property
    def write_into(self) -> Callable[[dict[str, Any], Any, Resource], None]:
        """What writes the attribute's value into a record (`compiled.writer`): `rule.write_into(record, value, resource)`."""
        return compiled.writer(self)

    def is_as_wanted(self, record: dict[str, Any], before: Any, value: Any, resource: Resource) -> bool:
        """Tell whether the record has the attribute, which is `before`, as it is wanted.

        Two that share a field are judged by the field.
        """
        if self.joined and self.read is not None:
            held = fields.read(record, self.read.field)
            words = held.split() if isinstance(held, str) else []
            return words == str(self.to_field(value, resource)).split()  # blanks between words are nobody's wish
        return same(before, value)
