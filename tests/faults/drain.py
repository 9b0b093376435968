"""C10, the end: SIGTERM in the middle of a load, again and again; whoever was let in is answered, and nobody is left in doubt."""

import asyncio
import random
import signal
from dataclasses import dataclass, field
from time import monotonic

from tests.faults import bearing, invariants
from tests.faults.caller import Answer, Caller
from tests.faults.entra import Asked, person
from tests.faults.front import USERS, Front, front
from tests.faults.gateway import Times
from tests.faults.lane import Setup
from tests.faults.pace import Pace
from tests.faults.verdict import Result

LONG, SHORT = 40, 3
AT_ONCE = 3
"""Gateways that end beside one another."""
RATE = 25.0
SERVICE = 0.05
"""Seconds of each upstream call, so that some are under way whenever the end comes."""
TIMES = Times(request=3_000, attempt=1_000, backoff=50, queue=3_000, drain=500)
SPARE = 5.0
"""Seconds that the end may take beyond the drain time and the longest request."""
GLANCE, UNSURE = 0.02, 0.1
"""Seconds between two looks at the readiness, and that the harness may see its changes too late."""


COUNTED = ("requests", "answered after the signal", "told to end their connection", "refused", "cut", "longest exit, s")
"""What is counted of all ends."""


@dataclass(slots=True)
class Readiness:
    """Asks on a new connection each time, as an orchestrator does; keeps when it first heard a 503, and a refusal."""

    port: int
    drained: float = float("inf")
    refused: float = float("inf")
    others: list[int] = field(default_factory=list)

    async def watch(self) -> None:
        """Ask until nobody listens any more."""
        while self.refused == float("inf"):
            async with Caller(self.port, {"Connection": "close"}, patience=5) as caller:
                answer = await caller.call("GET", "/health/ready")
            if answer.is_refused:
                self.refused = answer.ended
            elif answer.status == 503:
                self.drained = min(self.drained, answer.ended)
            elif self.drained < float("inf"):
                self.others.append(answer.status)
            await asyncio.sleep(GLANCE)


async def run(setup: Setup) -> Result:
    """End gateways, so many times."""
    result, chance = Result("C10", setup.seed), random.Random(setup.seed)  # noqa: S311 (chance that can be repeated)
    places = asyncio.Semaphore(AT_ONCE)
    totals = dict.fromkeys(COUNTED, 0.0)

    async def one(number: int, after: float) -> None:
        async with places:
            await ended(setup, result, totals, f"end {number}", after)

    await asyncio.gather(*(one(number, chance.uniform(0.2, 0.8)) for number in range(LONG if setup.is_long else SHORT)))
    result.figures |= {name: round(value, 2) for name, value in totals.items()}
    return result.ended()


async def ended(setup: Setup, result: Result, totals: dict[str, float], where: str, after: float) -> None:
    """End one gateway so many seconds after the beginning of a load, which goes on as if nothing were."""
    async with front(setup, result, where, times=TIMES, service=SERVICE) as made:
        process = made.gateway.process
        assert process is not None
        made.entra.heard = lambda asked: _heard(made, asked)
        pace, readiness = Pace(lambda number: _mixed(made, number)), Readiness(made.gateway.port)
        asking = asyncio.create_task(pace.run(RATE, after + TIMES.drain / 1000 + TIMES.request / 1000 + SPARE))
        await asyncio.sleep(after)
        watching = asyncio.create_task(readiness.watch())
        process.send_signal(signal.SIGTERM)
        began = monotonic()
        longest = (TIMES.drain + TIMES.request) / 1000 + SPARE
        while process.poll() is None and monotonic() - began <= longest:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.01)
        took, code = monotonic() - began, process.poll()
        asking.cancel()
        await asyncio.wait([asking])
        await pace.finish()
        made.verdict.holds("N6", f"it ended with {code} after {took:.2f} s", holds=code == 0 and took <= longest)
        if code is None:
            made.gateway.kill()
        await watching
        _judge_readiness(made, readiness)
        _judge_answers(made, pace.answers, began)
        totals["requests"] += len(pace.answers)
        later = [each for each in pace.answers if each.status and each.ended > began]
        totals["answered after the signal"] += len(later)
        totals["told to end their connection"] += sum(each.headers.get("connection") == "close" for each in later)
        totals["refused"] += sum(each.is_refused for each in pace.answers)
        totals["cut"] += sum(_is_cut(each) for each in pace.answers)
        totals["longest exit, s"] = max(totals["longest exit, s"], took)


def _mixed(made: Front, number: int) -> "asyncio.Future[Answer]":
    """Send a search, a create or a change, in turn."""
    login = f"f{number % USERS}"
    if number % 3 == 0:
        asked = made.entra.find(login)
    elif number % 3 == 1:
        asked = made.entra.create(person(f"new{number}"))
    else:
        [record] = made.upstream.store.named(login)
        asked = made.entra.patch(login, record.id, {"given": f"Given {number}"})
    return asyncio.ensure_future(asked)


def _heard(made: Front, asked: Asked) -> None:
    invariants.no_phantom(made.verdict, made.upstream.store, asked)
    invariants.in_form(made.verdict, asked)


def _is_cut(answer: Answer) -> bool:
    return answer.status == 0 and not answer.is_refused


def _judge_readiness(made: Front, readiness: Readiness) -> None:
    seconds, drain = readiness.refused - readiness.drained, made.times.drain / 1000
    what = f"readiness said 503 for {seconds:.2f} s before nobody listened any more"
    made.verdict.holds("N6", what, holds=drain - UNSURE <= seconds < float("inf"))
    made.verdict.holds("N6", f"readiness changed its mind: {readiness.others}", holds=not set(readiness.others) - {0})


def _judge_answers(made: Front, answers: list[Answer], began: float) -> None:
    let_in = [each for each in answers if not each.is_refused]
    drained = began + made.times.drain / 1000
    early = [each for each in answers if each.is_refused and each.began < drained - UNSURE]
    made.verdict.holds("N6", f"{len(early)} were refused before the drain time was over", holds=not early)
    for each in let_in:
        what = f"a request that was sent {each.began - began:+.3f} s after the signal has no answer"
        made.verdict.holds("N6", what, holds=not _is_cut(each))
    answered = [each for each in let_in if each.status]
    bearing.served(made.verdict, answered, "until the end", 1.0)
    invariants.no_loss(made.verdict, made.upstream.store, made.entra.asked)
