"""What the campaign has found, as people read it."""

from collections.abc import Iterator

from tests.attacks.part import Part, percentile

MOST_SHOWN = 30
"""Faults that are shown of one part."""


def lines(parts: list[Part]) -> Iterator[str]:
    """Return the report: a line for each part, and what was not as it must be."""
    yield f"{'part':<28}{'sent':>9}{'p99 ms':>8}{'max ms':>8}{'faults':>8}  answers"
    for each in parts:
        p99, most = (percentile(each.seconds, 99), 1000 * max(each.seconds)) if each.seconds else (None, None)
        times = f"{_number(p99):>8}{_number(most):>8}"
        yield f"{each.name:<28}{each.count:>9}{times}{len(each.faults):>8}  {each.answers}"
    for each in parts:
        yield from each.remarks
        yield from (f"too slow: {text}" for text in each.slow)
    for each in parts:
        if each.faults:
            yield ""
            yield f"{each.name}: {len(each.faults)} faults"
            yield from (f"  {text}" for text in each.faults[:MOST_SHOWN])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
