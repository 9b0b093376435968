"""C4, concurrency: many changes at once of one user, many creates of one name, two replicas, and humans in between."""

import asyncio
import random
from collections import Counter
from itertools import chain
from time import monotonic

from tests.faults import invariants
from tests.faults.caller import Answer
from tests.faults.cycles import Provisioning, Target
from tests.faults.entra import Entra, Fields, person
from tests.faults.gateway import Times
from tests.faults.lane import LAGGING, UNIQUE, Lane, Setup, lane
from tests.faults.store import MORE
from tests.faults.verdict import Result, Verdict

AT_ONCE = 20
TIMES = Times(request=8000, attempt=2000, queue=7900)
SERVICE = 0.002
"""Seconds that each upstream call takes, so that there is a time between a read and its write."""
LENIENT = 5
"""How many of these a busy machine may make of one."""
CHANGED = ("given", "family", "mail", *MORE)
"""Twenty fields, each of an attribute of its own."""


async def run(setup: Setup) -> Result:
    """Run the four."""
    result = Result("C4", setup.seed)
    rounds = 50 if setup.is_long else 3
    for mapping in UNIQUE:
        async with lane(mapping, setup, result, mapping, times=TIMES) as made:
            made.upstream.service = SERVICE
            await changes_at_once(made, result, rounds)
            await creates_at_once(made, result, rounds)
            await humans(made, result, rounds, random.Random(setup.seed))  # noqa: S311 (chance that can be repeated)
        setup.say(f"C4 {mapping}: {rounds} rounds of changes, of creates, and with humans")
    async with lane(LAGGING, setup, result, LAGGING, times=TIMES) as made:
        await creates_at_once(made, result, rounds // 3)
    setup.say(f"C4 {LAGGING}: {rounds // 3} rounds of creates")
    for unique in (True, False):
        mapping = "patching" if unique else "putting"
        async with lane(
            mapping, setup, result, f"{mapping}, two replicas", replicas=2, unique=unique, times=TIMES
        ) as made:
            made.upstream.service = SERVICE
            await replicas(made, result, rounds, unique=unique)
        setup.say(f"C4 {mapping}: {rounds} rounds with two replicas")
    return result.ended()


def _more(result: Result, name: str, number: int) -> None:
    result.figures[name] = int(result.figures.get(name, 0)) + number


async def changes_at_once(made: Lane, result: Result, rounds: int) -> None:
    """(a) Changes at once, each of another attribute of one user: all are done, and none is lost."""
    for number in range(rounds):
        wanted = person(f"{made.mapping}a{number}")
        user_id = (await made.entra.create(wanted)).body["id"]
        changes = {name: f"{name} of {number}" for name in CHANGED}
        answers = await asyncio.gather(
            *(made.entra.patch(wanted["login"], user_id, {name: value}) for name, value in changes.items())
        )
        verdict = Verdict()
        done = Counter(each.status for each in answers)
        verdict.holds("N2", f"changes at once were answered {dict(done)}", holds=done[200] == len(changes))
        fields = made.upstream.store.records[user_id].fields
        sure = [name for name, each in zip(changes, answers, strict=True) if each.is_done]
        lost = [name for name in sure if fields.get(name) != changes[name]]
        verdict.holds("I5", f"changes of {', '.join(lost)} were lost", holds=not lost)
        _more(result, "(a) changes at once", len(changes))
        made.verdict.add(verdict, f"(a), round {number}")


async def creates_at_once(made: Lane, result: Result, rounds: int) -> None:
    """(b) Creates at once of one name: one is done, and all others are told that it is taken."""
    for number in range(rounds):
        wanted = person(f"{made.mapping}b{number}")
        answers = await asyncio.gather(*(made.entra.create(wanted) for _ in range(AT_ONCE)))
        _judge_creates(made, answers, f"(b), round {number}")
        _more(result, "(b) creates at once", AT_ONCE)


def _judge_creates(made: Lane, answers: list[Answer], where: str) -> None:
    verdict = Verdict()
    done = Counter(each.status for each in answers)
    taken = [each for each in answers if each.status == 409]
    right = done[201] == 1 and done[409] == AT_ONCE - 1
    verdict.holds("I1", f"creates at once were answered {dict(done)}", holds=right)
    told = all((each.body or {}).get("scimType") == "uniqueness" for each in taken)
    verdict.holds("I12", "a 409 is no uniqueness", holds=told)
    invariants.no_duplicate(verdict, made.upstream.store)
    made.verdict.add(verdict, where)


async def humans(made: Lane, result: Result, rounds: int, chance: random.Random) -> None:
    """(d) Humans change fields while the gateway does: what they did before it looked, or where it does not write, stays.

    Between the read and the write of a whole record nobody can know of them: what is lost then is counted.
    """
    lost = 0
    for number in range(rounds):
        wanted = person(f"{made.mapping}d{number}")
        user_id = (await made.entra.create(wanted)).body["id"]
        record = made.upstream.store.records[user_id]
        human = asyncio.create_task(_edit(made, user_id, chance))
        done = await made.entra.patch(wanted["login"], user_id, {"given": "Augusta"})
        edited, edit = await human
        verdict = Verdict()
        verdict.holds("I5", "the change itself is lost", holds=not done.is_done or record.fields["given"] == "Augusta")
        reverted = [name for name, value in edit.items() if record.fields.get(name) != value]
        is_known = bool(reverted) and _is_between(made, user_id, edited)
        lost += is_known
        holds = is_known or not reverted
        verdict.holds("I4", f"what a human changed is lost: {', '.join(reverted)}", holds=holds)
        made.verdict.add(verdict, f"(d), round {number}")
        if is_known:
            record.history.clear()
    _more(result, "(d) changes beside a human's", rounds)
    if lost:
        result.remarks.append(
            f"{made.mapping}, (d): {lost} of {rounds} edits by humans fell between read and write, and are lost"
        )


def _is_between(made: Lane, user_id: str, edited: float) -> bool:
    """Tell whether a moment is after a read, and before the write of the whole record that was read."""
    about = [each for each in made.upstream.wire if each.about == user_id]
    written = [each.at for each in about if each.route == "replace"]
    read = [each.at for each in about if each.route == "get" and written and each.at <= written[0]]
    return bool(read) and max(read) <= edited <= written[0] + SERVICE * LENIENT


async def _edit(made: Lane, user_id: str, chance: random.Random) -> tuple[float, Fields]:
    """Change a field that no mapping names and one that it does, at some moment of the gateway's own change."""
    edit = {"badge": f"B-{chance.random()}", "mail": f"human{chance.random()}@example.com"}
    await asyncio.sleep(chance.uniform(0, 5 * SERVICE))
    made.upstream.store.external(user_id, **edit)
    return monotonic(), edit


async def replicas(made: Lane, result: Result, rounds: int, *, unique: bool) -> None:
    """(c) Creates at once of one name at two replicas: as with one where the upstream keeps logins unique."""
    second = Entra(made.gateways[1].caller(), made.entra.asked, made.heard)
    twice = 0
    for number in range(rounds):
        wanted = person(f"c{number}")
        sent = chain.from_iterable((made.entra.create(wanted), second.create(wanted)) for _ in range(AT_ONCE // 2))
        answers = await asyncio.gather(*sent)
        if unique:
            _judge_creates(made, answers, f"(c), round {number}")
        twice += len(made.upstream.store.named(wanted["login"])) > 1
    _more(result, "(c) creates at two replicas", rounds * AT_ONCE)
    if not unique:
        result.remarks.append(
            f"(c) two replicas before an upstream that takes a login twice made {twice} of {rounds} users double: "
            "nothing tells one replica what the other does"
        )
    provisioning = Provisioning(made.entra)
    left = await provisioning.run([Target(person(f"c{number}")) for number in range(rounds)])
    made.verdict.holds("N2", f"{len(left)} do not agree after the race", holds=len(left) <= twice)
