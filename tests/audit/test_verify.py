from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.audit.chain import chained, link_of
from adapter.audit.event import Event
from adapter.audit.reading import Numbered
from adapter.audit.verify import Verified
from tests.audit.events import changes, event, trail

FILE = Path("trail")
TRAIL = trail(*changes(6))
PLACES = st.integers(0, len(TRAIL) - 1)


def faults(lines: Sequence[bytes], judged: Verified | None = None) -> list[str]:
    return [*(judged or Verified()).faults(Numbered(FILE, at, line) for at, line in enumerate(lines, 1))]


def test_a_whole_trail_has_no_fault_and_tells_what_to_note() -> None:
    judged = Verified()
    assert faults(TRAIL, judged) == []
    last = link_of(TRAIL[-1])
    assert last is not None
    assert (judged.intents, judged.events, judged.first, judged.head) == (6, 6, None, last.hash)


@given(PLACES, st.integers(0), st.integers(1, 255))
def test_a_changed_line_is_named(at: int, place: int, other: int) -> None:
    line = TRAIL[at]
    place %= len(line)
    changed = line[:place] + bytes([line[place] ^ other]) + line[place + 1 :]
    assert any(each.startswith(f"trail:{at + 1}: this ") for each in faults([*TRAIL[:at], changed, *TRAIL[at + 1 :]]))


@given(PLACES)
def test_a_dropped_line_is_missed(at: int) -> None:
    # Of the first line the second says so: its event has no intent; of the last one the intent before it.
    found = faults([*TRAIL[:at], *TRAIL[at + 1 :]])
    assert found
    if 0 < at < len(TRAIL) - 1:
        assert (
            f"trail:{at + 1}: this line does not follow from the one before it: lines are missing, or out of order"
            in found
        )


@given(PLACES, PLACES)
def test_swapped_lines_are_found(one: int, other: int) -> None:
    swapped = [*TRAIL]
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert bool(faults(swapped)) == (one != other)


@given(PLACES, st.integers(0, len(TRAIL)))
def test_a_line_that_is_there_twice_is_found(one: int, at: int) -> None:
    assert faults([*TRAIL[:at], TRAIL[one], *TRAIL[at:]])


@given(st.integers(1, 5))
def test_an_end_that_was_cut_off_is_missed_by_a_hash_that_was_noted(left: int) -> None:
    head = Verified()
    faults(TRAIL, head)
    assert head.head is not None
    cut = TRAIL[: 2 * left]
    assert faults(cut) == []  # nobody can tell, without
    [fault] = faults(cut, Verified(noted=[head.head]))
    assert (
        fault == f"{head.head}: no line has this hash: what was there when it was noted has been cut off or made anew"
    )
    assert (
        faults([*TRAIL, *trail(event("x", "failure", intended=False), prev=head.head)], Verified(noted=[head.head]))
        == []
    )


CASES: list[tuple[str, list[Event], list[str]]] = [
    (
        "an intent that is left",
        [event("a"), event("b"), event("b", "success")],
        ["trail:1: an intent without its event: it is under way, or is settled at the next start"],
    ),
    ("an intent that another replaces", [event("a"), event("a"), event("a", "success")], []),
    ("one that failed before it was intended", [event("a", "failure", intended=False)], []),
    (
        "two ends",
        [event("a"), event("a", "success"), event("a", "unknown")],
        ["trail:3: an event without its intent, or a second one"],
    ),
    (
        "a form of the future",
        [event("a", "failure", intended=False, v=2)],
        ["trail:1: this line has form 2; this program knows 1"],
    ),
]


@pytest.mark.parametrize(("events", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_intent_has_its_event(events: list[Event], expected: list[str]) -> None:
    assert faults(trail(*events)) == expected


def test_what_no_text_can_hold_is_named() -> None:
    assert faults([TRAIL[0].replace(b'"e0"', b'"\xff0"'), TRAIL[1]]) == [
        "trail:1: this line was changed after it was written",
        "trail:1: this is no line of an audit trail",
        "trail:2: an event without its intent, or a second one",
    ]


def test_what_stands_too_deep_to_be_read_is_named() -> None:
    deep, _ = chained(b'{"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None)
    assert faults([deep]) == ["trail:1: this is no line of an audit trail"]


def test_what_is_no_line_is_named_and_the_rest_is_judged_on() -> None:
    assert faults([TRAIL[0], b"hello", *TRAIL[1:]]) == ["trail:2: this is no line of an audit trail"]
    [torn] = Verified().faults([Numbered(FILE, 1, TRAIL[0][:-9], is_whole=False)])
    assert torn == "trail:1: the last line was torn by a crash"


def test_a_new_chain_in_the_middle_is_allowed_where_it_is_said() -> None:
    two = [*trail(*changes(1)), *trail(*changes(1))]
    assert len(faults(two)) == 1
    assert faults(two, Verified(restarts=True)) == []


def test_a_trail_whose_beginning_is_elsewhere_says_so() -> None:
    judged = Verified()
    assert faults(TRAIL[2:], judged) == []
    assert judged.first == getattr(link_of(TRAIL[1]), "hash", None)
