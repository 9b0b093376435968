"""The cells of one lane, run one after the other and judged, each with a user of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from tests.faults import invariants, outbound
from tests.faults.caller import Answer
from tests.faults.cells import WRITES, Cell, Step
from tests.faults.entra import Entra, Fields, person
from tests.faults.lane import LATE, UNIQUE, Lane
from tests.faults.plan import Fault, Rule
from tests.faults.store import MAPPED, Record
from tests.faults.verdict import Verdict

UNSURE = {502, 503, 504}
BYSTANDERS = 3


@dataclass(slots=True)
class Someone:
    """Whom a cell is about; without an id they are not there yet."""

    fields: Fields
    id: str = ""


Do = Callable[[Entra, Someone], Awaitable[Answer]]
SEVERAL: Fields = {"given": "Augusta", "family": "King", "mail": "countess@example.com"}
OPERATIONS: dict[str, tuple[Do, Fields]] = {
    "get": (lambda entra, one: entra.get(one.fields["login"], one.id), {}),
    "find": (lambda entra, one: entra.find(one.fields["login"]), {}),
    "list": (lambda entra, _: entra.list(), {}),
    "create": (lambda entra, one: entra.create(one.fields), {}),
    "patch one": (
        lambda entra, one: entra.patch(one.fields["login"], one.id, {"given": "Augusta"}),
        {"given": "Augusta"},
    ),
    "patch several": (lambda entra, one: entra.patch(one.fields["login"], one.id, SEVERAL), SEVERAL),
    "put": (lambda entra, one: entra.put(one.id, one.fields | SEVERAL), SEVERAL),
    "disable": (lambda entra, one: entra.patch(one.fields["login"], one.id, {"enabled": False}), {"enabled": False}),
    "delete": (lambda entra, one: entra.delete(one.fields["login"], one.id), {}),
}
"""The nine operations, and what each makes of the user's fields."""


