import asyncio
import time
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.plan.conversation import Reply
from adapter.upstream import retry
from adapter.upstream.retry import A_SECOND, MOST_SAVED, PRICE, Budget, Kind, Spent, repeated
from adapter.upstream.wire import Failure, Throttled

DONE = Reply(200, None)
UNSENT = Failure("refused", sent=False)
SENT = Failure("reset", sent=True)
SLOW = Failure("silence", sent=True, slow=True)
BUSY = Throttled(None)


class Attempts:
    """Attempts that come out as they are told to, and are counted."""

    def __init__(self, *outcomes: Reply | Exception) -> None:
        self.outcomes = chain(outcomes, repeat(outcomes[-1]))
        self.made: list[float] = []

    async def __call__(self) -> Reply:
        self.made.append(time.monotonic())
        outcome = next(self.outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def outcome(attempts: Attempts, kind: Kind, *, first_delay: float = 0.001, within: float = 5) -> Any:
    try:
        return await repeated(attempts, kind, first_delay=first_delay, within=within, budget=Budget())
    except (Failure, Throttled) as error:
        return error


@pytest.mark.parametrize(
    ("outcomes", "read", "write"),
    [  # what comes of the attempts; how many a read makes, and a write
        ([DONE], 1, 1),
        ([Reply(500)], 1, 1),
        ([UNSENT], 3, 3),
        ([UNSENT, DONE], 2, 2),
        ([UNSENT, UNSENT, DONE], 3, 3),
        ([BUSY], 3, 3),
        ([BUSY, DONE], 2, 2),
        ([Throttled(0), DONE], 2, 2),
        ([BUSY, UNSENT, DONE], 3, 3),
        ([SENT], 3, 1),
        ([SENT, DONE], 2, 1),
        ([SLOW], 3, 1),
        ([SLOW, DONE], 2, 1),
        ([UNSENT, SENT], 3, 2),
        ([BUSY, SENT, DONE], 3, 2),
    ],
)
async def test_what_may_have_been_done_is_repeated_only_for_a_read(
    outcomes: list[Reply | Exception], read: int, write: int
) -> None:
    kinds: list[tuple[Kind, int]] = [
        ("read", read),
        ("login", read),
        ("create", write),
        ("change", write),
        ("remove", write),
    ]
    for kind, count in kinds:
        attempts = Attempts(*outcomes)
        last = [*outcomes, *repeat(outcomes[-1], 3)][count - 1]
        assert await outcome(attempts, kind) is last
        assert len(attempts.made) == count


async def test_any_other_error_is_not_repeated() -> None:
    attempts = Attempts(ValueError("ours"), DONE)
    with pytest.raises(ValueError, match="ours"):
        await repeated(attempts, "read", first_delay=0.001, within=5, budget=Budget())
    assert len(attempts.made) == 1


async def test_waits_double_and_are_never_shorter_than_half() -> None:
    attempts = Attempts(UNSENT)
    await outcome(attempts, "read", first_delay=0.1)
    first, second = (after - before for before, after in zip(attempts.made, attempts.made[1:], strict=False))
    assert first >= 0.05
    assert second >= 0.1


async def test_no_wait_is_longer_than_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "MOST_DELAY", 0.05)
    attempts = Attempts(UNSENT)
    await outcome(attempts, "read", first_delay=60)
    assert attempts.made[-1] - attempts.made[0] < 10


async def test_the_upstreams_own_time_is_waited_for() -> None:
    attempts = Attempts(Throttled(0.2), DONE)
    assert await outcome(attempts, "create") is DONE
    assert attempts.made[1] - attempts.made[0] >= 0.2


async def test_an_overload_without_a_time_is_given_four_times_as_long() -> None:
    attempts = Attempts(BUSY, DONE)
    assert await outcome(attempts, "create", first_delay=0.05) is DONE
    assert attempts.made[1] - attempts.made[0] >= 0.1


@pytest.mark.parametrize(
    ("error", "first_delay", "within"),
    [(Throttled(60), 0.001, 5), (UNSENT, 30, 5), (UNSENT, 0.001, 0), (UNSENT, 0.001, -1)],
)
async def test_what_there_is_no_time_for_is_not_waited_for(error: Exception, first_delay: float, within: float) -> None:
    attempts = Attempts(error, DONE)
    began = time.monotonic()
    assert await outcome(attempts, "read", first_delay=first_delay, within=within) is error
    assert len(attempts.made) == 1
    assert time.monotonic() - began < 0.5


async def test_the_first_attempt_counts_towards_the_time() -> None:
    made = 0

    async def attempt() -> Reply:
        nonlocal made
        made += 1
        await asyncio.sleep(0.3)
        raise UNSENT

    with pytest.raises(Failure):
        await repeated(attempt, "read", first_delay=0.2, within=0.4, budget=Budget())
    assert made == 1


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def spent(clock: Clock) -> Budget:
    """Return a budget of which nothing is left."""
    budget = Budget(clock)
    while budget.take():
        pass
    return budget


@pytest.mark.parametrize(
    ("calls", "seconds", "repetitions"),
    [(0, 0.0, 0), (4, 0.0, 0), (5, 0.0, 1), (50, 0.0, 10), (0, 0.09, 0), (0, 1.0, 10), (5, 1.0, 11), (500, 9.0, 20)],
)
def test_repetitions_are_a_fifth_of_the_calls_and_ten_a_second_and_twenty_at_once_at_the_most(
    calls: int, seconds: float, repetitions: int
) -> None:
    clock = Clock()
    budget = spent(clock)
    for _ in range(calls):
        budget.called()
    clock.now = seconds
    assert [budget.take() for _ in range(repetitions + 1)] == [True] * repetitions + [False]


@given(st.lists(st.one_of(st.just("call"), st.just("repetition"), st.floats(0, 10)), max_size=300))
def test_whatever_happens_no_more_is_repeated_than_was_earned(events: list[str | float]) -> None:
    clock = Clock()
    budget, calls, repeated_ = Budget(clock), 0, 0
    for each in events:
        if isinstance(each, float):
            clock.now += each
        elif each == "call":
            budget.called()
            calls += 1
        else:
            repeated_ += budget.take()
    assert repeated_ * PRICE <= MOST_SAVED + calls + A_SECOND * clock.now + 1e-6


async def test_what_no_repetition_is_left_for_fails_as_it_did() -> None:
    attempts = Attempts(UNSENT, DONE)
    with pytest.raises(Failure):
        await repeated(attempts, "create", first_delay=0.001, within=5, budget=spent(Clock()))
    assert len(attempts.made) == 1


async def test_a_call_that_is_a_repetition_takes_one_and_is_not_sent_where_none_is_left() -> None:
    attempts, clock = Attempts(DONE), Clock()
    budget = spent(clock)
    with pytest.raises(Spent):
        await repeated(attempts, "change", first_delay=0.001, within=5, budget=budget, again=True)
    assert attempts.made == []
    clock.now = 0.1
    assert await repeated(attempts, "change", first_delay=0.001, within=5, budget=budget, again=True) is DONE
    assert not budget.take()
