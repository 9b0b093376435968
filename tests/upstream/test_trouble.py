import pytest

from adapter.errors import BadReply, TooSlow, Unavailable
from adapter.upstream.breaker import Open
from adapter.upstream.limits import Overfull
from adapter.upstream.trouble import left_alone, overfull, overloaded, unusable
from adapter.upstream.wire import Failure, Throttled
from tests.mapping.minimal import n_able

MAPPING = n_able()


@pytest.mark.parametrize(("after", "seconds"), [(None, 10), (0.0, 10), (0.2, 1), (7.0, 7)])
def test_an_overloaded_upstream_is_503_with_a_time_to_come_back(after: float | None, seconds: int) -> None:
    error = overloaded(Throttled(after), MAPPING)
    assert isinstance(error, Unavailable)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure("x", sent=False), Unavailable),
        (Failure("x", sent=True), BadReply),
        (Failure("x", sent=True, slow=True), TooSlow),
    ],
)
def test_a_failure_says_whether_the_upstream_was_reached(failure: Failure, kind: type[Exception]) -> None:
    error = unusable(failure, MAPPING)
    assert type(error) is kind
    assert error.detail == "The N-able user API gave no usable reply: x."


def test_a_request_that_was_not_begun_says_that_nothing_was_done() -> None:
    error = overfull(Overfull(12.4), MAPPING)
    assert (error.status, error.headers) == (503, {"Retry-After": "12"})
    assert error.detail == (
        "The N-able user API has as many calls under way as it bears, and too many wait already; nothing was done."
    )


def test_an_upstream_that_is_left_alone_says_why_and_until_when() -> None:
    error = left_alone(Open(3.2, 7, "it did not answer in time"), MAPPING)
    assert (error.status, error.headers) == (503, {"Retry-After": "4"})
    assert error.detail == (
        "The N-able user API failed 7 times in a row, at last because it did not answer in time. It is left alone for now "
        "and tried again in 4 s."
    )
