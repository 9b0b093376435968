"""C1, the fault matrix: every fault at every step of every operation, and what the same request does afterwards."""

import asyncio
from dataclasses import replace

from tests.faults import outbound
from tests.faults.cells import Cell, cells, login_cells
from tests.faults.gateway import Gateway
from tests.faults.lane import LAGGING, UNIQUE, Setup, lane
from tests.faults.plan import Fault
from tests.faults.trials import OPERATIONS, Trials
from tests.faults.verdict import Result

SHORT = 20
"""Cells of each mapping in the short form."""
FEW = 4
"""Cells of other kinds in the short form, which take longer: the gateway pauses after a login, or waits."""


async def run(setup: Setup) -> Result:
    """Run the matrix: all of it, or a sample of each mapping."""
    result = Result("C1", setup.seed)
    parts = [_one_mapping(each, setup, result) for each in UNIQUE]
    parts.append(_lagging(setup, result))
    parts += [_logins(setup, result), *([_without_tls(setup, result)] if setup.is_long or setup.cell else [])]
    done = sum(await asyncio.gather(*parts))
    result.figures |= {"cells": done, "violations": len(result.verdict.violations)}
    return result.ended()


async def _one_mapping(mapping: str, setup: Setup, result: Result) -> int:
    async with lane(mapping, setup, result) as made:
        trials = Trials(made)
        steps = await trials.steps()
        every = [each for operation in OPERATIONS for each in cells(mapping, operation, steps[operation])]
        return await _all(trials, _chosen(every, SHORT, setup), setup)


async def _lagging(setup: Setup, result: Result) -> int:
    """Run the cells of creates at an upstream whose searches are behind."""
    async with lane(LAGGING, setup, result) as made:
        trials = Trials(made)
        steps = await trials.steps()
        every = [each for each in cells(LAGGING, "create", steps["create"]) if each.route in {"", "create"}]
        return await _all(trials, _chosen(every, FEW, setup), setup)


async def _logins(setup: Setup, result: Result) -> int:
    async with lane("patching", setup, result) as made:
        trials = Trials(made)
        await trials.steps()
        every = [
            each for turn, name in enumerate(OPERATIONS) for each in login_cells("patching", name, turn + setup.seed)
        ]
        return await _all(trials, _chosen(every, FEW, setup), setup)


async def _without_tls(setup: Setup, result: Result) -> int:
    """Run the cells in which the gateway speaks TLS to an upstream that does not."""
    async with lane("patching", setup, result) as made:
        place = made.upstream.url.replace("http:", "https:")
        async with Gateway("patching", place, setup.command, made.times) as other:
            asker = replace(made.entra, caller=other.caller(), asked=[])
            trials = Trials(made, asker)
            await trials.steps()
            every = [Cell("patching", each, "tls", 1, Fault("no TLS"), lasts=True) for each in OPERATIONS]
            return await _all(trials, _chosen(every, 0, setup), setup)


async def _all(trials: Trials, every: list[Cell], setup: Setup) -> int:
    for number, cell in enumerate(every, 1):
        await trials.run(cell)
        if number % 100 == 0 or number == len(every):
            setup.say(f"C1 {cell.mapping} {cell.route or 'place'}: {number} of {len(every)} cells")
    if not setup.cell:
        outbound.no_more_calls(trials.lane.verdict, *trials.spent, "in all")
    return len(every)


def _chosen(every: list[Cell], size: int, setup: Setup) -> list[Cell]:
    """Return the cells that the setup names; else all in the long form, and so many in the short one."""
    if setup.cell:
        return [each for each in every if setup.cell in str(each)]
    return every if setup.is_long else sample(every, size, setup.seed)


def sample(every: list[Cell], size: int, seed: int) -> list[Cell]:
    """Return so many cells, evenly from the whole."""
    step = max(1, len(every) // size)
    return every[seed % step :: step][:size]
