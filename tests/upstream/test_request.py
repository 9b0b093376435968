import pytest

from adapter.upstream.request import Request


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_what_is_left_goes_down_to_nothing_and_never_below_it() -> None:
    clock = Clock()
    request = Request(25, clock)
    left = []
    for clock.now in (100, 101.5, 124, 125, 126, 9000):
        left.append(request.left)
    assert left == [25, 23.5, 1, 0, 0, 0]


def test_a_request_without_an_end_always_has_time() -> None:
    clock = Clock()
    request = Request(float("inf"), clock)
    clock.now = 1e9
    assert request.left == float("inf")


def test_a_new_request_has_done_nothing() -> None:
    request = Request(25)
    assert not any([request.is_begun, request.is_writing, request.has_written, request.is_over])


def test_it_is_writing_while_a_write_is_under_way_and_has_written_from_then_on() -> None:
    request = Request(25)
    for _ in range(2):
        with request.writing():
            assert (request.is_writing, request.has_written) == (True, True)
        assert (request.is_writing, request.has_written) == (False, True)


def test_a_write_that_fails_is_over_and_may_have_been_done() -> None:
    request = Request(25)
    with pytest.raises(ValueError, match="broken"), request.writing():
        raise ValueError("broken")
    assert (request.is_writing, request.has_written) == (False, True)


def test_to_write_ends_nothing() -> None:
    request = Request(25)
    with request.writing():
        assert (request.is_over, request.left > 0) == (False, True)
