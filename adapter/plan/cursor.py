"""A page of a query from a position on (RFC 9865): the whole query is one scan, spread over its pages."""

from collections.abc import Generator
from typing import Any

import msgspec

from adapter.errors import InvalidCursor
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked, Plan
from adapter.plan.matches import Judged, completed
from adapter.plan.page import page_from
from adapter.plan.scan import Everyone, Position
from adapter.scim.messages import Listing, Response
from adapter.scim.operation import Query
from adapter.scim.schema import Resource
from adapter.scim.sort import sort_key


def by_cursor(operation: Query, mapping: Mapping) -> Plan:
    """Plan a page of a query from a position on (RFC 9865); the whole query is one scan, spread over its pages."""
    judged = Judged(operation.filter, mapping, sort_by=operation.sort_by)
    at = _position(operation.cursor or b"")
    is_scan = (
        operation.count > 0 and not operation.sort_by and not judged.is_searched
    )  # a count of 0 asks for the total
    if is_scan:
        page, after, total = yield from _scanned(judged, at, operation, mapping)
        are_rows = not judged.is_about_lacking
    else:
        window = page_from(at.given, operation)
        key = sort_key(operation.sort_by, mapping.resource.type) if operation.sort_by else None
        are_rows = yield from judged.every(window.taker("", key))
        page, total = [one for _, one in window.page], window.total
        end = at.given + len(page)
        after = msgspec.structs.replace(at, given=end) if end < window.total else None
    shown, are_rows = yield from completed(page, operation.shown, judged, are_rows=are_rows)
    token = None if after is None else msgspec.json.encode(after)
    return Response(200, Listing(shown, None, total, next_cursor=token, are_rows=are_rows))


def _scanned(
    judged: Judged, at: Position, operation: Query, mapping: Mapping
) -> Generator[Asked, Any, tuple[list[Resource], Position | None, int | None]]:
    """Return the matches from a position on, where the next page begins, and how many there are if that is known."""
    # Without a filter a page of the upstream is as large as the client's; with one it is the largest.
    size = operation.count if operation.filter is None else None
    scan = Everyone({}, mapping, at=at, size=size)
    page: list[Resource] = []
    after, given = scan.position, at.given
    while len(page) < operation.count and after is not None:
        records = (yield from scan.page()) or {}
        matches = (yield from judged.of(list(records.values()), are_rows=True))[given:]
        room = operation.count - len(page)
        page += matches[:room]
        if len(matches) > room:
            after, given = msgspec.structs.replace(after, total=scan.total), given + room
        else:
            after, given = scan.position, 0
    after = None if after is None else msgspec.structs.replace(after, given=given)
    is_whole = operation.filter is None and not mapping.resource.listing.also
    # Elsewhere the upstream's own number of rows is not that of the resources.
    return page, after, scan.total if is_whole and mapping.resource.deleting.leaves is None else None


def _position(token: bytes) -> Position:
    if not token:
        return Position()
    try:
        return msgspec.json.decode(token, type=Position)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise InvalidCursor from None
