"""The naive gateway, under load and in trouble, is found out by each part."""

import asyncio

from tests.faults import drain, logins, model, outage, overload
from tests.faults.gateway import NAIVE
from tests.faults.lane import Setup
from tests.faults.verdict import Result

NAIVELY = Setup(NAIVE)


def _broken(result: Result) -> set[str]:
    return {each.invariant for each in result.verdict.violations}


def test_it_logs_in_for_each_of_a_crowd() -> None:
    result = Result("C7", 1)
    asyncio.run(logins.crowd(NAIVELY, result))
    assert "I15" in _broken(result)


def test_it_asks_a_login_that_is_down_again_and_again() -> None:
    result = Result("C7", 1)
    asyncio.run(logins.down(NAIVELY, result, logins.DOWN[0], 1.0))
    assert "I15" in _broken(result)


def test_it_gives_an_upstream_more_than_it_bears() -> None:
    result = asyncio.run(overload.offered(NAIVELY, overload.TIMES, overload.Sizes(1, 2, 1)))
    assert {"N3", "N4"} <= _broken(result)


def test_it_does_not_leave_an_upstream_alone_that_is_down() -> None:
    result = Result("C9", 1)
    hung_up = outage.WAYS[-1]
    asyncio.run(outage.away(NAIVELY, result, hung_up, outage.TIMES, outage.Sizes(0.5, 3, 1)))
    assert {"I10", "N4"} <= _broken(result)


def test_its_end_cuts_requests_off() -> None:
    result = Result("C10", 1)
    asyncio.run(drain.ended(NAIVELY, result, dict.fromkeys(drain.COUNTED, 0.0), "an end", 0.5))
    assert "N6" in _broken(result)


def test_a_model_of_it_does_not_agree() -> None:
    result = asyncio.run(model.walked(NAIVELY, *model.SHORT))
    assert "N7" in _broken(result)
    [what] = [each.what for each in result.verdict.violations if each.invariant == "N7"]
    assert "seed 1" in what
