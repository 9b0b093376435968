"""An initial cycle, a match query and a create for each user, held against what it must take by the calls and the limits."""

from bench import scim
from bench.load import Journey, driven, told
from bench.report import Result
from bench.sizes import Sizes
from bench.stage import Stage

GOAL = 1.2
_CALLS = 2
"""Of one user: a search, and a create whose reply carries the record."""


async def cycle(stage: Stage, sizes: Sizes) -> Result:
    """Play it with few calls in flight and with more, as fast as may be and at Entra's pace."""
    rows = []
    cases = [(places, pace) for places in sizes.places for pace in (0.0, sizes.pace)]
    for places, pace in cases:
        await stage.world("whole", latency=sizes.latency)
        gateway = await stage.gateway(in_flight=places)
        names = [scim.new_name() for _ in range(sizes.cycle)]
        users: list[Journey] = [(scim.match(each), scim.post(each)) for each in names]
        what = f"cycle, {places} in flight, {f'{pace:g} requests/s' if pace else 'unthrottled'}"
        load = await driven(gateway.port, told(users, what, len(users)), places * 3, pace)
        load.check()
        calls = sum((await stage.counts("whole")).values())
        by_upstream = sizes.cycle * _CALLS * sizes.latency / places
        by_pace = sizes.cycle * 2 / pace if pace else 0.0
        least = max(by_upstream, by_pace)
        told_pace = f"{pace:g}/s" if pace else "unthrottled"
        figures = [
            f"{load.seconds:.1f} s",
            f"{least:.1f} s",
            f"{load.seconds / least:.2f}",
            f"{calls / sizes.cycle:.2f}",
        ]
        rows.append([f"{places}", told_pace, *figures])
    columns = ["in flight", "pace", "took", "at least", f"ratio (goal ≤ {GOAL})", "calls a user"]
    note = (
        f"{sizes.cycle} users, {sizes.latency * 1000:g} ms a call. At least: the greater of users x calls x latency ÷ in flight, and "
        "requests ÷ pace. The limit holds for each route, and searches and creates are two routes: that is why it can take less."
    )
    return Result(columns, rows, [note])
