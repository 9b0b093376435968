"""Finding the calls that are about users, and where their replies have what a mapping must know."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from adapter.mapping.draft.spec import Operation, Schema, Spec, kind
from adapter.mapping.template import read_call

_USERS = ("users", "user", "accounts", "account", "people", "members", "employees", "agents", "operators", "staff")
_NUMBERS = ("page", "pagenumber", "pageno", "pageindex")
_SIZES = ("perpage", "pagesize", "limit", "size", "count", "top", "take", "maxresults", "pagelimit")
_OFFSETS = ("offset", "skip", "startat")
_CURSORS = ("cursor", "after", "pagetoken", "nexttoken", "continuationtoken")
_TOTALS = ("total", "totalitems", "totalcount", "totalresults", "totalrecords", "totalelements", "totalsize")
_NEXT = ("nextcursor", "nextpagetoken", "nexttoken", "next", "continuationtoken")
_LISTS = (*_USERS, "data", "items", "results", "records", "values", "content", "resources", "entries")
_IDS = ("id", "userid", "uid", "uuid", "guid", "accountid", "employeeid", "key")
_DEEPEST = 3
"""Objects inside each other that are looked into for a list."""


class Page(msgspec.Struct, frozen=True):
    """How the list is cut into pages: the keys of `page`, and what is not known of it."""

    keys: dict[str, Any]
    todo: str = ""


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a user API; None is what is not."""

    list: Operation | None = None
    records: str | None = None
    row: Schema | None = None
    """The schema of a row of the list."""
    total: str | None = None
    page: Page | None = None
    get: Operation | None = None
    spot: str | None = None
    """Where a read has the record."""
    record: Schema | None = None
    """The schema of a record as a read shows it."""
    create: Operation | None = None
    update: Operation | None = None
    delete: Operation | None = None


def found(spec: Spec) -> Api:
    """Return what a document says of users; the calls of the best collection, and of one user in it."""
    calls = [each for each in spec.operations() if read_call(_plain(str(each)))]
    lists = [each for each in calls if each.method == "GET" and word(_last(each.path)) in _USERS]
    lists.sort(key=lambda each: (not _has_rows(spec, each), _rank(each.path)))
    listing = next((each for each in lists if _has_rows(spec, each) or _page(each, spec) is not None), None)
    creates = [each for each in calls if each.method == "POST" and word(_last(each.path)) in _USERS]
    creates.sort(key=lambda each: (listing is None or each.path != listing.path, _rank(each.path)))
    items = [each for each in calls if _is_item(each.path)]
    base = listing or next(iter(creates), None)
    items.sort(key=lambda each: (base is None or _parent(each.path) != base.path, _rank(_parent(each.path))))
    get = next((each for each in items if each.method == "GET"), None)
    records, row = _rows(spec, listing.reply) if listing else (None, None)
    spot, record = one(spec, get.reply) if get else (None, None)
    return Api(
        list=listing,
        records=records,
        row=row,
        total=_total(spec, listing.reply) if listing and records != "$" else None,
        page=_page(listing, spec) if listing else None,
        get=get,
        spot=spot,
        record=record,
        create=next(iter(creates), None),
        update=next((each for method in ("PATCH", "PUT") for each in items if each.method == method), None),
        delete=next((each for each in items if each.method == "DELETE"), None),
    )


def sampled(spec: Spec, schema: Schema, api: Api) -> Api:
    """Return what is known with a sample of what the upstream answers: one record, or a list of them."""
    records, row = _rows(spec, schema)
    spot, record = one(spec, schema)
    if record is not None:
        return msgspec.structs.replace(api, spot=spot, record=record)
    total = _total(spec, schema) if records != "$" else None
    return msgspec.structs.replace(api, records=records, row=row, total=total)


def one(spec: Spec, reply: Schema | None) -> tuple[str | None, Schema | None]:
    """Return where a reply has one record, and its schema: the object that has an id."""
    for way, schema in _objects(spec, reply):
        if id_of(spec, schema) is not None:
            return way or "$", schema
    return None, None


def id_of(spec: Spec, schema: Schema) -> str | None:
    """Return the field that is a record's id, by its name and its type."""
    named = spec.properties(schema)
    fits = {word(name): name for name, each in named.items() if kind(each) in ("string", "integer")}
    return next((fits[each] for each in _IDS if each in fits), None)


