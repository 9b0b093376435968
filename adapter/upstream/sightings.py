"""What the gateway has seen of names at the upstream: an index where the upstream cannot find them, and what was just missed."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from cachetools import TTLCache

from adapter.mapping.mapping import Mapping
from adapter.plan.moment import Missed, Noted, Recent, Sought
from adapter.plan.names import TakeName
from adapter.upstream.index import Index
from adapter.upstream.times import Times

if TYPE_CHECKING:
    from adapter.plan.keeping import Folded

MOMENT = 60.0
"""Seconds for which a look that has found nobody is a moment ago; Entra creates within one or two of its match query."""
MOST = 10_000
"""Names that are kept in mind at the most, of each sort."""


class Sightings:
    """What was seen of one upstream; `read` reads the whole list that a mapping speaks of, and hands names and ids over."""

    def __init__(self, mapping: Mapping, read: Callable[[Mapping, TakeName], Awaitable[None]], times: Times) -> None:
        self.indexes = {
            each.type.name: Index(
                partial(read, mapping.about(each.type.name)),
                each.listing.freshness,
                times.queue,
                lag=each.visible_within,
            )
            for each in mapping.resources
            if each.is_indexed
        }
        self._lately: dict[str, TTLCache[Folded, str]] = {
            each.type.name: TTLCache(MOST, each.visible_within) for each in mapping.resources if each.visible_within
        }
        self._missed: TTLCache[tuple[str, Folded], bool] = TTLCache(MOST, MOMENT)

    async def sought(self, asked: Sought) -> tuple[str, ...]:
        """Return who has a name by the index; raises what `Index.sought` does."""
        return await self.indexes[asked.kind].sought(asked.name)

    def recent(self, asked: Recent) -> tuple[str, ...]:
        """Return who was given a name so lately that the upstream may not show it yet."""
        found = self._lately[asked.kind].get(asked.name) if asked.kind in self._lately else None
        return () if found is None else (found,)

    def missed(self, asked: Missed) -> bool:
        """Tell whether nobody had a name a moment ago."""
        return (asked.kind, asked.name) in self._missed

    def noted(self, seen: Noted) -> None:
        """Learn what was seen or done."""
        if seen.kind in self.indexes:
            self.indexes[seen.kind].noted(seen)
        if seen.kind in self._lately and seen.id is not None:
            names = self._lately[seen.kind]
            for each in [name for name, one in names.items() if one == seen.id]:
                del names[each]
            if seen.name is not None:
                names[seen.name] = seen.id
        if seen.name is not None:
            self._missed.pop((seen.kind, seen.name), None)
            if seen.id is None:
                self._missed[seen.kind, seen.name] = True
        elif seen.id is None:
            self._missed.clear()

    async def closed(self) -> None:
        """End what is still being read."""
        for each in self.indexes.values():
            await each.closed()
