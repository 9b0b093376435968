"""C9, outage: the upstream is away for a while under a steady load, in each of three ways, and comes back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.faults import bearing
from tests.faults.caller import Answer
from tests.faults.front import SHIPPED, Front, front, pulses
from tests.faults.gateway import Times
from tests.faults.lane import Setup
from tests.faults.pace import Pace, matching, quantile
from tests.faults.plan import Fault, Rule
from tests.faults.upstream import Upstream
from tests.faults.verdict import Result

RATE = 25.0
SERVICE = 0.02
SEEN = 2.0
"""Seconds, from the first answer that tells of the outage, until the upstream is left alone."""
BACK = 6.0
"""Seconds until all is well again, once the upstream is back."""
TRIES = 5.0
"""Seconds between two requests that try the upstream meanwhile."""
GLANCE = 0.05
"""Seconds between two looks at the connections that are being made."""
SYN_SENT = "02"
TIMES = Times(request=25_000, attempt=1_000, backoff=100, queue=10_000)
"""Short attempts for the short form: a connection that hangs would outlast the outage."""


class Sizes(NamedTuple):
    """Seconds before the outage, of it, and after it, where it does not become well sooner."""

    before: float
    away: float
    after: float


LONG, SHORT = Sizes(5, 45, 30), Sizes(1, 7, 10)


class Way(NamedTuple):
    """A way to be away, and whether it can be counted how often somebody tried: where nothing listens it cannot."""

    name: str
    leave: Callable[[Upstream], Awaitable[None]]
    back: Callable[[Upstream], Awaitable[None]]
    can_count: bool


async def _hang_up(upstream: Upstream) -> None:
    upstream.plan.rules.append(Rule((Fault("close"),), times=None))


async def _answer_again(upstream: Upstream) -> None:
    upstream.plan.clear()


WAYS = (
    Way("refused", Upstream.refuse, Upstream.back, can_count=False),
    Way("black hole", Upstream.swallow, Upstream.back, can_count=True),
    Way("hung up", _hang_up, _answer_again, can_count=True),
)


class Tries:
    """The calls that the upstream got, or the connections that somebody tried to make, told by their ports."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream, self._from = upstream, len(upstream.wire)
        self._ports: set[str] = set()

    async def watch(self) -> None:
        """Look who tries to connect, until it is cancelled."""
        to = f"0100007F:{self._upstream.listening.port:04X}"
        own = {f"{each:04X}" for each in self._upstream.listening.filling}
        while True:
            self._ports.update({*connecting(to)} - own)
            await asyncio.sleep(GLANCE)

    @property
    def number(self) -> int:
        """How many there were."""
        return len(self._ports) + len(self._upstream.wire) - self._from


def connecting(to: str) -> Iterator[str]:
    """Return the ports from which connections are being made to an address, both as the system writes them."""
    table = Path("/proc/net/tcp")
    for line in table.read_text(encoding="ascii").splitlines() if table.is_file() else ():
        _, local, remote, state, *_ = line.split()
        if (remote, state) == (to, SYN_SENT):
            yield local.partition(":")[2]


async def run(setup: Setup) -> Result:
    """Let an upstream go away in each way; beside one another in the short form."""
    result = Result("C9", setup.seed)
    if setup.is_long:
        for way in WAYS:
            await away(setup, result, way, SHIPPED, LONG)
    else:
        await asyncio.gather(*(away(setup, result, way, TIMES, SHORT) for way in WAYS))
    return result.ended()


async def away(setup: Setup, result: Result, way: Way, times: Times, sizes: Sizes) -> None:
    """Let an upstream go away in one way, and come back."""
    async with front(setup, result, way.name, times=times, service=SERVICE) as made, pulses(made, result, way.name):
        pace = Pace(matching(made.entra))
        before = await pace.run(RATE, sizes.before)
        await pace.finish()
        bearing.served(made.verdict, pace.between(*before), "before the outage", 1.0)
        tries = Tries(made.upstream)
        await way.leave(made.upstream)
        watching = asyncio.create_task(tries.watch())
        began, ended = await pace.run(RATE, sizes.away)
        watching.cancel()
        await way.back(made.upstream)
        back, tried = monotonic(), tries.number
        await pace.until_well(RATE, sizes.after)
        offered, later = pace.between(began, ended), pace.between(back, monotonic())
        figures = _judge_away(made, way, offered, ended, tried)
        again = bearing.until_served(later, back)
        bearing.recovered(made.verdict, again, BACK, "the upstream is back")
        for each in pace.answers:
            made.verdict.holds(
                "I11", "an answer was too late", holds=0 < each.seconds <= made.times.request / 1000 + 0.5
            )
        result.figures |= {f"{way.name}: {name}": value for name, value in figures.items()}
        result.figures[f"{way.name}: served again after, s"] = round(again, 2)
    setup.say(f"C9 {way.name}: served again {again:.1f} s after {sizes.away:g} s without the upstream")


def _judge_away(made: Front, way: Way, offered: list[Answer], ended: float, tried: int) -> dict[str, str | int | float]:
    failed = [each for each in offered if not each.is_done]
    seen = min((each.ended for each in failed), default=ended)
    alone = [each for each in offered if each.began >= seen + SEEN]
    may_try = int((ended - seen) / TRIES) + 1
    bearing.quick(made.verdict, alone, may_try, f"later than {SEEN:g} s after the outage was seen")
    bearing.told(made.verdict, [each for each in alone if each.seconds < bearing.AT_ONCE], "while it is left alone")
    made.verdict.holds("N4", "nobody asked while it was left alone", holds=bool(alone))
    if way.can_count:
        bearing.few_tries(made.verdict, tried, len(offered), "in the outage")
    quickly = [each for each in offered if each.began >= seen and each.seconds < bearing.AT_ONCE]
    return {
        "offered": len(offered),
        "upstream calls": tried if way.can_count else "not seen",
        "outage seen after, s": round(seen - offered[0].began, 2),
        "left alone after, s": round(min((each.began for each in quickly), default=ended) - seen, 2),
        "answers meanwhile": bearing.statuses(alone),
        "slow ones": sum(each.seconds >= bearing.AT_ONCE for each in alone),
        "p99, s": round(quantile((each.seconds for each in alone), 0.99), 3),
    }
