import asyncio
from typing import Any

import msgspec
import pytest

from adapter.errors import Unavailable
from adapter.plan.conversation import Call, Outcome, Reply
from adapter.upstream.shared import Shared

ONE = Call(route="GET /users/{id}", method="GET", path="/users/1", is_read=True)
OTHERS: list[dict[str, Any]] = [
    {"path": "/users/2"},
    {"doing": "find"},
    {"kind": "Group"},
    {"method": "POST"},
    {"query": {"view": "full"}},
    {"headers": {"X-View": "full"}},
    {"body": {"id": 1}},
    {"body": {"id": 1}, "send": "form"},
]


class Sender:
    """Sends reads that last until they are let go."""

    def __init__(self, outcome: Outcome | Exception | None = None) -> None:
        self.sent, self.outcome = 0, outcome or Reply(200)
        self.go = asyncio.Event()

    async def __call__(self) -> Outcome:
        self.sent += 1
        await self.go.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


async def _begun(shared: Shared, call: Call, sender: Sender) -> "asyncio.Task[Outcome]":
    task = asyncio.create_task(shared.read(call, sender))
    await asyncio.sleep(0)
    return task


async def test_who_asks_the_same_meanwhile_gets_the_same_answer() -> None:
    shared, sender = Shared(), Sender()
    tasks = [await _begun(shared, ONE, sender) for _ in range(5)]
    sender.go.set()
    answers = await asyncio.gather(*tasks)
    assert (sender.sent, {id(each) for each in answers}) == (1, {id(sender.outcome)})
    await shared.read(ONE, sender)
    assert sender.sent == 2


@pytest.mark.parametrize("other", OTHERS, ids=str)
async def test_another_question_is_asked_for_itself(other: dict[str, Any]) -> None:
    shared, sender = Shared(), Sender()
    await _begun(shared, ONE, sender)
    await _begun(shared, msgspec.structs.replace(ONE, **other), sender)
    assert sender.sent == 2
    sender.go.set()


async def test_a_read_that_began_before_a_write_answers_nobody_after_it() -> None:
    shared, before, after = Shared(), Sender(Reply(200, "old")), Sender(Reply(200, "new"))
    early = await _begun(shared, ONE, before)
    shared.wrote()
    late = await _begun(shared, ONE, after)
    later = await _begun(shared, ONE, after)
    before.go.set()
    after.go.set()
    assert [(await each).body for each in (early, late, later)] == ["old", "new", "new"]  # type: ignore[union-attr]
    assert (before.sent, after.sent) == (1, 1)


async def test_who_goes_away_leaves_the_others_their_answer() -> None:
    shared, first, second = Shared(), Sender(), Sender(Reply(200, "second"))
    leading = await _begun(shared, ONE, first)
    waiting = await _begun(shared, ONE, second)
    going = await _begun(shared, ONE, second)
    going.cancel()
    leading.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second.go.set()
    assert (await waiting).body == "second"  # type: ignore[union-attr]
    assert (first.sent, second.sent) == (1, 1)
    assert leading.cancelled()
    assert going.cancelled()


async def test_a_failure_is_everybodys() -> None:
    shared, sender = Shared(), Sender(Unavailable("down"))
    tasks = [await _begun(shared, ONE, sender) for _ in range(3)]
    sender.go.set()
    failed = await asyncio.gather(*tasks, return_exceptions=True)
    assert (sender.sent, [type(each) for each in failed]) == (1, [Unavailable] * 3)
