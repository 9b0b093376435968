"""The tally of the demo: what each kind of request took, what it cost upstream, and what Entra thought of it."""

from dataclasses import dataclass, field
from statistics import median

from adapter.simulator.entra import Answer


@dataclass
class Row:
    """All requests of one kind within a step of the story."""

    step: str
    request: str
    outcome: str  # what has happened to each when all is well: "created"
    calls: int = 0  # what they cost upstream
    answers: list[tuple[str, Answer]] = field(default_factory=list)  # with whom each was about

    @property
    def failures(self) -> list[str]:
        """Each answer that was not what Entra expects, and whom it was about."""
        return [f"{who}: {answer.fault}" for who, answer in self.answers if answer.fault]

    @property
    def requests(self) -> int:
        """How many there were."""
        return len(self.answers)

    @property
    def calls_per_request(self) -> float:
        """What one of them cost upstream."""
        return self.calls / self.requests if self.requests else 0.0

    @property
    def p50(self) -> float:
        """The milliseconds within which half of them were answered."""
        return 1000 * median(answer.seconds for _, answer in self.answers) if self.answers else 0.0

    @property
    def result(self) -> str:
        """What became of them, in words."""
        failed = len(self.failures)
        well = f"{self.requests - failed} {self.outcome}"
        if not failed:
            return well
        return f"{failed} failed" if failed == self.requests else f"{well}, {failed} failed"
