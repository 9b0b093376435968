"""The calls of the legacy user API: which request is which, and what each does."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.faults.store import Record, Refused, Store
from tests.faults.tokens import Tokens
from tests.faults.wire import Seen

KEY = "the-key-of-the-service-account"
MOST = 50
"""The largest page."""


class Asked(NamedTuple):
    """A request with its JSON, and what it is done to."""

    seen: Seen
    sent: dict[str, Any]
    store: Store
    tokens: Tokens


def named_route(seen: Seen) -> tuple[str, str]:
    """Return the name of the call that a request is, and whom it is about; an empty name where there is none."""
    if (seen.method, seen.path) == ("GET", "/users"):
        login = seen.query.get("login", "")
        return ("find" if login else "list"), login.casefold()
    if (seen.method, seen.path) == ("POST", "/users"):
        found = re.search(rb'"login":\s*"([^"]*)"', seen.body)
        return "create", found[1].decode().casefold() if found else ""
    if (seen.method, seen.path) == ("POST", "/login"):
        return "login", ""
    one = re.fullmatch(r"/users/([^/]+)(/enable|/disable)?", seen.path)
    names = {"GET": "get", "PATCH": "update", "PUT": "replace", "DELETE": "delete"}
    if one is None or (one[2] and seen.method != "POST"):
        return "", ""
    return (one[2].removeprefix("/") if one[2] else names.get(seen.method, "")), one[1]


def _login(asked: Asked) -> tuple[int, Any]:
    if asked.sent.get("key") != KEY:
        raise Refused(403, "bad_key", "This key is not good.")
    asked.seen.committed = True
    return 200, {"token": asked.tokens.grant(), "expires": asked.tokens.life}


def _page(asked: Asked, records: list[Record]) -> tuple[int, Any]:
    number, size = int(asked.seen.query.get("page", "1")), min(int(asked.seen.query.get("size", MOST)), MOST)
    rows = records[(number - 1) * size : number * size]
    asked.seen.shown = [each.login for each in rows]
    return 200, {"items": [each.shown for each in rows], "total": len(records)}


def _list(asked: Asked) -> tuple[int, Any]:
    return _page(asked, asked.store.listed)


def _find(asked: Asked) -> tuple[int, Any]:
    return _page(asked, [each for each in asked.store.listed if each.login == asked.seen.about])


def _get(asked: Asked) -> tuple[int, Any]:
    return 200, asked.store.get(asked.seen.about).shown


def _create(asked: Asked) -> tuple[int, Any]:
    record = asked.store.create(asked.sent, asked.seen.number)
    asked.seen.committed = True
    return 201, record.shown


def _update(asked: Asked) -> tuple[int, Any]:
    record = asked.store.update(asked.seen.about, asked.sent, asked.seen.number)
    asked.seen.committed = True
    return 200, record.shown


def _replace(asked: Asked) -> tuple[int, Any]:
    record = asked.store.replace(asked.seen.about, asked.sent, asked.seen.number)
    asked.seen.committed = True
    return 200, record.shown


def _switch(asked: Asked) -> tuple[int, Any]:
    asked.store.switch(asked.seen.about, asked.seen.number, enabled=asked.seen.route == "enable")
    asked.seen.committed = True
    return 204, None


def _delete(asked: Asked) -> tuple[int, Any]:
    asked.store.delete(asked.seen.about, asked.seen.number)
    asked.seen.committed = True
    return 204, None


ROUTES: dict[str, Callable[[Asked], tuple[int, Any]]] = {
    "login": _login,
    "list": _list,
    "find": _find,
    "get": _get,
    "create": _create,
    "update": _update,
    "replace": _replace,
    "enable": _switch,
    "disable": _switch,
    "delete": _delete,
}
