"""A small directory with a REST API of its own: it holds every attribute of RFC 7643 sections 4.1 to 4.3, in its words.

Users, groups (whose members are a list in the record) and teams (whose members are a list of calls of their own). All
three are listed (`offset`, `limit`, `total`, and a filter for each field at the top), read, made (201), changed and
deleted (204). A change is a merge (RFC 7396): objects go into one another, null takes away. An unknown field is refused.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import msgspec
from litestar import HttpMethod, Litestar, Request, Response, route

_AnyRequest = Request[Any, Any, Any]
_Record = dict[str, Any]


def _of(kinds: str, shape: Any) -> _Record:
    return dict.fromkeys(kinds.split(), shape)


_ENTRY = _of("value label", str) | {"preferred": bool}
_ADDRESS = _of("text street town region code country", str) | {"preferred": bool}
# What a record may hold: a type, an object with its fields, or a list of texts.
USER: _Record = {
    **_of("login externalRef shown nick job kind language locale zone page secret", str),
    **_of("employeeNumber department costCentre organization division managerId managerPage managerName", str),
    "enabled": bool,
    "name": _of("first middle last full prefix suffix", str),
    "mails": _of("work home other", _ENTRY),
    "phones": _of("work mobile fax home pager other", _ENTRY),
    "addresses": _of("work home other", _ADDRESS),
    "chats": _of("aim xmpp skype", _ENTRY),
    "pictures": _of("photo thumbnail", _ENTRY),
    "rights": _of("licence seat", _ENTRY),
    "certificates": [str],
    "role": _of("name label kind", str),  # the primary one
}
TEAM: _Record = _of("name note externalRef", str)
GROUP: _Record = {**TEAM, "memberIds": [str]}


class _Refused(Exception):
    def __init__(self, status: int, code: str, text: str, **more: str) -> None:
        super().__init__(text)
        self.reply = Response({"code": code, "text": text, **more}, status_code=status)


class Records:
    """The records of one kind: `unique` is the field whose value, without regard to case, only one of them has."""

    def __init__(self, kind: str, shape: _Record, unique: str) -> None:
        self._kind, self._shape, self._unique = kind, shape, unique
        self.kept: dict[str, _Record] = {}

    def listed(self, query: Any) -> _Record:
        """Return a page of those that the query asks for."""
        asked = {name: value.lower() for name, value in query.items() if name not in ("offset", "limit")}
        for name in asked:
            if self._shape.get(name) is not str:
                raise _Refused(400, "bad_filter", f"'{name}' is nothing to look for", field=name)
        fit = [
            each for each in self.kept.values() if all(str(each.get(name, "")).lower() == asked[name] for name in asked)
        ]
        return _paged([_shown(each) for each in fit], query)

    def found(self, key: str) -> _Record:
        """Return the record of that id."""
        if key not in self.kept:
            raise _Refused(404, f"no_such_{self._kind}", f"there is no {self._kind} '{key}'")
        return self.kept[key]

    def created(self, given: _Record) -> _Record:
        """Keep a new record."""
        if not given.get(self._unique):
            raise _Refused(400, "bad_field", f"{self._unique} is missing", field=self._unique)
        self._judge(given)
        key = str(uuid4())
        self.kept[key] = _merged({"id": key, "madeAt": _now(), "changedAt": _now()}, given)
        return self.kept[key]

    def changed(self, key: str, given: _Record) -> _Record:
        """Merge what is given into a record."""
        before = self.found(key)
        self._judge(given, key)
        after = _merged(before, given)
        self.kept[key] = before if after == before else after | {"changedAt": _now()}
        return self.kept[key]

    def removed(self, key: str) -> None:
        """Forget a record."""
        del self.kept[self.found(key)["id"]]

    def _judge(self, given: _Record, key: str = "") -> None:
        _fits(given, self._shape, "")
        name = given.get(self._unique, "")
        if not isinstance(name, str):
            raise _Refused(400, "bad_field", f"{self._unique} is needed", field=self._unique)
        if any(each[self._unique].lower() == name.lower() for each in self.kept.values() if each["id"] != key):
            raise _Refused(409, f"{self._unique}_taken", f"{self._unique} '{name}' is taken")


class Directory:
    """The users, the groups and the teams, and which calls came."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.users = Records("user", USER, "login")
        self.groups = Records("group", GROUP, "name")
        self.teams = Records("team", TEAM, "name")
        self.team_members: dict[str, list[str]] = {}
        self.calls: list[str] = []

    async def answered(self, request: _AnyRequest) -> Response[Any]:
        """Answer one call."""
        path = request.url.path
        self.calls.append(f"{request.method} {path}")
        try:
            self._enter(request.headers.get("Authorization"))
            body = await request.body()
            given = msgspec.json.decode(body, type=dict[str, Any]) if body else {}
            return self._one(request.method, path.strip("/").split("/"), given, request.query_params)
        except _Refused as refused:
            return refused.reply

    def _enter(self, token: str | None) -> None:
        if token != f"Bearer {self._token}":
            raise _Refused(401, "who_are_you", "the token is not known")

    def _one(self, method: str, parts: list[str], given: _Record, query: Any) -> Response[Any]:
        kinds = {"users": self.users, "groups": self.groups, "teams": self.teams}
        if parts[0] not in kinds:
            raise _Refused(404, "no_such_call", "there is no such call")
        records = kinds[parts[0]]
        self._known(given.get("memberIds") or [])
        match method, parts[1:]:
            case "GET", []:
                return Response(records.listed(query))
            case "POST", []:
                return Response(_shown(records.created(given)), status_code=HTTPStatus.CREATED)
            case "GET", [key]:
                return Response(_shown(records.found(key)))
            case "PATCH", [key]:
                return Response(_shown(records.changed(key, given)))
            case "DELETE", [key]:
                records.removed(key)
                self._forget(key)
                return Response(None, status_code=HTTPStatus.NO_CONTENT)
            case _, [key, "members", *rest] if records is self.teams:
                return self._members(method, records.found(key)["id"], rest, given, query)
        raise _Refused(404, "no_such_call", "there is no such call")

    def _members(self, method: str, team: str, rest: list[str], given: _Record, query: Any) -> Response[Any]:
        members = self.team_members.setdefault(team, [])
        match method, rest:
            case "GET", []:
                rows = [{"id": each, "login": self.users.kept[each]["login"]} for each in members]
                return Response(_paged(rows, query))
            case "POST", []:
                self._known(given["ids"])
                members += [each for each in dict.fromkeys(given["ids"]) if each not in members]
                return Response(None, status_code=HTTPStatus.NO_CONTENT)
            case "DELETE", [user]:
                if user not in members:
                    raise _Refused(404, "no_such_member", f"'{user}' is not in the team")
                members.remove(user)
                return Response(None, status_code=HTTPStatus.NO_CONTENT)
        raise _Refused(404, "no_such_call", "there is no such call")

    def _known(self, user_ids: list[str]) -> None:
        for each in user_ids:
            if each not in self.users.kept:
                raise _Refused(400, "unknown_member", f"there is no user '{each}'", field="memberIds")

    def _forget(self, key: str) -> None:
        """Take a user who is gone out of every group and team."""
        self.team_members.pop(key, None)
        for members in (
            *self.team_members.values(),
            *(each.get("memberIds", []) for each in self.groups.kept.values()),
        ):
            if key in members:
                members.remove(key)


