"""C7, the life of a token: many at once without one, its end under load, renewals that go wrong, and a login that is down."""

import asyncio
from math import floor, log2
from time import monotonic

from tests.faults import bearing
from tests.faults.front import SHIPPED, USERS, Front, front
from tests.faults.gateway import Times
from tests.faults.lane import Setup
from tests.faults.pace import Pace, matching, quantile
from tests.faults.plan import Fault, Rule
from tests.faults.verdict import Result

CROWD = 200
"""Requests at once."""
RATE = 20.0
SERVICE = 0.01
TIMES = Times(request=8_000, attempt=1_000, backoff=50, queue=7_900)
EARLIEST = 0.7
"""The part of a token's life after which it may be renewed."""
LATE = Fault("late", "0.3", "after")
"""A renewal that takes its time, less than the old token still has."""
LATE_LIFE = 4
WRONG = (Fault("garbage"), Fault("status", "400"), Fault("empty 200"), Fault("stall"))
"""Renewals that fail while the old token lives."""
WRONG_LIFE, WRONG_FOR = 20, 1.5
"""Seconds that a token lives, and that its renewals fail: less than the old one still has."""
DOWN = (Fault("status", "503"), Fault("status", "400"), Fault("close"))
LONG_DOWN, SHORT_DOWN = 30.0, 3.0
"""Seconds without a login."""


async def run(setup: Setup) -> Result:
    """Run all that can happen to a token, each before an upstream of its own."""
    result = Result("C7", setup.seed)
    await crowd(setup, result)
    if setup.is_long:
        await asyncio.gather(expiry(setup, result, 5, 40), late(setup, result, 20))
        await asyncio.gather(*(wrong(setup, result, each) for each in WRONG))
        await asyncio.gather(*(down(setup, result, each, LONG_DOWN) for each in DOWN))
    else:
        await asyncio.gather(
            expiry(setup, result, 2, 4), late(setup, result, 4.5), down(setup, result, DOWN[0], SHORT_DOWN)
        )
    result.remarks.append("clocks that jump are left out: they need libfaketime, which is no part of the tests")
    return result.ended()


def one_at_a_time(made: Front, granted: int, most: int, what: str) -> None:
    """I15: so many logins at the most were granted, and never two were under way."""
    tokens = made.upstream.tokens
    made.verdict.holds("I15", f"{what}: {granted} logins were granted where {most} were needed", holds=granted <= most)
    seen = f"{what}: {tokens.most_at_once} logins were under way at once"
    made.verdict.holds("I15", seen, holds=tokens.most_at_once <= 1)


async def _many(made: Front, what: str) -> None:
    """Send a crowd's requests at once; all must succeed."""
    answers = await asyncio.gather(*(made.entra.find(f"f{number % USERS}") for number in range(CROWD)))
    bearing.served(made.verdict, answers, what, 1.0)


async def _no_dead_token(made: Front, what: str) -> None:
    """I15: once all is well no call has a token any more that is known to be dead."""
    before = made.upstream.tokens.refused
    answers = await asyncio.gather(*(made.entra.find(f"f{number % USERS}") for number in range(50)))
    bearing.served(made.verdict, answers, f"{what}, afterwards", 1.0)
    uses = made.upstream.tokens.refused - before
    made.verdict.holds("I15", f"{what}: a dead token was used {uses} times afterwards", holds=uses == 0)


async def crowd(setup: Setup, result: Result) -> None:
    """Two hundred requests at once of a gateway that has no token, and of one whose token has just died."""
    async with front(setup, result, "a crowd", times=SHIPPED, in_flight=CROWD, service=SERVICE) as made:
        tokens = made.upstream.tokens
        await _many(made, "without a token")
        one_at_a_time(made, tokens.granted, 1, "without a token")
        result.figures["logins of a cold crowd"] = tokens.asked
        tokens.reboot()
        before = tokens.granted
        await _many(made, "after a reboot of the upstream")
        one_at_a_time(made, tokens.granted - before, 1, "after a reboot")
        await _no_dead_token(made, "after a reboot")
        result.figures |= {"logins after a reboot": tokens.granted - before, "calls refused by it": tokens.refused}
    setup.say(f"C7 a crowd: {CROWD} requests cold and {CROWD} after a reboot, {tokens.asked} logins")


