"""How much longer a request takes than the upstream calls that it makes: both through the same client, one after the other."""

from bench import scim
from bench.load import Journey, driven, told
from bench.report import Result, spread
from bench.sizes import Sizes
from bench.stage import Stage
from bench.thin import message

GOAL = 1.15


def _direct(operation: str, number: int) -> Journey:
    """Return the calls that the upstream cannot be spared, as the gateway makes them."""
    one, read = f"/whole/users/{number}", message("GET", f"/whole/users/{number}")
    match operation:
        case "GET":
            return (read,)
        case "match":
            return (message("GET", f"/whole/users?page=1&per_page=1000&login=user{number}@example.com"),)
        case "POST":
            return (message("POST", "/whole/users", b'{"login":"%s"}' % scim.new_name().encode()),)
        case scim.BLIND:
            return (message("PATCH", one, b'{"title":"%s"}' % scim.new_name().encode()),)
        case _:
            return (read, message("PATCH", one, b'{"title":"%s"}' % scim.new_name().encode()))


async def latency(stage: Stage, sizes: Sizes) -> Result:
    """Measure each operation at each concurrency."""
    for world in ("whole", "blind"):
        await stage.world(world, latency=sizes.latency)
    rows = []
    cases = [(operation, at) for operation in scim.OPERATIONS for at in sizes.concurrencies]
    for operation, at in told(cases, "latency", len(cases)):
        requests, ratios, ours, theirs, tails = max(at, min(sizes.requests, at * 25)), [], [], [], []
        for _ in range(sizes.rounds):
            direct = [_direct(operation, 1 + each % 1000) for each in range(requests)]
            plain = await driven(stage.upstream.port, direct, at)
            through = await driven((await stage.serving(operation)).port, scim.journeys(operation, requests, 1000), at)
            plain.check()
            through.check()
            ratios.append(through.part(0.5) / plain.part(0.5))
            ours.append(through.part(0.5) * 1000)
            tails.append(through.part(0.99) * 1000)
            theirs.append(plain.part(0.5) * 1000)
        figures = [spread(ours, 1), spread(tails, 1), spread(theirs, 1), spread(ratios, 2)]
        rows.append([operation, f"{at}", *figures])
    columns = ["operation", "at once", "p50 ms", "p99 ms", "p50 ms direct", f"ratio (goal ≤ {GOAL})"]
    return Result(columns, rows, [f"The upstream takes {sizes.latency * 1000:g} ms for a call; PATCH makes two."])
