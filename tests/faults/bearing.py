"""What is expected under load and in trouble: small functions that hold what was seen against it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.faults.caller import Answer
from tests.faults.pace import quantile
from tests.faults.upstream import Upstream
from tests.faults.verdict import Verdict

SERVED = 0.995
"""The share of requests that succeed under a load that the upstream bears."""
SLOWEST = 5.0
"""Seconds within which ninety-nine of a hundred of them are answered."""
REFUSED_AFTER = 0.2
"""Seconds in which half of those who are refused must know it."""
AT_ONCE = 1.0
"""Seconds for any answer while the upstream is known to be down."""
MEMORY = 16.0
"""Megabytes that a gateway may need more after an overload than before."""


def statuses(answers: Iterable[Answer]) -> str:
    """Return how many answers had which status."""
    return ", ".join(
        f"{number} x {status or 'none'}" for status, number in Counter(each.status for each in answers).items()
    )


def served(verdict: Verdict, answers: Sequence[Answer], what: str, share: float = SERVED) -> None:
    """N3: under a load that the upstream bears this share of the requests succeed."""
    done = sum(each.is_done for each in answers)
    verdict.holds("N3", f"{what}: {statuses(answers)}", holds=bool(answers) and done >= share * len(answers))


def in_seconds(verdict: Verdict, answers: Iterable[Answer], what: str, longest: float = SLOWEST) -> None:
    """I11: ninety-nine of a hundred answers come soon."""
    slow = quantile((each.seconds for each in answers), 0.99)
    verdict.holds("I11", f"{what}: one answer in a hundred took {slow:.2f} s or more", holds=slow < longest)


def within_limits(verdict: Verdict, upstream: Upstream, route: str, most: int) -> None:
    """N3: no route gets more calls at once than it bears, and the upstream has nothing to refuse."""
    seen = upstream.most_in_flight[route]
    verdict.holds("N3", f"{seen} calls were under way at once on a route that bears {most}", holds=seen <= most)
    verdict.holds("N3", f"the upstream answered 429 {upstream.throttled} times", holds=upstream.throttled == 0)


def told(verdict: Verdict, refusals: Sequence[Answer], what: str) -> None:
    """N4: whoever is not served gets a 503 that says when to come again."""
    for each in refusals:
        seen = f"{what}: {each.status or 'no answer'}, Retry-After {each.headers.get('retry-after')}"
        verdict.holds("N4", seen, holds=each.status == 503 and each.retry_after >= 1)


def told_at_once(verdict: Verdict, refusals: Sequence[Answer], what: str) -> None:
    """N4: half of those who are refused know it at once."""
    usual = quantile((each.seconds for each in refusals), 0.5)
    verdict.holds("N4", f"{what}: half of the refusals took {usual:.3f} s or more", holds=usual < REFUSED_AFTER)


def steady(verdict: Verdict, waiting: Sequence[int]) -> None:
    """I16: while more comes than can be served, the requests that wait do not become more and more."""
    quarter = len(waiting) // 4
    early, late = max(waiting[quarter : 2 * quarter], default=0), max(waiting[-quarter:], default=0)
    what = f"{late} requests waited at the end of the overload, and {early} soon after its beginning"
    verdict.holds("I16", what, holds=late <= 1.25 * early + 5)


def flat(verdict: Verdict, before: float, after: float) -> None:
    """I16: the memory of the process does not grow with the load; in megabytes."""
    what = f"the process has {after:.0f} MB, after {before:.0f} MB before the overload"
    verdict.holds("I16", what, holds=after - before < MEMORY)


def few_tries(verdict: Verdict, tries: int, offered: int, what: str) -> None:
    """I10: an upstream that is down gets a tenth of what is offered at the most."""
    verdict.holds("I10", f"{what}: {tries} calls for {offered} requests", holds=tries <= 0.1 * offered)


def quick(verdict: Verdict, answers: Iterable[Answer], tries: int, what: str) -> None:
    """N4: while the upstream is known to be down answers come at once, but those of the few requests that try it."""
    slow = [each.seconds for each in answers if each.seconds >= AT_ONCE]
    seen = f"{what}: {len(slow)} answers took {AT_ONCE:g} s or more, where {tries} may have tried the upstream"
    verdict.holds("N4", seen, holds=len(slow) <= tries)


def recovered(verdict: Verdict, seconds: float, longest: float, what: str) -> None:
    """N5: so many seconds after the upstream is well everybody is served again."""
    verdict.holds("N5", f"{what}: served again after {seconds:.2f} s", holds=seconds <= longest)


def until_served(answers: Sequence[Answer], since: float) -> float:
    """Return the seconds from a moment until everybody is served who sends a request; infinity where that never is."""
    later = [each for each in answers if each.began >= since]
    failed = [number for number, each in enumerate(later) if not each.is_done]
    first = failed[-1] + 1 if failed else 0
    return later[first].began - since if first < len(later) else float("inf")
