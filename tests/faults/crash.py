"""C3, crashes: the gateway is killed at a random byte of its talk with the upstream, is started again, and Entra goes on."""

import random
from collections.abc import Callable

from tests.faults import invariants, outbound
from tests.faults.cycles import Provisioning, Target
from tests.faults.entra import Asked, person
from tests.faults.lane import LATE, UNIQUE, Lane, Setup, lane
from tests.faults.verdict import Result, Verdict

LONG, SHORT = 34, 1
"""Kills for each mapping."""
READY = 3.0
"""Seconds after which a gateway that was started again must be ready."""
REACH = {"create": 1200, "patch": 2400, "disable": 2400}
"""Bytes that pass for an operation, about; an offset beyond them kills between two operations."""


async def run(setup: Setup) -> Result:
    """Kill a gateway of each mapping again and again."""
    result = Result("C3", setup.seed)
    chance = random.Random(setup.seed)  # noqa: S311 (chance that can be repeated)
    longest, within = 0.0, 0
    for mapping in UNIQUE:
        async with lane(mapping, setup, result, mapping, pulse=False) as made:
            made.entra.heard = _heard(made)
            for number in range(LONG if setup.is_long else SHORT):
                name = [*REACH][(number + len(mapping)) % 3]
                offset = chance.randrange(1, REACH[name])
                within += await _killed(made, name, Target(person(f"{mapping}{number}")), offset)
                longest = max(longest, made.gateway.ready_after)
            setup.say(f"C3 {mapping}: {made.gateway.starts - 1} kills, ready again after {longest:.2f} s at the most")
            result.figures["kills"] = int(result.figures.get("kills", 0)) + made.gateway.starts - 1
    return _counted(result, longest, within)


def _counted(result: Result, longest: float, within: int) -> Result:
    result.figures |= {"kills within a request": within, "ready again after, longest s": round(longest, 2)}
    return result.ended()


def _heard(made: Lane) -> Callable[[Asked], None]:
    def heard(asked: Asked) -> None:
        invariants.no_phantom(made.verdict, made.upstream.store, asked)
        if asked.answer.status:
            invariants.in_form(made.verdict, asked)

    return heard


async def _killed(made: Lane, name: str, target: Target, offset: int) -> bool:
    """Kill the gateway within an operation, start it again, let the client go on, and judge; True if it was under way."""
    provisioning = Provisioning(made.entra)
    if name != "create":
        await provisioning.run([target])
        target.change(**({"enabled": False} if name == "disable" else {"given": "Augusta", "mail": "a@example.com"}))
    began = len(made.entra.asked)
    made.upstream.trip = (made.upstream.bytes + offset, made.gateway.kill)
    await provisioning.run([target], most=1)
    was_cut = any(each.answer.status == 0 for each in made.entra.asked[began:])
    made.upstream.trip = None
    made.gateway.kill()
    await made.gateway.start()
    left = await provisioning.run([target])
    verdict = Verdict()
    what = f"ready again after {made.gateway.ready_after:.1f} s"
    verdict.holds("I18", what, holds=made.gateway.ready_after < READY)
    verdict.holds("N2", f"{target.login} does not agree", holds=not left)
    invariants.no_duplicate(verdict, made.upstream.store)
    invariants.no_loss(verdict, made.upstream.store, made.entra.asked)
    invariants.as_wanted(verdict, made.upstream.store, [target.wanted])
    invariants.nobody_else(verdict, made.upstream.store.records.values(), made.entra.asked, LATE)
    outbound.looked_between_creates(verdict, made.upstream.wire)
    made.verdict.add(verdict, f"{name} of {target.login}, killed at byte {offset}")
    return was_cut
