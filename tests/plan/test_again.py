from collections.abc import Generator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.mapping import Mapping
from adapter.plan.again import FIRST_PAUSE, looked, pauses
from adapter.plan.conversation import Asked
from adapter.plan.moment import Wait
from tests.mapping.minimal import mapping

MAPPING = mapping()


def _window(seconds: float) -> Mapping:
    return msgspec.structs.replace(MAPPING, resource=msgspec.structs.replace(MAPPING.resource, visible_within=seconds))


def _played(window: float, suffices_at: int) -> tuple[list[str], int]:
    """Return the looks and the pauses, in order, and what is returned: the number of the look."""
    done: list[str] = []

    def look() -> Generator[Asked, Any, int]:
        done.append("look")
        yield from ()
        return done.count("look")

    looking = looked(look, lambda seen: seen >= suffices_at, _window(window))
    try:
        asked = next(looking)
        while True:
            assert isinstance(asked, Wait)
            done.append(f"{asked.seconds:.3g}")
            asked = looking.send(None)
    except StopIteration as end:
        return done, end.value


@pytest.mark.parametrize("window", [0, 5])
def test_a_look_that_suffices_is_the_only_one(window: float) -> None:
    assert _played(window, 1) == (["look"], 1)


def test_without_a_window_there_is_one_look_and_no_pause_whatever_it_shows() -> None:
    assert _played(0, 9) == (["look"], 1)


def test_it_looks_until_it_suffices() -> None:
    assert _played(5, 3) == (["look", "0.5", "look", "1", "look"], 3)


def test_what_the_last_look_shows_is_returned_when_the_window_is_over() -> None:
    assert _played(5, 99) == (
        ["look", "0.5", "look", "1", "look", "2", "look", "1.5", "look"],
        5,
    )


def test_what_a_look_asks_is_asked_and_answered_each_time() -> None:
    def look() -> Generator[Asked, Any, Any]:
        return (yield Wait(9))

    looking = looked(look, lambda seen: seen == "there", _window(1))
    assert [next(looking), looking.send("gone"), looking.send(None)] == [Wait(9), Wait(FIRST_PAUSE), Wait(9)]
    with pytest.raises(StopIteration) as end:
        looking.send("there")
    assert end.value.value == "there"


@given(st.floats(min_value=0, max_value=20))
def test_all_pauses_together_last_as_long_as_the_window(window: float) -> None:
    found = list(pauses(window))
    assert sum(found) == pytest.approx(window)
    assert all(each > 0 for each in found)
    # each is twice as long as the one before, except that the window ends the last
    doubled = [FIRST_PAUSE * 2**at for at in range(len(found))]
    assert found[:-1] == pytest.approx(doubled[: len(found) - 1])
    assert all(each <= longest for each, longest in zip(found, doubled, strict=True))


@pytest.mark.parametrize("window", [0, -1])
def test_no_window_has_no_pause(window: float) -> None:
    assert list(pauses(window)) == []
