import asyncio

import pytest

from adapter.upstream.limits import Limits, Overfull
from adapter.upstream.wire import Throttled


class Route:
    """Calls on a route, counted while they are under way."""

    def __init__(self, limits: Limits, name: str) -> None:
        self.limits, self.name = limits, name
        self.under_way = self.most = self.done = 0

    async def call(self, seconds: float = 0.005, error: Exception | None = None, *, begins: bool = False) -> None:
        with await self.limits.place(self.name, begins=begins):
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            try:
                await asyncio.sleep(seconds)
                if error:
                    raise error
                self.done += 1
            finally:
                self.under_way -= 1


@pytest.mark.parametrize("in_flight", [1, 3, 50])
async def test_no_more_calls_than_allowed_are_under_way_on_a_route(in_flight: int) -> None:
    route = Route(Limits(in_flight, 60), "GET /users")
    await asyncio.gather(*(route.call() for _ in range(60)))
    assert (route.most, route.done) == (in_flight, 60)


async def test_routes_have_their_own_places() -> None:
    limits = Limits(2, 60)
    routes = [Route(limits, name) for name in ("GET /users", "POST /users", "GET /users/{id}")]
    await asyncio.gather(*(route.call(0.02) for route in routes for _ in range(6)))
    assert [route.most for route in routes] == [2, 2, 2]


async def test_a_full_route_holds_up_no_other() -> None:
    limits = Limits(1, 60)
    slow, quick = Route(limits, "slow"), Route(limits, "quick")
    held = asyncio.create_task(slow.call(60))
    await asyncio.wait_for(quick.call(), 1)
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)


async def test_errors_and_cancellations_leak_no_place() -> None:
    route = Route(Limits(2, 60), "GET /users")
    for _ in range(10):
        failing = [asyncio.create_task(route.call(error=ValueError())) for _ in range(3)]
        waiting = [asyncio.create_task(route.call(60)) for _ in range(3)]
        await asyncio.sleep(0.001)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*failing, *waiting, return_exceptions=True)
    assert route.under_way == 0
    await asyncio.wait_for(asyncio.gather(*(route.call() for _ in range(10))), 1)
    assert (route.most, route.done) == (2, 10)


async def _refused(route: Route, *, at_once: int) -> None:
    """Make calls that are under way together and are all refused."""
    together = (route.call(error=Throttled(None)) for _ in range(at_once))
    await asyncio.gather(*together, return_exceptions=True)


async def _most(route: Route) -> int:
    """Return how many of many calls are under way at once, without more of them than it takes to see that."""
    route.most = 0
    held = [asyncio.create_task(route.call(60)) for _ in range(20)]
    await asyncio.sleep(0.01)
    for each in held:
        each.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    return route.most


async def test_what_the_upstream_refuses_halves_a_route_once_for_all_that_were_under_way(
    caplog: pytest.LogCaptureFixture,
) -> None:
    limits = Limits(12, 60)
    route = Route(limits, "GET /users")
    seen = [await _most(route)]
    for _ in range(5):
        await _refused(route, at_once=12)
        seen.append(await _most(route))
    assert seen[:2] == [12, 6]
    assert seen[2:] == sorted(seen[2:], reverse=True)
    assert seen[-1] == 1
    assert await _most(Route(limits, "POST /users")) == 12
    assert caplog.records[0].getMessage() == "too many calls at once on GET /users: 6 from now on"


async def test_a_route_grows_back_by_one_for_as_many_answers_as_it_allows() -> None:
    route = Route(Limits(8, 60), "GET /users")
    await route.call()
    await _refused(route, at_once=8)
    grown = []
    for _ in range(4 + 5 + 6 + 7 + 20):
        grown.append(await _most(route))
        await route.call()
    assert [grown.count(each) for each in (4, 5, 6, 7)] == [4, 5, 6, 7]
    assert (grown == sorted(grown), grown[-1]) == (True, 8)


async def test_a_request_is_not_begun_where_its_turn_would_come_too_late() -> None:
    route = Route(Limits(1, 0.3), "GET /users")
    await route.call(0.2, begins=True)
    held = [asyncio.create_task(route.call(60)) for _ in range(2)]
    await asyncio.sleep(0.01)
    with pytest.raises(Overfull) as refused:
        await route.call(begins=True)
    assert refused.value.after > 0.3
    begun = asyncio.create_task(route.call())  # what has begun waits as long as it takes
    await asyncio.sleep(0.4)
    assert not begun.done()
    for each in held:
        each.cancel()
    await asyncio.gather(begun, *held, return_exceptions=True)
    assert route.done == 2


async def test_a_request_waits_for_its_turn_no_longer_than_is_allowed_whatever_was_expected() -> None:
    route = Route(Limits(1, 0.1), "GET /users")
    await route.call(0.001)
    held = asyncio.create_task(route.call(60))
    await asyncio.sleep(0.01)
    with pytest.raises(Overfull):
        await asyncio.wait_for(route.call(begins=True), 5)
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    await asyncio.wait_for(route.call(begins=True), 1)


async def test_places_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    route = Route(Limits(1, 60), "GET /users")
    order: list[int] = []

    async def numbered(number: int) -> None:
        await route.call(0.001)
        order.append(number)

    await asyncio.gather(*(numbered(each) for each in range(20)))
    assert order == list(range(20))


async def test_how_many_are_under_way_and_how_many_wait_is_told_for_all_routes() -> None:
    limits = Limits(2, 60)
    assert (limits.in_flight, limits.waiting) == (0, 0)
    calls = [asyncio.create_task(Route(limits, name).call(60)) for name in ("a", "a", "a", "a", "b")]
    await asyncio.sleep(0.01)
    assert (limits.in_flight, limits.waiting) == (3, 2)
    for each in calls:
        each.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert (limits.in_flight, limits.waiting) == (0, 0)
