"""The campaign: its parts, one after the other against one gateway, whose whole output is scanned at the end."""

import asyncio
import re
import sys
from pathlib import Path

import msgspec

from tests.attacks import credentials, described, fuzzed, malformed
from tests.attacks.part import Part, Say
from tests.attacks.stand import Stand, leaks, standing

PARTS = {
    "malformed": "2,600 malformed inputs in seven classes (C5)",
    "credentials": "1,000 credentials that are none, and a flood of them beside a right one (C6)",
    "openapi": "whatever the gateway's own OpenAPI document allows, by schemathesis (C5b)",
    "fuzz": "the doors for what comes from outside, given any bytes (C5b)",
    "leaks": "all that was logged meanwhile, scanned for what was planted (C12)",
}


class Wanted(msgspec.Struct, frozen=True):
    """What to run: all of it or a sample, and the seconds that each door is fuzzed for."""

    seed: int
    is_long: bool
    fuzz: int
    only: tuple[str, ...]
    folder: Path

    def has(self, name: str) -> bool:
        """Tell whether a part is to be run."""
        return not self.only or name in self.only


async def run(wanted: Wanted, say: Say) -> list[Part]:
    """Run the parts, and return what each has found."""
    parts: list[Part] = []
    async with standing(wanted.folder) as stand:
        share = 1 if wanted.is_long else 10
        if wanted.has("malformed"):
            parts += await malformed.sent(stand, wanted.seed, share, say)
        if wanted.has("credentials"):
            parts.append(await credentials.tried(stand, wanted.seed, share, say))
            parts.append(await credentials.flooded(stand, 20 if wanted.is_long else 1, say))
        if wanted.has("openapi"):
            parts.append(await described.asked(stand, wanted.seed, wanted.folder, 50 if wanted.is_long else 1, say))
        if wanted.fuzz and wanted.has("fuzz"):
            parts += [await _fuzzed(name, wanted, say) for name in fuzzed.DOORS]
        if wanted.has("leaks"):
            parts.append(await _leaks(stand))
        if stand.process.returncode is not None:
            parts[-1].faults.append(f"the process has ended with {stand.process.returncode}")
    return parts


async def _leaks(stand: Stand) -> Part:
    part = Part("leaks")
    for name, lines in (await stand.told()).items():
        part.verdicts[f"lines of the {name}"] = len(lines)
        part.faults += [f"{name}: {each[:300]}" for each in leaks(lines)]
        if not lines:
            part.faults.append(f"the {name} is empty, so nothing of it was scanned")
    return part


async def _fuzzed(name: str, wanted: Wanted, say: Say) -> Part:
    folder = wanted.folder / f"fuzz-{name}"
    folder.mkdir()
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.attacks.fuzzed", name, str(wanted.fuzz), str(folder)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    told = (await done.communicate())[1].decode(errors="replace")
    part, runs = Part(f"any bytes: {name}"), re.findall(r"Done (\d+) ", told)
    part.verdicts["runs"] = int(runs[-1]) if runs else 0
    if done.returncode != 0 or not runs:
        part.faults.append(f"ended with {done.returncode}:\n{told[-3000:]}")
    say(f"{part.name}: {part.count} runs, {len(part.faults)} faults")
    return part
