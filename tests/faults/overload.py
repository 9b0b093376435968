"""C8, overload: an upstream that bears three calls at once is offered what it bears, then twice that, then what it bears."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.faults import bearing
from tests.faults.caller import Answer
from tests.faults.front import Front, front, pulses
from tests.faults.gateway import Gateway, Times
from tests.faults.lane import Setup
from tests.faults.pace import Pace, matching, quantile
from tests.faults.verdict import Result

BORNE, SERVICE = 3, 0.1
"""Calls at once that each route bears, and the seconds that one takes: thirty a second."""
USUAL, TOO_MUCH = 25.0, 60.0
"""Requests a second."""
AGAIN = 5.0
"""Seconds after the overload in which all is as before."""
TIMES = Times(request=25_000, attempt=10_000, backoff=500, queue=2_000)
"""A request waits two seconds for its turn at the most. With a longer wait more of them wait when the overload ends, and at
five sixths of what the upstream bears it takes a minute until they are served."""
SHORT_QUEUE = 1_000
"""Milliseconds in the short form, so that the queue is full within its few seconds."""


class Sizes(NamedTuple):
    """Seconds of what is usual, of too much, and of what is usual again."""

    before: float
    over: float
    after: float


LONG, SHORT = Sizes(60, 30, 25), Sizes(6, 4, 4)


async def run(setup: Setup) -> Result:
    """Offer the three, with the operation that Entra asks most: the match query, one upstream call."""
    times = TIMES if setup.is_long else Times(request=25_000, attempt=10_000, backoff=500, queue=SHORT_QUEUE)
    return await offered(setup, times, LONG if setup.is_long else SHORT)


async def offered(setup: Setup, times: Times, sizes: Sizes) -> Result:
    """Offer the three to a gateway with these times."""
    result = Result("C8", setup.seed)
    async with (
        front(setup, result, "", times=times, in_flight=BORNE, service=SERVICE) as made,
        pulses(made, result, "all the time"),
    ):
        made.upstream.most = {"find": BORNE}
        await made.entra.find("f0")
        pace = Pace(matching(made.entra))
        usual = await pace.run(USUAL, sizes.before)
        waited, memory = len(pace.waiting), megabytes(made.gateway)
        over = await pace.run(TOO_MUCH, sizes.over)
        waiting = pace.waiting[waited:]
        after = await pace.run(USUAL, sizes.after)
        await pace.finish()
        grown = megabytes(made.gateway)
        _judge_usual(made, pace.between(*usual), "before")
        _judge_over(made, pace.between(*over), waiting)
        _judge_after(made, pace.between(*after), after[0], sizes)
        bearing.within_limits(made.verdict, made.upstream, "find", BORNE)
        bearing.flat(made.verdict, memory, grown)
        result.figures |= _figures(pace, usual, over, after) | {
            "in flight, most": made.upstream.most_in_flight["find"],
            "MB before and after": f"{memory:.0f} and {grown:.0f}",
        }
    setup.say(f"C8: {len(pace.answers)} requests, the harness was {pace.latest:.2f} s late at the most")
    return result.ended()


def _judge_usual(made: Front, answers: list[Answer], what: str) -> None:
    bearing.served(made.verdict, answers, f"{USUAL:g} a second {what} the overload")
    bearing.in_seconds(made.verdict, answers, f"{USUAL:g} a second {what} the overload")


def _judge_over(made: Front, answers: list[Answer], waiting: Sequence[int]) -> None:
    refused = [each for each in answers if not each.is_done]
    what = f"{TOO_MUCH:g} a second"
    made.verdict.holds("N4", f"{what}: nobody was refused, so this was no overload", holds=bool(refused))
    bearing.told(made.verdict, refused, what)
    bearing.told_at_once(made.verdict, refused, what)
    bearing.steady(made.verdict, waiting)


def _judge_after(made: Front, answers: list[Answer], began: float, sizes: Sizes) -> None:
    again = min(AGAIN, sizes.after / 2)
    bearing.recovered(made.verdict, bearing.until_served(answers, began), AGAIN, "the overload is over")
    _judge_usual(made, [each for each in answers if each.began >= began + again], "after")


def _figures(pace: Pace, *phases: tuple[float, float]) -> dict[str, str | int | float]:
    usual, over, after = (pace.between(*each) for each in phases)
    refused = [each.seconds for each in over if not each.is_done]
    served = [each.seconds for each in over if each.is_done]
    return {
        "before": f"{bearing.statuses(usual)}, p99 {quantile((each.seconds for each in usual), 0.99):.2f} s",
        "overload": bearing.statuses(over),
        "refusals": f"median {quantile(refused, 0.5):.3f} s, p99 {quantile(refused, 0.99):.3f} s",
        "served meanwhile": f"p99 {quantile(served, 0.99):.2f} s",
        "after": f"{bearing.statuses(after)}, p99 {quantile((each.seconds for each in after), 0.99):.2f} s",
        "served again after, s": round(bearing.until_served(after, phases[2][0]), 2),
        "waiting, most": max(pace.waiting),
    }


def megabytes(gateway: Gateway) -> float:
    """Return the memory that the process has; 0 where the system does not tell."""
    total = 0
    for place in [Path(f"/proc/{each}/status") for each in gateway.processes]:
        if place.is_file():
            lines = dict(each.split(":", 1) for each in place.read_text(encoding="utf-8").splitlines())
            total += int(lines["VmRSS"].split()[0])
    return total / 1024
