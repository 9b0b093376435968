import asyncio
import logging
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import BadReply
from adapter.plan.moment import Noted
from adapter.plan.names import TakeName
from adapter.upstream.index import Building, Index

FRESHNESS = 100.0
BROKEN = BadReply("The list is broken.")


async def settled() -> None:
    """Let everything go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Told:
    """A list whose readings a test counts, holds up and lets fail; and a clock that it sets.

    A reading shows what was there when it began, once it is `open`; those of the `first_page` at once.
    """

    def __init__(self, longest: float = 60, lag: float = 0, **there: str) -> None:
        self.now = 0.0
        self.there = there
        self.began = self.at_once = self.most_at_once = self.ended = 0
        self.fails: Exception | None = None
        self.first_page: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.index = Index(self.read, FRESHNESS, longest, lag=lag, clock=lambda: self.now)

    async def read(self, take: TakeName) -> None:
        self.began += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        shown = {**self.there}
        try:
            for each in self.first_page:
                take(each, shown.pop(each))
            await self.open.wait()
            if self.fails:
                raise self.fails
            for each, name in shown.items():
                take(each, name)
        finally:
            self.at_once -= 1
            self.ended += 1

    async def ids(self, name: str) -> str:
        """Return the ids of those who have a name, in one text."""
        return " ".join(await self.index.sought(name))

    def asked(self, name: str) -> "asyncio.Task[str]":
        """Ask, and do not wait for the answer."""
        return asyncio.create_task(self.ids(name))

    def noted(self, resource_id: str | None, name: str | None) -> None:
        """Note something."""
        self.index.noted(Noted("User", resource_id, name))

    async def held_up(self, name: str = "nobody") -> "asyncio.Task[str]":
        """Begin a reading that goes on until `open` is set, by asking for a name."""
        self.open.clear()
        asking = self.asked(name)
        await settled()
        return asking


async def test_who_has_a_name_is_told_by_one_reading() -> None:
    told = Told(u1="ada", u2="eve", u3="ada")
    assert [await told.ids(each) for each in ("ada", "eve", "bob")] == ["u1 u3", "u2", ""]
    assert told.began == 1


async def test_nothing_is_read_before_somebody_asks() -> None:
    told = Told(u1="ada")
    told.noted("u2", "eve")
    await settled()
    assert told.began == 0


async def test_however_many_ask_the_list_is_read_once() -> None:
    told = Told(u1="ada")
    told.open.clear()
    asking = [told.asked(each) for each in ("ada", "bob") * 20]
    await settled()
    told.open.set()
    assert await asyncio.gather(*asking) == ["u1", ""] * 20
    assert (told.began, told.most_at_once) == (1, 1)


@pytest.mark.parametrize(("later", "read"), [(99.0, 1), (100.0, 1), (100.5, 2)])
async def test_a_miss_is_believed_for_as_long_as_the_mapping_allows(later: float, read: int) -> None:
    told = Told(u1="ada")
    await told.ids("bob")
    told.there["u2"] = "bob"
    told.now = later
    assert (await told.ids("bob"), told.began) == ("" if read == 1 else "u2", read)


async def test_the_age_of_a_reading_counts_from_when_it_began() -> None:
    told = Told(u1="ada")
    asking = await told.held_up()
    told.now = 60
    told.open.set()
    await asking
    told.there["u2"] = "bob"
    told.now = 100
    assert (await told.ids("bob"), told.began) == ("", 1)
    told.now = 101
    assert (await told.ids("bob"), told.began) == ("u2", 2)


async def test_a_stale_hit_is_answered_at_once_and_begins_a_new_reading() -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.there = {"u2": "ada"}
    told.now = 101
    told.open.clear()
    assert [await asyncio.wait_for(told.ids("ada"), 5) for _ in range(3)] == ["u1"] * 3
    await settled()
    assert told.began == 2
    told.open.set()
    await settled()
    assert (await told.ids("ada"), told.began) == ("u2", 2)


async def test_a_fresh_hit_begins_none() -> None:
    told = Told(u1="ada")
    for told.now in (0, 50, 100):
        assert await told.ids("ada") == "u1"
    assert told.began == 1


async def test_a_reading_survives_the_request_that_began_it_and_serves_the_next() -> None:
    told = Told(u1="ada")
    asking = await told.held_up("ada")
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    after = told.asked("ada")
    await settled()
    assert not after.done()
    told.open.set()
    assert (await after, told.began) == ("u1", 1)


async def test_who_waits_too_long_is_told_so_while_the_reading_goes_on_and_serves_the_next() -> None:
    told = Told(longest=0.02, u1="ada")
    told.open.clear()
    for _ in range(2):
        with pytest.raises(Building) as building:
            await told.ids("ada")
        assert (building.value.is_hopeless, building.value.after >= 1) == (False, True)
    told.open.set()
    await settled()
    assert (await told.ids("ada"), await told.ids("bob"), told.began) == ("u1", "", 1)


async def test_who_waits_too_long_is_told_to_come_again_after_as_long_as_the_last_reading_took() -> None:
    told = Told(longest=0.02)
    asking = await told.held_up()
    told.now = 40
    told.open.set()
    await asking
    told.now = 101
    told.open.clear()
    with pytest.raises(Building) as building:
        await told.ids("bob")
    assert building.value.after == 40
    await asyncio.wait_for(told.index.closed(), 5)


@pytest.mark.parametrize(
    ("shown", "notes", "expected"),
    [
        ({}, [("u1", "ada")], {"ada": "u1"}),
        ({"u1": "ada"}, [("u1", "eve")], {"ada": "", "eve": "u1"}),
        ({"u1": "ada"}, [("u1", None)], {"ada": ""}),
        ({"u1": "ada", "u2": "ada"}, [("u1", None)], {"ada": "u2"}),
        ({}, [("u1", "ada"), ("u1", "eve")], {"ada": "", "eve": "u1"}),
        ({}, [("u1", "ada"), ("u1", None)], {"ada": ""}),
        ({"u1": "ada"}, [("u1", None), ("u2", "ada")], {"ada": "u2"}),
        ({"u1": "ada"}, [("u2", "ada")], {"ada": "u1 u2"}),
        ({"u1": "ada"}, [(None, "ada")], {"ada": "u1"}),
        ({"u1": "ada"}, [("u1", "ada"), ("u9", None)], {"ada": "u1"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("when", ["during the reading", "during the second reading", "after the reading"])
async def test_what_was_noted_is_in_the_result_whatever_the_reading_shows(
    shown: dict[str, str], notes: list[tuple[str | None, str | None]], expected: dict[str, str], when: str
) -> None:
    told = Told()
    told.there = shown
    if when == "during the second reading":
        await told.ids("nobody")
        told.now = 101
    asking = await told.held_up()
    if when == "after the reading":
        told.open.set()
        await asking
    for each in notes:
        told.noted(*each)
    told.open.set()
    await asking
    assert {name: await told.ids(name) for name in expected} == expected
    assert told.began == (2 if when == "during the second reading" else 1)


async def test_what_is_noted_during_a_reading_is_known_before_its_end_too() -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.now = 101
    asking = await told.held_up()
    told.noted("u2", "bob")
    assert await told.ids("bob") == "u2"
    told.open.set()
    await asking


async def test_what_was_noted_during_one_reading_does_not_outlive_the_next() -> None:
    told = Told()
    asking = await told.held_up()
    told.noted("u1", "ada")
    told.open.set()
    await asking
    told.now = 101
    assert await told.ids("bob") == ""
    assert await told.ids("ada") == ""
    assert told.began == 2


async def test_after_one_was_made_that_nobody_has_seen_the_next_miss_reads_again_and_no_other() -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.there["u2"] = "bob"
    told.noted(None, None)
    assert (await told.ids("bob"), told.began) == ("u2", 2)
    assert [await told.ids(each) for each in ("bob", "eve")] == ["u2", ""]
    assert told.began == 2


async def test_one_that_was_made_unseen_during_a_reading_makes_the_next_miss_read_again() -> None:
    told = Told(u1="ada")
    asking = await told.held_up("bob")
    told.there["u2"] = "bob"
    told.noted(None, None)
    told.noted("u3", "eve")
    told.open.set()
    assert (await asking, told.began) == ("u2", 2)  # what it has waited for first does not tell
    assert (await told.ids("carl"), told.began) == ("", 2)


async def test_after_one_was_made_that_nobody_has_seen_a_hit_does_not_hide_it() -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.there["u2"] = "ada"
    told.noted(None, None)
    assert (await told.ids("ada"), told.began) == ("u1 u2", 2)


@pytest.mark.parametrize("name", [None, "eve"])
async def test_a_name_that_one_had_is_as_much_a_miss_as_any_other(name: str | None) -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.noted("u1", name)
    assert (await told.ids("ada"), told.began) == ("", 1)
    told.now, told.there = 101, {"u2": "ada"}
    assert (await told.ids("ada"), told.began) == ("u2", 2)


async def test_that_nobody_has_a_name_changes_nothing() -> None:
    told = Told(u1="ada")
    told.noted(None, "ada")
    assert await told.ids("ada") == "u1"
    told.noted(None, "ada")
    assert (await told.ids("ada"), await told.ids("bob"), told.began) == ("u1", "", 1)


@pytest.mark.parametrize("error", [BROKEN, KeyError("secret")], ids=["ours", "a fault"])
async def test_a_reading_that_fails_is_raised_to_all_who_wait_and_the_next_begins_anew(
    caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    told = Told(u1="ada")
    told.fails = error
    told.open.clear()
    asking = [told.asked("ada") for _ in range(3)]
    await settled()
    told.open.set()
    assert await asyncio.gather(*asking, return_exceptions=True) == [error] * 3
    assert (told.began, [each.getMessage() for each in caplog.records]) == (
        1,
        [f"the list could not be read for the index: {type(error).__name__}"],
    )
    told.fails = None
    assert (await told.ids("ada"), told.began) == ("u1", 2)


async def test_a_reading_that_fails_leaves_the_hits_of_the_last_one_and_no_miss_is_believed() -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.now, told.fails = 101, BROKEN
    assert await told.ids("ada") == "u1"
    await settled()  # a failure that nobody waits for disturbs nobody
    assert await told.ids("ada") == "u1"
    with pytest.raises(BadReply):
        await told.ids("bob")


@pytest.mark.parametrize("note", ["ada", None])
@pytest.mark.parametrize("fails", [None, BROKEN])
async def test_what_is_noted_before_a_reading_shows_what_was_is_known_at_once_and_after_it(
    note: str | None, fails: Exception | None
) -> None:
    told = Told(u1="eve", u2="ada", u3="eve")
    await told.ids("ada")
    told.now, told.fails = 101, fails
    asking = await told.held_up()
    told.noted("u1", note)
    found = {"ada": "u1 u2" if note else "u2", "eve": "u3"}
    assert {each: await told.ids(each) for each in found} == found
    told.open.set()
    await asyncio.gather(asking, return_exceptions=True)
    assert {each: await told.ids(each) for each in found} == found


async def test_half_a_reading_shows_a_hit_of_before_or_a_newer_one_and_no_miss() -> None:
    told = Told(u1="ada", u2="bob")
    await told.ids("ada")
    told.now, told.there, told.first_page = 101, {"u1": "eve", "u3": "carl"}, ["u1"]
    asking = await told.held_up()
    assert [await told.ids(each) for each in ("eve", "bob")] == ["u1", "u2"]
    missing = [asking, *(told.asked(each) for each in ("ada", "carl"))]
    await settled()
    assert not any(each.done() for each in missing)
    told.open.set()
    assert [await each for each in missing] == ["", "", "u3"]
    assert (await told.ids("bob"), told.began) == ("", 2)


async def test_half_a_first_reading_shows_nothing() -> None:
    told = Told(longest=0.02, u1="ada", u2="bob")
    told.first_page, told.fails = ["u1"], BROKEN
    told.open.clear()
    with pytest.raises(Building):
        await told.ids("ada")
    told.open.set()
    with pytest.raises(BadReply):
        await told.ids("ada")
    told.fails, told.there, told.first_page = None, {"u2": "ada"}, []
    assert await told.ids("ada") == "u2"


async def test_a_hash_that_all_names_have_makes_everybody_a_hit_and_hides_nobody() -> None:
    told = Told(u1="ada", u2="eve")
    index = Index(told.read, FRESHNESS, 60, clock=lambda: told.now, key=lambda _: 1)
    assert [await index.sought(each) for each in ("ada", "eve", "bob")] == [("u1", "u2")] * 3
    index.noted(Noted("User", "u1", None))
    assert await index.sought("ada") == ("u2",)


async def test_what_is_noted_during_a_reading_that_fails_is_known_still() -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.now, told.fails = 101, BROKEN
    asking = await told.held_up()
    told.noted("u2", "bob")
    told.open.set()
    with pytest.raises(BadReply):
        await asking
    assert await told.ids("bob") == "u2"


async def test_a_reading_that_takes_longer_than_it_may_be_believed_is_hopeless() -> None:
    told = Told(u1="ada")
    asking = await told.held_up("bob")
    told.now = 101
    told.open.set()
    with pytest.raises(Building) as building:
        await asking
    assert (building.value.is_hopeless, building.value.after) == (True, 101)


async def test_a_reading_that_takes_just_as_long_as_it_may_be_believed_is_believed() -> None:
    told = Told(u1="ada")
    asking = await told.held_up("bob")
    told.now = 100
    told.open.set()
    assert await asking == ""


async def test_once_closed_nothing_is_read_any_more() -> None:
    told = Told(u1="ada")
    await told.ids("ada")
    told.now = 101
    told.open.clear()
    assert await told.ids("ada") == "u1"
    await settled()
    assert told.at_once == 1
    await asyncio.wait_for(told.index.closed(), 5)
    assert (told.at_once, told.ended) == (0, 2)
    await told.index.closed()


async def test_the_log_tells_how_long_a_reading_took_and_nobodys_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    told = Told(u1="ada", u2="eve")
    asking = await told.held_up()
    told.now = 4
    told.open.set()
    await asking
    assert [each.getMessage() for each in caplog.records] == ["the list was read in 4.0 s: the index knows 2 names"]


PLACES, NAMES = ["u0", "u1", "u2"], ["ada", "bob"]
WRITES = st.tuples(
    st.sampled_from(["by us", "by us, unseen", "by others"]), st.sampled_from(PLACES), st.sampled_from([*NAMES, None])
)
STEPS = st.one_of(
    WRITES,
    st.tuples(st.just("sought"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("page"), st.none(), st.none()),
    st.tuples(st.just("later"), st.sampled_from([1, 60, 101]), st.none()),
)


class Model:
    """People of whom a reading shows one page after the other, and who last gave each its name, and when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.there: dict[str, str | None] = dict.fromkeys(PLACES)
        self.written: dict[str, tuple[str, float]] = {}
        self.page, self.is_free = asyncio.Event(), False
        self.index = Index(self.read, FRESHNESS, 60, clock=lambda: self.now)
        self.asking: list[tuple[str, asyncio.Task[Any]]] = []
        self.answers = 0

    async def read(self, take: TakeName) -> None:
        for each in PLACES:
            if not self.is_free:
                await self.page.wait()
                self.page.clear()
            name = self.there[each]
            if name is not None:
                take(each, name)

    def step(self, what: str, which: Any, name: str | None) -> None:
        match what:
            case "sought":
                self.asking.append((which, asyncio.ensure_future(self.index.sought(which))))
            case "page":
                self.page.set()
            case "later":
                self.now += which
            case _:
                self.there[which], self.written[which] = name, (what, self.now)
                if what != "by others":
                    self.index.noted(Noted("User", *((None, None) if what == "by us, unseen" else (which, name))))

    def check(self) -> None:
        """Hold every answer that has come against what must be known."""
        for name, each in [each for each in self.asking if each[1].done()]:
            self.asking.remove((name, each))
            if each.exception() is None:
                self.answers += 1
                assert each.result() or not self.must_know(name)
                assert {one for one in self.must_know(name) if self.written[one][0] != "by others"} <= {*each.result()}
            else:
                assert isinstance(each.exception(), Building)

    def must_know(self, name: str) -> list[str]:
        """Return those who have a name by our own doing, or for longer than a reading is believed."""
        return [
            each
            for each, (by, when) in self.written.items()
            if self.there[each] == name and (by != "by others" or when < self.now - FRESHNESS)
        ]

    async def play(self, steps: list[tuple[str, Any, str | None]]) -> None:
        for each in steps:
            self.step(*each)
            await settled()
            self.check()
        self.is_free = True
        self.page.set()
        for _ in range(2):
            await settled()
            self.check()
            for name in NAMES:
                self.step("sought", name, None)
        await settled()
        self.check()
        assert (self.asking, self.answers >= len(NAMES)) == ([], True)
        await self.index.closed()


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_nobody_is_missed_whom_we_made_or_who_was_there_before_the_reading_that_is_believed(
    steps: list[tuple[str, Any, str | None]],
) -> None:
    async def played() -> None:
        await Model().play(steps)

    asyncio.run(played())


@pytest.mark.parametrize(("lag", "seconds", "found"), [(0, 1, ""), (2, 1, "u1"), (2, 3, "")])
async def test_what_was_written_is_known_for_as_long_as_the_list_may_not_show_it(
    lag: float, seconds: float, found: str
) -> None:
    told = Told(lag=lag)
    told.index.noted(Noted("User", "u1", "ada"))
    told.now += seconds
    told.index.noted(Noted("User", "u2", "eve"))
    told.now += 0.1
    assert await told.ids("bob") == ""
    assert await told.ids("ada") == found


async def test_a_reading_that_ends_with_the_process_is_no_end_of_those_who_wait_for_it() -> None:
    told = Told()
    told.open.clear()
    asked = told.asked("ada")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await told.index.closed()
    with pytest.raises(Building):
        await asked


async def test_how_many_names_it_knows_and_how_old_they_are_is_told() -> None:
    told = Told(u1="ada", u2="eve")
    assert (len(told.index), told.index.age) == (0, None)
    await told.ids("ada")
    told.now += 30
    assert (len(told.index), told.index.age) == (2, 30.0)
    told.noted(None, None)  # what it knows is not believed any more
    assert (len(told.index), told.index.age) == (2, None)
