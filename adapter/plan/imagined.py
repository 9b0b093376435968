"""An upstream that exists only in thought: it keeps one record, does what each call says, and answers as the mapping expects.

`explain` plays plans against it, and so do the searches for values that break a mapping. It shows what would be sent; it
proves nothing about the real upstream.
"""

import copy
from typing import Any

from adapter.mapping import content, fields
from adapter.mapping.convert import record_id
from adapter.mapping.document import Header, Spot
from adapter.mapping.document.call import Listed
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route
from adapter.mapping.rules import Rule
from adapter.mapping.template import stood
from adapter.mapping.transforms import Items, Number, Table
from adapter.plan.conversation import Call, Reply

Record = dict[str, Any]


class Imagined:
    """Answers calls from one record, which its writes change; `record` may be given, or is made up from the rules."""

    def __init__(self, mapping: Mapping, user_id: str, record: Record | None = None) -> None:
        self._mapping = mapping
        self.record: Record | None = sample(mapping, user_id) if record is None else copy.deepcopy(record)
        self._others: dict[str, Imagined] = {}
        self.members = ["1"]
        """The members of the one group, where they are a collection of their own."""

    def reply(self, call: Call) -> Reply:
        """Return the answer to a call, after doing what it says."""
        if call.kind != self._mapping.resource.type.name:
            return self._another(call).reply(call)
        return self._read(call) if call.is_read else self._written(call)

    def _read(self, call: Call) -> Reply:
        if call.doing == "members":
            return self._collection(call)
        return self._one(self._mapping.resource.getting.record) if call.doing == "get" else self._list(call)

    def _written(self, call: Call) -> Reply:
        user = self._mapping.resource
        match call.doing:
            case "create":
                self.record = sample(self._mapping, "1", empty=True)
                self._write(call.body)
                spot = user.creating.record
                return self._one(spot) if spot else _at(user.creating.id or "$", record_id(self.record, user), 201)
            case "update":
                self._write(call.body)
                return self._one(user.changing.record) if user.changing.record else Reply(204)
            case "members":
                return self._collection(call)
            case "delete":
                self.record = None
            case _:
                self._switch(call)
        return Reply(204)

    def _another(self, call: Call) -> "Imagined":
        """Return the upstream as far as it keeps one resource of the other kind: the one that a call is about."""
        mapping = self._mapping.about(call.kind)
        paths = [route.call.path for route in mapping.resource.routes if str(route) == call.route]
        named = next((each for path in paths if (each := stood(path, call.path, "id")) is not None), "1")
        if named not in self._others:
            self._others[named] = Imagined(mapping, named)
        return self._others[named]

    def _collection(self, call: Call) -> Reply:
        """Do what a call for the members of the group says."""
        collection = self._mapping.resource.collection
        assert collection is not None  # noqa: S101 (or there were no such call)
        listing = collection.listing
        if call.route == str(collection.list):
            rows: list[Record] = [{} for _ in self.members]
            for row, member in zip(rows, self.members, strict=True):
                fields.written(row, listing.id or "", member)
            if not _is_first(listing, call):
                rows = []
            return self._counted(_at(listing.records or "$", rows), listing, len(self.members))
        is_added = call.route == str(collection.add.route)
        moved = _members(call, (collection.add if is_added else collection.remove).route)
        self.members = [*(each for each in self.members if each not in moved), *(moved if is_added else [])]
        return Reply(204)

    def _list(self, call: Call) -> Reply:
        listing = self._mapping.resource.listing
        own = next(
            (each for each in self._mapping.resource.pushed if each.route and str(each.route) == call.route), None
        )
        if call.doing == "find" and own is not None:
            return self._one(own.find.record or "$")
        found = None if self._asks_for_another(call) else self.record
        rows = [] if found is None or not _is_first(listing, call) else [found]
        if listing.id is not None:
            rows = [copy.deepcopy(each) for each in rows]
            for each in rows:
                fields.written(each, listing.id, fields.read(each, self._mapping.resource.id_field))
        return self._counted(_at(listing.records or "$", rows), listing, int(found is not None))

    def _asks_for_another(self, call: Call) -> bool:
        """Tell whether a call searches the list for a name that the record has not: a search that works shows nobody then."""
        resource = self._mapping.resource
        rule = resource.rule_of(resource.naming)
        own = rule.from_record(self.record) if rule is not None and self.record is not None else None
        texts = self._mapping.texts(value="" if own is None else str(own))
        return any(
            str(content.filled(text, texts)).lower() != call.query[name].lower()
            for each in resource.pushed
            if str(each.target) == resource.naming
            and each.route is None
            and each.find.query.keys() <= call.query.keys()
            for name, text in each.find.query.items()
        )

    @staticmethod
    def _counted(reply: Reply, listing: Listed, total: int) -> Reply:
        """Return a page with the number of rows on all pages, where a list says it."""
        if listing.total is None:
            return reply
        if isinstance(listing.total, Header):
            return Reply(200, reply.body, {listing.total.header.lower(): str(total)})
        fields.written(reply.body, listing.total, total)
        return reply

    def _one(self, spot: Spot) -> Reply:
        """Return the record where the mapping looks for it; without one, nothing that a mapping takes for an answer."""
        return Reply(404) if self.record is None else _at(spot, copy.deepcopy(self.record))

    def _write(self, body: Any) -> None:
        """Take what a call writes, and show it where the mapping reads it."""
        assert self.record is not None  # noqa: S101 (a plan reads before it writes)
        for spot in (self._mapping.resource.creating.fields, self._mapping.resource.changing.fields):
            if spot and fields.read(body, spot) is not fields.ABSENT:
                body = fields.read(body, spot)
                break
        for rule in self._mapping.resource.rules:
            for field in rule.write.fields if rule.write else ():
                value = fields.read(body, field)
                if value is not fields.ABSENT:
                    self._show(rule, field, value)

    def _show(self, rule: Rule, field: str, written: Any) -> None:
        assert self.record is not None and rule.write is not None  # noqa: S101, PT018
        if rule.read is None:
            return
        if rule.joined or (field in rule.read.fields and not isinstance(rule.read.inner, Number)):
            fields.written(self.record, field, written)
        elif written in (None, "", []):
            fields.written(self.record, rule.read.field, None)
        else:
            value = rule.write.transform.to_scim(written, field)
            fields.written(self.record, rule.read.field, rule.read.transform.to_upstream(value, str(rule)))

    def _switch(self, call: Call) -> None:
        """Do what an attribute's own call does."""
        for rule in self._mapping.resource.rules:
            for value, route in rule.calls.routes if rule.calls else ():
                if str(route) == call.route and self.record is not None and rule.read is not None:
                    sent = content.stood(route.body, call.body, "value") if value is None else value
                    fields.written(self.record, rule.read.field, _shown_as(rule, sent))


