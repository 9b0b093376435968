"""Finding the resources that match a filter, with as few calls as the upstream allows, and one page of them.

What the upstream can look for itself is searched (`search`); anything else is a scan of the whole list, page by page, of
which only matches are kept. Whatever comes is checked against the whole filter. A page may be asked for by its number, or
by a cursor that says where the scan goes on.
"""

from collections.abc import Sequence

from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan
from adapter.plan.cursor import by_cursor
from adapter.plan.kept import resource_from, resources_of
from adapter.plan.matches import Judged, completed
from adapter.plan.members import gathered, shows_gathered
from adapter.plan.page import page_from
from adapter.plan.read import existing
from adapter.plan.scan import window
from adapter.scim.messages import Listing, Response
from adapter.scim.operation import Get, Query
from adapter.scim.schema import Resource, ResourceType
from adapter.scim.sort import sort_key


def get(operation: Get, mapping: Mapping) -> Plan:
    """Plan a GET of one resource: one call, and those for what no record holds, where it is shown."""
    record = yield from existing(operation.id, mapping)
    resource = yield from resource_from(record, mapping)
    if shows_gathered(operation.shown, mapping):
        [resource] = yield from gathered([resource], mapping)
    return Response(200, resource)


def query(operation: Query, mapping: Mapping) -> Plan:
    """Plan a query of one type: one call for an id, for a value that the upstream can look for, and for most windows."""
    if operation.cursor is not None:
        return (yield from by_cursor(operation, mapping))
    if operation.filter is not None or operation.sort_by:
        return (yield from search([(operation, mapping)]))
    start = operation.start_index - 1
    records, total = yield from window(start, operation.count, mapping)
    page = yield from resources_of(records, mapping, mapping.resource.listing.lacks)
    shown, are_rows = yield from completed(page, operation.shown, Judged(None, mapping), are_rows=True)
    return Response(200, Listing(shown, operation.start_index, total, are_rows=are_rows))


def search(parts: Sequence[tuple[Query, Mapping]]) -> Plan:
    """Plan a query about one type or several, each with the query as it is read for its type (RFC 7644 section 3.4.2.1)."""
    first = parts[0][0]
    types = [mapping.resource.type for _, mapping in parts]
    judges = [
        Judged(each.filter, mapping, _others(mapping.resource.type, types), first.sort_by) for each, mapping in parts
    ]
    taken = page_from(first.start_index - 1, first)
    are_rows = []
    for (_, mapping), judged in zip(parts, judges, strict=True):
        kind = mapping.resource.type
        key = sort_key(first.sort_by, kind, _others(kind, types)) if first.sort_by else None
        are_rows.append((yield from judged.every(taken.taker(kind.name, key))))
    if taken.total == 0:
        for (each, _), judged in zip(parts, judges, strict=True):
            yield from judged.missed(each.filter)
    page: list[tuple[str, Resource]] = taken.page
    for (each, mapping), judged, rows in zip(parts, judges, are_rows, strict=True):
        its = mapping.resource.type.name
        whole, _ = yield from completed([one for name, one in page if name == its], each.shown, judged, are_rows=rows)
        by_id = {one["id"]: one for one in whole}
        page = [(name, by_id.get(one["id"], one) if name == its else one) for name, one in page]
    kinds = tuple(name for name, _ in page) if len(parts) > 1 else ()
    partly = any(rows and mapping.resource.listing.lacks for rows, (_, mapping) in zip(are_rows, parts, strict=True))
    return Response(200, Listing([one for _, one in page], first.start_index, taken.total, kinds, are_rows=partly))


def _others(kind: ResourceType, types: Sequence[ResourceType]) -> tuple[ResourceType, ...]:
    return tuple(each for each in types if each is not kind)
