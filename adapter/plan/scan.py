"""Reading lists of records: one window of the whole, or all of it. Bounded, and never partial."""

from collections.abc import Generator
from typing import Any

from adapter.errors import BadReply, Unavailable
from adapter.mapping import content, fields
from adapter.mapping.convert import is_removed, record_id
from adapter.mapping.document import Header, Numbered, Offset, Spot
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Reply, Unknown, read_call
from adapter.plan.outcome import is_success, refusal, supported
from adapter.plan.paging import Turn, first, following, sized

Record = dict[str, Any]
MOST_PAGES = 10_000
"""Pages that a scan reads at the most: an upstream whose total grows without end is an error."""


def window(start: int, count: int, mapping: Mapping) -> Generator[Call, Outcome, tuple[list[Record], int]]:
    """Return the records of one window (`start` counts from 0) and the total, in as few pages as cover it.

    Pages that coincide with the window are asked for; where none does, the smallest size that holds it in one page.
    A list without numbered pages or without a total is read whole, and one whose total is not that of the users.
    """
    listing = mapping.resource.listing
    leaves = mapping.resource.deleting.leaves is not None
    if not isinstance(listing.page, Numbered | Offset) or listing.total is None or listing.also or leaves:
        every = yield from everything({}, mapping)
        return every[start : start + count], len(every)
    most = listing.page.most
    sizes = (size for size in range(max(count, 1), most + 1) if start // size == (start + max(count, 1) - 1) // size)
    size = next(sizes, most)
    records: list[Record] = []
    number = start // size
    while True:
        page, total, _ = yield from _page(sized(listing, number, size), mapping)
        records += page
        number += 1
        if total is None or len(page) != min(size, max(0, total - (number - 1) * size)):
            raise _miscounted(mapping)
        if number * size >= min(start + count, total):
            break
    offset = start - (start // size) * size
    return records[offset : offset + count], total


def everything(
    query: dict[str, str], mapping: Mapping, *, with_removed: bool = False
) -> Generator[Call, Outcome, list[Record]]:
    """Return every record that the list call gives with this addition to its query, each once.

    A list that leaves users out unless asked is read once more for each way to ask. Removed users whose records the
    upstream keeps are left out, unless they are asked for.
    """
    records = yield from _list(query, mapping)
    for also in mapping.resource.listing.also:
        asked = {name: str(content.filled(text, mapping.texts())) for name, text in also.items()}
        more = yield from _list(asked | query, mapping)
        records |= more
    return [each for each in records.values() if with_removed or not is_removed(each, mapping.resource)]


def _list(query: dict[str, str], mapping: Mapping) -> Generator[Call, Outcome, dict[str, Record]]:
    """Return the records of all pages by their ids.

    Raises BadReply when fewer come than the upstream says there are: a part is never taken for the whole. A list that
    grows meanwhile shows a record twice, which does no harm; one that shrinks may skip a record, and raises Unavailable.
    """
    listing = mapping.resource.listing
    records: dict[str, Record] = {}
    turn: Turn | None = first(listing)
    at_first: int | None = None
    while turn is not None:
        if turn.number == MOST_PAGES:
            raise BadReply(f"The {mapping.upstream} lists more than {MOST_PAGES} pages of users.")
        page, total, reply = yield from _page(query | turn.query, mapping)
        at_first = total if at_first is None else at_first
        came, before = turn.came + len(page), len(records)
        records |= {record_id(each, mapping.resource): each for each in page}
        if total is not None and at_first is not None and total < at_first:
            raise Unavailable(f"The {mapping.upstream} removed a user while its list was read; try again.")
        if total is None and page and len(records) == before:
            raise BadReply(f"The {mapping.upstream} repeats a page of users; its list cannot be trusted.")
        turn = following(listing, turn, page, total, reply)
        if turn is None and total is not None and (came < total or len(records) < (at_first or 0)):
            raise _miscounted(mapping)
    return records


def _page(query: dict[str, str], mapping: Mapping) -> Generator[Call, Outcome, tuple[list[Record], int | None, Reply]]:
    """Return the records of one page, the total on all pages if the upstream says it, and the whole reply."""
    listing = mapping.resource.listing
    outcome = yield read_call(supported(mapping.resource.list), mapping, query)
    if isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        error = refusal(outcome, mapping, "users were listed")
        # A list that cannot be had is no statement about a user: never "not found", never an empty list.
        raise error if error.status >= 500 or error.status == 403 else BadReply(error.detail)  # noqa: PLR2004
    records = outcome.at(listing.records or "$")
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise BadReply(f"The {mapping.upstream} answered a list of users without '{_shown(listing.records or '$')}'.")
    records = [_identified(each, mapping) for each in records]
    if listing.total is None:
        return records, None, outcome
    total = outcome.at(listing.total)
    if isinstance(total, str) and isinstance(listing.total, Header) and total.isascii() and total.isdecimal():
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or total < len(records):
        raise BadReply(f"The {mapping.upstream} answered a list of users without a usable '{_shown(listing.total)}'.")
    return records, total, outcome


def _identified(row: Record, mapping: Mapping) -> Record:
    """Return a row with its id where a single record has it."""
    place = mapping.resource.listing.id
    if place is None:
        return row
    found = fields.read(row, place)
    fields.written(row, mapping.resource.id_field, None if found is fields.ABSENT else found)
    return row


def _shown(spot: Spot) -> str:
    return spot.header if isinstance(spot, Header) else spot


def _miscounted(mapping: Mapping) -> BadReply:
    return BadReply(f"The {mapping.upstream} lists another number of users than it says it has; it cannot be trusted.")
