"""What a request costs that one worker hands over to another: the processor time of both, and of the one that takes it."""

import asyncio
import os
import signal
from statistics import median

from bench import scim
from bench.cpu import CONCURRENCY
from bench.load import Journey, driven, told
from bench.report import Result, spread
from bench.sizes import Sizes
from bench.stage import CONNECTIONS, Process, Stage
from bench.thin import Line, line_to, message

OWNER, OTHER = 1, 0
"""Of the workers in the order of their start: the first connection is the second's."""


async def workers(stage: Stage, sizes: Sizes) -> Result:
    """Measure reads of one connection: sent to its owner, and by way of the other worker."""
    await stage.world("whole")
    gateway = await stage.shared("whole")
    both = gateway.children
    read: list[Journey] = [
        (scim.get(1 + at % 1000, root=f"/{CONNECTIONS[0]}/scim/v2"),) for at in range(sizes.requests)
    ]
    ways = {name: await _lines(gateway.port, both[idle]) for name, idle in (("owner", OTHER), ("other", OWNER))}
    total: dict[str, list[float]] = {name: [] for name in ways}
    takes: list[float] = []
    for at in told(range(sizes.rounds + 1), "workers", sizes.rounds):
        for name, lines in ways.items():
            spent = await _spent(both, read, gateway.port, lines)
            if at:  # the first round warms up
                total[name].append(sum(spent))
                takes += [spent[OTHER]] if name == "other" else []
    for line in (each for lines in ways.values() for each in lines):
        line.close()
    over = [one / another for one, another in zip(total["other"], total["owner"], strict=True)]
    return Result(
        ["a read of one user", "µs a request", "÷ the owner's"],
        [
            ["taken by its connection's owner", spread(total["owner"]), "1"],
            ["handed over by the other worker", spread(total["other"]), spread(over, 2)],
            ["of that the worker that takes it", spread(takes), f"{median(takes) / median(total['owner']):.2f}"],
        ],
        [
            f"{sizes.rounds} interleaved rounds of {sizes.requests} requests, {CONCURRENCY} at once, both workers on one core."
        ],
    )


async def _lines(port: int, idle: Process) -> list[Line]:
    """Return connections that one worker takes, since the other is stopped meanwhile."""
    os.kill(idle.pid, signal.SIGSTOP)
    try:
        lines = [await line_to(port) for _ in range(CONCURRENCY)]
        await asyncio.gather(*(each.ask(message("GET", "/health/live")) for each in lines))
    finally:
        os.kill(idle.pid, signal.SIGCONT)
    return lines


async def _spent(both: list[Process], journeys: list[Journey], port: int, lines: list[Line]) -> list[float]:
    """Return the microseconds that each worker takes for a request."""
    before = [each.processor for each in both]
    (await driven(port, journeys, len(lines), lines=lines)).check()
    return [(each.processor - then) / len(journeys) * 1e6 for each, then in zip(both, before, strict=True)]
