import inspect
from typing import get_args

import msgspec
import pytest

from adapter.plan import moment
from adapter.plan.conversation import Asked
from adapter.plan.moment import Intended, Loss, Missed, Moment, Noted, Over, Recent, Sought, Turn, Wait, Wished

EACH: list[Moment] = [
    Turn("User", id="42"),
    Over(Turn("User", id="42")),
    Wait(0.2),
    Sought("User", "ada"),
    Recent("User", "ada"),
    Noted("User", "42", "ada"),
    Missed("User", "ada"),
    Loss("User", "42"),
    Wished("update", "User", "42", ends=True),
    Intended("delete", "User", "42", None, None),
]


def test_everything_that_is_asked_of_the_moment_is_one_and_may_be_yielded() -> None:
    defined = {each for _, each in inspect.getmembers(moment, inspect.isclass) if each.__module__ == moment.__name__}
    assert defined == set(get_args(Moment)) == {type(each) for each in EACH}
    assert defined < set(get_args(Asked))


@pytest.mark.parametrize("each", EACH, ids=str)
def test_it_cannot_be_changed_and_a_copy_is_the_same(each: Moment) -> None:
    copied = msgspec.structs.replace(each)
    assert (copied, hash(copied), copied is not each) == (each, hash(each), True)
    with pytest.raises(AttributeError):
        setattr(each, each.__struct_fields__[0], None)


def test_no_two_are_the_same() -> None:
    assert len(set(EACH)) == len(EACH)


def test_turns_are_those_of_one_resource_or_one_name() -> None:
    turns = [
        Turn("User", id="42"),
        Turn("Group", id="42"),
        Turn("User", id="43"),
        Turn("User", name="42"),
        Turn("User", name="ada"),
        Turn("User", id="42", name="42"),
    ]
    assert {each: at for at, each in enumerate(turns)}[Turn("User", name="42")] == 3
    assert len(set(turns)) == len(turns)
