"""What the campaign found, as people read it."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.campaign import PARTS
from tests.faults.verdict import INVARIANTS, Result

LONGEST_LIST = 40
"""Violations that are shown of one part."""


def lines(results: list[Result]) -> Iterator[str]:
    """Return the report: what was done, each invariant, and what broke it."""
    about = {each.name: each.about for each in PARTS}
    yield f"{'part':<5}{'seed':>6}{'seconds':>9}{'violations':>12}  what"
    for each in results:
        yield f"{each.part:<5}{each.seed:>6}{each.seconds:>9.1f}{len(each.verdict.violations):>12}  {about.get(each.part, '')}"
        yield f"{'':<34}{', '.join(f'{name} {value}' for name, value in each.figures.items())}"
    yield ""
    yield f"{'':<5}{'looked at':>10}{'broken':>8}  invariant"
    looked, broken = Counter[str](), Counter[str]()
    for result in results:
        looked += result.verdict.looked
        broken += Counter(each.invariant for each in result.verdict.violations)
    for name, text in INVARIANTS.items():
        yield f"{name:<5}{looked[name]:>10}{broken[name]:>8}  {text}"
    for result in results:
        yield from _details(result)


def _details(result: Result) -> Iterator[str]:
    for each in result.remarks:
        yield f"{result.part}: {each}"
    violations = result.verdict.violations
    if violations:
        yield ""
        yield f"{result.part}, seed {result.seed}: {len(violations)} violations"
        yield from (f"  {each}" for each in violations[:LONGEST_LIST])
        if len(violations) > LONGEST_LIST:
            yield f"  … and {len(violations) - LONGEST_LIST} more"


def as_json(results: list[Result]) -> list[dict[str, object]]:
    """Return the results as JSON has them, with every violation."""
    return [
        {
            "part": each.part,
            "seed": each.seed,
            "seconds": round(each.seconds, 1),
            "figures": each.figures,
            "looked": dict(each.verdict.looked),
            "violations": [{"invariant": one.invariant, "what": one.what} for one in each.verdict.violations],
            "remarks": each.remarks,
        }
        for each in results
    ]
