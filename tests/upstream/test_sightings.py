import asyncio
from functools import partial

import pytest
from cachetools import TTLCache

from adapter.mapping.mapping import Mapping
from adapter.plan.moment import Missed, Noted, Sought
from adapter.plan.names import TakeName
from adapter.upstream import sightings
from adapter.upstream.index import Building, Index
from adapter.upstream.sightings import MOMENT, Sightings
from adapter.upstream.times import Times
from tests.mapping.minimal import groups, mapping

LIST = (
    "list: {call: GET /users, records: data, total: total, %s page: {by: number, number: page, size: size, most: 100}}"
)
FIND = '\n      find: [{filter: userName eq, query: {q: "{value}"}, %s}]'


class Seen:
    """Sightings of an upstream whose lists a test sets; what is read is remembered."""

    def __init__(self, made: Mapping, times: Times | None = None) -> None:
        self.lists = {"User": {"u1": "ada"}, "Group": {"g1": "ada", "g2": "red"}}
        self.read: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.sightings = Sightings(made, self._read, times or Times())

    async def _read(self, made: Mapping, take: TakeName) -> None:
        self.read.append(made.resource.type.name)
        await self.open.wait()
        for each, name in self.lists[made.resource.type.name].items():
            take(each, name)

    async def ids(self, kind: str, name: str) -> list[str]:
        return list(await self.sightings.sought(Sought(kind, name)))

    def missed(self, name: str, kind: str = "User") -> bool:
        return self.sightings.missed(Missed(kind, name))

    def noted(self, resource_id: str | None, name: str | None, kind: str = "User") -> None:
        self.sightings.noted(Noted(kind, resource_id, name))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return what stands for the time of what was missed, in its only element."""
    now = [0.0]
    monkeypatch.setattr(sightings, "TTLCache", partial(TTLCache, timer=lambda: now[0]))
    return now


@pytest.mark.parametrize(
    ("routes", "is_indexed"),
    [
        ({}, True),
        ({"list": LIST % "" + FIND % "case: ignored"}, False),
        ({"list": LIST % "" + FIND % "case: exact"}, True),
        ({"list": LIST % "" + FIND % "case: ignored, misses: checked"}, True),
        ({"list": LIST % "freshness: 0,"}, False),
        ({"list": LIST % "freshness: 1,"}, True),
        ({"list": LIST % "lacks: [userName],"}, False),
    ],
    ids=lambda each: str(each)[-60:],
)
async def test_only_a_kind_without_a_find_that_is_believed_has_an_index(
    routes: dict[str, str], *, is_indexed: bool
) -> None:
    seen = Seen(mapping(routes=routes))
    if is_indexed:
        assert await seen.ids("User", "ada") == ["u1"]
    else:
        with pytest.raises(KeyError):
            await seen.ids("User", "ada")
        seen.noted("u1", "ada")
        seen.noted(None, None)
    assert seen.read == ["User"] * is_indexed


async def test_each_kind_has_its_own_index() -> None:
    seen = Seen(groups())
    assert [await seen.ids(*each) for each in (("Group", "ada"), ("User", "ada"), ("User", "red"))] == [
        ["g1"],
        ["u1"],
        [],
    ]
    seen.noted("u1", "red")
    seen.noted("g2", None, "Group")
    assert [await seen.ids(*each) for each in (("User", "red"), ("Group", "red"), ("Group", "ada"))] == [
        ["u1"],
        [],
        ["g1"],
    ]
    assert seen.read == ["Group", "User"]


async def test_a_kind_without_an_index_does_not_disturb_that_of_another() -> None:
    seen = Seen(groups(user_routes={"list": LIST % "" + FIND % "case: ignored"}))
    seen.noted("g1", "blue")
    seen.noted(None, None)
    assert [await seen.ids("Group", each) for each in ("ada", "blue")] == [["g1"], []]
    assert seen.read == ["Group"]


async def test_a_miss_is_believed_for_as_long_as_the_mapping_says(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(sightings, "Index", partial(Index, clock=lambda: clock[0]))
    seen = Seen(groups(user_routes={"list": LIST % "freshness: 50,"}))
    read = []
    for clock[0] in (0.0, 50.0, 51.0, 300.0, 301.0):
        assert [await seen.ids(kind, "bob") for kind in ("User", "Group")] == [[], []]
        read.append((seen.read.count("User"), seen.read.count("Group")))
    assert read == [(1, 1), (1, 1), (2, 1), (3, 1), (3, 2)]


async def test_a_request_waits_for_a_reading_as_long_as_for_a_place() -> None:
    seen = Seen(mapping(), Times(queue=0.01))
    seen.open.clear()
    with pytest.raises(Building):
        await seen.ids("User", "bob")
    await asyncio.wait_for(seen.sightings.closed(), 5)


async def test_to_close_ends_every_reading() -> None:
    seen = Seen(groups(), Times(queue=0.01))
    seen.open.clear()
    for kind in ("User", "Group"):
        with pytest.raises(Building):
            await seen.ids(kind, "ada")
    await asyncio.wait_for(seen.sightings.closed(), 5)
    assert [each for each in asyncio.all_tasks() if "Index" in repr(each)] == []


@pytest.mark.parametrize(
    ("notes", "missed"),
    [
        ([], False),
        ([(None, "ada")], True),
        ([(None, "ada"), (None, "ada")], True),
        ([(None, "ada"), ("u1", "ada")], False),
        ([("u1", "ada"), (None, "ada")], True),
        ([(None, "ada"), ("u1", "ada"), (None, "ada")], True),
        ([(None, "ada"), ("u1", "eve")], True),
        ([(None, "ada"), ("u1", None)], True),
        ([(None, "eve")], False),
        ([("u1", "ada")], False),
        ([("u1", None)], False),
        ([(None, None)], False),
        ([(None, "ada"), (None, None)], False),
        ([(None, None), (None, "ada")], True),
    ],
    ids=str,
)
@pytest.mark.parametrize("made", [mapping(), mapping(routes={"list": LIST % "freshness: 0,"})], ids=["indexed", "not"])
async def test_a_name_is_missed_only_while_the_last_thing_noted_of_it_is_that_nobody_has_it(
    made: Mapping, notes: list[tuple[str | None, str | None]], *, missed: bool
) -> None:
    seen = Seen(made)
    for each in notes:
        seen.noted(*each)
    assert seen.missed("ada") is missed


async def test_the_same_name_of_another_kind_is_another() -> None:
    seen = Seen(groups())
    seen.noted(None, "ada")
    assert (seen.missed("ada"), seen.missed("ada", "Group")) == (True, False)
    seen.noted("g1", "ada", "Group")
    assert seen.missed("ada")


async def test_what_was_missed_is_forgotten_after_a_moment(clock: list[float]) -> None:
    seen = Seen(mapping())
    seen.noted(None, "ada")
    clock[0] = MOMENT - 1
    assert seen.missed("ada")
    clock[0] = MOMENT + 1
    assert not seen.missed("ada")


async def test_a_moment_begins_with_the_last_look_that_found_nobody(clock: list[float]) -> None:
    seen = Seen(mapping())
    seen.noted(None, "ada")
    clock[0] = MOMENT - 1
    seen.noted(None, "ada")
    clock[0] = MOMENT + 1
    assert seen.missed("ada")


async def test_to_ask_whether_a_name_was_missed_makes_its_moment_no_longer(clock: list[float]) -> None:
    seen = Seen(mapping())
    seen.noted(None, "ada")
    for clock[0] in (MOMENT - 2, MOMENT - 1):
        assert seen.missed("ada")
    clock[0] = MOMENT + 1
    assert not seen.missed("ada")


async def test_no_more_names_than_a_number_are_kept_as_missed_and_the_oldest_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sightings, "MOST", 3)
    seen = Seen(mapping())
    for number in range(10):
        seen.noted(None, f"user {number}")
    assert [number for number in range(10) if seen.missed(f"user {number}")] == [7, 8, 9]
