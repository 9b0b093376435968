"""Turning pages: what to add to the list call's query for the first page, and for the one after a page."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from adapter.mapping import fields
from adapter.mapping.document import Cursor, Header, Link, Numbered, Offset, Unpaged
from adapter.mapping.document.call import Listed
from adapter.plan.conversation import Reply

_NEXT = re.compile(r'<([^>]*)>[^,<]*;\s*rel="?next"?', re.IGNORECASE)
"""The next link in the header Link (RFC 8288 section 3)."""


class Turn(msgspec.Struct, frozen=True):
    """One page to ask for: its number from 0, how many records came before it, and what its query adds."""

    number: int
    came: int
    size: int
    query: dict[str, str]


def first(listing: Listed, size: int | None = None) -> Turn:
    """Return the first page, of this size, or of the largest where it is larger or not said."""
    if isinstance(listing.page, Unpaged | None):
        return Turn(0, 0, 0, {})
    size = listing.page.most if size is None else min(size, listing.page.most)
    return Turn(0, 0, size, _sized(listing, 0, 0, size))


def sized(listing: Listed, number: int, size: int) -> dict[str, str]:
    """Return the query of a page of this size; pages of one size are counted from 0."""
    return _sized(listing, number, number * size, size)


def following(listing: Listed, turn: Turn, records: list[Any], total: int | None, reply: Reply) -> Turn | None:
    """Return the page after this one, or None when it was the last.

    With a total it is the last when as many have come; without, pages by number or offset end with an empty one: a
    short page may only mean that the upstream caps the size.
    """
    page = listing.page
    came, number = turn.came + len(records), turn.number + 1
    if isinstance(page, Unpaged | None) or not records or (total is not None and came >= total):
        return None
    if isinstance(page, Numbered | Offset):
        return Turn(number, came, turn.size, _sized(listing, number, came, turn.size))
    found = reply.at(page.next)
    if found is fields.ABSENT or found in (None, ""):
        return None
    if isinstance(page, Cursor):
        return Turn(number, came, turn.size, {page.size: str(turn.size), page.cursor: str(found)})
    address = _address(page, str(found))
    if address is None:
        return None
    return Turn(number, came, turn.size, dict(parse_qsl(urlsplit(address).query, keep_blank_values=True)))


def _sized(listing: Listed, number: int, skipped: int, size: int) -> dict[str, str]:
    page = listing.page
    if isinstance(page, Unpaged | None):
        return {}
    if isinstance(page, Numbered):
        return {page.number: str(number + page.first), page.size: str(size)}
    return {page.size: str(size)} | ({page.offset: str(skipped)} if isinstance(page, Offset) else {})


def _address(page: Link, text: str) -> str | None:
    if isinstance(page.next, Header):
        found = _NEXT.search(text)
        return found[1] if found else None
    return text
