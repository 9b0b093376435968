"""Defects put into the product on purpose, each of which the campaign must find: `python -m tests.faults --defects`.

This alone knows the product's own code. A defect is a text that stands in it once, and what takes its place in a copy.
"""

import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.faults import campaign
from tests.faults.lane import Setup

ROOT = Path(__file__).parent.parent.parent


class Defect(NamedTuple):
    """A defect: what it is, where, what it puts in the place of what, and the part and the invariants that find it.

    Of C1 only the cells are run whose name has the text `cell`.
    """

    about: str
    file: str
    old: str
    new: str
    part: str
    finds: frozenset[str]
    cell: str = ""


def _defect(about: str, file: str, change: tuple[str, str], part: str, *finds: str, cell: str = "") -> Defect:
    return Defect(about, file, *change, part, frozenset(finds), cell)


DEFECTS = [
    _defect(
        "a create that may have been done is sent again",
        "upstream/retry.py",
        ('"read": "again", "create": "look"', '"read": "again", "create": "again"'),
        "C1",
        "I9",
        "I1",
        cell="create, create #1, close",
    ),
    _defect(
        "nobody waits for a turn",
        "upstream/turns.py",
        ("await lock.acquire()", "return"),
        "C4",
        "I1",
        "I5",
        "N1",
    ),
    _defect(
        "a whole record is replaced by the changed fields alone",
        "plan/write.py",
        ('if changing.sends == "record":', 'if changing.sends == "nothing":'),
        "C4",
        "I4",
        "I5",
    ),
    _defect(
        "another user's record is believed",
        "plan/read.py",
        ("if resource_id is not None and record_id(record, mapping.resource) != resource_id:", "if False:"),
        "C1",
        "I3",
        "I4",
        "I6",
        "N1",
        "N2",
        cell="get #1, wrong id 200",
    ),
    _defect(
        "every error of a read is a 'not found'",
        "plan/read.py",
        ('if meaning == "not found":', 'if meaning != "success":'),
        "C1",
        "N1",
        cell="get, get #1, error in 200",
    ),
    _defect(
        "no look goes before a create where the upstream takes a name twice",
        "plan/create.py",
        ('if mapping.resource.creating.duplicates == "allowed":', "if False:"),
        "C4",
        "I1",
    ),
    _defect(
        "a write that a fresh read does not show is called done",
        "plan/write.py",
        ("    if missing:\n        raise", "    if False:\n        raise"),
        "C1",
        "I3",
        cell="update #1",
    ),
    _defect(
        "the index is believed though one may be there that nobody has seen",
        "upstream/index.py",
        ("self._began = None", "pass"),
        "C1",
        "I1",
        "I9",
        "N2",
        cell="searchless, create, create #1",
    ),
    _defect(
        "each request that needs a token gets one of its own",
        "upstream/credential.py",
        ("if self._renewing is None:", "if True:"),
        "C7",
        "I15",
    ),
    _defect(
        "a refused token is not replaced",
        "upstream/calls.py",
        ("if self._is_refused(reply) and self.identity.can_renew:", "if False:"),
        "C7",
        "N3",
        "N5",
    ),
    _defect(
        "an upstream that is down is asked all the same",
        "upstream/breaker.py",
        ("return self._failures >= MOST_FAILURES", "return False"),
        "C9",
        "I10",
    ),
    _defect(
        "requests in flight are cut at the end",
        "cli/draining.py",
        ("self._until = monotonic() + self._seconds", "super().handle_exit(sig, frame); self.force_exit = True"),
        "C10",
        "N6",
    ),
    _defect(
        "a change that may have been made is told as a failure",
        "upstream/recording.py",
        ('"unknown" if self.has_touched else "failure"', '"failure"'),
        "C1",
        "I14",
        cell="create, create #1",
    ),
    _defect(
        "what a killed process left open stays so",
        "audit/trail.py",
        ("self._sink.unfinished) if each is not None]", "self._sink.unfinished) if each is None]"),
        "C3",
        "I14",
    ),
]


@contextmanager
def _broken(defect: Defect) -> Iterator[str]:
    """Yield the command that starts a copy of the product with a defect; AssertionError where the code has changed."""
    with tempfile.TemporaryDirectory() as place:
        for name in ("adapter", "mappings"):
            shutil.copytree(ROOT / name, Path(place) / name, ignore=shutil.ignore_patterns("__pycache__"))
        file = Path(place) / "adapter" / defect.file
        text = file.read_text(encoding="utf-8")
        assert text.count(defect.old) == 1, f"{defect.file} holds {text.count(defect.old)} of: {defect.old}"
        file.write_text(text.replace(defect.old, defect.new), encoding="utf-8")
        # Without PYTHONSAFEPATH the working directory, which holds the product itself, would go first.
        yield f"env PYTHONSAFEPATH=1 PYTHONPATH={place} {shlex.quote(sys.executable)} -m adapter serve --port {{port}}"


async def missed(seed: int, say: Callable[[str], None]) -> list[str]:
    """Run each defect through the part that must find it; return those that nothing found."""
    left = []
    for defect in DEFECTS:
        with _broken(defect) as command:
            setup = Setup(command, seed, cell=defect.cell, say=lambda _: None)
            results = await campaign.run(setup, [defect.part])
        found = {each.invariant for result in results for each in result.verdict.violations}
        say(f"{defect.about}: {defect.part} finds {', '.join(sorted(found)) or 'nothing'}")
        if not found & defect.finds:
            left.append(defect.about)
    return left
