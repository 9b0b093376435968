"""An upstream in memory that keeps records of users and teams as a real one does, and can be made to fail at any step."""

import copy
import itertools
from collections.abc import Sequence
from typing import Any

import msgspec

from adapter.errors import Internal
from adapter.plan.conversation import Call, Outcome, Reply, Unknown
from adapter.plan.keeping import Step
from tests.plan.by_hand import Shelf

Record = dict[str, Any]
NOT_THERE = Reply(404, {"code": "none"})

_STATES = {"on": "on", "off": "off", "back": "on"}
REFUSED, BEFORE, AFTER, LOST, LOST_AFTER = "400", "500", "500 after it was done", "no answer", "no answer, but done"
WAYS = [REFUSED, BEFORE, AFTER, LOST, LOST_AFTER]
"""How a step fails."""


class Directory:
    """Users and teams, each with a name that no other has, and who is in which team.

    A team shows its members as `users` and under /teams/{id}/users, a user shows its teams as `teams`; written by any of
    the three, so one of them serves each form of a mapping. A record with `state: gone` is one that was removed.
    """

    def __init__(
        self, users: list[Record], teams: Sequence[Record] = (), members: dict[str, list[str]] | None = None
    ) -> None:
        self.records = {
            "users": {each["id"]: dict(each) for each in users},
            "teams": {each["id"]: dict(each) for each in teams},
        }
        self.members = {each["id"]: list((members or {}).get(each["id"], [])) for each in teams}
        self.is_exact = False
        """Whether names in another case are other names here."""
        self.hides = ""
        """The state of those who are listed only when the query asks for it."""
        self.keeps_removed = False
        self.row_lacks: tuple[str, ...] = ()
        """Fields that the rows of the lists do not show."""
        self._numbers = itertools.count(1)

    def __call__(self, call: Call) -> Outcome:
        """Answer one call."""
        kind, *parts = call.path.strip("/").split("/")
        if not parts:
            return self._made(kind, call.body) if call.method == "POST" else self._listed(kind, call.query)
        if parts[0] not in self.records[kind]:
            return NOT_THERE
        if len(parts) > 1:
            return self._of(kind, call, parts[0], parts[1:])
        if call.method == "PATCH":
            return self._changed(kind, parts[0], call.body)
        if call.method == "DELETE":
            return self._removed(kind, parts[0])
        return Reply(200, self._shown(kind, parts[0]))

    def state(self) -> Any:
        """Return a copy of everything that is kept; members have no order."""
        members = {team: sorted(there) for team, there in self.members.items()}
        return copy.deepcopy((self.records, members))

    def _named(self, kind: str, name: str) -> list[str]:
        fold = str if self.is_exact else str.lower
        there = self.records[kind].values()
        return [each["id"] for each in there if fold(each["name"]) == fold(name)]

    def _made(self, kind: str, body: Record) -> Reply:
        if self._named(kind, body["name"]):
            return Reply(409, {"message": "taken"})
        new_id = f"new{next(self._numbers)}"
        self.records[kind][new_id] = {"id": new_id, "name": body["name"]}
        if kind == "teams":
            self.members[new_id] = []
        self._changed(kind, new_id, body)
        return Reply(201, {"id": new_id})

    def _changed(self, kind: str, one: str, body: Record) -> Reply:
        if any(each != one for each in self._named(kind, body.get("name", ""))):
            return Reply(409, {"message": "taken"})
        own = {name: value for name, value in body.items() if name not in ("users", "teams")}
        self.records[kind][one].update(own)
        if kind == "teams" and "users" in body:
            self.members[one] = [each for each in body["users"] if each in self.records["users"]]
        for team, there in self.members.items() if kind == "users" and "teams" in body else ():
            there[:] = [*(each for each in there if each != one), *([one] if team in body["teams"] else [])]
        return Reply(200, self._shown(kind, one))

    def _removed(self, kind: str, one: str) -> Reply:
        if self.keeps_removed:
            self.records[kind][one]["state"] = "gone"
        else:
            del self.records[kind][one]
            self.members = {team: there for team, there in self.members.items() if team in self.records["teams"]}
        return Reply(204)

    def _of(self, kind: str, call: Call, one: str, parts: list[str]) -> Reply:
        if parts[0] in _STATES:
            self.records[kind][one]["state"] = _STATES[parts[0]]
            return Reply(204)
        if parts[0] == "nick":
            self.records[kind][one]["nick"] = call.body["to"]
            return Reply(204)
        there = self.members[one]
        if call.method == "GET":
            return self._page([{"user": each} for each in there], call.query)
        if call.method == "POST":
            there += [each for each in call.body["users"] if each in self.records["users"] and each not in there]
        elif parts[1] in there:
            there.remove(parts[1])
        else:
            return NOT_THERE
        return Reply(204)

    def _listed(self, kind: str, query: dict[str, str]) -> Reply:
        asked = query.get("state", "")
        found = [
            one
            for one, each in self.records[kind].items()
            if not self.hides or (each.get("state") == self.hides) == (asked == self.hides)
        ]
        if "q" in query:
            found = [one for one in found if one in self._named(kind, query["q"])]
        rows = [self._shown(kind, one) for one in found]
        return self._page(
            [{name: value for name, value in each.items() if name not in self.row_lacks} for each in rows], query
        )

    def _shown(self, kind: str, one: str) -> Record:
        record = dict(self.records[kind][one])
        if kind == "teams":
            return record | {"users": list(self.members[one])}
        return record | {"teams": [team for team, there in self.members.items() if one in there]}

    @staticmethod
    def _page(rows: list[Record], query: dict[str, str]) -> Reply:
        size, number = int(query["size"]), int(query["page"])
        return Reply(200, {"data": rows[(number - 1) * size : number * size], "total": len(rows)})


class Failing:
    """A directory and a store of which one step fails in one way; the steps are counted from 0."""

    def __init__(self, directory: Directory, shelf: Shelf, at: int | None = None, way: str = BEFORE) -> None:
        self.directory, self.shelf, self._at, self._way = directory, shelf, at, way
        self.said: list[str] = []
        """The steps that were asked for, in order."""

    def upstream(self, call: Call) -> Outcome:
        """Do a call, or fail."""
        is_failing = self._turn(f"{call.method} {call.path}")
        if not is_failing or self._way in (AFTER, LOST_AFTER):
            outcome = self.directory(call)
            if not is_failing:
                return outcome
        if self._way in (LOST, LOST_AFTER):
            return Unknown("the connection broke")
        return Reply(400 if self._way == REFUSED else 500, {"message": "no"})

    def store(self, step: Step) -> Any:
        """Do a step of the store, or fail."""
        is_failing = self._turn(type(step).__name__)
        if not is_failing or self._way in (AFTER, LOST_AFTER):
            answer = self.shelf(step)
            if not is_failing:
                return answer
        raise Internal("The store failed.")

    def _turn(self, said: str) -> bool:
        self.said.append(said)
        return len(self.said) - 1 == self._at


def body_of(message: Any) -> bytes:
    """Return a request's body."""
    return msgspec.json.encode(message)
