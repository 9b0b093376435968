"""The campaigns of concurrency, tokens and overload in a short form, against two workers: no promise is broken by them."""

import asyncio

from tests.faults import logins, overload, races
from tests.faults.gateway import WORKERS
from tests.faults.lane import Setup, lane
from tests.faults.verdict import Result

SETUP = Setup(WORKERS)


def _violations(result: Result) -> list[str]:
    return [str(each) for each in result.verdict.violations]


def test_of_creates_at_once_one_is_done_and_no_change_at_once_is_lost() -> None:
    result = Result("C4", 1)

    async def raced() -> None:
        async with lane("patching", SETUP, result, times=races.TIMES) as made:
            made.upstream.service = races.SERVICE
            await races.creates_at_once(made, result, 2)
            await races.changes_at_once(made, result, 2)

    asyncio.run(raced())
    assert _violations(result) == []
    assert int(result.figures["requests handed over"]) > 0


def test_a_crowd_without_a_token_is_one_login() -> None:
    result = Result("C7", 1)
    asyncio.run(logins.crowd(SETUP, result))
    assert _violations(result) == []
    assert int(result.figures["requests handed over"]) > 0


def test_an_upstream_gets_no_more_than_it_bears() -> None:
    result = asyncio.run(overload.offered(SETUP, overload.TIMES, overload.Sizes(1, 5, 2)))
    assert _violations(result) == []
    assert int(result.figures["requests handed over"]) > 0
