"""Making a search, and how far what it finds is believed.

What comes is checked against the whole filter afterwards, so a search that is too wide does no harm. One that may be too
narrow is not believed when it finds nothing, nor a search for a name that finds only others.
"""

from collections.abc import Generator
from typing import Any

from adapter.mapping import content
from adapter.mapping.mapping import Mapping
from adapter.plan.again import looked
from adapter.plan.conversation import Asked, Call, Outcome, read_call
from adapter.plan.keeping import Folded, Lookup
from adapter.plan.moment import Noted, Recent, Sought
from adapter.plan.names import name_of
from adapter.plan.read import record_of, records_of, the_record
from adapter.plan.scan import Record, everything
from adapter.plan.search import ById, ByIndex, ByKept, ByMember, ByValue, Search, by_index
from adapter.scim.match import folded

MOST_KEPT = 20
"""Resources of one kept value that are read one by one; where more have it, the whole list is read instead."""


def made(search: Search, mapping: Mapping) -> Generator[Asked, Any, tuple[list[Record], bool] | None]:
    """Return what a search finds and whether it is rows of the list; None where only the whole list can tell."""
    if isinstance(search, ById):
        record = yield from record_of(search.id, mapping)
        return ([] if record is None else [record]), False
    if isinstance(search, ByKept):
        return (yield from _kept(search, mapping))
    if isinstance(search, ByIndex):
        return (yield from _indexed(search, mapping))
    if isinstance(search, ByMember):
        groups = yield from _groups_of(search.user_id, mapping)
        return groups, False
    return (yield from _pushed_down(search, mapping))


def _pushed_down(search: ByValue, mapping: Mapping) -> Generator[Asked, Any, tuple[list[Record], bool] | None]:
    """Return what the upstream's own search finds, or what the gateway knows beside it; None where both say too little."""
    pushed, is_by_name = search.pushed, str(search.pushed.target) == mapping.resource.naming
    if pushed.route is not None:
        outcome = yield read_call(pushed.route, mapping, value=search.value)
        record = the_record(outcome, pushed.find.record or "$", mapping)
        found = [] if record is None else [record]
    else:
        texts = mapping.texts(value=search.value)
        query = {name: str(content.filled(text, texts)) for name, text in pushed.find.query.items()}
        found = yield from everything(query, mapping)
    name = folded(pushed.target.leaf, search.value)
    is_shown = mapping.resource.naming not in mapping.resource.listing.lacks
    if not is_by_name or not is_shown or any(name_of(each, mapping) == name for each in found):
        return (found, pushed.route is None) if found or pushed.is_believed else None
    lately = yield from _lately(name, mapping)
    if lately:
        return lately, False
    if not found and pushed.is_believed:
        return [], pushed.route is None
    # A search for a name that shows only others has not looked for it.
    index = by_index(pushed.target, search.value, mapping)
    return None if index is None else (yield from _indexed(index, mapping))


def _lately(name: Folded, mapping: Mapping) -> Generator[Asked, Any, list[Record]]:
    """Return the records of those who were given a name so lately that a search may not show them yet."""
    if mapping.resource.visible_within == 0:
        return []
    records = []
    for each in (yield Recent(mapping.resource.type.name, name)) or ():
        record = yield from looked(lambda one=each: record_of(one, mapping), lambda seen: seen is not None, mapping)  # type: ignore[misc]
        records += [] if record is None or name_of(record, mapping) != name else [record]
    return records


def _indexed(search: ByIndex, mapping: Mapping) -> Generator[Asked, Any, tuple[list[Record], bool] | None]:
    """Return the records of those who have a name by the index; None where one of them has not, so that the list must tell."""
    kind = mapping.resource.type.name
    ids = yield Sought(kind, search.name)
    if ids is None:
        return None
    records = []
    for each in ids:
        record = yield from record_of(each, mapping)
        name = None if record is None else name_of(record, mapping)
        if record is None or name != search.name:
            yield Noted(kind, each, name)
            return None
        records.append(record)
    return records, False


def _kept(search: ByKept, mapping: Mapping) -> Generator[Asked, Any, tuple[list[Record], bool] | None]:
    """Return the records of those of whom the store says that they have a value; one who is gone upstream is none."""
    found = yield Lookup(mapping.resource.type.name, search.attribute, search.folded)
    if len(found) > (MOST_KEPT if mapping.resource.get is not None else 1):
        return None
    return (yield from records_of(found, mapping)), False


def _groups_of(user_id: str, mapping: Mapping) -> Generator[Call, Outcome, list[Record]]:
    """Return the records of the groups in which the user's own record says that it is."""
    users = mapping.about("User")
    record = yield from record_of(user_id, users)
    rule = users.resource.rule_of("groups")
    ids = rule.from_record(record) if record is not None and rule is not None else None
    return (yield from records_of(ids or (), mapping))
