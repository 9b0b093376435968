"""What is counted of the calls of one connection: how many, how they ended, how long they took, on which route.

Counted in plain numbers here, where they happen, and read when somebody asks for the metrics. A route is a template of the
mapping, and an outcome one of a few words, so there are never more numbers than the mapping has routes for.
"""

import logging
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Self, TypeVar

import msgspec

from adapter.upstream.origin import origin
from adapter.upstream.wire import Failure, Throttled

_LOG = logging.getLogger("adapter.calls")

SECONDS = (0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""The upper bounds, in seconds, under which calls are counted by how long they took."""

DONE = ("2xx", "3xx")
"""The outcomes of a call with which nothing is wrong."""
OUTCOMES = (*DONE, "4xx", "5xx", "throttled", "unreachable", "timeout", "unusable", "broken", "given up")
"""All of them: a class of statuses, or a word where no reply came that can be used."""

Made = TypeVar("Made")


class Times:
    """How long the calls of one route took."""

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        """How many took no longer than each bound, and longer than the one before; the last is without a bound."""
        self.seconds = 0.0
        """All of them together."""

    def took(self, seconds: float) -> None:
        """Count a call."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.seconds += seconds


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand with one upstream at this moment."""

    is_down: bool
    """Whether it is left alone."""
    in_flight: int
    waiting: int
    """Calls that wait for a place among those under way."""
    unfinished: int
    """Requests that were given up, of which a write is still under way."""
    names: dict[str, int]
    """How many names each index knows, by the kind of resource."""
    ages: dict[str, float]
    """The seconds since the reading began that each index is made of; none while there is none to be believed."""


class Meter:
    """The numbers of one connection; they outlive a change of its mapping."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        """By the route and the outcome."""
        self.times: defaultdict[str, Times] = defaultdict(Times)
        """By the route."""
        self.retries = 0
        self.logins: Counter[str] = Counter()
        """Exchanges of our credential for a token: `given` or `failed`."""

    def sent(self, route: str) -> "Sent":
        """Count a call that is sent now, for the request that it belongs to as well."""
        return Sent(self, route)

    def repeats(self) -> None:
        """Count a call that is sent again."""
        self.retries += 1
        origin().retries += 1

    async def login(self, made: Callable[[], Awaitable[Made]]) -> Made:
        """Return the token that `made` makes, and count whether it did."""
        try:
            token = await made()
        except BaseException:
            self.logins["failed"] += 1
            raise
        self.logins["given"] += 1
        return token


class Sent:
    """One call that is under way; it ends with the `with` that surrounds it."""

    def __init__(self, meter: Meter, route: str) -> None:
        self._meter, self._route = meter, route
        self.status = 0
        """What it was answered with; 0 while no reply has come."""
        of = origin()
        of.calls += 1
        self._span = of.span.call(route) if of.span else None
        self.headers = of.carried(self._span)
        """What the upstream is told of the request that the call belongs to."""
        self._began = perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        seconds = perf_counter() - self._began
        outcome = f"{self.status // 100}xx" if error is None else word_for(error)
        self._meter.calls[self._route, outcome] += 1
        self._meter.times[self._route].took(seconds)
        if self._span is not None:
            self._span.end(self.status, "" if outcome in DONE else outcome)
        if _LOG.isEnabledFor(logging.DEBUG):
            _LOG.debug("%s %s", self._route, outcome, extra={"fields": {"ms": round(seconds * 1000, 1)}})


def word_for(error: BaseException) -> str:
    """Return the word under which a call is counted that has no reply."""
    match error:
        case Throttled():
            return "throttled"
        case Failure(sent=False):
            return "unreachable"
        case Failure(slow=True):
            return "timeout"
        case Failure(is_answer=True):
            return "unusable"
        case Failure():
            return "broken"
    return "given up"
