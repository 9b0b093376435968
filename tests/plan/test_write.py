"""Writing one record; what PATCH and PUT make of it is in test_update.py."""

import pytest

from adapter.errors import BadReply, ScimError, Unavailable
from adapter.mapping.convert import resource_of
from adapter.plan.conversation import Call, Outcome
from adapter.plan.write import written
from tests.plan.by_hand import BROKEN, DONE, MAPPING, found, record


def _written(*outcomes: Outcome) -> tuple[list[Call], object]:
    wanted = resource_of(record(isEnabled=False), MAPPING.resource)
    writing = written("42", record(), wanted, MAPPING)
    calls, answers = [], iter(outcomes)
    try:
        asked = next(writing)
        while True:
            if isinstance(asked, Call):
                calls.append(asked)
            asked = writing.send(next(answers) if isinstance(asked, Call) else None)
    except StopIteration as done:
        return calls, done.value


def test_what_differs_is_written_and_read_again() -> None:
    calls, resource = _written(DONE, found(isEnabled=False))
    assert [(each.method, each.body) for each in calls] == [("PATCH", {"status": "disabled"}), ("GET", None)]
    assert resource == resource_of(record(isEnabled=False), MAPPING.resource)


@pytest.mark.parametrize(
    ("outcomes", "error"), [((DONE, found()), BadReply), ((BROKEN, found(), BROKEN, found()), Unavailable)]
)
def test_what_is_not_there_afterwards_was_not_done(outcomes: tuple[Outcome, ...], error: type[ScimError]) -> None:
    with pytest.raises(error, match="another active than was sent"):
        _written(*outcomes)
