"""Finding the records that match a filter, with as few calls as the upstream allows.

A filter that demands an id is answered by one read. A filter that demands a value which the upstream can look for is
answered by its own search. Anything else is a scan of the whole list. Whatever comes is checked again against the whole
filter, so a search that is too wide does no harm; one that may be too narrow is not believed when it finds nothing.
"""

from collections.abc import Generator, Iterator
from typing import Any

import msgspec

from adapter.mapping import content
from adapter.mapping.convert import resource_of
from adapter.mapping.document import Find
from adapter.mapping.mapping import Mapping, Pushed
from adapter.mapping.rules import Element
from adapter.mapping.template import NO_SEGMENT
from adapter.plan.conversation import Call, Outcome, Plan, read_call
from adapter.plan.read import record_of, the_record
from adapter.plan.scan import everything, window
from adapter.scim.filter import And, Compare, Filter, ValuePath, paths
from adapter.scim.match import predicate
from adapter.scim.messages import Listing, Response
from adapter.scim.operation import Query
from adapter.scim.path import Path
from adapter.scim.projection import Projection, projected
from adapter.scim.schema import Resource

_FIQL_PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@+")


def query(operation: Query, mapping: Mapping) -> Plan:
    """Plan a query: one call for an id, for a value that the upstream can look for, and for most windows."""
    start = operation.start_index - 1
    lacking = _shown(operation.shown, mapping)
    if operation.filter is None:
        records, total = yield from window(start, operation.count, mapping)
        page = [resource_of(each, mapping.resource, mapping.resource.listing.lacks) for each in records]
    else:
        found, are_rows = yield from _matching(operation.filter, mapping)
        total, page = len(found), found[start : start + operation.count]
        lacking = lacking and are_rows
    if lacking:
        page = yield from _whole(page, mapping)
    return Response(200, Listing(page, operation.start_index, total))


def matching(wanted: Filter, mapping: Mapping) -> Generator[Call, Outcome, list[Resource]]:
    """Return every resource that matches the filter, as far as it was read."""
    found, _ = yield from _matching(wanted, mapping)
    return found


def _matching(wanted: Filter, mapping: Mapping) -> Generator[Call, Outcome, tuple[list[Resource], bool]]:
    """Return every resource that matches, and whether it is still as the rows of the list show it.

    Rows of a list that lack an attribute which the filter is about are each read by themselves before they are judged.
    """
    matches = predicate(wanted, mapping.resource.type)
    records, are_rows = yield from _candidates(wanted, mapping)
    without = mapping.resource.listing.lacks if are_rows else ()
    resources = [resource_of(each, mapping.resource, without) for each in records]
    if without and _is_about(wanted, mapping):
        resources = yield from _whole(resources, mapping)
        return [each for each in resources if matches(each)], False
    return [each for each in resources if matches(each)], are_rows


def _whole(resources: list[Resource], mapping: Mapping) -> Generator[Call, Outcome, list[Resource]]:
    """Return the resources, each read by itself; one that has gone meanwhile is left out."""
    whole = []
    for each in resources:
        record = yield from record_of(each["id"], mapping)
        if record is not None:
            whole.append(resource_of(record, mapping.resource))
    return whole


def _shown(shown: Projection, mapping: Mapping) -> bool:
    """Tell whether the answer will show an attribute that the rows of the list lack."""
    for rule in mapping.resource.rules:
        if str(rule) in mapping.resource.listing.lacks:
            sample: Resource = {"id": "1"}
            rule.put(sample, "x")
            if rule.value(projected(sample, shown, mapping.resource.type)) is not None:
                return True
    return False


def _is_about(wanted: Filter, mapping: Mapping) -> bool:
    """Tell whether a filter names an attribute that the rows of the list lack."""
    lacking = {
        rule.target.attribute.name for rule in mapping.resource.rules if str(rule) in mapping.resource.listing.lacks
    }
    targets = (mapping.resource.type.target(path) for path in paths(wanted))
    return any(target is not None and target.attribute.name in lacking for target in targets)


class _Demand(msgspec.Struct, frozen=True):
    """A value that every match must have; `within` tells more of the element of a list that must have it."""

    path: Path
    value: str
    within: Filter | None = None


def _candidates(wanted: Filter, mapping: Mapping) -> Generator[Call, Outcome, tuple[list[dict[str, Any]], bool]]:
    """Return records among which all matches are, and whether they are rows of the list."""
    demanded = list(_demanded(wanted))
    for each in demanded:
        target = mapping.resource.type.target(each.path)
        if target is not None and target.attribute.name == "id":
            record = yield from record_of(each.value, mapping)
            return ([] if record is None else [record]), False
    for each in demanded:
        pushed = _pushed(each, mapping)
        value = _quoted(each.value, pushed.find) if pushed else None
        if pushed is None or value is None:
            continue
        found = yield from _searched(pushed, value, mapping)
        if found or _is_believed(pushed):
            return found, pushed.route is None
    found = yield from everything({}, mapping)
    return found, True


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


def _pushed(demand: _Demand, mapping: Mapping) -> Pushed | None:
    """Return the search of the upstream that finds every match: it looks at each element that may have the value."""
    target = mapping.resource.type.target(demand.path)
    alike = [each for each in mapping.resource.rules if str(each.target) == str(target)]
    for each in mapping.resource.pushed:
        if each.target == target and (each.element is None or len(alike) == 1 or _is_within(each.element, demand)):
            return each
    return None


def _is_within(element: Element, demand: _Demand) -> bool:
    """Tell whether a demand is about this element and no other."""
    inner = [] if demand.within is None else list(_demanded(demand.within))
    return any(each.path.name.lower() == element.key.lower() and each.value == element.value for each in inner)


def _searched(pushed: Pushed, value: str, mapping: Mapping) -> Generator[Call, Outcome, list[dict[str, Any]]]:
    """Return what the upstream's own search finds: by a call of its own, or by the list call with more in its query."""
    if pushed.route is not None:
        outcome = yield read_call(pushed.route, mapping, value=value)
        record = the_record(outcome, pushed.find.record or "$", mapping)
        return [] if record is None else [record]
    texts = mapping.texts(value=value)
    query = {name: str(content.filled(text, texts)) for name, text in pushed.find.query.items()}
    found = yield from everything(query, mapping)
    return found


def _is_believed(pushed: Pushed) -> bool:
    """Tell whether a search that finds nothing says enough: it must be up to date, and ignore case where SCIM does."""
    ignores = pushed.find.case == "ignored" or pushed.target.leaf.case_exact
    return ignores and pushed.find.misses == "believed"


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
