from adapter.simulator.entra import Answer
from adapter.simulator.tally import Row


def test_a_row_says_what_its_requests_took() -> None:
    row = Row("initial cycle", "create", "created", calls=8)
    row.answers += [("ada", Answer(0.004, None)), ("eve", Answer(0.002, None)), ("bob", Answer(0.009, None))]
    row.answers.append(("ivy", Answer(0.006, "409 uniqueness: taken")))
    assert (row.requests, row.calls_per_request, row.p50) == (4, 2.0, 5.0)
    assert row.result == "3 created, 1 failed"
    assert row.failures == ["ivy: 409 uniqueness: taken"]


def test_a_row_without_failures_says_only_what_was_done() -> None:
    assert Row("delete", "DELETE", "deleted", answers=[("ada", Answer(0.1, None))]).result == "1 deleted"


def test_a_row_that_failed_whole_says_only_that() -> None:
    assert Row("delete", "DELETE", "deleted", answers=[("ada", Answer(0.1, "500"))]).result == "1 failed"


def test_a_row_without_requests_divides_nothing() -> None:
    row = Row("delete", "DELETE", "deleted")
    assert (row.calls_per_request, row.p50, row.result) == (0.0, 0.0, "0 deleted")