async def expiry(setup: Setup, result: Result, life: int, seconds: float) -> None:
    """Tokens that end under a steady load: each is renewed before, once, and nobody is told."""
    where = f"tokens of {life} s"
    async with front(setup, result, where, times=TIMES, service=SERVICE, token_life=life) as made:
        pace = Pace(matching(made.entra))
        await pace.run(RATE, seconds)
        await pace.finish()
        tokens = made.upstream.tokens
        bearing.served(made.verdict, pace.answers, "under load", 1.0)
        one_at_a_time(made, tokens.granted, 1 + floor(seconds / (EARLIEST * life)), "under load")
        made.verdict.holds("I15", f"a dead token was used {tokens.refused} times", holds=tokens.refused == 0)
        made.verdict.holds("I15", "no token was renewed", holds=tokens.granted > 1)
        result.figures[where] = f"{tokens.granted} logins in {seconds:g} s, {bearing.statuses(pace.answers)}"


async def late(setup: Setup, result: Result, seconds: float) -> None:
    """Renewals that take their time: meanwhile the old token serves."""
    async with front(setup, result, "late renewals", times=TIMES, service=SERVICE, token_life=LATE_LIFE) as made:
        pace = Pace(matching(made.entra))
        await made.entra.find("f0")
        made.upstream.plan.rules.append(Rule((LATE,), "login", times=None))
        await pace.run(RATE, seconds)
        await pace.finish()
        tokens = made.upstream.tokens
        bearing.served(made.verdict, pace.answers, "while it is late", 1.0)
        one_at_a_time(made, tokens.granted, 2 + floor(seconds / (EARLIEST * LATE_LIFE)), "late renewals")
        made.verdict.holds("I15", "no token was renewed", holds=tokens.granted > 1)
        slowest = quantile((each.seconds for each in pace.answers), 1.0)
        result.figures["late renewals"] = (
            f"{tokens.granted - 1}, {bearing.statuses(pace.answers)}, slowest {slowest:.2f} s"
        )


async def wrong(setup: Setup, result: Result, fault: Fault) -> None:
    """Renewals that fail for a while: meanwhile the old token serves, and is renewed before its end."""
    where = f"renewals with {fault}"
    async with front(setup, result, where, times=TIMES, service=SERVICE, token_life=WRONG_LIFE) as made:
        pace, tokens = Pace(matching(made.entra)), made.upstream.tokens
        await made.entra.find("f0")
        made.upstream.plan.rules.append(Rule((fault,), "login", times=None))
        asking = asyncio.create_task(pace.run(RATE / 2, WRONG_LIFE * 1.2))
        while tokens.asked == 1 and not asking.done():  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.05)
        await asyncio.sleep(WRONG_FOR)
        tried = tokens.asked - 1
        made.upstream.plan.clear()
        await asking
        await pace.finish()
        bearing.served(made.verdict, pace.answers, "while the old token lives", 1.0)
        one_at_a_time(made, tokens.granted, 2, where)
        made.verdict.holds("I15", "no renewal went wrong", holds=tried > 0)
        result.figures[where] = f"{tried} failed, {bearing.statuses(pace.answers)}"
    setup.say(f"C7 {where}: {bearing.statuses(pace.answers)}")


def most_logins(seconds: float) -> int:
    """Return how many logins a login that is down may get: with pauses that double from a second on, and one more."""
    return 2 + floor(log2(seconds + 1))


async def down(setup: Setup, result: Result, fault: Fault, seconds: float) -> None:
    """A login that is down while all tokens are dead: it is tried seldom, and once it is back all is well."""
    where = f"login down with {fault}"
    async with front(setup, result, where, times=TIMES, service=SERVICE) as made:
        pace, tokens = Pace(matching(made.entra)), made.upstream.tokens
        await made.entra.find("f0")
        before = tokens.asked
        made.upstream.plan.rules.append(Rule((fault,), "login", times=None))
        tokens.reboot()
        began, ended = await pace.run(RATE, seconds)
        tried = tokens.asked - before
        made.upstream.plan.clear()
        back = monotonic()
        await pace.until_well(RATE, seconds + 5)
        most = most_logins(seconds)
        made.verdict.holds("I15", f"{tried} logins in {seconds:g} s, where {most} are enough", holds=tried <= most)
        again = bearing.until_served(pace.between(back, monotonic()), back)
        bearing.recovered(made.verdict, again, seconds + 2, "the login is back")
        one_at_a_time(made, tokens.granted, 2, where)
        await _no_dead_token(made, where)
        meanwhile = pace.between(began, ended)
        result.figures[where] = (
            f"{tried} logins in {seconds:g} s, {bearing.statuses(meanwhile)}, "
            f"p99 {quantile((each.seconds for each in meanwhile), 0.99):.2f} s, served again after {again:.1f} s"
        )
    setup.say(f"C7 {where}: {tried} logins in {seconds:g} s, served again after {again:.1f} s")
