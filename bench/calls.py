"""How many upstream calls an operation makes, counted at the upstream: the figure that matters most."""

import asyncio

from bench import scim
from bench.load import answered, asked, driven
from bench.report import Result
from bench.sizes import Sizes
from bench.stage import Process, Stage


async def calls(stage: Stage, sizes: Sizes) -> Result:
    """Count, of one request or one pair of them."""
    kinds = ("whole", "terse", "blind", "unfound")
    for kind in kinds:
        await stage.world(kind)
    whole, terse, blind, unfound = await asyncio.gather(*map(stage.gateway, kinds))
    new, number = scim.new_name, iter(range(1, 1000))

    async def of(kind: str, gateway: Process, *requests: bytes) -> int:
        before = sum((await stage.counts(kind)).values())
        for each in requests:
            status, body = await asked(gateway.port, each)
            if status >= 400:
                raise RuntimeError(f"{status}: {body.decode()}")
        return sum((await stage.counts(kind)).values()) - before

    def changing(one: int) -> bytes:
        return scim.patch(one, title=scim.new_name())

    def replacing(one: int) -> bytes:
        return scim.asked("PUT", f"/Users/{one}", scim.person(f"user{one}@example.com"))

    rows = [
        ("GET by id", 1, await of("whole", whole, scim.get(next(number)))),
        ("match query that finds", 1, await of("whole", whole, scim.match("user7@example.com"))),
        ("match query that finds nobody", 1, await of("whole", whole, scim.match(new()))),
        ("create, the reply carries the record", 1, await of("whole", whole, scim.post(new()))),
        ("create, the reply carries the id only", 2, await of("terse", terse, scim.post(new()))),
        ("PATCH, the reply carries the record", 2, await of("whole", whole, changing(next(number)))),
        ("PATCH, the reply is empty", 2, await of("terse", terse, changing(next(number)))),
        ("PUT, the reply carries the record", 2, await of("whole", whole, replacing(next(number)))),
        ("PUT, the reply is empty", 2, await of("terse", terse, replacing(next(number)))),
        ("PATCH that changes nothing", 1, await of("whole", whole, scim.patch(next(number), title="Engineer"))),
        ("PATCH, blind", 1, await of("blind", blind, changing(next(number)))),
        ("GET and PATCH, blind", 2, await of("blind", blind, scim.get(11), changing(11))),
        ("GET and PATCH, the reply carries the record", 3, await of("whole", whole, scim.get(11), changing(11))),
        ("DELETE", 1, await of("whole", whole, scim.asked("DELETE", "/Users/12"))),
    ]
    told = [[what, f"{goal}", f"{seen}"] for what, goal, seen in rows]
    told.append(["ten identical reads at once", "1", f"{await _at_once(stage, whole)}"])
    told += await _cycle(stage, unfound, sizes.cycle)
    return Result(["of", "goal", "upstream calls"], told)


async def _at_once(stage: Stage, gateway: Process) -> int:
    await stage.world("whole", latency=0.1)
    (await driven(gateway.port, [(scim.get(20),)] * 10, 10)).check()
    return sum((await stage.counts("whole")).values())


async def _cycle(stage: Stage, gateway: Process, users: int) -> list[list[str]]:
    """Play an initial cycle, a match query and a create for each user, before an upstream that cannot find."""
    names = [scim.new_name() for _ in range(users)]
    await answered(gateway.port, scim.match(names[0]))  # the index is being made
    (await driven(gateway.port, [(scim.match(each), scim.post(each)) for each in names], 8)).check()
    counts = await stage.counts("unfound")
    creates, scans = counts.pop("POST /users"), counts.pop("GET /users")
    return [
        [f"initial cycle of {users}, no search: creates", f"{users}", f"{creates}"],
        ["the same: pages of the list (it has 2 at its end)", "scans x pages", f"{scans}"],
        ["the same: anything else", "0", f"{sum(counts.values())}"],
    ]
