import asyncio

import pytest

from adapter.upstream.limits import Limits


class Route:
    """Calls on a route, counted while they are under way."""

    def __init__(self, limits: Limits, name: str) -> None:
        self.limits, self.name = limits, name
        self.under_way = self.most = self.done = 0

    async def call(self, seconds: float = 0.005, error: Exception | None = None) -> None:
        async with self.limits.place(self.name):
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
    route = Route(Limits(in_flight), "GET /users")
    await asyncio.gather(*(route.call() for _ in range(60)))
    assert (route.most, route.done) == (in_flight, 60)


async def test_routes_have_their_own_places() -> None:
    limits = Limits(2)
    routes = [Route(limits, name) for name in ("GET /users", "POST /users", "GET /users/{id}")]
    await asyncio.gather(*(route.call(0.02) for route in routes for _ in range(6)))
    assert [route.most for route in routes] == [2, 2, 2]


async def test_a_full_route_holds_up_no_other() -> None:
    limits = Limits(1)
    slow, quick = Route(limits, "slow"), Route(limits, "quick")
    held = asyncio.create_task(slow.call(60))
    await asyncio.wait_for(quick.call(), 1)
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)


async def test_errors_and_cancellations_leak_no_place() -> None:
    route = Route(Limits(2), "GET /users")
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
