"""The searches that find every match of a filter without reading the whole list.

A filter that demands an id is answered by one read. A filter that demands a value which the upstream can look for is
answered by its own search, or by the gateway's index where it keeps one; of several demands the most selective serves, and
each branch of an `or` has its own.
"""

from collections.abc import Iterator

import msgspec

from adapter.mapping.document import Find
from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import Pushed
from adapter.mapping.rules import Element
from adapter.mapping.template import NO_SEGMENT
from adapter.plan.keeping import Folded
from adapter.scim.filter import And, Compare, Filter, Or, ValuePath
from adapter.scim.match import folded
from adapter.scim.path import Path
from adapter.scim.schema import Target

_FIQL_PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@+")


class ById(msgspec.Struct, frozen=True):
    """Read the record of this id."""

    id: str

    @property
    def cost(self) -> int:
        """One call."""
        return 0


class ByValue(msgspec.Struct, frozen=True):
    """Have the upstream look for a value, written as its query language wants it."""

    pushed: Pushed
    value: str

    @property
    def cost(self) -> int:
        """One call for what only one can have; pages of what many may share."""
        return 1 if self.pushed.target.leaf.uniqueness != "none" else 3


class ByMember(msgspec.Struct, frozen=True):
    """Read the user, whose record says in which groups it is, and then each of them."""

    user_id: str

    @property
    def cost(self) -> int:
        """A call for each group."""
        return 2


class ByKept(msgspec.Struct, frozen=True):
    """Ask the gateway's own store who has a value, and read each of them."""

    attribute: str
    folded: Folded

    @property
    def cost(self) -> int:
        """A call for each of them, but the whole list where many have the value: any other search is better."""
        return 4


class ByIndex(msgspec.Struct, frozen=True):
    """Ask the gateway's index who has the name by which the resources are known, and read each of them."""

    name: Folded

    @property
    def cost(self) -> int:
        """A call for each of them: seldom more than one."""
        return 1


Search = ById | ByMember | ByValue | ByKept | ByIndex


def searches(wanted: Filter, mapping: Mapping) -> list[Search] | None:
    """Return searches that together find every match of a filter, or None where only the whole list can tell."""
    if isinstance(wanted, Or):
        left, right = searches(wanted.left, mapping), searches(wanted.right, mapping)
        return None if left is None or right is None else [*left, *right]
    if isinstance(wanted, And):
        ways = [each for each in (searches(wanted.left, mapping), searches(wanted.right, mapping)) if each is not None]
        return min(ways, key=_cost, default=None)
    found = [search for each in _demanded(wanted) if (search := _search(each, mapping)) is not None]
    return [min(found, key=lambda each: each.cost)] if found else None


class _Demand(msgspec.Struct, frozen=True):
    """A value that every match must have; `within` tells more of the element of a list that must have it."""

    path: Path
    value: str
    within: Filter | None = None


def _cost(ways: list[Search]) -> tuple[int, int]:
    return len(ways), max(each.cost for each in ways)


def _demanded(wanted: Filter) -> Iterator[_Demand]:
    """Return the texts that every match must have, by eq."""
    if isinstance(wanted, And):
        yield from _demanded(wanted.left)
        yield from _demanded(wanted.right)
    elif isinstance(wanted, ValuePath):
        for each in _demanded(wanted.inner):
            yield _Demand(msgspec.structs.replace(wanted.path, sub=each.path.name), each.value, wanted.inner)
    elif isinstance(wanted, Compare) and wanted.operator == "eq" and isinstance(wanted.value, str):
        yield _Demand(wanted.path, wanted.value)


def by_index(target: Target, value: str, mapping: Mapping) -> ByIndex | None:
    """Return the search by the index, where there is one of this attribute."""
    is_of_it = str(target) == mapping.resource.naming and mapping.resource.is_indexed
    return ByIndex(folded(target.leaf, value)) if is_of_it else None


def _search(demand: _Demand, mapping: Mapping) -> Search | None:
    """Return the search that finds every match of a demand, or None where there is none."""
    target = mapping.resource.type.target(demand.path)
    if target is None:
        return None
    if target.attribute.name == "id":
        return ById(demand.value)
    own = next((each for each in mapping.resource.kept if str(each) == str(target)), None)
    if own is not None:
        return ByKept(str(own), folded(target.leaf, demand.value))
    pushed = _pushed(demand, mapping)
    value = _quoted(demand.value, pushed.find) if pushed else None
    if pushed is not None and value is not None:
        return ByValue(pushed, value)
    if str(target) in ("members", "members.value") and mapping.resource.by_users:
        return ByMember(demand.value)
    return by_index(target, demand.value, mapping)


def _pushed(demand: _Demand, mapping: Mapping) -> Pushed | None:
    """Return the search of the upstream that finds every match: it looks at each element that may have the value."""
    target = mapping.resource.type.target(demand.path)
    for each in mapping.resource.pushed:
        if each.target == target and (each.element is None or _is_found(each.element, each.target, demand, mapping)):
            return each
    return None


def _is_found(element: Element, target: Target, demand: _Demand, mapping: Mapping) -> bool:
    """Tell whether a search of the one element finds every match: there is no other, or the demand is about this one."""
    alike = [each for each in mapping.resource.rules if str(each.target) == str(target)]
    return len(alike) == 1 or _is_within(element, demand)


def _is_within(element: Element, demand: _Demand) -> bool:
    """Tell whether a demand is about this element and no other."""
    inner = [] if demand.within is None else list(_demanded(demand.within))
    return any(each.path.name.lower() == element.key.lower() and each.value == element.value for each in inner)


def _quoted(value: str, find: Find) -> str | None:
    """Return the value as the upstream's query language writes it, or None when it cannot.

    FIQL has no quotes, and `*` is a wildcard in it: a value with any character that could mean something is not sent.
    OData doubles a single quote (OData 4.01 URL conventions, section 5.1.1.6.2); JSON puts a backslash before a double
    one (RFC 8259 section 7).
    """
    if not value or value in NO_SEGMENT:
        return None
    match find.quoting:
        case "fiql":
            return value if _FIQL_PLAIN.issuperset(value) else None
        case "odata":
            return value.replace("'", "''")
        case "json":
            return msgspec.json.encode(value).decode()[1:-1]
        case "plain":
            return value