def _fits(given: Any, shape: Any, path: str) -> None:
    """Refuse a field that is not known, or whose value is not what it holds; null fits everywhere."""
    if given is None:
        return
    if isinstance(shape, dict) and isinstance(given, dict):
        for name, value in given.items():
            if name not in shape:
                raise _Refused(400, "unknown_field", f"'{path}{name}' is no field", field=f"{path}{name}")
            _fits(value, shape[name], f"{path}{name}.")
    elif isinstance(shape, list):
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise _Refused(400, "bad_field", f"{path[:-1]} must be a list of texts", field=path[:-1])
    elif type(given) is not shape:
        raise _Refused(400, "bad_field", f"{path[:-1]} has the wrong type", field=path[:-1])


def _merged(record: _Record, given: _Record) -> _Record:
    """Return the record with what is given merged into it, as RFC 7396 has it."""
    result = dict(record)
    for name, value in given.items():
        if isinstance(value, dict):
            result[name] = _merged(result.get(name, {}), value)
        elif value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def _shown(record: _Record) -> _Record:
    """Return the record without its password, which is written and never read."""
    return {name: value for name, value in record.items() if name != "secret"}


def _paged(rows: list[_Record], query: Any) -> _Record:
    offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", 20)), 50)
    return {"items": rows[offset : offset + limit], "total": len(rows)}


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def application(directory: Directory) -> Litestar:
    """The calls as a web application."""

    @route("/{rest:path}", http_method=list(HttpMethod))
    async def calls(request: _AnyRequest) -> Response[Any]:
        return await directory.answered(request)

    return Litestar([calls], openapi_config=None, logging_config=None)
