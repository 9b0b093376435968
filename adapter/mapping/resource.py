"""One resource of a mapping, users or groups: its type as SCIM sees it, its rules, its calls."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

import msgspec

from adapter.mapping.compiled import Record
from adapter.mapping.document import (
    Changing,
    Creating,
    Deleting,
    Find,
    Getting,
    Listing,
    OnCreate,
    Protected,
)
from adapter.mapping.document.call import Listed
from adapter.mapping.route import Route, Unsupported
from adapter.mapping.rules import Element, Rule
from adapter.scim.path import Path
from adapter.scim.schema import Resource, ResourceType, Target

NAMING = {"User": "userName", "Group": "displayName"}
"""The attribute by which people and clients know a resource of each type: no two have the same."""


class Pushed(msgspec.Struct, frozen=True):
    """A filter that the upstream can answer: which attribute, what its `find` entry says, and its own call if any."""

    target: Target
    find: Find
    route: Route | None = None
    element: Element | None = None
    """Which element of a list the upstream looks at, if not at every one."""

    @property
    def is_believed(self) -> bool:
        """Whether a search that finds nothing says enough: it must be up to date, and ignore case where SCIM does."""
        ignores = self.find.case == "ignored" or self.target.leaf.case_exact
        return ignores and self.find.misses == "believed"


class MemberCall(msgspec.Struct, frozen=True):
    """A call that adds or removes members, and how many at once."""

    route: Route
    most: int


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """The members of a group as a collection of its own: the calls that list, add and remove them."""

    list: Route
    listing: Listed
    add: MemberCall
    remove: MemberCall
    as_numbers: bool = False


class ResourceMapping(
    msgspec.Struct, frozen=True, kw_only=True, dict=True
):  # with a dict, to keep what is found out once
    """One resource of a mapping: its type as SCIM sees it, its rules, its calls."""

    type: ResourceType
    id_field: str
    id_kind: Literal["number", "text"]
    rules: tuple[Rule, ...]
    on_create: tuple[OnCreate, ...]
    listing: Listing
    getting: Getting
    creating: Creating
    changing: Changing
    deleting: Deleting
    revive: Route | None = None
    """The call that brings a removed user back, where the upstream keeps its record."""
    pushed: tuple[Pushed, ...]
    protected: tuple[Protected, ...] = ()
    visible_within: float = 0
    """Seconds until reads and searches show what was written."""
    collection: Collection | None = None
    """The members of a group, where they are a collection of their own."""
    by_users: bool = False
    """Whether the members of a group stand in the records of the users."""
    list: Route | Unsupported
    get: Route | Unsupported | None
    """None where a record is looked for in the whole list."""
    create: Route | Unsupported
    update: Route | Unsupported
    delete: Route | Unsupported

    @cached_property
    def naming(self) -> str:
        """The attribute by which people and clients know it."""
        return NAMING[self.type.name]

    @property
    def keeps_members(self) -> bool:
        """Whether members are changed by calls of their own, not by a field of the group's record."""
        return self.by_users or self.collection is not None

    @cached_property
    def gathered(self) -> str | None:
        """The attribute that no record holds, so that it takes calls of its own: `members` of a group, `groups` of a user."""
        name = "members" if self.type.name == "Group" else "groups"
        there = self.type.schema.attribute(name) is not None
        return name if there and self.rule_of(name) is None else None

    @cached_property
    def gathered_target(self) -> Target | None:
        """What `gathered` means, None where there is none."""
        return None if self.gathered is None else self.type.target(Path(self.gathered))

    @cached_property
    def is_indexed(self) -> bool:
        """Whether the gateway keeps an index of the names, because the upstream cannot find them for certain.

        A name that the index knows is verified by a read; where that reads the whole list, an index would save nothing.
        """
        is_found = any(str(each.target) == self.naming and each.is_believed for each in self.pushed)
        is_listed = isinstance(self.list, Route) and self.naming not in self.listing.lacks
        return is_listed and isinstance(self.get, Route) and not is_found and self.listing.freshness > 0

    def rule_of(self, name: str) -> Rule | None:
        """Return the rule about an attribute of the core schema, such as `userName` or `members`, or None."""
        return self._core.get(name)

    @cached_property
    def _core(self) -> dict[str, Rule]:
        """The rules about attributes of the core schema, of each attribute the first."""
        own = [each for each in self.rules if each.target.extension is None]
        return {each.target.attribute.name: each for each in reversed(own)}

    @cached_property
    def readers(self) -> tuple[tuple[str, Callable[[Record], Any], Callable[[Resource, Any], None]], ...]:
        """What finds each attribute that a record tells of, by its name, and what puts it into a resource."""
        told = (each for each in self.rules if each.read is not None or each.constant is not None)
        return tuple((str(each), each.from_record, each.put) for each in told)

    @cached_property
    def creatable(self) -> tuple[Rule, ...]:
        """The rules by which a create call writes."""
        return tuple(each for each in self.rules if each.write is not None and not each.is_late)

    @cached_property
    def owed(self) -> tuple[Rule, ...]:
        """The rules that say what a new resource must have, or must not have otherwise."""
        return tuple(each for each in self.rules if each.required or each.default is not None or each.is_fixed)

    @cached_property
    def changeable(self) -> tuple[Rule, ...]:
        """The rules by which something is written, and those that refuse that it is."""
        written = (each for each in self.rules if each.write is not None or each.calls is not None or each.is_fixed)
        return tuple(written)

    @cached_property
    def lacking(self) -> tuple[Rule, ...]:
        """The rules whose values the rows of the list do not show."""
        return tuple(each for each in self.rules if str(each) in self.listing.lacks)

    @cached_property
    def lacking_names(self) -> frozenset[str]:
        """The attributes that the rows of the list do not show whole, in lower case."""
        names = {each.target.attribute.name.lower() for each in self.lacking}
        # Which extensions a resource has, and so its schemas, depends on all of them.
        return frozenset(names | {"schemas"} if names else names)

    @cached_property
    def elements(self) -> frozenset[str]:
        """The elements of lists that have a rule of their own."""
        return frozenset(str(each) for each in self.rules if each.element is not None)

    @cached_property
    def kept(self) -> tuple[Rule, ...]:
        """The rules whose values the gateway's own store keeps."""
        return tuple(each for each in self.rules if each.is_kept)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every call that there is."""
        own = [each.route for each in self.pushed if each.route]
        own += [self.revive] if self.revive else []
        if self.collection:
            own += [self.collection.list, self.collection.add.route, self.collection.remove.route]
        own += [route for rule in self.rules if rule.calls for _, route in rule.calls.routes]
        every = (self.list, self.get, self.create, self.update, self.delete, *own)
        return tuple(each for each in every if isinstance(each, Route))
