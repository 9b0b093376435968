"""The client: a number of connections, each with one request after the other, and how long each took."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from time import perf_counter
from typing import TypeVar

import msgspec

from bench.thin import Line, line_to

Journey = tuple[bytes, ...]
"""Requests that are sent one after the other, and are timed together."""

_T = TypeVar("_T")


class Load(msgspec.Struct, frozen=True):
    """What came of it."""

    seconds: float
    times: list[float]
    """Seconds of each journey, sorted."""
    statuses: dict[int, int]
    refused: str = ""
    """The first answer that was no success."""

    @property
    def rate(self) -> float:
        """Journeys in a second."""
        return len(self.times) / self.seconds

    def part(self, share: float) -> float:
        """Return the time in which this share of the journeys was done: 0.5 for the median."""
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]

    def check(self) -> None:
        """Raise RuntimeError when an answer was no success: what fails is fast, and nothing is measured by it."""
        if any(status >= 400 for status in self.statuses):
            raise RuntimeError(f"the answers were {self.statuses}, the first of them {self.refused}")


async def driven(
    port: int, journeys: Iterable[Journey], concurrency: int, rate: float = 0, lines: Sequence[Line] = ()
) -> Load:
    """Send the journeys to a server, so many at once, at most `rate` requests in a second unless it is 0.

    `lines` are connections that are there already, and stay; else new ones are made.
    """
    made = [] if lines else [await line_to(port) for _ in range(concurrency)]
    lines = lines or made
    left, times, statuses = iter(journeys), list[float](), Counter[int]()
    began = perf_counter()
    pace = _Pace(rate)
    refused: list[bytes] = []

    async def worker(at: int) -> None:
        for journey in left:
            started = perf_counter()
            for each in journey:
                if rate:
                    await pace.next()
                status, body = await lines[at].ask(each)
                statuses[status] += 1
                if status >= 400:
                    refused.append(body)
            times.append(perf_counter() - started)

    await asyncio.gather(*(worker(at) for at in range(concurrency)))
    seconds = perf_counter() - began
    for each in made:
        each.close()
    return Load(seconds, sorted(times), dict(statuses), refused[0].decode() if refused else "")


async def asked(port: int, each: bytes) -> tuple[int, bytes]:
    """Send one request on a connection of its own; return the answer's status and body."""
    line = await line_to(port)
    answer = await line.ask(each)
    line.close()
    return answer


async def answered(port: int, each: bytes) -> int:
    """Ask until something listens and does not answer 503 any more; return the answer's status."""
    while True:
        try:
            status, _ = await asked(port, each)
        except ConnectionError:
            status = 503
        if status != 503:
            return status
        await asyncio.sleep(0.02)


def told(items: Iterable[_T], what: str, total: int) -> Iterator[_T]:
    """Return the items, and say on long ones every tenth how far it is."""
    for at, item in enumerate(items):
        if total >= 10 and at % (total // 10) == 0:
            print(f"  {what}: {at} of {total}", flush=True)
        yield item


class _Pace:
    """Lets one through at a time, so many in a second."""

    def __init__(self, rate: float) -> None:
        self._rate, self._next = rate, 0.0

    async def next(self) -> None:
        now = perf_counter()
        self._next = max(self._next, now) + 1 / self._rate if self._next else now + 1 / self._rate
        await asyncio.sleep(self._next - now)
