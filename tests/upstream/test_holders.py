from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.plan.keeping import Folded
from adapter.upstream.holders import Holders, hashed

IDS = ["u1", "u2", "u3", "u4"]
NAMES: list[Folded] = ["ada", "bob", "eve", 7, 2.5, True]


@pytest.mark.parametrize("key", [hashed, lambda _: 1, lambda name: hashed(name) % 2], ids=["own", "one", "two"])
@given(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from([*NAMES, None]))))
def test_whoever_has_a_name_is_found_and_others_only_for_a_hash_that_two_names_have(
    key: Callable[[Folded], int], puts: list[tuple[str, Folded | None]]
) -> None:
    holders, known = Holders(key), dict[str, Folded]()
    for each, name in puts:
        holders.put(each, name)
        known.pop(each, None)
        known |= {} if name is None else {each: name}
        assert (len(holders), holders.ids()) == (len(known), {*known})
        for sought in NAMES:
            expected = sorted(one for one, its in known.items() if key(its) == key(sought))
            assert holders.of(sought) == tuple(expected)


@pytest.mark.parametrize(("one", "other"), [(7, 7.0), (True, 1), ("ada", "ADA".lower())])
def test_equal_names_have_one_hash(one: Folded, other: Folded) -> None:
    assert hashed(one) == hashed(other)


def test_names_have_hashes_of_their_own_of_60_bits() -> None:
    made = {hashed(f"user{each}@example.com") for each in range(10_000)}
    assert len(made) == 10_000
    assert 2**59 < max(made) < 2**60


def test_no_name_is_kept() -> None:
    holders = Holders()
    holders.put("u1", "someone")
    assert not any("someone" in repr(each) for each in vars(holders).values())
