"""What is true of the users as a simple model has it, and what the upstream may be after a request whose outcome nobody knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.entra import ENTERPRISE, MORE_PATHS, PATCH, PATHS, Fields, fields_of
from tests.faults.store import MAPPED, MORE, Store

NOBODY = "p999999"
"""An id that nobody has."""
FLAT = ("more01", "more03", "more14")
"""Fields that nobody has at first, of three attributes that are one text each; the last is of the extension."""
CHANGED = (*MAPPED[1:], *FLAT)
"""What a PATCH may change, but the login."""
ALL_PATHS: dict[str, str] = PATHS | MORE_PATHS


def snapshot(store: Store) -> dict[str, Fields]:
    """Return everybody who is there, by id, with every field that the mapping names."""
    return {each.id: {name: each.fields.get(name) for name in (*MAPPED, *MORE)} for each in store.live}


def shown_fields(resource: Any) -> Fields:
    """Return what a resource says, of the fields that the model looks at."""
    found = resource if isinstance(resource, dict) else {}
    more = (found.get("displayName"), found.get("title"), (found.get(ENTERPRISE[:-1]) or {}).get("department"))
    return fields_of(found) | dict(zip(FLAT, more, strict=True))


@dataclass(slots=True)
class People:
    """Everybody who should be there, by the upstream's ids, and the ids of those who are gone."""

    there: dict[str, Fields] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def id_of(self, login: str) -> str:
        """Return the id of who has a login, or one of those who are gone, or of nobody."""
        known = [user_id for user_id, each in self.there.items() if each["login"].casefold() == login.casefold()]
        return known[0] if known else self.gone[-1] if self.gone else NOBODY

    def has(self, login: str, other_than: str = "") -> bool:
        """Tell whether somebody, another than that one, has a login."""
        return any(
            each["login"].casefold() == login.casefold()
            for user_id, each in self.there.items()
            if user_id != other_than
        )

    def remove(self, user_id: str) -> None:
        """Let somebody be gone."""
        del self.there[user_id]
        self.gone.append(user_id)

    def other_than(self, store: Store) -> str:
        """Return how the upstream differs; empty where it does not."""
        now = snapshot(store)
        return "" if now == self.there else f"upstream is {_differing(now, self.there)}, and should be so"

    def learn(self, store: Store, before: Mapping[str, Fields], about: str, wanted: Fields | None) -> str:
        """Take what the upstream is after a request of unknown outcome; returns what it may not be.

        Each field of the one that it is `about` is as it was or as `wanted`, or they are gone where that is None; where it
        is about nobody yet, somebody may be new. All others are as they were.
        """
        now, wrong = snapshot(store), []
        for user_id in {**before, **now}:
            old, new = before.get(user_id), now.get(user_id)
            if new is None:
                wrong += [] if (user_id, wanted) == (about, None) else [f"{user_id} is gone"]
            elif old is None:
                is_meant = not about and wanted and all(new[name] == value for name, value in wanted.items())
                wrong += [] if is_meant else [f"{new} is new"]
            else:
                may_be = old | ((wanted or {}) if user_id == about else {})
                odd = [name for name in new if new[name] not in {old[name], may_be[name]}]
                wrong += [f"{name} of {user_id} became {new[name]}" for name in odd]
        self.gone += [each for each in before if each not in now]
        self.there = now
        return "; ".join(wrong)


def _differing(now: dict[str, Fields], right: dict[str, Fields]) -> str:
    parts = []
    for user_id in {**now, **right}:
        one, other = now.get(user_id), right.get(user_id)
        if one is None or other is None:
            parts.append(f"{user_id}: {one} in place of {other}")
        elif one != other:
            names = [name for name in other if one[name] != other[name]]
            parts.append(f"{user_id}: {[(name, one[name], other[name]) for name in names]}")
    return "; ".join(parts)


FORMS = ("one by one", "added", "without a path", "nested", "removed", "booleans as they are")
"""How a client says a PATCH."""


def patch_of(form: str, fields: Fields) -> tuple[Any, Fields]:
    """Return the body of a PATCH in a form, and what it makes of the fields."""
    texts = {name: str(value) if isinstance(value, bool) else value for name, value in fields.items()}
    if form == "removed":
        names = [name for name in fields if name != "enabled"]
        operations: list[Any] = [{"op": "Remove", "path": ALL_PATHS[name]} for name in names]
        return _message(operations), dict.fromkeys(names)
    if form == "without a path":
        return _message([{"op": "replace", "value": {ALL_PATHS[name]: value for name, value in texts.items()}}]), fields
    if form == "nested":
        return _message([{"op": "replace", "value": _nested(fields)}]), fields
    if form == "booleans as they are":
        return _message([{"op": "replace", "path": ALL_PATHS[name], "value": fields[name]} for name in fields]), fields
    op = "Add" if form == "added" else "Replace"
    return _message([{"op": op, "path": ALL_PATHS[name], "value": value} for name, value in texts.items()]), fields


def _message(operations: list[Any]) -> Any:
    return {"schemas": [PATCH], "Operations": operations}


def _nested(fields: Fields) -> Any:
    """Return changes as a part of a resource."""
    value: dict[str, Any] = {}
    for name, each in fields.items():
        if name == "mail":
            value["emails"] = [{"type": "work", "primary": True, "value": each}]
        elif name == "more14":
            value[ENTERPRISE[:-1]] = {"department": each}
        elif "." in ALL_PATHS[name]:
            value.setdefault("name", {})[ALL_PATHS[name].partition(".")[2]] = each
        else:
            value[ALL_PATHS[name]] = each
    return value
