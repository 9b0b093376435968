"""The processor time of one request, held against the floor's: the steadiest figure on a machine that others use too."""

import random
from statistics import median

from bench import scim
from bench.load import driven, told
from bench.report import Bar, Result, spread
from bench.sizes import Sizes
from bench.stage import Process, Stage

GOALS = {"GET": 1.6, "match": 1.8, "POST": 2.0, "PATCH": 3.0, scim.BLIND: 2.0}
CONCURRENCY = 8


async def taken(process: Process, operation: str, requests: int, users: int = 1000) -> float:
    """Return the microseconds of processor time, user and system, that a process takes for one request."""
    before = process.processor
    (await driven(process.port, scim.journeys(operation, requests, users), CONCURRENCY)).check()
    return (process.processor - before) / requests * 1e6


async def cpu(stage: Stage, sizes: Sizes) -> Result:
    """Measure each operation, the floor and the bare server in turn, in another order each time."""
    await stage.world("whole")
    await stage.world("blind")
    floor, bare = await stage.floor("litestar"), await stage.floor("echo")
    subjects = {name: (await stage.serving(name), name) for name in scim.OPERATIONS} | {
        "floor": (floor, "GET"),
        "bare ASGI": (bare, "GET"),
    }
    for process, operation in subjects.values():
        await taken(process, operation, max(1, sizes.requests // 5))  # the first ones make lines, caches and a token
    seen: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in told(range(sizes.rounds), "cpu", sizes.rounds):
        for name in random.sample(list(subjects), len(subjects)):
            seen[name].append(await taken(*subjects[name], sizes.requests))
    over = [one / another for one, another in zip(seen["floor"], seen["bare ASGI"], strict=True)]
    rows = [
        ["bare ASGI", spread(seen["bare ASGI"]), "", "", ""],
        ["floor", spread(seen["floor"]), "1", "", spread(over, 2)],
    ]
    bars = [Bar("floor", 1.0)]
    for name in scim.OPERATIONS:
        ratios = [one / another for one, another in zip(seen[name], seen["floor"], strict=True)]
        rows.append([name, spread(seen[name]), spread(ratios, 2), f"{GOALS[name]}", spread(over, 2)])
        bars.append(Bar(name, median(ratios), GOALS[name]))
    columns = ["", "µs a request", "÷ floor", "goal", "floor ÷ bare ASGI"]
    notes = [
        f"{sizes.rounds} interleaved rounds of {sizes.requests} requests, {CONCURRENCY} at once; in brackets the least and the most."
    ]
    return Result(columns, rows, notes, bars)
