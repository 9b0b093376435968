"""The command line of the benchmarks: `python -m bench --help`."""

import argparse
import os
import sys
from pathlib import Path

import msgspec
import uvloop

from bench.calls import calls
from bench.compare import compared
from bench.cpu import cpu
from bench.cycle import cycle
from bench.growth import growth
from bench.latency import latency
from bench.profiled import profiled
from bench.report import Result, machine, write
from bench.scim import OPERATIONS
from bench.sizes import TINY, Sizes
from bench.stage import stage
from bench.throughput import throughput
from bench.workers import workers

COMMANDS = {
    "calls": (calls, "upstream calls of each operation, counted at the upstream"),
    "latency": (latency, "p50 and p99 before an upstream that takes 20 ms, against the same calls made directly"),
    "cpu": (cpu, "processor time of a request, against the floor: Litestar with one call through a thin client"),
    "throughput": (throughput, "requests a second of one process, 32 under way"),
    "workers": (workers, "the processor time of a request that one worker hands over to another"),
    "growth": (growth, "memory and time with 1,000,000 users, a group of 10,000 members, the start"),
    "cycle": (cycle, "an initial cycle of 2,000 users against what its calls must take"),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="What the gateway costs. Each command starts what it needs on 127.0.0.1, prints a table, and ends it.",
        epilog="A machine that others use makes figures uneven: believe ratios and medians, and look at the spread.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {name: commands.add_parser(name, help=about, description=about) for name, (_, about) in COMMANDS.items()}
    made["all"] = commands.add_parser(
        "all", help="all of the above", description="All of the above, about a quarter of an hour."
    )
    one = made["profile"] = commands.add_parser("profile", help="where the processor time goes; needs py-spy")
    one.add_argument("operation", choices=list(OPERATIONS), metavar="OPERATION", help=", ".join(OPERATIONS))
    two = made["compare"] = commands.add_parser("compare", help="the processor time of two commits, and the ratios")
    two.add_argument("old", metavar="OLD", help="a commit")
    two.add_argument("new", metavar="NEW", help="another")
    for name, each in made.items():
        each.add_argument("--tiny", action="store_true", help="so little that nothing can be learned but that it runs")
        each.add_argument("--rounds", type=int, help=f"interleaved repetitions, {Sizes().rounds}")
        each.add_argument("--requests", type=int, help=f"of each operation in a round, {Sizes().requests}")
        each.add_argument("--users", type=int, help=f"of the upstream that is listed and indexed, {Sizes().users}")
        each.add_argument("--cycle", type=int, help=f"users of an initial cycle, {Sizes().cycle}")
        if name not in ("profile", "compare"):
            each.add_argument("--write", action="store_true", help="put the results into bench/README.md and beside it")
        each.add_argument("--json", metavar="FILE", type=Path, help="put the results there")
    return parser


async def _found(told: argparse.Namespace, sizes: Sizes) -> dict[str, Result]:
    if told.command == "profile":
        async with stage() as on:
            return {"profile": await profiled(on, sizes, told.operation)}
    if told.command == "compare":
        async with stage() as on:
            return {"compare": await compared(on, sizes, told.old, told.new)}
    found = {}
    async with stage() as on:
        for name in COMMANDS if told.command == "all" else [told.command]:
            found[name] = await COMMANDS[name][0](on, sizes)
            print(f"\n{name}\n\n{found[name].table()}\n", flush=True)
    return found


def main() -> None:
    """Run the command that the arguments name."""
    told = _parser().parse_args()
    given = {name: getattr(told, name) for name in ("rounds", "requests", "users", "cycle")}
    sizes = msgspec.structs.replace(TINY if told.tiny else Sizes(), **{k: v for k, v in given.items() if v is not None})
    if getattr(told, "write", False) and len(os.sched_getaffinity(0)) < 2:
        sys.exit("two cores are needed for results that are kept: one is the gateway's alone")
    computer = machine()
    print(computer, flush=True)
    found = uvloop.run(_found(told, sizes))
    if told.command in ("profile", "compare"):
        print(next(iter(found.values())).table())
    if told.json:
        told.json.write_bytes(msgspec.json.encode(found))
    if getattr(told, "write", False):
        write(found, computer)


if __name__ == "__main__":
    main()
