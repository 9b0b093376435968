import asyncio
from contextvars import Context

from adapter.upstream.origin import Origin, begin, origin


async def test_the_tasks_of_a_request_share_its_origin() -> None:
    begin(Origin(request_id="one"))

    async def inside() -> None:
        origin().calls += 1

    await asyncio.gather(inside(), inside())
    assert (origin().request_id, origin().calls) == ("one", 2)


async def test_two_requests_have_their_own() -> None:
    async def request(name: str) -> str:
        begin(Origin(request_id=name))
        await asyncio.sleep(0)
        return origin().request_id

    assert await asyncio.gather(*(asyncio.create_task(request(name)) for name in "ab")) == ["a", "b"]


def test_what_serves_no_request_has_an_origin_that_nobody_looks_at() -> None:
    def read() -> int:
        origin().calls += 1
        return origin().calls

    assert Context().run(read) == 0