def word(name: str) -> str:
    """Return a name as it is compared: `first_name`, `firstName` and `First-Name` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _rank(path: str) -> tuple[int, int, int]:
    """Return how far a path is from the one that one would expect: its word, what it asks for, its length."""
    return _USERS.index(word(_last(path))), path.count("{"), len(path)


def _has_rows(spec: Spec, call: Operation) -> bool:
    return _rows(spec, call.reply)[1] is not None


def _rows(spec: Spec, reply: Schema | None) -> tuple[str | None, Schema | None]:
    """Return where a reply has a list of records, and the schema of one."""
    if reply is not None and kind(reply) == "array":
        rows = spec.items(reply)
        return ("$", rows) if rows else (None, None)
    for way, schema in _objects(spec, reply):
        lists = {name: rows for name, each in spec.properties(schema).items() if (rows := spec.items(each))}
        if lists:
            name = min(lists, key=lambda each: (word(each) not in _LISTS, list(lists).index(each)))
            return (f"{way}.{name}" if way else name), lists[name]
    return None, None


def _objects(spec: Spec, schema: Schema | None) -> Iterator[tuple[str, Schema]]:
    """Return the objects in a schema with their paths, the outer ones first."""
    level = [("", schema)] if schema else []
    for _ in range(_DEEPEST):
        yield from level
        level = [
            (f"{way}.{name}" if way else name, each)
            for way, outer in level
            for name, each in spec.properties(outer).items()
            if kind(each) == "object" and "." not in name
        ]


def _total(spec: Spec, reply: Schema | None) -> str | None:
    for way, schema in _objects(spec, reply):
        for name, each in spec.properties(schema).items():
            if word(name) in _TOTALS and kind(each) in ("integer", "number"):
                return f"{way}.{name}" if way else name
    return None


def _page(call: Operation, spec: Spec) -> Page | None:
    """Return how a list is cut into pages, as far as its parameters tell."""
    named = {word(each.name): each for each in call.query}
    sizes = [named[each] for each in _SIZES if each in named]
    number = next((named[each] for each in _NUMBERS if each in named), None)
    offset = next((named[each] for each in _OFFSETS if each in named), None)
    cursor = next((named[each] for each in _CURSORS if each in named), None)
    following = _following(spec, call.reply)
    if not sizes:
        return None
    size = sizes[0]
    limit = size.schema.get("maximum")
    known = isinstance(limit, int) and not isinstance(limit, bool) and limit > 0
    most: dict[str, Any] = {"size": size.name, "most": limit if known else 100}
    todo = "" if known else f"the largest {size.name} that the upstream takes"
    if number is not None:
        begins = [number.schema.get(each) for each in ("minimum", "default")]
        first: dict[str, Any] = {"first": 0} if 0 in [each for each in begins if each is not False] else {}
        if begins == [None, None]:
            todo = " and ".join(each for each in (todo, "whether the first page is 1 or 0 (first: 0)") if each)
        return Page({"by": "number", "number": number.name} | first | most, todo)
    if offset is not None:
        return Page({"by": "offset", "offset": offset.name} | most, todo)
    if cursor is not None and following is not None:
        return Page({"by": "cursor", "cursor": cursor.name, "next": following} | most, todo)
    return None


def _following(spec: Spec, reply: Schema | None) -> str | None:
    for way, schema in _objects(spec, reply):
        for name, each in spec.properties(schema).items():
            if word(name) in _NEXT and kind(each) == "string":
                return f"{way}.{name}" if way else name
    return None


def _plain(call: str) -> str:
    """Return a call whose placeholders all have one name, to see whether it is a call at all."""
    return re.sub(r"\{[^{}/]*\}", "{id}", call)


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")


def _last(path: str) -> str:
    return _parts(path)[-1]


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _is_item(path: str) -> bool:
    """Tell whether a path is that of one user."""
    parts = _parts(path)
    is_one = len(parts) > 1 and re.fullmatch(r"\{[^{}]+\}", parts[-1]) is not None
    return is_one and word(parts[-2]) in _USERS


def settings_in(calls: Iterable[Operation]) -> dict[str, str]:
    """Return the names of what else stands in the paths of calls, with what the document says of it."""
    names: dict[str, str] = {}
    for call in calls:
        about = {each.name: each.about for each in call.segments}
        inner = call.path.rpartition("/")[0] if _is_item(call.path) else call.path
        for name in re.findall(r"\{([^{}/]+)\}", inner):
            names.setdefault(name, about.get(name, ""))
    return names
