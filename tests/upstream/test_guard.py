import logging

import pytest

from adapter.errors import Unavailable
from adapter.upstream.guard import RETRY_AFTER, Guard


class Watched:
    """A guard that lets three go in a hundred seconds, and a clock."""

    def __init__(self, most: int = 3) -> None:
        self.now = 0.0
        self.guard = Guard(most, 100, lambda: self.now)

    def lost(self, *ids: str, kind: str = "User") -> list[str]:
        """Return the ids that are let through."""
        through = []
        for each in ids:
            try:
                self.guard.check(kind, each)
            except Unavailable:
                continue
            through.append(each)
        return through


def holding() -> Watched:
    watched = Watched()
    watched.lost("a", "b", "c", "d")
    assert watched.guard.is_holding
    return watched


@pytest.mark.parametrize("most", [0, 1, 3])
def test_so_many_go_through_and_the_next_is_held_and_all_after_it(most: int) -> None:
    watched = Watched(most)
    assert watched.lost(*"abcdef") == list("abcdef"[:most])
    assert watched.guard.is_holding
    assert watched.lost(*"ghi") == []


def test_as_many_as_are_usual_hold_up_nobody() -> None:
    watched = Watched()
    watched.lost(*"abc")
    assert not watched.guard.is_holding


def test_one_that_is_counted_already_passes_however_often_it_comes() -> None:
    watched = Watched()
    assert watched.lost(*"aaaaabbbbbccccc") == list("aaaaabbbbbccccc")
    assert not watched.guard.is_holding
    assert watched.lost(*"daebfc") == list("abc")  # while others are held, too


def test_the_same_id_of_another_kind_is_another_resource() -> None:
    watched = Watched()
    watched.lost("a", "b")
    assert watched.lost("a", "b", kind="Group") == ["a"]


def test_time_makes_room_before_anything_is_held() -> None:
    watched = Watched()
    through = []
    for number in range(20):
        watched.now = number * 50.0
        through += watched.lost(f"{number}")
    assert len(through) == 20
    assert not watched.guard.is_holding


@pytest.mark.parametrize(("later", "through"), [(99.9, []), (100.0, ["d"])])
def test_one_is_counted_for_the_whole_time_and_no_longer(later: float, through: list[str]) -> None:
    watched = Watched()
    watched.lost(*"abc")
    watched.now = later
    assert watched.lost("d") == through


def test_one_that_comes_again_is_counted_from_when_it_came_first() -> None:
    watched = Watched()
    watched.lost(*"abc")
    watched.now = 99
    watched.lost(*"abc")
    watched.now = 100
    assert watched.lost(*"def") == list("def")


def test_once_it_holds_no_time_lets_anything_go() -> None:
    watched = holding()
    for watched.now in (50, 100, 1e9):
        assert watched.lost("d", "e") == []
    assert watched.guard.is_holding


def test_released_it_counts_anew() -> None:
    watched = holding()
    watched.guard.release()
    assert not watched.guard.is_holding
    assert watched.lost(*"defg") == list("def")
    assert watched.guard.is_holding


def test_a_release_before_it_holds_makes_room_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched()
    watched.lost(*"abc")
    watched.guard.release()
    assert watched.lost(*"def") == list("def")
    assert caplog.records == []


def test_who_is_held_is_told_why_and_when_to_come_again() -> None:
    watched = holding()
    with pytest.raises(Unavailable, match="3 users or groups were disabled or removed within 100 seconds") as held:
        watched.guard.check("User", "the-held-one")
    assert (held.value.status, held.value.retry_after) == (503, RETRY_AFTER)
    assert "the-held-one" not in held.value.detail


def test_the_log_has_one_error_for_all_that_are_held_and_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    watched, ids = Watched(), [f"user-{each}" for each in range(20)]
    for watched.now in (0, 1, 200):
        watched.lost(*ids)
    assert [(each.name, each.levelname) for each in caplog.records] == [("adapter.guard", "ERROR")]
    assert (
        caplog.records[0]
        .getMessage()
        .startswith("mass loss: 3 disables and removals in 100 s; all further ones are held")
    )
    watched.guard.release()
    watched.lost(*ids)
    assert [each.levelname for each in caplog.records] == ["ERROR", "WARNING", "ERROR"]
    assert not any(each in caplog.text for each in ids)
