"""Requests a second of one process, and how even they are, with 32 under way."""

from bench import scim
from bench.load import driven, told
from bench.report import Result, spread
from bench.sizes import Sizes
from bench.stage import Stage

CONCURRENCY = 32
GOAL = 5


async def throughput(stage: Stage, sizes: Sizes) -> Result:
    """Measure each operation and the floor in turn."""
    for world in ("whole", "blind"):
        await stage.world(world)
    subjects = {"floor": (await stage.floor("litestar"), "GET")}
    subjects |= {name: (await stage.serving(name), name) for name in scim.OPERATIONS}
    rates: dict[str, list[float]] = {name: [] for name in subjects}
    halves: dict[str, list[float]] = {name: [] for name in subjects}
    tails: dict[str, list[float]] = {name: [] for name in subjects}
    for at in told(range(sizes.rounds + 1), "throughput", sizes.rounds):
        for name, (process, operation) in subjects.items():
            load = await driven(process.port, scim.journeys(operation, sizes.requests, 1000), CONCURRENCY)
            load.check()
            if at:  # the first round warms up
                rates[name].append(load.rate)
                halves[name].append(load.part(0.5) * 1000)
                tails[name].append(load.part(0.99) / load.part(0.5))
    rows = [[name, spread(rates[name]), spread(halves[name], 1), spread(tails[name], 1)] for name in subjects]
    return Result(["", "requests/s", "p50 ms", f"p99 ÷ p50 (goal ≤ {GOAL})"], rows)