def sample(mapping: Mapping, user_id: str, *, empty: bool = False) -> Record:
    """Return a record made up from the rules: each attribute with a value of its kind, or what a new one has."""
    record: Record = {}
    is_number = mapping.resource.id_kind == "number" and user_id.isdecimal()
    for rule in mapping.resource.rules:
        if empty and rule.calls is None and not rule.is_fixed:
            continue  # the upstream itself gives a new record only what no field of the call says
        for field in rule.read.fields if rule.read else ():
            fields.written(record, field, _made_up(rule))
    fields.written(record, mapping.resource.id_field, int(user_id) if is_number else user_id)
    return record


def _made_up(rule: Rule) -> Any:
    transform = rule.read.transform if rule.read else None
    inner = rule.read.inner if rule.read else None
    if rule.joined:
        return "Given Family"
    kind = rule.target.leaf.type
    value: Any = {"boolean": True, "integer": 1, "dateTime": "2026-01-01T00:00:00Z"}.get(kind, f"({rule})")
    if isinstance(inner, Table):
        value = inner.rows[0][1]
    elif isinstance(inner, Number):
        value = 1
    if isinstance(transform, Items):
        return [value] if transform.by is None else str(value)
    return value


def _shown_as(rule: Rule, value: Any) -> Any:
    """Return what a record shows after an own call: any value that no row has, where the table says `otherwise`."""
    transform = rule.read.transform if rule.read else None
    if (
        isinstance(transform, Table)
        and transform.otherwise == value
        and value not in [left for left, _ in transform.rows]
    ):
        return f"(another than {transform.rows[0][1]})"
    return transform.to_upstream(value, str(rule)) if transform else value


def _is_first(listing: Listed, call: Call) -> bool:
    page = listing.page
    number = call.query.get(getattr(page, "number", ""), str(getattr(page, "first", 1)))
    return number == str(getattr(page, "first", 1)) and call.query.get(getattr(page, "offset", ""), "0") == "0"


def _members(call: Call, route: Route) -> list[str]:
    """Return the members that a call names, in its path, its query or its body."""
    found = content.stood(route.body, call.body, "members") or [
        content.stood(route.body, call.body, "member")
        or content.stood(route.query, call.query, "member")
        or stood(route.call.path, call.path, "member")
    ]
    return [str(each) for each in found]


def _at(spot: Spot, value: Any, status: int = 200) -> Reply:
    if isinstance(spot, Header):
        return Reply(status, None, {spot.header.lower(): f"/{value}"})
    if spot == "$":
        return Reply(status, value)
    body: dict[str, Any] = {}
    fields.written(body, spot, value)
    return Reply(status, body)
