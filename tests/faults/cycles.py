"""Provisioning as Entra does it: cycle after cycle each user is matched, compared and corrected, until source and target agree."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faults.caller import Answer
from tests.faults.entra import Entra, Fields, fields_of

MOST_CYCLES = 8
LONGEST_WAIT, SHORTEST_WAIT = 6.0, 0.05
"""Seconds between two cycles. Entra's are forty minutes apart; here the next one comes at once, unless a gateway asks for a
wait that is no longer, as one does that leaves the upstream alone for a while."""


@dataclass(slots=True)
class Target:
    """Somebody of the source: what they shall be, or that they shall not be there; and the id that was matched."""

    wanted: Fields
    is_deleted: bool = False
    id: str = ""
    agrees: bool = False
    cycles: int = 0
    """Cycles that the last change of the source took."""

    @property
    def login(self) -> str:
        """The login."""
        login: str = self.wanted["login"]
        return login

    def change(self, **fields: object) -> None:
        """Change somebody in the source."""
        self.wanted |= fields
        self.agrees, self.cycles = False, 0


@dataclass(slots=True)
class Provisioning:
    """Goes through the users, so many at once; counts how many agreed after which cycle."""

    entra: Entra
    at_once: int = 12
    agreed: dict[int, int] = field(default_factory=dict)
    double: set[str] = field(default_factory=set)
    """Logins of which a match query found more than one."""

    async def run(self, targets: Iterable[Target], most: int = MOST_CYCLES) -> list[Target]:
        """Run cycles until all agree, and return those that do not."""
        places = asyncio.Semaphore(self.at_once)
        left = [each for each in targets if not each.agrees]
        for number in range(1, most + 1):
            waits = await asyncio.gather(*(self._in_turn(each, places) for each in left))
            for each in left:
                each.cycles = number
            self.agreed[number] = self.agreed.get(number, 0) + sum(each.agrees for each in left)
            left = [each for each in left if not each.agrees]
            if not left:
                break
            await asyncio.sleep(max(each for each in (*waits, SHORTEST_WAIT) if each <= LONGEST_WAIT))
        return left

    async def _in_turn(self, target: Target, places: asyncio.Semaphore) -> float:
        async with places:
            answers = await self._cycle(target)
        return max((each.retry_after for each in answers), default=0.0)

    async def _cycle(self, target: Target) -> list[Answer]:
        """Do what one cycle does for one user, and return the answers that were no success."""
        if not target.id:
            found = await self.entra.find(target.login)
            if not found.is_done:
                return [found]
            there = found.body.get("Resources", [])
            if len(there) > 1:
                self.double.add(target.login)
                return []
            if not there:
                return await self._made(target)
            target.id = there[0]["id"]
        if target.is_deleted:
            answer = await self.entra.delete(target.login, target.id)
            target.agrees = answer.status in {204, 404}
            return [] if target.agrees else [answer]
        return await self._compared(target)

    async def _made(self, target: Target) -> list[Answer]:
        if target.is_deleted:
            target.agrees = True
            return []
        answer = await self.entra.create(target.wanted)
        if answer.status == 201:
            target.id, target.agrees = answer.body["id"], True
            return []
        return [answer]

    async def _compared(self, target: Target) -> list[Answer]:
        read = await self.entra.get(target.login, target.id)
        if read.status == 404:
            target.id = ""  # matched anew in the next cycle
        if not read.is_done:
            return [read]
        shown = fields_of(read.body)
        other = {name: value for name, value in target.wanted.items() if shown[name] != value}
        patches = _halves(other) if len(other) > 1 else [other] if other else []
        answers = await asyncio.gather(*(self.entra.patch(target.login, target.id, each) for each in patches))
        target.agrees = all(each.is_done for each in answers)
        return [each for each in answers if not each.is_done]


def _halves(fields: Fields) -> list[Fields]:
    """Return two parts, for two changes at once of different attributes."""
    names = [*fields]
    return [{name: fields[name] for name in part} for part in (names[::2], names[1::2])]
