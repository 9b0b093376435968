"""What a part of the campaign has found: how much it sent, how long answers took, and what was not as it must be."""

from collections import Counter
from collections.abc import Callable
from statistics import quantiles

import msgspec

Say = Callable[[str], None]


class Part(msgspec.Struct):
    """One line of the report."""

    name: str
    verdicts: Counter[str] = msgspec.field(default_factory=Counter)
    """How often each answer came: `400 invalidFilter`."""
    seconds: list[float] = msgspec.field(default_factory=list)
    faults: list[str] = msgspec.field(default_factory=list)
    """What was not as it must be."""
    slow: list[str] = msgspec.field(default_factory=list)
    """What took too long: said, and no fault of the gateway's where the machine is busy with something else."""
    remarks: list[str] = msgspec.field(default_factory=list)

    @property
    def count(self) -> int:
        """Requests that were sent."""
        return sum(self.verdicts.values())

    @property
    def answers(self) -> str:
        """The answers by their frequency."""
        return ", ".join(f"{count} x {verdict}" for verdict, count in self.verdicts.most_common(6))


def percentile(seconds: list[float], share: int) -> float:
    """Return the time in milliseconds that so many in a hundred did not exceed."""
    if len(seconds) < 2:
        return 1000 * sum(seconds)
    return 1000 * quantiles(seconds, n=100, method="inclusive")[share - 1]
