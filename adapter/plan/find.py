"""Finding the records that match a filter, with as few calls as the upstream allows.

A filter that demands an id is answered by one read. A filter that demands a value which the upstream can look for is
answered by its own search. Anything else is a scan of the whole list. Whatever comes is checked again against the whole
filter, so a search that is too wide does no harm; one that may be too narrow is not believed when it finds nothing.
"""

from collections.abc import Generator, Iterator
from typing import Any

from adapter.errors import BadReply
from adapter.mapping.convert import resource_of
from adapter.mapping.document import Find
from adapter.mapping.mapping import Mapping, Pushed
from adapter.mapping.template import Template
from adapter.plan.conversation import Call, Outcome, Plan
from adapter.plan.read import record_of
from adapter.plan.scan import everything, window
from adapter.scim.filter import And, Compare, Filter
from adapter.scim.match import predicate
from adapter.scim.messages import Listing, Response
from adapter.scim.operation import Query
from adapter.scim.schema import Resource

_FIQL_PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@+")


def query(operation: Query, mapping: Mapping) -> Plan:
    """Plan a query: one call for an id, for a value that the upstream can look for, and for most windows."""
    if operation.filter is None:
        start = operation.start_index - 1
        records, total = yield from window(start, operation.count, mapping)
        page = [resource_of(each, mapping.user) for each in records]
    else:
        found = yield from matching(operation.filter, mapping)
        start, total = operation.start_index - 1, len(found)
        page = found[start : start + operation.count]
    return Response(200, Listing(page, operation.start_index, total))


def matching(wanted: Filter, mapping: Mapping) -> Generator[Call, Outcome, list[Resource]]:
    """Return every resource that matches the filter."""
    matches = predicate(wanted, mapping.user.type)
    records = yield from _candidates(wanted, mapping)
    resources = [resource_of(each, mapping.user) for each in records]
    return [each for each in resources if matches(each)]


def _candidates(wanted: Filter, mapping: Mapping) -> Generator[Call, Outcome, list[dict[str, Any]]]:
    """Return records among which all matches are."""
    demanded = [each for each in _demanded(wanted) if isinstance(each.value, str)]
    for each in demanded:
        target = mapping.user.type.target(each.path)
        if target is not None and target.attribute.name == "id":
            record = yield from record_of(str(each.value), mapping)
            return [] if record is None else [record]
    for each in demanded:
        pushed = _pushed(each, mapping)
        value = _quoted(str(each.value), pushed.find) if pushed else None
        if pushed is None or value is None:
            continue
        texts = mapping.texts(value=value)
        found = yield from everything(
            {name: Template(text).filled(texts) for name, text in pushed.find.query.items()}, mapping
        )
        if found or pushed.find.case == "ignored" or pushed.target.leaf.case_exact:
            return found
    found = yield from everything({}, mapping)
    return found


def _demanded(wanted: Filter) -> Iterator[Compare]:
    """Return the comparisons by eq that every match must satisfy."""
    if isinstance(wanted, And):
        yield from _demanded(wanted.left)
        yield from _demanded(wanted.right)
    elif isinstance(wanted, Compare) and wanted.operator == "eq":
        yield wanted


def _pushed(wanted: Compare, mapping: Mapping) -> Pushed | None:
    target = mapping.user.type.target(wanted.path)
    return next((each for each in mapping.user.pushed if each.target == target), None)


def _quoted(value: str, find: Find) -> str | None:
    """Return the value as the upstream's query language writes it, or None when it cannot.

    FIQL has no quotes, and `*` is a wildcard in it: a value with any character that could mean something is not sent.
    """
    if find.quoting != "fiql":
        raise BadReply(f"The mapping asks for an unknown quoting: {find.quoting}.")
    return value if value and _FIQL_PLAIN.issuperset(value) else None
