"""What was held against the invariants: what each of them looked at, and what broke it."""

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

INVARIANTS = {
    "I1": "no duplicate: nobody is there twice",
    "I2": "no loss: whoever was acknowledged and not deleted is there",
    "I3": "no phantom success: what a 2xx says is so upstream at that moment",
    "I4": "unmapped fields are untouched",
    "I5": "at the end every mapped field is what was acknowledged last",
    "I6": "nobody else is touched",
    "I7": "a write sends mapped fields and untouched raw ones, nothing else",
    "I8": "only known calls, parameters and headers go out",
    "I9": "a create is sent again only after a look, or where it was surely not done",
    "I10": "an upstream in trouble gets no more than three times the calls",
    "I11": "every answer comes within the deadline",
    "I12": "an error has the form of RFC 7644, is never a 500, and shows nothing internal",
    "I14": "each change that was made, or may have been, has its one event in the audit trail",
    "I15": "one login at a time, and only where one is needed",
    "I16": "open files stay bounded",
    "I17": "nobody is disabled or deleted unasked",
    "I18": "the process lives and says so at once",
    "N1": "no wrong 'not found' and no list that lacks somebody",
    "N2": "the same request, sent again without faults, leads to the state of the run without faults",
    "N3": "a load that the upstream bears is borne, and it never gets more at once than it bears",
    "N4": "who cannot be served is told so at once, and when to come again",
    "N5": "what was in trouble is soon as it was before",
    "N6": "an end of the process cuts nobody off",
    "N7": "every answer is one that a simple model of the gateway gives",
}
"""I1 to I18 are the campaign's; I13 needs logs, and is not looked at. N1 to N7 follow from them."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant, and what was seen of it."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant} ({INVARIANTS[self.invariant].partition(':')[0]}): {self.what}"


@dataclass(slots=True)
class Verdict:
    """Counts what each invariant looked at, and keeps what broke it."""

    looked: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def holds(self, invariant: str, what: str = "", *, holds: bool) -> None:
        """Note that an invariant was looked at, and `what` was seen where it does not hold."""
        self.looked[invariant] += 1
        if not holds:
            self.violations.append(Violation(invariant, what))

    def add(self, other: "Verdict", where: str) -> None:
        """Take in another verdict; its violations say `where` they were seen, if that is said."""
        self.looked += other.looked
        before = f"{where}: " if where else ""
        self.violations += [Violation(each.invariant, before + each.what) for each in other.violations]


@dataclass(slots=True)
class Result:
    """What came of a part of the campaign: figures by their names, and remarks on what is known and no violation."""

    part: str
    seed: int
    verdict: Verdict = field(default_factory=Verdict)
    figures: dict[str, str | int | float] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    began: float = field(default_factory=monotonic)
    seconds: float = 0.0

    def ended(self) -> "Result":
        """Return it with the time that it took."""
        self.seconds = monotonic() - self.began
        return self

    @property
    def is_clean(self) -> bool:
        """Whether nothing was broken."""
        return not self.verdict.violations
