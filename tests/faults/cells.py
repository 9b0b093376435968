"""The cells of the fault matrix: every fault that makes sense at a step of an operation."""

from dataclasses import dataclass

from tests.faults.actions import RETRY_AFTER
from tests.faults.plan import Fault

Step = tuple[str, int]
"""A call of an operation: its route, and the how-manieth of that route."""

_BROKEN = ("close", "reset", "stall", "html 200", "error in 200", "empty 200", "wrong id 200", "garbage")
_STATUSES = ("500", "502", "503", "504")
_PARTS = ("truncated head", "truncated body", "drip")

_SURE = (
    *(Fault("429", form) for form in RETRY_AFTER),
    Fault("503 later", "1"),
    Fault("status", "401"),
    Fault("redirect"),
)
"""Faults that say that nothing was done."""
_ANSWERED = (
    *(Fault(each, phase="after") for each in _PARTS),
    Fault("gzip", phase="after"),
    Fault("gzip", "bomb", phase="after"),
    Fault("idle", phase="after"),
    Fault("refuse", phase="after"),
    Fault("swallow", phase="after"),
)
"""Faults that come after the right answer has begun, or with the connection after it."""
READ = (*(Fault(each) for each in _BROKEN), *(Fault("status", each) for each in _STATUSES), *_ANSWERED, *_SURE)
WRITE = (
    *READ,
    *(Fault(each, phase="after") for each in _BROKEN),
    *(Fault("status", each, "after") for each in _STATUSES),
    *(Fault(each, phase="delayed") for each in ("close", "stall")),
    Fault("status", "500", "delayed"),
)
LOGIN = tuple(each for each in READ if each.action != "wrong id 200")
WHOLE = (Fault("refuse"), Fault("swallow"))
"""Faults of the place: for the time of a whole request it cannot be reached."""
WRITES = ("create", "update", "replace", "enable", "disable", "delete")
ONE_TIME = ("idle", "refuse", "swallow")
SLOW = ("int", "date")


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one step of one operation: at the first call that fits, or at every call of the route (`lasts`)."""

    mapping: str
    operation: str
    route: str
    number: int
    fault: Fault
    lasts: bool

    def __str__(self) -> str:
        times = "lasting" if self.lasts else "once"
        return f"{self.mapping}, {self.operation}, {self.route} #{self.number}, {self.fault}, {times}"


def cells(mapping: str, operation: str, steps: list[Step]) -> list[Cell]:
    """Return the cells of an operation, whose steps are those that it takes without faults."""
    found = []
    for route, number in steps:
        for fault in WRITE if route in WRITES else READ:
            if fault.action == "wrong id 200" and route == "list":
                continue  # a list that lacks somebody, and says that it is whole, cannot be told from one that is
            found.append(Cell(mapping, operation, route, number, fault, lasts=False))
            if fault.action not in ONE_TIME and fault.value not in RETRY_AFTER[2:]:
                found.append(Cell(mapping, operation, route, number, fault, lasts=True))
    return found + [Cell(mapping, operation, "", 1, fault, lasts=True) for fault in WHOLE]


def login_cells(mapping: str, operation: str, turn: int) -> list[Cell]:
    """Return the cells of an operation before which a login is needed; each third of them, by the turn."""
    found = [Cell(mapping, operation, "login", 1, fault, lasts) for fault in LOGIN for lasts in (False, True)]
    return [each for each in found if not (each.lasts and each.fault.action in ONE_TIME)][turn % 3 :: 3]
