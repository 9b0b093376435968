"""The index of names, for an upstream that cannot find them: made by one reading of the whole list, kept by our own writes.

A hit is only a place to look: the plan reads the record. A miss is believed from a complete reading that began no longer
ago than the mapping allows, and from nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from adapter.plan.keeping import Folded
from adapter.plan.moment import Noted

_LOG = logging.getLogger("adapter.upstream")


class Building(Exception):
    """The list is being read, and has not told yet; `after` is in seconds. `is_hopeless` if it takes longer than it may."""

    def __init__(self, after: float, *, is_hopeless: bool = False) -> None:
        super().__init__("the list is being read")
        self.after, self.is_hopeless = after, is_hopeless


class Index:
    """Who has which name, of the resources of one kind.

    `read` reads the whole list and returns the names by their ids. In seconds: `freshness`; `longest`, what a request waits
    for a reading; `lag`, how late the list may show what was written.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[dict[str, Folded]]],
        freshness: float,
        longest: float,
        *,
        lag: float = 0.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._read, self._freshness, self._longest, self._lag, self._clock = read, freshness, longest, lag, clock
        self._names: dict[str, Folded] = {}
        self._ids: dict[Folded, str | tuple[str, ...]] = {}
        self._began: float | None = None
        self._took = 0.0
        self._reading: asyncio.Task[None] | None = None
        self._notes: list[tuple[float, Noted]] = []

    def __len__(self) -> int:
        """Return how many names it knows."""
        return len(self._names)

    @property
    def age(self) -> float | None:
        """The seconds since the reading began that it is made of; None while none is believed."""
        return None if self._began is None else self._clock() - self._began

    async def sought(self, name: Folded) -> tuple[str, ...]:
        """Return the ids of those who have a name, to be verified; none only when that may be believed.

        Raises Building while the list has not told, and what a reading of it raises.
        """
        if not self._is_fresh and (self._began is None or name not in self._ids):
            await self._fresh()
        elif not self._is_fresh:
            self._begin()  # a hit need not wait; but what the index knows is bounded in age
        return tuple(sorted(self._ids_of(name)))

    def noted(self, seen: Noted) -> None:
        """Learn what was seen or done.

        A reading under way may have passed the place already, and one that begins soon may not be shown it yet: each is
        told of it at its end.
        """
        now = self._clock()
        if self._reading is None:
            self._forget(now)
        self._notes.append((now, seen))
        self._learn(seen)

    async def closed(self) -> None:
        """End a reading that is under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    @property
    def _is_fresh(self) -> bool:
        return self._began is not None and self._clock() - self._began <= self._freshness

    async def _fresh(self) -> None:
        """Wait until the list has been read, and until it is sure to show what was in doubt; raises Building."""
        try:
            async with asyncio.timeout(self._longest):
                while not self._is_fresh:
                    await self._read_once()
                    if not self._is_fresh:
                        await asyncio.sleep(self._lag / 4)
        except TimeoutError:
            raise Building(max(1.0, self._took)) from None

    async def _read_once(self) -> None:
        reading = self._begin()
        try:
            # Shielded: the reading goes on when this request is over, for the next one.
            await asyncio.shield(reading)
        except asyncio.CancelledError:
            if reading.cancelled():  # it was the reading that ended, with the process, and not this request
                raise Building(1.0) from None
            raise
        if self._took > self._freshness:
            raise Building(self._took, is_hopeless=True)

    def _begin(self) -> "asyncio.Task[None]":
        if self._reading is None:
            self._forget(self._clock())
            self._reading = asyncio.get_running_loop().create_task(self._made())
            self._reading.add_done_callback(self._ended)
        return self._reading

    async def _made(self) -> None:
        began = self._clock()
        names = await self._read()
        self._took = self._clock() - began
        self._names, self._ids, self._began = {}, {}, began
        for each, name in names.items():
            self._put(each, name)
        for _, seen in self._notes:
            self._learn(seen)
        _LOG.info("the list was read in %.1f s: the index knows %d names", self._took, len(self._names))

    def _ended(self, reading: "asyncio.Task[None]") -> None:
        self._reading = None
        if not reading.cancelled() and (error := reading.exception()):
            # Its detail may quote the upstream on a user.
            _LOG.warning("the list could not be read for the index: %s", type(error).__name__)

    def _forget(self, now: float) -> None:
        """Forget what every reading that begins now is shown."""
        self._notes = [(when, seen) for when, seen in self._notes if now - when < self._lag]

    def _learn(self, seen: Noted) -> None:
        if seen.id is not None:
            self._put(seen.id, seen.name)
        elif seen.name is None:
            self._began = None

    def _put(self, resource_id: str, name: Folded | None) -> None:
        old = self._names.pop(resource_id, None)
        if old is not None:
            left = tuple(each for each in self._ids_of(old) if each != resource_id)
            if left:
                self._ids[old] = left
            else:
                del self._ids[old]
        if name is not None:
            others = self._ids_of(name)
            self._names[resource_id] = name
            # Almost every name is one resource's: a tuple for each would be a fifth of what the index takes.
            self._ids[name] = (*others, resource_id) if others else resource_id

    def _ids_of(self, name: Folded) -> tuple[str, ...]:
        found = self._ids.get(name, ())
        return (found,) if isinstance(found, str) else found
