"""What grows with the number of users: memory, and the time of what looks at many of them; and what stands at the start."""

import asyncio
from time import perf_counter

from bench import scim
from bench.cpu import taken
from bench.load import answered, asked, told
from bench.report import Result, spread
from bench.sizes import Sizes
from bench.stage import Stage
from bench.thin import message

MB = 1024 * 1024
_ROWS = 1000
"""Users of a page."""


async def growth(stage: Stage, sizes: Sizes) -> Result:
    """Measure each on a gateway of its own."""
    rows = await _start(stage, sizes.rounds)
    rows += await _listing(stage, sizes.users)
    rows += await _index(stage, sizes.users, sizes.requests)
    rows += await _members(stage, sizes.members)
    return Result(["", "measured", "goal"], rows)


async def _start(stage: Stage, rounds: int) -> list[list[str]]:
    seconds, memory = [], []
    for at in range(rounds):
        await stage.world(f"start-{at}")
        began = perf_counter()
        gateway = await stage.gateway("whole", f"start-{at}")
        await answered(gateway.port, message("GET", "/health/live"))
        seconds.append(perf_counter() - began)
        await asked(gateway.port, scim.get(1))
        memory.append(gateway.memory / MB)
    return [
        ["from the start to the first answer", spread(seconds, 2, " s"), "< 2 s"],
        ["memory at rest, after one request", spread(memory, 0, " MB"), "< 90 MB"],
    ]


async def _listing(stage: Stage, users: int) -> list[list[str]]:
    await stage.world("listing", users=users)
    gateway = await stage.gateway("whole", "listing")

    async def page(first: int) -> None:
        status, _ = await asked(gateway.port, scim.asked("GET", f"/Users?startIndex={first}&count={_ROWS}"))
        assert status == 200

    for _ in range(3):
        await page(1)
    before, began, spent = gateway.memory, perf_counter(), gateway.processor
    starts = range(1, users + 1, _ROWS)
    most = before
    for first in told(starts, "listing: pages", len(starts)):
        await page(first)
        most = max(most, gateway.memory)
    seconds, spent = perf_counter() - began, gateway.processor - spent
    return [
        [f"listing {users:,} users: growth of memory", f"{(most - before) / MB:.1f} MB", "< 50 MB"],
        ["the same: memory at its most", f"{gateway.most_memory / MB:.0f} MB", "-"],
        ["the same: time", f"{seconds:.0f} s", "-"],
        ["the same: processor time of a user", f"{spent / users * 1e6:.0f} µs", "-"],
    ]


async def _index(stage: Stage, users: int, requests: int) -> list[list[str]]:
    await stage.world("index", users=users)
    freshness = 2 + users // 40_000  # seconds, more than a reading takes
    gateway = await stage.gateway("unfound", "index", freshness=freshness)
    await asked(gateway.port, scim.get(1))
    before, began, spent = gateway.memory, perf_counter(), gateway.processor
    print("  index: the list is being read", flush=True)
    await answered(gateway.port, scim.match("user1@example.com"))
    seconds, spent = perf_counter() - began, gateway.processor - spent
    size = (gateway.memory - before) / users
    found = await taken(gateway, "match", requests, users)
    print("  index: the list is being read again", flush=True)
    await asyncio.sleep(freshness)
    await answered(gateway.port, scim.match("nobody@example.com"))
    again = (gateway.memory - before) / users
    return [
        [f"index of {users:,} users: memory of a user", f"{size:.0f} B", "< 200 B"],
        ["the same, after a second reading", f"{again:.0f} B", "< 200 B"],
        ["the same: memory at its most", f"{gateway.most_memory / MB:.0f} MB", "-"],
        ["the same: time until it answers", f"{seconds:.0f} s", "-"],
        ["the same: processor time of a user", f"{spent / users * 1e6:.0f} µs", "-"],
        ["the same: processor time of a match query", f"{found:.0f} µs", "< 1,000 µs"],
    ]


async def _members(stage: Stage, members: int) -> list[list[str]]:
    await stage.world("members", users=members)
    gateway = await stage.gateway("whole", "members")
    await asked(gateway.port, scim.members(1, [1]))
    before, began = gateway.processor, perf_counter()
    status, body = await asked(gateway.port, scim.members(2, list(range(1, members + 1))))
    if status >= 400:
        raise RuntimeError(f"{status}: {body.decode()}")
    spent, seconds = gateway.processor - before, perf_counter() - began
    return [
        [f"PATCH that adds {members:,} members to a group: processor time", f"{spent:.2f} s", "< 1 s"],
        ["the same: time", f"{seconds:.2f} s", "-"],
    ]
