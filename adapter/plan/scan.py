"""Reading lists of records: one window of the whole, or all of it. Bounded, and never partial."""

from collections.abc import Generator
from typing import Any

from adapter.errors import BadReply, Unavailable
from adapter.mapping import fields
from adapter.mapping.convert import record_id
from adapter.mapping.mapping import Mapping
from adapter.mapping.template import Template
from adapter.plan.conversation import Call, Outcome, call
from adapter.plan.outcome import is_success, refusal

Record = dict[str, Any]
MOST_PAGES = 10_000
"""Pages that a scan reads at the most: an upstream whose total grows without end is an error."""


def window(start: int, count: int, mapping: Mapping) -> Generator[Call, Outcome, tuple[list[Record], int]]:
    """Return the records of one window (`start` counts from 0) and the total, in as few pages as cover it.

    Pages that coincide with the window are asked for; where none does, the smallest size that holds it in one page.
    """
    most = mapping.user.listing.page.most
    sizes = (size for size in range(max(count, 1), most + 1) if start // size == (start + max(count, 1) - 1) // size)
    size = next(sizes, most)
    records: list[Record] = []
    number = start // size
    while True:
        page, total = yield from _page(number, size, {}, mapping)
        records += page
        number += 1
        if len(page) != min(size, max(0, total - (number - 1) * size)):
            raise _miscounted(mapping)
        if number * size >= min(start + count, total):
            break
    offset = start - (start // size) * size
    return records[offset : offset + count], total


def everything(query: dict[str, str], mapping: Mapping) -> Generator[Call, Outcome, list[Record]]:
    """Return every record that the list call gives with this addition to its query, each once.

    Raises BadReply when fewer come than the upstream says there are: a part is never taken for the whole. A list that
    grows meanwhile shows a record twice, which does no harm; one that shrinks may skip a record, and raises Unavailable.
    """
    size = mapping.user.listing.page.most
    records: dict[str, Record] = {}
    came = at_first = 0
    for number in range(MOST_PAGES):
        page, total = yield from _page(number, size, query, mapping)
        at_first = at_first or total
        came += len(page)
        records |= {record_id(each, mapping.user): each for each in page}
        if total < at_first:
            raise Unavailable(f"The {mapping.upstream} removed a user while its list was read; try again.")
        if came >= total or not page:
            if came < total or len(records) < at_first:
                raise _miscounted(mapping)
            return list(records.values())
    raise BadReply(f"The {mapping.upstream} lists more than {MOST_PAGES} pages of users.")


def _page(
    number: int, size: int, query: dict[str, str], mapping: Mapping
) -> Generator[Call, Outcome, tuple[list[Record], int]]:
    """Return the records of one page (`number` counts from 0) and the total on all pages."""
    listing = mapping.user.listing
    texts = mapping.texts()
    fixed = {name: Template(text).filled(texts) for name, text in listing.query.items()}
    paging = {listing.page.number: str(number + listing.page.first), listing.page.size: str(size)}
    outcome = yield call(mapping.user.list, texts, query=fixed | query | paging)
    if not is_success(outcome, mapping):
        error = refusal(outcome, mapping, "users were listed")
        # A list that cannot be had is no statement about a user: never "not found", never an empty list.
        raise error if error.status >= 500 or error.status == 403 else BadReply(error.detail)  # noqa: PLR2004
    body = getattr(outcome, "body", None)
    records, total = fields.read(body, listing.records), fields.read(body, listing.total)
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise BadReply(f"The {mapping.upstream} answered a list of users without '{listing.records}'.")
    if not isinstance(total, int) or isinstance(total, bool) or total < len(records):
        raise BadReply(f"The {mapping.upstream} answered a list of users without a usable '{listing.total}'.")
    return records, total


def _miscounted(mapping: Mapping) -> BadReply:
    return BadReply(f"The {mapping.upstream} lists another number of users than it says it has; it cannot be trusted.")