class Trials:
    """Runs the cells of one lane, one after the other; each has a user of its own."""

    def __init__(self, lane_: Lane, asker: Entra | None = None) -> None:
        self.lane, self.asker = lane_, asker or lane_.entra
        self.calls: dict[str, int] = {}
        """What each operation takes without faults."""
        self.spent = 0, 0
        """The calls of all cells, and what they would have been without faults."""
        self._numbers = count(1)
        self._bystander = Someone(person("bystander1"))

    async def steps(self) -> dict[str, list[Step]]:
        """Run every operation without faults, and return the steps of each."""
        for number in range(1, BYSTANDERS + 1):
            made = await self.lane.entra.create(person(f"bystander{number}"))
            self._bystander.id = self._bystander.id or made.body["id"]
        found: dict[str, list[Step]] = {}
        for operation in OPERATIONS:
            cell = Cell(self.lane.mapping, operation, "", 1, Fault(""), lasts=False)
            someone = await self._prepared(cell)
            began = len(self.lane.upstream.wire)
            await OPERATIONS[operation][0](self.lane.entra, someone)
            routes = [each.route for each in self.lane.upstream.wire[began:] if each.route != "login"]
            found[operation] = [(route, routes[: place + 1].count(route)) for place, route in enumerate(routes)]
            self.calls[operation] = len(routes)
            self._forget(someone)
        return found

    async def run(self, cell: Cell) -> None:
        """Run a cell and judge it."""
        verdict, whole = Verdict(), self.lane.verdict
        self.lane.verdict = verdict
        try:
            await self._run(cell)
        except TimeoutError:
            verdict.holds("I18", "12 s after the fault was over no read comes through", holds=False)
        finally:
            self.lane.verdict = whole
            whole.add(verdict, str(cell))

    async def _run(self, cell: Cell) -> None:
        upstream, (do, becomes) = self.lane.upstream, OPERATIONS[cell.operation]
        someone = await self._prepared(cell)
        others = {each.id: len(each.history) for each in upstream.store.live if each.id != someone.id}
        began, there = len(upstream.wire), [each.fields for each in upstream.store.live]
        rule = await self._goes_wrong(cell)
        answer = await do(self.asker, someone)
        upstream.plan.clear()
        self._judge(cell, someone, answer, [each for each in there if cell.operation != "delete"])
        await upstream.back()
        await upstream.settled()
        await self.lane.settle(self._bystander.fields["login"], self._bystander.id)
        calls = [each for each in upstream.wire[began:] if each.at < answer.ended and each.route != "login"]
        # A write whose end nobody knows is looked after: that look is a step of it, as are the others.
        expected = self.calls[cell.operation] + (cell.route in WRITES)
        outbound.no_more_calls(self.lane.verdict, len(calls), expected, f"fault applied {rule.applied} times")
        self.spent = self.spent[0] + len(calls), self.spent[1] + self.calls[cell.operation]
        await self._again(cell, someone, do, someone.fields | becomes)
        # Where the upstream keeps logins unique, another request of the client may send what this one left open.
        same = calls if UNIQUE.get(cell.mapping) else upstream.wire[began:]
        outbound.looked_between_creates(self.lane.verdict, same)
        touched = [each for each, changes in others.items() if len(upstream.store.records[each].history) != changes]
        self.lane.verdict.holds("I6", f"{', '.join(touched)} was touched", holds=not touched)
        asked = self.lane.entra.asked + self.asker.asked
        invariants.nobody_else(self.lane.verdict, self._records(someone), asked, LATE)
        self._forget(someone)

    async def _goes_wrong(self, cell: Cell) -> Rule:
        upstream = self.lane.upstream
        rule = Rule((cell.fault,), cell.route, first=cell.number, times=None if cell.lasts else 1)
        if not cell.route:
            await (upstream.refuse() if cell.fault.action == "refuse" else upstream.swallow())
            return rule
        if cell.route == "login":
            upstream.tokens.reboot()
        upstream.plan.rules.append(rule)
        return rule

    async def _prepared(self, cell: Cell) -> Someone:
        someone = Someone(person(f"user{next(self._numbers)}"))
        if cell.operation != "create":
            someone.id = (await self.lane.entra.create(someone.fields)).body["id"]
            await asyncio.sleep(self.lane.upstream.store.lag)
        return someone

    def _judge(self, cell: Cell, someone: Someone, answer: Answer, there: list[Fields]) -> None:
        """Hold the answer to the request with the fault against what may be said."""
        store, login = self.lane.upstream.store, someone.fields["login"]
        exists = bool(store.named(login))
        allowed = answer.is_done or answer.status in UNSURE
        allowed |= cell.operation == "create" and answer.status == 409 and exists
        allowed |= cell.operation == "delete" and answer.status == 404 and not exists
        what = f"answered {answer.status} while the user is {'there' if exists else 'not there'}: {answer.text[:160]}"
        self.lane.verdict.holds("N1" if answer.status in {404, 409} else "I12", what, holds=allowed)
        asked = self.asker.asked[-1]
        still = [{name: each.get(name) for name in MAPPED} for each in there]
        invariants.not_called_missing(self.lane.verdict, asked, still)

    async def _again(self, cell: Cell, someone: Someone, do: Do, wanted: Fields) -> None:
        """Send the same request without faults, as Entra does in its next cycle, and judge where it leads."""
        entra, verdict, login = self.lane.entra, self.lane.verdict, someone.fields["login"]
        answer = await do(entra, someone)
        may = {"create": {201, 409}, "delete": {204, 404}}.get(cell.operation, {200})
        verdict.holds(
            "N2", f"sent again, it is answered {answer.status}: {answer.text[:160]}", holds=answer.status in may
        )
        if cell.operation == "create":
            await asyncio.sleep(self.lane.upstream.store.lag)
            found = (await entra.find(login)).body.get("Resources", [])
            verdict.holds("N2", f"then {len(found)} are found", holds=len(found) == 1)
        store = self.lane.upstream.store
        if cell.operation == "delete":
            verdict.holds("N2", "then the user is still there", holds=not store.named(login))
            return
        invariants.as_wanted(verdict, store, [wanted])
        invariants.no_duplicate(verdict, store)

    def _records(self, someone: Someone) -> list[Record]:
        """Return every record that was made for somebody, whatever became of it."""
        records = self.lane.upstream.store.records.values()
        return [each for each in records if (each.history[0].after or {}).get("login") == someone.fields["login"]]

    def _forget(self, someone: Someone) -> None:
        """Take a cell's records out of the store, so that the next cell has it as this one had."""
        invariants.unmapped_untouched(self.lane.verdict, self._records(someone))
        for each in self._records(someone):
            del self.lane.upstream.store.records[each.id]
        self.lane.entra.asked.clear()
        self.asker.asked.clear()
