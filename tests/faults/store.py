"""What the legacy user API keeps: records with more fields than any mapping names, and all that ever became of them."""

import copy
import json
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

MAPPED = ("login", "given", "family", "mail", "enabled")
"""The fields that the campaign's mappings name, and that everybody has."""
MORE = tuple(f"more{number:02}" for number in range(1, 18))
"""More fields that they name, and that nobody has at first."""
MASKED, MADE = "pin", "created"
"""Shown as stars, and made by the upstream alone: a write that sends one of them is refused."""
SHOWN_PIN = "****"
CANARIES: dict[str, Any] = {
    "badge": "B-0017",
    "notes": "Zoë's  naïve note\twith “quotes” and \\ \U0001f511",
    "card": {"floor": 3, "serial": 9007199254740993, "codes": ["x", None, 1.5, {"deep": []}], "empty": {}},
    "hobbies": [["chess", 1], ["go", None], []],
    "nothing": None,
}
"""Fields that no mapping names: whatever the gateway does, they stay as they are."""


class Refused(Exception):
    """What the upstream answers in place of doing it."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change; `request` is the number of the request that made it, None where a human did."""

    at: float
    request: int | None
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(slots=True)
class Record:
    """One user; a deleted one stays here, with its history, and is shown to nobody."""

    id: str
    fields: dict[str, Any]
    made: float
    history: list[Change] = field(default_factory=list)
    gone: bool = False

    @property
    def shown(self) -> dict[str, Any]:
        """The record as the API shows it."""
        return {"id": self.id, **self.fields, MASKED: SHOWN_PIN, MADE: "2026-01-15T12:36:29Z"}

    @property
    def unmapped(self) -> str:
        """The fields that no mapping names, in a form that can be compared."""
        return json.dumps(
            {name: value for name, value in self.fields.items() if name not in {*MAPPED, *MORE}}, sort_keys=True
        )

    @property
    def login(self) -> str:
        """The login, folded as the upstream compares it; empty where a write has destroyed it."""
        return str(self.fields.get("login") or "").casefold()


class Store:
    """All records; `unique` says whether a login is refused that somebody has, `lag` how long a new one is not listed."""

    def __init__(self, *, unique: bool = True, lag: float = 0.0) -> None:
        self.unique, self.lag = unique, lag
        self.records: dict[str, Record] = {}
        self.committed: Counter[tuple[str, str]] = Counter()
        """How often requests have created, updated and deleted whom."""
        self._number = 1000

    @property
    def live(self) -> list[Record]:
        """Everybody who is there."""
        return [each for each in self.records.values() if not each.gone]

    @property
    def listed(self) -> list[Record]:
        """Everybody whom lists and searches show yet."""
        latest = monotonic() - self.lag
        return [each for each in self.live if each.made <= latest]

    def named(self, login: str) -> list[Record]:
        """Everybody who is there and has the login."""
        return [each for each in self.live if each.login == login.casefold()]

    def get(self, record_id: str) -> Record:
        """Return one record."""
        found = self.records.get(record_id)
        if found is None or found.gone:
            raise Refused(404, "no_such_user", f"There is no user {record_id}.")
        return found

    def create(self, sent: dict[str, Any], request: int | None = None) -> Record:
        """Make a record; the fields that no mapping names come with it."""
        _check(sent)
        login = sent.get("login")
        if not isinstance(login, str) or not login:
            raise Refused(400, "bad_value", "login is needed")
        if self.unique and self.named(login):
            raise Refused(409, "login_taken", f"The login {login} is taken.")
        self._number += 1
        defaults = {"given": None, "family": None, "mail": None, "enabled": True}
        record = Record(f"p{self._number}", defaults | copy.deepcopy(CANARIES) | sent, monotonic())
        self.records[record.id] = record
        self._changed(record, request, "create", None)
        return record

    def update(self, record_id: str, sent: dict[str, Any], request: int | None = None) -> Record:
        """Change some fields."""
        return self._written(record_id, lambda fields: fields | sent, sent, request, "update")

    def replace(self, record_id: str, sent: dict[str, Any], request: int | None = None) -> Record:
        """Put other fields in the place of all: what is not sent is there no more."""
        return self._written(record_id, lambda _: dict(sent), sent, request, "replace")

    def switch(self, record_id: str, request: int | None = None, *, enabled: bool) -> Record:
        """Let somebody in, or keep them out."""
        record = self.get(record_id)
        before = copy.deepcopy(record.fields)
        record.fields["enabled"] = enabled
        self._changed(record, request, "enable" if enabled else "disable", before)
        return record

    def delete(self, record_id: str, request: int | None = None) -> None:
        """Remove somebody."""
        record = self.get(record_id)
        record.gone = True
        record.history.append(Change(monotonic(), request, "delete", copy.deepcopy(record.fields), None))
        self._count("delete", record_id, request)

    def external(self, record_id: str, **fields: Any) -> None:
        """Change fields as a human does, behind the gateway's back."""
        self.update(record_id, fields)

    def _written(self, record_id: str, made: Any, sent: dict[str, Any], request: int | None, what: str) -> Record:
        record = self.get(record_id)
        _check(sent)
        login = sent.get("login")
        if self.unique and isinstance(login, str) and any(each is not record for each in self.named(login)):
            raise Refused(409, "login_taken", f"The login {login} is taken.")
        before = copy.deepcopy(record.fields)
        record.fields = made(record.fields)
        self._changed(record, request, what, before)
        return record

    def _changed(self, record: Record, request: int | None, what: str, before: dict[str, Any] | None) -> None:
        record.history.append(Change(monotonic(), request, what, before, copy.deepcopy(record.fields)))
        self._count("create" if what == "create" else "update", record.id, request)

    def _count(self, kind: str, record_id: str, request: int | None) -> None:
        if request is not None:  # and no human
            self.committed[kind, record_id] += 1


def _check(sent: dict[str, Any]) -> None:
    for name in (MASKED, MADE):
        if name in sent:
            raise Refused(400, "read_only", f"{name} cannot be written")
