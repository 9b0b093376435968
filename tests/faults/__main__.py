"""`python -m tests.faults`: run the fault campaign against a gateway, and say what it broke."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path
from time import monotonic

from tests.faults import campaign, defects, report
from tests.faults.gateway import COMMAND, NAIVE, WORKERS
from tests.faults.lane import Setup


def _parser() -> argparse.ArgumentParser:
    parts = "\n".join(f"  {each.name}  {each.about}" for each in campaign.PARTS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Run the fault campaign: a legacy user API that goes wrong in every way stands behind a gateway,\n"
        "a client as Entra before it, and what is there afterwards is held against invariants.\n\nparts:\n" + parts,
        epilog="Exit status: 0 when no invariant is broken, 1 when one is. The same seed chooses the same faults; what\n"
        "happens at once may still come in another order.",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--short", action="store_true", help="a sample of everything, in about two minutes (the default)")
    size.add_argument("--long", action="store_true", help="all of it, in about half an hour on two cores")
    parser.add_argument("--only", metavar="PARTS", default="", help="the parts to run, with commas between them: C1,C4")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample and the faults by chance (default: 1)")
    parser.add_argument(
        "--gateway",
        metavar="CMD",
        default=COMMAND,
        help="the command that starts a gateway, with {port} for the port; it is given ADAPTER_ variables as the product "
        "is. 'naive' is the gateway that the campaign must find faults in; 'workers' is this checkout with two workers, for "
        "C4, C7 and C8. (default: this checkout)",
    )
    parser.add_argument(
        "--cell",
        metavar="TEXT",
        default="",
        help="of C1 only the cells with this text: 'putting, create, get #1, stall'",
    )
    parser.add_argument(
        "--defects",
        action="store_true",
        help="put defects into copies of the product, one at a time: each must be found",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results there too, with every violation")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments say, and return the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    names = [each.strip() for each in given.only.split(",") if each.strip()]
    unknown = set(names) - {each.name for each in campaign.PARTS}
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    began = monotonic()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)  # so that the gateways are ended whichever comes

    def say(text: str) -> None:
        sys.stderr.write(f"[{monotonic() - began:6.1f} s] {text}\n")
        sys.stderr.flush()

    if given.defects:
        left = asyncio.run(defects.missed(given.seed, say))
        sys.stdout.write(f"\n{len(defects.DEFECTS)} defects, {len(left)} of them not found\n")
        return 1 if left else 0
    command = {"naive": NAIVE, "workers": WORKERS}.get(given.gateway, given.gateway)
    if command == WORKERS:
        names = names or ["C4", "C7", "C8"]
    results = asyncio.run(campaign.run(Setup(command, given.seed, given.long, say, given.cell), names))
    sys.stdout.write("\n".join(["", *report.lines(results), ""]))
    if given.json:
        given.json.write_text(json.dumps(report.as_json(results), indent=1), encoding="utf-8")
    return 0 if all(each.is_clean for each in results) else 1


if __name__ == "__main__":
    sys.exit(main())
