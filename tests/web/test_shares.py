from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from adapter.web.shares import Shares

NAMES = st.sets(st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1), min_size=1, max_size=40)
WORKERS = st.integers(1, 8)


@given(NAMES, WORKERS)
def test_each_worker_has_as_many_as_the_others_or_one_more(names: set[str], workers: int) -> None:
    shares = Shares(names, workers)
    held = Counter(shares.owner(each) for each in names)
    assert set(held) <= set(range(1, workers + 1))
    counts = [held[each] for each in range(1, workers + 1)]
    assert max(counts) - min(counts) <= 1


@given(NAMES, WORKERS, st.randoms())
def test_every_process_finds_the_same_owners_in_whatever_order_they_are_named(
    names: set[str], workers: int, chance: Random
) -> None:
    listed = sorted(names)
    chance.shuffle(listed)
    assert [Shares(listed, workers).owner(each) for each in names] == [
        Shares(names, workers).owner(each) for each in names
    ]


@given(NAMES, WORKERS, st.text(min_size=1))
def test_one_that_is_added_has_an_owner_and_moves_no_other(names: set[str], workers: int, new: str) -> None:
    shares = Shares(names, workers)
    before = {each: shares.owner(each) for each in names}
    assert 1 <= shares.owner(new) <= workers
    assert {each: shares.owner(each) for each in names} == before


def test_those_that_are_added_go_to_all() -> None:
    shares = Shares(["acme"], 3)
    assert set(Counter(shares.owner(f"new{number}") for number in range(100))) == {1, 2, 3}
