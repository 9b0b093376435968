"""Where the processor time of an operation goes, by room of the house and by library: py-spy looks at the serving process."""

import asyncio
import re
import sys
from collections import Counter
from pathlib import Path

from bench import scim
from bench.load import driven
from bench.report import Result
from bench.sizes import Sizes
from bench.stage import Stage

_FRAME = re.compile(r"^(?P<name>.*) \((?P<file>[^)]*?)(?::\d+)?\)$")
_MOST = 14
"""Functions that are named."""


async def profiled(stage: Stage, sizes: Sizes, operation: str) -> Result:
    """Return the shares of the samples in which a process was at work; raises RuntimeError when py-spy is not there."""
    spy = Path(sys.executable).with_name("py-spy")
    if not spy.exists():
        raise RuntimeError("py-spy is not installed: pip install py-spy")
    await stage.world("whole")
    stacks = stage.folder / "stacks.txt"
    # A process that is stopped for each sample is woken up again in its system calls, which then seem to take the time.
    looks = ("--format", "raw", "--rate", "250", "--full-filenames", "--nolineno", "--nonblocking")
    record = (f"{spy}", "record", *looks)
    await stage.world("blind")
    kind = "blind" if operation == scim.BLIND else "whole"
    gateway = await stage.gateway(kind, before=(*record, "--output", f"{stacks}", "--"))
    ended = asyncio.get_running_loop().time() + sizes.seconds
    while asyncio.get_running_loop().time() < ended:
        (await driven(gateway.port, scim.journeys(operation, sizes.requests, 1000), 8)).check()
    gateway.end_children()  # py-spy writes when its child ends
    await asyncio.wait_for(gateway.process.wait(), 30)
    return _told(stacks.read_text(encoding="utf-8"))


def _told(text: str) -> Result:
    own, within, functions = Counter[str](), Counter[str](), Counter[str]()
    for line in text.splitlines():
        stack, _, samples = line.rpartition(" ")
        frames = [_FRAME.match(each) for each in stack.split(";")]
        places = [(_place(each["file"]), each["name"]) for each in frames if each]
        if not any(place == "uvicorn" for place, _ in places) or "importlib" in stack:
            continue  # the start
        own[places[-1][0]] += int(samples)
        functions[f"{places[-1][0]}: {places[-1][1]}"] += int(samples)
        for place in {place for place, _ in places}:
            within[place] += int(samples)
    total = max(1, own.total())
    rows = [[place, f"{share / total:.1%}", f"{within[place] / total:.1%}"] for place, share in own.most_common()]
    busiest = [f"{share / total:.1%} {name}" for name, share in functions.most_common(_MOST)]
    return Result(
        ["room or library", "itself", "with what it calls"], rows, [f"{total} samples. Busiest: {'; '.join(busiest)}."]
    )


def _place(file: str) -> str:
    """Return the room or the library that a file belongs to; what C code does is its caller's."""
    parts = file.removesuffix(".py").split("/")
    if "adapter" in parts:
        return "/".join(parts[parts.index("adapter") : -1]) + "/"
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return next((each for each in ("asyncio", "logging") if each in parts), "standard library")
