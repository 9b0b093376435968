"""Reading lists of the upstream, page by page: one window of the whole, or all of it. Bounded, and never partial."""

from collections.abc import Callable, Generator
from typing import Any

import msgspec

from adapter.errors import BadReply, ExpiredCursor, ScimError, Unavailable
from adapter.mapping import content, fields
from adapter.mapping.convert import is_removed, record_id
from adapter.mapping.document import Header, Numbered, Offset, Spot
from adapter.mapping.document.call import Listed
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route, Unsupported
from adapter.plan.conversation import Call, Outcome, Reply, Unknown, read_call
from adapter.plan.outcome import is_success, refusal, supported
from adapter.plan.paging import Turn, first, following, sized

Record = dict[str, Any]
MOST_PAGES = 10_000
"""Pages that a scan reads at the most: an upstream whose total grows without end is an error."""


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """A list of the upstream: the call, how it comes in pages, and how a row tells its id."""

    route: Route | Unsupported
    listing: Listed
    id_of: Callable[[Record], str]
    """Raises BadReply for a row without a usable id."""
    noun: str
    """What the rows are, in messages: `users`."""
    id_at: str | None = None
    """The field in which a record has its id, where rows have it elsewhere."""
    values: dict[str, Any] = {}
    """What the call's placeholders stand for."""


def rows_of(mapping: Mapping) -> Rows:
    """Return the list of the resources that the mapping speaks of."""
    resource = mapping.resource
    return Rows(
        route=resource.list,
        listing=resource.listing,
        id_of=lambda row: record_id(row, resource),
        noun=f"{mapping.noun}s",
        id_at=resource.id_field if resource.listing.id else None,
    )


class Position(msgspec.Struct, frozen=True):
    """A place in a scan to go on from: what a cursor holds (RFC 9865)."""

    turn: Turn | None = None
    """The page to read next; None for the first."""
    list: int = 0
    """Which of the lists it is in, where a list is read once more for those that it leaves out."""
    given: int = 0
    """How many matches on that page were given already."""
    total: int | None = None
    """How many rows the upstream had when the scan began."""


class Scan:
    """Reads the pages of a list one after the other, each row once, as far as one likes.

    Raises BadReply when fewer rows come than the upstream says there are: a part is never taken for the whole. A list
    that grows meanwhile shows a row twice, which does no harm; one that shrinks may skip a row: Unavailable, or
    ExpiredCursor for a scan that goes on from a position.
    """

    def __init__(self, rows: Rows, mapping: Mapping, query: dict[str, str], at: Position | None = None) -> None:
        self._rows, self._mapping, self._query = rows, mapping, query
        self._is_resumed = at is not None and (at.total is not None or (at.turn is not None and at.turn.came > 0))
        self.turn: Turn | None = at.turn if at is not None and at.turn is not None else first(rows.listing)
        self.total: int | None = at.total if at is not None else None
        self._seen: set[str] = set()

    def page(self) -> Generator[Call, Outcome, dict[str, Record] | None]:
        """Return the rows of the next page that were not on one before, by their ids, or None after the last page."""
        turn, rows = self.turn, self._rows
        if turn is None:
            return None
        if turn.number == MOST_PAGES:
            raise BadReply(f"The {self._mapping.upstream} lists more than {MOST_PAGES} pages of {rows.noun}.")
        page, total, reply = yield from _page(rows, self._query | turn.query, self._mapping)
        self.total = total if self.total is None else self.total
        fresh = {rows.id_of(each): each for each in page}
        fresh = {name: each for name, each in fresh.items() if name not in self._seen}
        self._seen.update(fresh)
        if total is not None and self.total is not None and total < self.total:
            raise self._shrunk()
        if total is None and page and not fresh:
            raise BadReply(f"The {self._mapping.upstream} repeats a page of {rows.noun}; its list cannot be trusted.")
        self.turn = following(rows.listing, turn, page, total, reply)
        if self.turn is None and total is not None and self._is_short(turn.came + len(page), total):
            raise _miscounted(rows, self._mapping)
        return fresh

    def _is_short(self, came: int, total: int) -> bool:
        return came < total or (not self._is_resumed and len(self._seen) < (self.total or 0))

    def _shrunk(self) -> ScimError:
        message = f"The {self._mapping.upstream} removed one of the {self._rows.noun} while its list was read"
        if self._is_resumed:
            return ExpiredCursor(f"{message}, so one might be passed over; begin again without a cursor.")
        return Unavailable(f"{message}; try again.")


