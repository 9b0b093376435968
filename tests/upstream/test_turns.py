import asyncio
import gc
from contextlib import suppress

import pytest

from adapter.plan.moment import Turn
from adapter.upstream.turns import Turns

ADA, EVE = Turn("User", id="42"), Turn("User", id="43")
LONG = 60


async def settled() -> None:
    """Let everything go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Desk:
    """Requests that take turns, stay until they are let go, and are counted while they hold something."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.at_work: list[str] = []
        self.done: list[str] = []

    async def request(
        self, name: str, *wanted: Turn, until: asyncio.Event | None = None, seconds: float = LONG
    ) -> None:
        """Take the turns one after the other, and work."""
        with self.turns.held() as held:
            for each in wanted:
                await held.take(each, seconds)
            self.at_work.append(name)
            try:
                if until is not None:
                    await until.wait()
                self.done.append(name)
            finally:
                self.at_work.remove(name)

    @property
    def kept(self) -> int:
        """How many locks there are."""
        gc.collect()
        return len(self.turns._locks)  # noqa: SLF001 (that there are no more is the point)


async def test_those_who_want_one_turn_go_one_after_the_other_in_the_order_in_which_they_came() -> None:
    desk, release = Desk(), [asyncio.Event() for _ in range(4)]
    asking = [asyncio.create_task(desk.request(str(at), ADA, until=each)) for at, each in enumerate(release)]
    for at, each in enumerate(release):
        await settled()
        assert desk.at_work == [str(at)]
        assert desk.kept == 1
        each.set()
    await asyncio.gather(*asking)
    assert (desk.done, desk.kept) == (["0", "1", "2", "3"], 0)


@pytest.mark.parametrize(
    "other",
    [EVE, Turn("Group", id="42"), Turn("User", name="42"), Turn("User", name="ada"), Turn("Group", name="ada")],
    ids=str,
)
async def test_different_turns_do_not_wait_for_each_other(other: Turn) -> None:
    desk, release = Desk(), asyncio.Event()
    asking = [
        asyncio.create_task(desk.request(name, wanted, until=release)) for name, wanted in (("a", ADA), ("b", other))
    ]
    await settled()
    assert desk.at_work == ["a", "b"]
    release.set()
    await asyncio.gather(*asking)


async def test_turns_of_another_connection_are_others() -> None:
    with Turns().held() as one, Turns().held() as other:
        await one.take(ADA, 0)
        await other.take(ADA, 0)


async def test_who_asks_for_the_same_turn_again_has_it_already() -> None:
    desk = Desk()
    await asyncio.wait_for(desk.request("a", ADA, EVE, ADA, Turn("User", id="42")), 5)
    assert (desk.done, desk.kept) == (["a"], 0)


async def test_a_turn_that_was_asked_for_twice_is_given_back_by_one_end() -> None:
    turns = Turns()
    with turns.held() as one, turns.held() as other:
        await one.take(ADA, 0)
        await one.take(ADA, 0)
        one.give_back(ADA)
        await other.take(ADA, 0)


async def test_who_waits_too_long_holds_nothing_of_it_and_the_next_still_gets_its_turn() -> None:
    desk, release = Desk(), asyncio.Event()
    first = asyncio.create_task(desk.request("first", ADA, until=release))
    await settled()
    late = asyncio.create_task(desk.request("late", EVE, ADA, seconds=0.02))
    patient = asyncio.create_task(desk.request("patient", ADA))
    assert [type(each) for each in await asyncio.gather(late, return_exceptions=True)] == [TimeoutError]
    assert (desk.at_work, desk.done) == (["first"], [])
    del late  # its error remembers what it waited for
    await asyncio.wait_for(desk.request("another", EVE), 5)  # what it held before is free again
    release.set()
    await asyncio.gather(first, patient)
    await asyncio.wait_for(desk.request("new", ADA), 5)
    assert (desk.done, desk.kept) == (["another", "first", "patient", "new"], 0)


async def test_one_who_waited_too_long_may_still_give_back_the_rest_and_try_again() -> None:
    turns = Turns()
    with turns.held() as one, turns.held() as other:
        await one.take(ADA, 0)
        with pytest.raises(TimeoutError):
            await other.take(ADA, 0)
        one.give_back(ADA)
        await other.take(ADA, 0)


@pytest.mark.parametrize("fails", ["by itself", "while it works", "while it waits"])
async def test_everything_is_given_back_when_a_request_ends_badly(fails: str) -> None:
    desk, release, failed = Desk(), asyncio.Event(), asyncio.Event()

    async def failing() -> None:
        with desk.turns.held() as held:
            for each in (ADA, EVE):
                await held.take(each, LONG)
            await failed.wait()
            raise ValueError

    others = [EVE] if fails == "while it waits" else []
    first = [asyncio.create_task(desk.request("first", each, until=release)) for each in others]
    await settled()
    ending = asyncio.create_task(failing())
    next_ones = [asyncio.create_task(desk.request(name, ADA)) for name in ("next", "after it")]
    await settled()
    assert "next" not in desk.done
    failed.set() if fails == "by itself" else ending.cancel()
    with suppress(ValueError, asyncio.CancelledError):
        await ending
    del ending
    await asyncio.wait_for(asyncio.gather(*next_ones), 5)
    assert desk.done == ["next", "after it"]
    release.set()
    await asyncio.gather(*first)
    await asyncio.wait_for(desk.request("last", ADA, EVE), 5)
    assert desk.kept == 0


async def test_one_who_goes_just_as_its_turn_comes_passes_it_on() -> None:
    desk = Desk()
    with desk.turns.held() as held:
        await held.take(ADA, LONG)
        going = asyncio.create_task(desk.request("going", ADA))
        patient = asyncio.create_task(desk.request("patient", ADA))
        await settled()
        held.give_back(ADA)
        going.cancel()
        await asyncio.wait_for(patient, 5)
    assert (going.cancelled(), desk.done) == (True, ["patient"])
    del going
    assert desk.kept == 0


async def test_over_ends_one_turn_early_and_no_other() -> None:
    turns, took = Turns(), list[Turn]()

    async def waiting(wanted: Turn) -> None:
        with turns.held() as held:
            await held.take(wanted, LONG)
            took.append(wanted)

    with turns.held() as held:
        await held.take(ADA, LONG)
        await held.take(EVE, LONG)
        asking = [asyncio.create_task(waiting(each)) for each in (ADA, EVE)]
        await settled()
        assert took == []
        held.give_back(ADA)
        await settled()
        assert took == [ADA]
    await asyncio.gather(*asking)
    assert took == [ADA, EVE]


async def test_there_are_no_more_locks_than_turns_that_somebody_wants() -> None:
    desk = Desk()
    for number in range(500):
        await desk.request("each", Turn("User", id=str(number)))
    release = asyncio.Event()
    wanted = [Turn("User", id=str(each % 3)) for each in range(30)]
    asking = [asyncio.create_task(desk.request("each", each, until=release)) for each in wanted]
    await settled()
    assert desk.kept == 3
    release.set()
    await asyncio.gather(*asking)
    assert desk.kept == 0
