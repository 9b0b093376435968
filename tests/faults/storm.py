"""C2, random faults: whole lives of users under faults by chance, and whether source and target agree in the end."""

import asyncio
import itertools

from tests.faults import invariants, outbound
from tests.faults.cycles import MOST_CYCLES, Provisioning, Target
from tests.faults.entra import person
from tests.faults.gateway import Times
from tests.faults.lane import LATE, Lane, Setup, lane
from tests.faults.plan import Fault, Plan, Rule
from tests.faults.verdict import Result

KINDS = (
    Fault("close"),
    Fault("close", phase="after"),
    Fault("close", phase="delayed"),
    Fault("reset"),
    Fault("reset", phase="after"),
    Fault("stall"),
    Fault("stall", phase="after"),
    Fault("truncated body", phase="after"),
    Fault("html 200"),
    Fault("error in 200"),
    Fault("empty 200"),
    Fault("wrong id 200"),
    Fault("status", "500", "after"),
    Fault("status", "502"),
    Fault("status", "503", "after"),
    Fault("status", "504"),
    Fault("429", "none"),
    Fault("503 later", "0"),
    Fault("status", "401"),
    Fault("idle", phase="after"),
    Fault("redirect"),
    Fault("garbage", phase="after"),
)
"""The faults of which chance takes one each time.

Lists get no wrong ids, which nobody could tell from right ones. A whole record is not written late: it would undo what
was written meanwhile, and no gateway could know.
"""
TIMES = Times(request=4000, attempt=400, queue=3900)
CALLS = {"find": 1, "get": 1, "create": 3, "patch": 3, "delete": 1}
"""The calls that each request takes without faults, at the most."""
SHARES = (0.05, 0.20, 0.40)
AT_ONCE, LANES = 12, 3
"""Users at once before one gateway, and gateways at once."""
SOON, SOON_SHARE, RARE = 3, 0.999, 0.20
"""The campaign's goal: this share of the users agree in so many cycles, where a fifth of the calls go wrong or fewer.

Above that a gateway that repeats no more than a fifth of its calls, so as not to add to the trouble, needs more cycles.
"""


async def run(setup: Setup) -> Result:
    """Run seed after seed, with every share of calls that go wrong and both kinds of upstream at once."""
    result = Result("C2", setup.seed)
    seeds, shares, users = (10, SHARES, 100) if setup.is_long else (1, (0.20,), 12)
    places = asyncio.Semaphore(LANES)

    async def in_turn(mapping: str, seed: int, share: float) -> None:
        async with places:
            await life(setup, result, mapping, seed=seed, share=share, users=users)

    lives = itertools.product(
        range(setup.seed, setup.seed + seeds), sorted(shares, reverse=True), ("patching", "putting")
    )
    await asyncio.gather(*(in_turn(mapping, seed, share) for seed, share, mapping in lives))
    for share in shares:
        soon = float(result.figures[_soon(share)])
        if share <= RARE and soon < SOON_SHARE:
            result.remarks.append(f"{soon:.2%} agree in {SOON} cycles at {share:.0%}; {SOON_SHARE:.1%} is the goal")
    return result.ended()


def _soon(share: float) -> str:
    return f"agreed in {SOON} cycles at {share:.0%}"


async def life(  # noqa: PLR0913 (what a run is)
    setup: Setup, result: Result, mapping: str, *, seed: int, share: float, users: int
) -> None:
    """Let users of one upstream be created, changed twice, disabled, and some deleted, while a share of the calls go wrong."""
    where = f"{mapping}, seed {seed}, {share:.0%}"
    async with lane(mapping, setup, result, where, times=TIMES) as made:
        targets = [Target(person(f"s{seed}u{number}")) for number in range(users)]
        provisioning = Provisioning(made.entra, AT_ONCE)
        made.upstream.plan = _plan(seed, share)
        left = await _lived(made, provisioning, targets)
        made.upstream.plan.clear()
        _judge(made, provisioning, targets, left if share <= RARE else [])
        if share > RARE and left:
            result.remarks.append(f"{where}: {len(left)} do not agree after {MOST_CYCLES} cycles that follow at once")
        _count(result, made, provisioning, users, share)
        setup.say(f"C2 {where}: {users} lives, agreed by cycle {provisioning.agreed}, {len(made.upstream.wire)} calls")


def _plan(seed: int, share: float) -> Plan:
    searched = tuple(each for each in KINDS if each.action != "wrong id 200")
    whole = tuple(each for each in KINDS if each.phase != "delayed")
    kinds = {"list": searched, "find": searched, "replace": whole}
    routes = ("get", "list", "find", "create", "update", "replace", "delete")
    return Plan(seed, [Rule(kinds.get(each, KINDS), each, times=None, share=share) for each in routes])


async def _lived(made: Lane, provisioning: Provisioning, targets: list[Target]) -> list[Target]:
    """Play the whole life, and return those who have not agreed at some point."""
    left: list[Target] = []
    for changed in (lambda _: None, _first, _second, _third, _last):
        changed(targets)
        left += await provisioning.run(targets)
        await made.upstream.settled()
    return left


def _first(targets: list[Target]) -> None:
    for number, each in enumerate(targets):
        each.change(given=f"Given {number}", family=f"Family {number}")


def _second(targets: list[Target]) -> None:
    for number, each in enumerate(targets):
        each.change(mail=f"new{number}@example.com", given=f"Again {number}")


def _third(targets: list[Target]) -> None:
    for each in targets[::2]:
        each.change(enabled=False)


def _last(targets: list[Target]) -> None:
    for each in targets[::4]:
        each.change()
        each.is_deleted = True


def _judge(made: Lane, provisioning: Provisioning, targets: list[Target], left: list[Target]) -> None:
    verdict, store, asked = made.verdict, made.upstream.store, made.entra.asked
    alive = [each for each in targets if not each.is_deleted]
    invariants.no_duplicate(verdict, store)
    invariants.no_loss(verdict, store, asked)
    invariants.as_wanted(verdict, store, [each.wanted for each in alive])
    invariants.nobody_else(verdict, store.records.values(), asked, LATE + TIMES.attempt / 1000)
    outbound.looked_between_creates(verdict, made.upstream.wire)
    calls = [each for each in made.upstream.wire if each.route != "login"]
    outbound.no_more_calls(verdict, len(calls), sum(CALLS[each.kind] for each in asked), "the whole run")
    for each in (one for one in asked if one.kind == "get"):
        verdict.holds("N1", f"get of {each.login} was answered 404", holds=each.answer.status != 404)
    for target in {each.login: each for each in left}.values():
        verdict.holds("N2", f"{target.login} does not agree after {MOST_CYCLES} cycles", holds=False)
    gone = [each.login for each in targets if each.is_deleted and store.named(each.login)]
    verdict.holds("N2", f"{', '.join(gone)} should be deleted", holds=not gone)
    verdict.holds("I1", f"match queries found two of {', '.join(provisioning.double)}", holds=not provisioning.double)


def _count(result: Result, made: Lane, provisioning: Provisioning, users: int, share: float) -> None:
    figures = result.figures
    for name, value in {
        "lives": users,
        "SCIM requests": len(made.entra.asked),
        "upstream calls": len(made.upstream.wire),
        "faults": sum(1 for each in made.upstream.wire if each.fault),
    }.items():
        figures[name] = int(figures.get(name, 0)) + value
    agreed = provisioning.agreed
    soon = sum(number for cycle, number in agreed.items() if cycle <= SOON) / max(sum(agreed.values()), 1)
    figures[_soon(share)] = round(min(float(figures.get(_soon(share), 1.0)), soon), 4)