class Everyone:
    """Reads every record that the list call gives, page by page, each once.

    A list that leaves records out unless asked is read once more for each way to ask. Removed ones whose records the
    upstream keeps are left out, unless they are asked for. `at` goes on from a position, `size` asks for smaller pages.
    """

    def __init__(
        self,
        query: dict[str, str],
        mapping: Mapping,
        *,
        with_removed: bool = False,
        at: Position | None = None,
        size: int | None = None,
    ) -> None:
        self._mapping, self._with_removed = mapping, with_removed
        texts = mapping.texts()
        queries = [query]
        queries += [
            {name: str(content.filled(text, texts)) for name, text in also.items()} | query
            for also in mapping.resource.listing.also
        ]
        self._done = at.list if at else 0
        start = at or Position()
        if start.turn is None and size is not None:
            start = msgspec.structs.replace(start, turn=first(mapping.resource.listing, size))
        self._scans = [
            Scan(rows_of(mapping), mapping, each, start if number == 0 else None)
            for number, each in enumerate(queries[self._done :])
        ]
        self._seen: set[str] | None = set() if len(queries) > 1 else None

    @property
    def total(self) -> int | None:
        """How many rows the upstream says there are in the list that is read."""
        return self._scans[0].total if self._scans else None

    @property
    def position(self) -> Position | None:
        """The page that is read next; None when there is none."""
        scan = next((each for each in self._scans if each.turn is not None), None)
        if scan is None:
            return None
        return Position(scan.turn, self._done + self._scans.index(scan), total=scan.total)

    def page(self) -> Generator[Call, Outcome, dict[str, Record] | None]:
        """Return the next records by their ids, or None when there are no more."""
        while self._scans:
            page = yield from self._scans[0].page()
            if page is not None:
                return {name: each for name, each in page.items() if self._is_new(name) and self._counts(each)}
            del self._scans[0]
            self._done += 1
        return None

    def _counts(self, record: Record) -> bool:
        return self._with_removed or not is_removed(record, self._mapping.resource)

    def _is_new(self, name: str) -> bool:
        """Tell whether the record of an id was in no list before: one that is locked may be in two of them."""
        if self._seen is None:
            return True
        is_new = name not in self._seen
        self._seen.add(name)
        return is_new


def everything(
    query: dict[str, str], mapping: Mapping, *, with_removed: bool = False
) -> Generator[Call, Outcome, list[Record]]:
    """Return every record that the list call gives with this addition to its query, each once."""
    found = yield from all_of(Everyone(query, mapping, with_removed=with_removed))
    return found


def all_of(scan: Scan | Everyone) -> Generator[Call, Outcome, list[Record]]:
    """Return the rows of all pages."""
    found: list[Record] = []
    while (page := (yield from scan.page())) is not None:
        found += page.values()
    return found


def window(start: int, count: int, mapping: Mapping) -> Generator[Call, Outcome, tuple[list[Record], int]]:
    """Return the records of one window (`start` counts from 0) and the total, in as few pages as cover it.

    Pages that coincide with the window are asked for; where none does, the smallest size that holds it in one page.
    A list without numbered pages or without a total is read whole, and one whose total is not that of the resources.
    """
    listing, rows = mapping.resource.listing, rows_of(mapping)
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
        page, total, _ = yield from _page(rows, sized(listing, number, size), mapping)
        records += page
        number += 1
        if total is None or len(page) != min(size, max(0, total - (number - 1) * size)):
            raise _miscounted(rows, mapping)
        if number * size >= min(start + count, total):
            break
    offset = start - (start // size) * size
    return records[offset : offset + count], total


def _page(
    rows: Rows, query: dict[str, str], mapping: Mapping
) -> Generator[Call, Outcome, tuple[list[Record], int | None, Reply]]:
    """Return the rows of one page, the total on all pages if the upstream says it, and the whole reply."""
    listing = rows.listing
    outcome = yield read_call(supported(rows.route), mapping, query, **rows.values)
    if isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        error = refusal(outcome, mapping, f"{rows.noun} were listed")
        # A list that cannot be had is no statement about a resource: never "not found", never an empty list.
        raise error if error.status >= 500 or error.status == 403 else BadReply(error.detail)  # noqa: PLR2004
    records = outcome.at(listing.records or "$")
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        spot = _shown(listing.records or "$")
        raise BadReply(f"The {mapping.upstream} answered a list of {rows.noun} without '{spot}'.")
    records = [_identified(each, rows) for each in records]
    if listing.total is None:
        return records, None, outcome
    total = outcome.at(listing.total)
    if isinstance(total, str) and isinstance(listing.total, Header) and total.isascii() and total.isdecimal():
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or total < len(records):
        spot = _shown(listing.total)
        raise BadReply(f"The {mapping.upstream} answered a list of {rows.noun} without a usable '{spot}'.")
    return records, total, outcome


def _identified(row: Record, rows: Rows) -> Record:
    """Return a row with its id where a single record has it."""
    if rows.id_at is None or rows.listing.id is None:
        return row
    found = fields.read(row, rows.listing.id)
    fields.written(row, rows.id_at, None if found is fields.ABSENT else found)
    return row


def _shown(spot: Spot) -> str:
    return spot.header if isinstance(spot, Header) else spot


def _miscounted(rows: Rows, mapping: Mapping) -> BadReply:
    return BadReply(
        f"The {mapping.upstream} lists another number of {rows.noun} than it says it has; it cannot be trusted."
    )
