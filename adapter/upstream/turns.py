"""Turns: who is the only one at work on a resource, or on a name that one is to get.

Taken before a place among the calls under way, so that nobody holds a place while waiting for another. A lock lives for as
long as somebody holds it or waits for it: there are never more of them than requests under way.
"""

import asyncio
from typing import Self
from weakref import WeakValueDictionary

from adapter.plan.moment import Turn


class Turns:
    """The turns of one connection; `with turns.held() as held` gives back what a request has taken."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Turn, asyncio.Lock] = WeakValueDictionary()

    def held(self) -> "Held":
        """Return what surrounds a request; whatever it holds at its end is given back."""
        return Held(self._locks)


class Held:
    """What one request holds, until the `with` that surrounds it ends."""

    def __init__(self, locks: WeakValueDictionary[Turn, asyncio.Lock]) -> None:
        self._all, self._mine = locks, dict[Turn, asyncio.Lock]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for turn in list(self._mine):
            self.give_back(turn)

    @property
    def is_nothing(self) -> bool:
        """Whether no turn is held: nothing is about to be changed."""
        return not self._mine

    async def take(self, turn: Turn, seconds: float) -> None:
        """Wait for a turn, `seconds` at the most; raises TimeoutError. One that is held already is no other."""
        if turn in self._mine:
            return
        lock = self._all.setdefault(turn, asyncio.Lock())
        async with asyncio.timeout(seconds):
            await lock.acquire()
        self._mine[turn] = lock

    def give_back(self, turn: Turn) -> None:
        """End a turn."""
        self._mine.pop(turn).release()
