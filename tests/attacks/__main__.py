"""`python -m tests.attacks`: attack a gateway of this checkout in every way that the campaign knows, and say what was not refused."""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.attacks import campaign, report
from tests.attacks.fuzzed import HAS_ATHERIS


def _parser() -> argparse.ArgumentParser:
    parts = "\n".join(f"  {name:<12}{about}" for name, about in campaign.PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.attacks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Attack the gateway: it runs as a process before a small directory, with a witness between them.\n\n"
        "parts:\n" + parts,
        epilog="Exit status: 0 when everything was refused as it must be, 1 when something was not.",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--short", action="store_true", help="a sample of everything, in half a minute (the default)")
    size.add_argument("--long", action="store_true", help="all of it, in about two minutes; with --fuzz seven")
    parser.add_argument("--only", metavar="PARTS", default="", help="the parts to run, with commas between them")
    parser.add_argument("--seed", type=int, default=1, help="chooses what chance does (default: 1)")
    chosen = "atheris" if HAS_ATHERIS else "Hypothesis, since atheris is not installed"
    parser.add_argument(
        "--fuzz",
        metavar="SECONDS",
        type=int,
        nargs="?",
        const=60,
        default=0,
        help=f"each door so long (60) by {chosen}",
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments say, and return the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    names = [each.strip() for each in given.only.split(",") if each.strip()]
    unknown = set(names) - set(campaign.PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    began = monotonic()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)  # so that the gateway is ended whichever comes

    def say(text: str) -> None:
        sys.stderr.write(f"[{monotonic() - began:6.1f} s] {text}\n")
        sys.stderr.flush()

    with tempfile.TemporaryDirectory() as folder:
        wanted = campaign.Wanted(given.seed, given.long, given.fuzz, tuple(names), Path(folder))
        parts = asyncio.run(campaign.run(wanted, say))
    sys.stdout.write("\n".join(["", *report.lines(parts), ""]))
    return 1 if any(each.faults or each.slow for each in parts) else 0


if __name__ == "__main__":
    sys.exit(main())
