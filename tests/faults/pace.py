"""Requests at a steady pace: each is sent at its time, whatever became of those before it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from time import monotonic

from tests.faults.caller import Answer
from tests.faults.entra import Entra
from tests.faults.front import USERS

Ask = Callable[[int], Awaitable[Answer]]
"""Sends the request with this number."""


@dataclass(slots=True)
class Pace:
    """Sends requests, and keeps their answers, and how many were without one each time that another was sent."""

    ask: Ask
    answers: list[Answer] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    latest: float = 0.0
    """Seconds that the harness was late with a request, at the most."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _number: int = 0

    async def run(self, rate: float, seconds: float) -> tuple[float, float]:
        """Send so many a second for so long, and return from when to when."""
        began = monotonic()
        for number in range(round(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - monotonic()))
            self.latest = max(self.latest, monotonic() - due)
            self.waiting.append(len(self._tasks))
            task = asyncio.create_task(self._asked(self._number))
            self._number += 1
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await asyncio.sleep(max(0.0, began + seconds - monotonic()))
        return began, monotonic()

    async def until_well(self, rate: float, longest: float) -> None:
        """Send so many a second until a second's requests succeed, or for so long."""
        began = monotonic()
        while monotonic() - began < longest:
            await self.run(rate, 0.2)
            newest = [each for each in self.answers if each.began >= began][-round(rate) :]
            if len(newest) >= rate and all(each.is_done for each in newest):
                break
        await self.finish()

    async def finish(self) -> None:
        """Wait for the answers that are still to come."""
        await asyncio.gather(*self._tasks)

    def between(self, began: float, ended: float) -> list[Answer]:
        """Return the answers to what was sent in that time, in the order in which it was."""
        return sorted((each for each in self.answers if began <= each.began <= ended), key=lambda each: each.began)

    async def _asked(self, number: int) -> None:
        self.answers.append(await self.ask(number))


def matching(entra: Entra) -> Ask:
    """Return what asks the match query, for one user after the other; each is one upstream call."""
    return lambda number: entra.find(f"f{number % USERS}")


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of them does not exceed; 0 where there is none."""
    ordered = sorted(values)
    return ordered[max(ceil(len(ordered) * share) - 1, 0)] if ordered else 0.0
