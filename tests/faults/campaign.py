"""The parts of the campaign in one list, and running them one after the other."""

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from tests.faults import crash, drain, logins, matrix, model, outage, overload, races, storm
from tests.faults.lane import Setup
from tests.faults.verdict import Result


class Part(NamedTuple):
    """A part: its name, what it is, and what runs it."""

    name: str
    about: str
    run: Callable[[Setup], Awaitable[Result]]


PARTS = [
    Part("C1", "every fault at every step of every operation", matrix.run),
    Part("C2", "lives of users under faults by chance", storm.run),
    Part("C3", "kill -9 in the middle of a write", crash.run),
    Part("C4", "much at once: changes, creates, replicas, humans", races.run),
    Part("C7", "the life of a token", logins.run),
    Part("C8", "more than the upstream bears", overload.run),
    Part("C9", "an upstream that is away for a while", outage.run),
    Part("C10", "SIGTERM under load", drain.run),
    Part("C14", "a model walks beside the gateway", model.run),
]


async def run(setup: Setup, names: Iterable[str] = ()) -> list[Result]:
    """Run the parts with these names, or all, and return what came of them; one that breaks off is a violation."""
    wanted, results = set(names), []
    for part in PARTS:
        if wanted and part.name not in wanted:
            continue
        setup.say(f"{part.name}: {part.about}")
        try:
            result = await part.run(setup)
        except Exception as error:  # noqa: BLE001 (whatever it is, the other parts are run)
            result = Result(part.name, setup.seed).ended()
            result.verdict.holds("I18", f"the part broke off: {_reason(error)}", holds=False)
        results.append(result)
    return results


def _reason(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_reason(each) for each in error.exceptions)
    return f"{type(error).__name__}: {error}"
