"""Calls under way at once, limited for each route: N-able counts them so, and answers 429 above its limit.

The mapping says how many a route bears. Where the upstream says otherwise the limit is halved, and grows back by one after
as many calls without a refusal as it allows (additive increase, multiplicative decrease).
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from math import ceil
from time import monotonic

from anyio import CapacityLimiter, WouldBlock

from adapter.upstream.wire import Throttled

_LOG = logging.getLogger("adapter.upstream")

_EXPECTED = 0.8
"""The part of the longest wait that may be expected: an expectation errs, and who is refused is refused at once."""
_NEWEST = 0.2
"""What the newest call counts in the mean time of a call."""


class Overfull(Exception):
    """More calls wait than can be served in time, so this one was not sent; in `after` seconds there may be room."""

    def __init__(self, after: float) -> None:
        super().__init__("too many calls wait")
        self.after = after


class Limits:
    """A place for each call that may be under way on a route; `with await limits.place(route)` waits for one, and holds it.

    `in_flight` is how many places a route has, `longest` how many seconds a request that is not begun waits for its first.
    """

    def __init__(self, in_flight: int, longest: float, clock: Callable[[], float] = monotonic) -> None:
        self._longest, self._clock = longest, clock
        self._lanes: defaultdict[str, _Lane] = defaultdict(lambda: _Lane(in_flight))

    @property
    def in_flight(self) -> int:
        """How many calls are under way, on all routes."""
        return sum(int(each.places.borrowed_tokens) for each in self._lanes.values())

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return sum(each.places.statistics().tasks_waiting for each in self._lanes.values())

    async def place(self, route: str, *, begins: bool = False) -> "Place":
        """Return a place, once there is one; `with` it, a call is under way.

        Raises Overfull for the call that begins a request where its turn would come too late. A request that is begun is
        finished: what it has written must be read again. A route is a template of the mapping, so there are few.
        """
        lane, place = self._lanes[route], Place(route, self._lanes[route], self._clock)
        try:
            lane.places.acquire_on_behalf_of_nowait(place)
        except WouldBlock:
            await self._waited(lane, place, begins=begins)
        return place

    async def _waited(self, lane: "_Lane", place: "Place", *, begins: bool) -> None:
        """Wait until a place is free."""
        if begins and lane.wait > self._longest * _EXPECTED:
            raise Overfull(lane.wait)
        try:
            async with asyncio.timeout(self._longest if begins else None):
                await lane.places.acquire_on_behalf_of(place)
        except TimeoutError:
            raise Overfull(max(lane.wait, 1.0)) from None


class Place:
    """One of a route's places, which is held until the `with` that surrounds a call ends.

    Throttled, where that is raised, makes the places fewer.
    """

    def __init__(self, route: str, lane: "_Lane", clock: Callable[[], float]) -> None:
        self._route, self._lane, self._clock = route, lane, clock

    def __enter__(self) -> None:
        self._began = self._clock()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        lane = self._lane
        if kind is None:
            lane.served(self._clock() - self._began)
        elif issubclass(kind, Throttled) and lane.refused(self._began, self._clock()):
            _LOG.warning("too many calls at once on %s: %d from now on", self._route, lane.places.total_tokens)
        lane.places.release_on_behalf_of(self)


class _Lane:
    """One route: its places, and what they have seen."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.places = CapacityLimiter(most)
        self._mean = 0.0
        self._in_a_row = 0
        self._since = float("-inf")

    @property
    def wait(self) -> float:
        """The seconds until the turn of a call that comes now; 0 while there is a place, or nothing is known yet."""
        if self.places.available_tokens > 0:
            return 0.0
        rounds = ceil((self.places.statistics().tasks_waiting + 1) / self.places.total_tokens)
        return rounds * self._mean

    def served(self, seconds: float) -> None:
        """Learn from a call that was answered."""
        self._mean = seconds if self._mean == 0 else self._mean + _NEWEST * (seconds - self._mean)
        self._in_a_row += 1
        if self._in_a_row >= self.places.total_tokens < self._most:
            self.places.total_tokens += 1
            self._in_a_row = 0

    def refused(self, began: float, now: float) -> bool:
        """Learn from a call that was refused; True if the places were halved, once for all that were under way then."""
        self._in_a_row = 0
        if began < self._since or self.places.total_tokens == 1:
            return False
        self._since = now
        self.places.total_tokens = self.places.total_tokens // 2
        return True
