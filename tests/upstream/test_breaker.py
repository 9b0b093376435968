import contextlib

import pytest

from adapter.errors import BadReply
from adapter.upstream.breaker import Breaker, Open
from adapter.upstream.wire import Failure, Throttled

DOWN = Failure("it is gone", sent=False)
ANSWER = Failure("it answered 500", sent=True, is_answer=True)


class Tried:
    """A breaker and a clock; `after` tells what the calls before it came to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.breaker = Breaker(lambda: self.now)

    def call(self, outcome: BaseException | None = None) -> str:
        """Return what became of a call."""
        try:
            with self.breaker.call():
                if outcome:
                    raise outcome  # noqa: TRY301 (the call's end)
        except Open as error:
            return f"open {error.after:g}"
        except BaseException as error:  # noqa: BLE001 (whatever ends the call)
            return type(error).__name__
        return "done"


def down() -> Tried:
    tried = Tried()
    assert [tried.call(DOWN) for _ in range(5)] == ["Failure"] * 5
    return tried


def test_five_failures_in_a_row_end_the_calls_for_a_while() -> None:
    tried = down()
    assert [tried.call() for _ in range(3)] == ["open 5"] * 3
    tried.now = 4
    assert tried.call() == "open 1"
    tried.now = 5
    assert [tried.call() for _ in range(3)] == ["done"] * 3


@pytest.mark.parametrize("between", [None, Throttled(None), ANSWER])
def test_an_answer_of_any_kind_shows_that_the_upstream_is_there(between: Exception | None) -> None:
    tried = Tried()
    for _ in range(5):
        assert [tried.call(DOWN) for _ in range(4)] == ["Failure"] * 4
        assert not tried.call(between).startswith("open")
    assert tried.call() == "done"


@pytest.mark.parametrize("between", [BadReply("no token"), KeyboardInterrupt()])
def test_what_ends_a_call_otherwise_shows_nothing(between: BaseException) -> None:
    tried = Tried()
    for outcome in (DOWN, DOWN, between, DOWN, DOWN, between, DOWN):
        tried.call(outcome)
    assert tried.call() == "open 5"
    tried.now = 5
    assert [tried.call(between), tried.call()] == [type(between).__name__, "done"]


def test_answers_alone_never_open_it() -> None:
    tried = Tried()
    assert {tried.call(ANSWER) for _ in range(50)} == {"Failure"}


def test_each_pause_is_as_long_and_ends_with_one_call() -> None:
    tried = down()
    for _ in range(20):
        tried.now += 5
        assert [tried.call(DOWN), tried.call(), tried.call()] == ["Failure", "open 5", "open 5"]
    tried.now += 5
    assert tried.call() == "done"
    assert [tried.call(DOWN) for _ in range(6)] == [*["Failure"] * 5, "open 5"]


def test_one_call_alone_tries_whether_the_upstream_is_back() -> None:
    tried = down()
    tried.now = 6
    with tried.breaker.call():
        assert [tried.call() for _ in range(3)] == ["open 1"] * 3
    assert tried.call() == "done"


def test_calls_that_were_under_way_when_it_opened_do_not_make_the_pause_longer() -> None:
    tried = Tried()
    with contextlib.suppress(Failure), tried.breaker.call():
        for _ in range(5):
            tried.call(DOWN)
        tried.now = 3
        raise DOWN
    assert tried.call() == "open 2"


def test_why_it_is_open_is_told() -> None:
    tried = down()
    with pytest.raises(Open) as refused:
        tried.breaker.check()
    assert (refused.value.failures, refused.value.reason) == (5, "it is gone")
