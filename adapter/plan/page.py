"""One page of the resources that match: the part that will be shown of what is counted, or of what is put in order."""

from collections.abc import Callable

from adapter.errors import TooMany
from adapter.scim.operation import Query
from adapter.scim.schema import Resource
from adapter.scim.sort import Key

Take = Callable[[Resource], None]
MOST_SORTED = 10_000
"""Resources that a sorted query may match: all of them are held at once to be put in order."""


class Window:
    """Counts what it takes, and holds the part that will be shown."""

    def __init__(self, begin: int, count: int) -> None:
        self._begin, self._count = begin, count
        self.page: list[tuple[str, Resource]] = []
        self.total = 0

    def taker(self, kind: str, _: Callable[[Resource], Key] | None) -> Take:
        """Return what takes the matches of one type."""

        def take(resource: Resource) -> None:
            if self._begin <= self.total < self._begin + self._count:
                self.page.append((kind, resource))
            self.total += 1

        return take


class Ordered:
    """Holds everything that it takes, to put it in order."""

    def __init__(self, begin: int, count: int, *, descending: bool) -> None:
        self._begin, self._count, self._descending = begin, count, descending
        self._held: list[tuple[Key, str, Resource]] = []

    def taker(self, kind: str, key: Callable[[Resource], Key] | None) -> Take:
        """Return what takes the matches of one type; raises TooMany when they cannot all be held."""

        def take(resource: Resource) -> None:
            if len(self._held) == MOST_SORTED:
                raise TooMany(f"More than {MOST_SORTED} resources match, too many to sort; narrow the filter.")
            self._held.append((key(resource) if key else (), kind, resource))

        return take

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self._held)

    @property
    def page(self) -> list[tuple[str, Resource]]:
        """The part that will be shown."""
        ordered = sorted(self._held, key=lambda each: each[0], reverse=self._descending)
        return [(kind, one) for _, kind, one in ordered[self._begin : self._begin + self._count]]


def page_from(begin: int, asked: Query) -> Window | Ordered:
    """Return the page of a query that begins after so many matches, in the order that it asks for."""
    if asked.sort_by:
        return Ordered(begin, asked.count, descending=asked.descending)
    return Window(begin, asked.count)
