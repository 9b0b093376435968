"""The story the demo tells: a few cycles of provisioning, and everything that can become of a person in them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from adapter.simulator.control import Control
from adapter.simulator.dialect import differences, shown, values
from adapter.simulator.entra import Answer, Entra
from adapter.simulator.people import Fate, Person
from adapter.simulator.tally import Row

AT_ONCE = 8  # requests, as a real cycle has several under way; more than the upstream can bear
PROBES = 3  # Entra repeats its probe about three times

Send: TypeAlias = Callable[[], Awaitable[Answer | None]]


class Watcher(Protocol):
    """Who is told how far the story is."""

    def step(self, name: str, requests: int) -> None:
        """A step begins."""

    def done(self) -> None:
        """One request is done."""


@dataclass(frozen=True)
class Leg:
    """The requests of one kind within a step, each with whom it is about."""

    request: str
    outcome: str
    requests: list[tuple[str, Send]]


class Story:
    """Entra with its memory: the id it has for each person, and the resource it read last."""

    def __init__(self, entra: Entra, people: list[Person]) -> None:
        self._entra = entra
        self._people = people
        self._ids: dict[int, str] = {}
        self._resources: dict[int, Any] = {}

    def steps(self) -> dict[str, list[Leg]]:
        """The steps by name, in the order they are told."""
        return {
            "test connection": self._connection_tested(),
            "initial cycle": self._initial_cycle(),
            "incremental cycle": self._incremental_cycle(),
            "disable": self._disabled(),
            "restore": self._restored(),
            "delete": self._deleted(),
        }

    def _connection_tested(self) -> list[Leg]:
        probe = "the probe for nobody"
        return [
            Leg("token", "given", [("the credentials in the header", self._entra.sign_in_by_header)]),
            Leg("probe for users", "empty", [(probe, self._entra.probe_users)] * PROBES),
            Leg("probe for groups", "empty", [(probe, self._entra.probe_groups)] * PROBES),
        ]

    def _initial_cycle(self) -> list[Leg]:
        return [
            Leg(
                "match query",
                "not there",
                [(one.user_name, partial(self._entra.match, one)) for one in self._people],
            ),
            Leg("create", "created", [(one.user_name, partial(self._create, one)) for one in self._people]),
        ]

    def _incremental_cycle(self) -> list[Leg]:
        return [
            Leg("token", "given", [("the credentials in the body", self._entra.sign_in_by_body)]),
            Leg("GET", "read", self._each((Fate.RENAMED, Fate.LOOKED_AT, Fate.SENT_AGAIN), self._read)),
            Leg("PATCH", "changed", self._each((Fate.RENAMED,), self._rename)),
            Leg("PATCH, no change", "accepted", self._each((Fate.SENT_AGAIN,), self._send_again)),
        ]

    def _disabled(self) -> list[Leg]:
        leavers = (Fate.DISABLED, Fate.RESTORED)
        return [
            Leg("PATCH", "disabled", self._each(leavers, self._disable)),
            Leg(
                "GET",
                "still there",
                self._each(leavers, lambda one, name: self._entra.read(one.disabled(), name)),
            ),
            Leg(
                "match query",
                "still found",
                self._each(leavers, lambda one, name: self._entra.match(one.disabled(), name)),
            ),
        ]

    def _restored(self) -> list[Leg]:
        return [Leg("PATCH", "restored", self._each((Fate.RESTORED,), self._restore))]

    def _deleted(self) -> list[Leg]:
        gone = (Fate.DELETED,)
        return [
            Leg("DELETE", "deleted", self._each(gone, lambda _, name: self._entra.delete(name))),
            Leg("GET", "gone (404)", self._each(gone, lambda _, name: self._entra.read_deleted(name))),
            Leg("match query", "not found", self._each(gone, lambda one, _: self._entra.match(one))),
            Leg("DELETE again", "gone (404)", self._each(gone, lambda _, name: self._entra.delete_again(name))),
        ]

    def _each(self, fates: Iterable[Fate], send: Callable[[Person, str], Awaitable[Answer]]) -> list[tuple[str, Send]]:
        async def about(person: Person) -> Answer | None:
            identifier = self._ids.get(person.number)
            # Whom Entra could not create it has no id for; it would try again in its next cycle.
            return await send(person, identifier) if identifier else None

        return [(one.user_name, partial(about, one)) for one in self._people if one.fate in fates]

    async def _create(self, person: Person) -> Answer:
        answer = await self._entra.create(person)
        identifier = shown(answer.body, "id")
        if isinstance(identifier, str) and identifier:
            self._ids[person.number] = identifier
            self._resources[person.number] = answer.body
        return answer

    async def _read(self, person: Person, identifier: str) -> Answer:
        answer = await self._entra.read(person, identifier)
        if shown(answer.body, "id"):
            self._resources[person.number] = answer.body
        return answer

    async def _rename(self, person: Person, identifier: str) -> Answer:
        resource, renamed = self._resources[person.number], person.renamed()
        return await self._entra.patch(renamed, identifier, differences(renamed, resource), resource)

    async def _send_again(self, person: Person, identifier: str) -> Answer:
        return await self._entra.patch(person, identifier, values(person), self._resources[person.number])

    async def _disable(self, person: Person, identifier: str) -> Answer:
        resource = self._resources[person.number]
        return await self._entra.patch(person.disabled(), identifier, {"active": False}, resource)

    async def _restore(self, person: Person, identifier: str) -> Answer:
        return await self._entra.patch(person, identifier, {"active": True}, self._resources[person.number])


async def told(story: Story, control: Control, watcher: Watcher) -> list[Row]:
    """Tell the story, and count for each leg what its requests cost upstream."""
    rows = []
    for step, legs in story.steps().items():
        watcher.step(step, sum(len(leg.requests) for leg in legs))
        for leg in legs:
            row = Row(step, leg.request, leg.outcome)
            before = (await control.calls())["total"]
            await sent(leg, row, watcher)
            row.calls = (await control.calls())["total"] - before
            rows.append(row)
    return rows


async def sent(leg: Leg, row: Row, watcher: Watcher) -> None:
    """Send the requests of a leg, several at a time and the last one alone.

    Alone, so that the last creation is known to be that of the last person: whoever spoils the nth one knows whom it hits.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def one(who: str, send: Send) -> None:
        async with room:
            answer = await send()
        if answer:
            row.answers.append((who, answer))
        watcher.done()

    async with asyncio.TaskGroup() as group:
        for who, send in leg.requests[:-1]:
            group.create_task(one(who, send))
    await one(*leg.requests[-1])
