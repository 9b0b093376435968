"""Two commits, held against each other: both gateways at once, one round after the other, the ratios of the processor time."""

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import scim
from bench.cpu import taken
from bench.load import told
from bench.report import Result, spread
from bench.sizes import Sizes
from bench.stage import ROOT, Stage

_OPERATIONS = [each for each in scim.OPERATIONS if each != scim.BLIND]
"""What every commit can do."""


@contextmanager
def checkouts(*commits: str) -> Iterator[list[Path]]:
    """Surround with a checkout of each commit; raises subprocess.CalledProcessError for one that is not there."""
    with tempfile.TemporaryDirectory() as folder:
        made = [Path(folder) / f"{at}" for at in range(len(commits))]
        try:
            for commit, each in zip(commits, made, strict=True):
                _git("worktree", "add", "--detach", "--quiet", f"{each}", commit)
            yield made
        finally:
            for each in made:
                if each.exists():
                    _git("worktree", "remove", "--force", f"{each}")


async def compared(stage: Stage, sizes: Sizes, old: str, new: str) -> Result:
    """Return the ratios new ÷ old; dependencies are those of the environment that runs this, for both."""
    await stage.world("whole")
    with checkouts(old, new) as roots:
        before, after = await asyncio.gather(*(stage.gateway(root=root) for root in roots))
        for each in (before, after):
            for operation in _OPERATIONS:
                await taken(each, operation, max(1, sizes.requests // 5))
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in _OPERATIONS}
        for _ in told(range(sizes.rounds), "compare", sizes.rounds):
            for name in _OPERATIONS:
                seen[name].append((await taken(before, name, sizes.requests), await taken(after, name, sizes.requests)))
    rows = []
    for name, pairs in seen.items():
        olds, news = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        rows.append([name, spread(olds), spread(news), spread([pair[1] / pair[0] for pair in pairs], 3)])
    return Result(["operation", f"{old}: µs", f"{new}: µs", "new ÷ old"], rows)


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True)
