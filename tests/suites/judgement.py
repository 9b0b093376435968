"""Judges what a suite says: each of its checks is green, or a row of exceptions.yaml says why it cannot apply.

A row that nothing needs is a fault like a failure that no row names: the list says what is true today.
"""

from pathlib import Path
from typing import Literal

import msgspec
import yaml

FOLDER = Path(__file__).parent

Suite = Literal["scim2-tester", "scim-sanity"]
Profile = Literal["strict", "compat"]


class Verdict(msgspec.Struct, frozen=True):
    """What came of one check: `green`, or the suite's own word for it, and what the suite says."""

    check: str
    outcome: str
    says: str = ""


class Run(msgspec.Struct, frozen=True):
    """One suite, let loose on the gateway with one mapping; scim-sanity has two profiles."""

    suite: Suite
    mapping: str
    profile: Profile | None = None

    def __str__(self) -> str:
        return " ".join(each for each in (self.suite, self.profile, "with", self.mapping) if each)


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A check that is not green, with what the suite then says (a part of it) and why that is right.

    Without a mapping or a profile it is about each of them.
    """

    suite: Suite
    mapping: str | None = None
    profile: Profile | None = None
    check: str
    says: str
    rfc: str
    reason: str

    def is_about(self, run: Run) -> bool:
        """Whether the row speaks of that run."""
        return self.suite == run.suite and self.mapping in (None, run.mapping) and self.profile in (None, run.profile)


def rows(*files: str) -> list[Row]:
    """Return the rows of files that stand here."""
    return [
        row
        for name in files
        for row in msgspec.convert(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")), list[Row])
    ]


def merged(verdicts: list[Verdict]) -> list[Verdict]:
    """Return one verdict for each check: it is green only if it was each time."""
    result: dict[str, Verdict] = {}
    for each in verdicts:
        before = result.get(each.check)
        if before is None or before.outcome == "green":
            result[each.check] = each
        elif each.outcome != "green":
            result[each.check] = Verdict(each.check, before.outcome, f"{before.says}; {each.says}")
    return list(result.values())


def faults(run: Run, verdicts: list[Verdict], known: list[Row]) -> list[str]:
    """Return what is wrong: a check that is not green and not listed, and a row that is not true (any more)."""
    own = [row for row in known if row.is_about(run)]
    found = {each.check: each for each in verdicts}
    unlisted = [
        f"{each.check} is not green ({each.outcome}), and no row says why: {each.says}"
        for each in verdicts
        if each.outcome != "green" and each.check not in {row.check for row in own}
    ]
    twice = [
        f"{row.check} is listed twice" for at, row in enumerate(own) if row.check in {one.check for one in own[:at]}
    ]
    return [*unlisted, *twice, *(fault for row in own if (fault := _untrue(row, found.get(row.check))))]


def _untrue(row: Row, verdict: Verdict | None) -> str | None:
    if verdict is None:
        return f"{row.check} is listed, and the suite has no such check: take the row out"
    if verdict.outcome == "green":
        return f"{row.check} is listed, and it is green: take the row out"
    if row.says not in verdict.says:
        return f"{row.check} is listed because of {row.says!r}, and now the suite says: {verdict.says}"
    return None


def counted(run: Run, verdicts: list[Verdict]) -> str:
    """Return the line of a run in the table that ends the tests."""
    green = sum(each.outcome == "green" for each in verdicts)
    return f"{run!s:<32} {len(verdicts):>3} checks  {green:>3} green  {len(verdicts) - green:>3} excepted"
