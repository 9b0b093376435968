"""The index of names, for an upstream that cannot find them: made by one reading of the whole list, kept by our own writes.

A hit is only a place to look: the plan reads the record. A miss is believed from a complete reading that began no longer
ago than the mapping allows, and from nothing else.

A reading changes what is known as it goes, since another index beside the old one would be as much memory again. Meanwhile
a hit is of what the last reading has shown or of what this one has, and no miss is believed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from adapter.plan.keeping import Folded
from adapter.plan.moment import Noted
from adapter.plan.names import TakeName
from adapter.upstream.holders import Holders, hashed

_LOG = logging.getLogger("adapter.upstream")


class Building(Exception):
    """The list is being read, and has not told yet; `after` is in seconds. `is_hopeless` if it takes longer than it may."""

    def __init__(self, after: float, *, is_hopeless: bool = False) -> None:
        super().__init__("the list is being read")
        self.after, self.is_hopeless = after, is_hopeless


class Index:
    """Who has which name, of the resources of one kind.

    `read` reads the whole list and hands over each id with its name. In seconds: `freshness`; `longest`, what a request
    waits for a reading; `lag`, how late the list may show what was written. `key` makes of a name what is kept of it.
    """

    def __init__(  # noqa: PLR0913 (each is a part of what an index is)
        self,
        read: Callable[[TakeName], Awaitable[None]],
        freshness: float,
        longest: float,
        *,
        lag: float = 0.0,
        clock: Callable[[], float] = monotonic,
        key: Callable[[Folded], int] = hashed,
    ) -> None:
        self._read, self._freshness, self._longest, self._lag, self._clock = read, freshness, longest, lag, clock
        self._holders = Holders(key)
        self._began: float | None = None
        self._took = 0.0
        self._reading: asyncio.Task[None] | None = None
        self._noted: dict[str | None, float] = {}
        """When each was noted of whom a reading may say what was before; None is one whom nobody has seen."""

    def __len__(self) -> int:
        """Return how many names it knows."""
        return len(self._holders)

    @property
    def age(self) -> float | None:
        """The seconds since the reading began that it is made of; None while none is believed."""
        return None if self._began is None else self._clock() - self._began

    async def sought(self, name: Folded) -> tuple[str, ...]:
        """Return the ids of those who have a name, to be verified; none only when that may be believed.

        Raises Building while the list has not told, and what a reading of it raises.
        """
        if not self._is_fresh and (self._began is None or not self._holders.of(name)):
            await self._fresh()
        elif not self._is_fresh:
            self._begin()  # a hit need not wait; but what the index knows is bounded in age
        return self._holders.of(name)

    def noted(self, seen: Noted) -> None:
        """Learn what was seen or done.

        A reading under way may have passed the place already, and one that begins soon may not be shown it yet: what
        either shows of it is not learned.
        """
        now = self._clock()
        if self._reading is None:
            self._forget(now)
        if seen.id is not None:
            self._holders.put(seen.id, seen.name)
        elif seen.name is None:
            self._began = None
        else:
            return
        self._noted[seen.id] = now

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
        began, gone = self._clock(), self._holders.ids()

        def take(resource_id: str, name: Folded) -> None:
            gone.discard(resource_id)
            if resource_id not in self._noted:
                self._holders.put(resource_id, name)

        await self._read(take)
        for each in gone.difference(self._noted):
            self._holders.put(each, None)
        self._took = self._clock() - began
        self._began = began if None not in self._noted else None
        _LOG.info("the list was read in %.1f s: the index knows %d names", self._took, len(self))

    def _ended(self, reading: "asyncio.Task[None]") -> None:
        self._reading = None
        if not reading.cancelled() and (error := reading.exception()):
            # Its detail may quote the upstream on a user.
            _LOG.warning("the list could not be read for the index: %s", type(error).__name__)

    def _forget(self, now: float) -> None:
        """Forget what every reading that begins now is shown."""
        self._noted = {each: when for each, when in self._noted.items() if now - when < self._lag}
