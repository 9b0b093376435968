"""What goes wrong, and when: a plan is a list of rules, and each rule applies one fault to the requests that it fits."""

import random
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.wire import Seen

Phase = Literal["before", "after", "delayed"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong: what is done on the wire (`action`, and its `value`), and whether the change is made.

    `before`: it is not made. `after`: it is made first. `delayed`: it is made `seconds` after the fault.
    """

    action: str
    value: str = ""
    phase: Phase = "before"
    seconds: float = 0.15

    def __str__(self) -> str:
        return " ".join(each for each in (self.action, self.value, self.phase) if each)


@dataclass(slots=True)
class Rule:
    """Applies a fault to requests of a route, of a method, or about somebody: from the `first` that fits on, `times` times.

    With a `share` it applies to that part of them, by chance. `faults` are several of which one is taken each time.
    """

    faults: tuple[Fault, ...]
    route: str = ""
    method: str = ""
    about: str = ""
    first: int = 1
    times: int | None = 1
    share: float = 1.0
    fitted: int = 0
    applied: int = 0

    def fits(self, seen: Seen) -> bool:
        """Tell whether a request is one of those that are meant."""
        return (
            self.route in {"", seen.route}
            and self.method in {"", seen.method}
            and (not self.about or self.about in seen.about)
        )


@dataclass(slots=True)
class Plan:
    """The rules in their order, and the chance that decides where a rule leaves it to chance."""

    seed: int = 0
    rules: list[Rule] = field(default_factory=list)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 (chance that can be repeated)

    def chosen(self, seen: Seen) -> Fault | None:
        """Return the fault for a request: that of the first rule that applies."""
        for rule in self.rules:
            if rule.fits(seen):
                rule.fitted += 1
                if rule.fitted < rule.first or (rule.times is not None and rule.applied >= rule.times):
                    continue
                if rule.share < 1.0 and self._chance.random() >= rule.share:
                    continue
                rule.applied += 1
                return self._chance.choice(rule.faults) if len(rule.faults) > 1 else rule.faults[0]
        return None

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self.rules.clear()
