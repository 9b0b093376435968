"""A page of a listing: which records it holds, in which order, and the envelope around them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from adapter.sandbox.call import Call
from adapter.sandbox.fiql import selected
from adapter.sandbox.refusal import malformed

T = TypeVar("T")
Fields = Mapping[str, Callable[[T], Any]]

DEFAULT_SIZE = 50
MOST = 1000
ALL = -1

# Whether the order is a descending one.
ORDERS = {"asc": False, "ascending": False, "desc": True, "descending": True}
MORE_ORDERS = ORDERS | {"natural": False, "reverse": True}

_INTEGER = re.compile(r"-?[0-9]{1,9}")


def page(
    records: Sequence[T],
    call: Call,
    fields: Fields[T],
    sorts: Fields[T],
    orders: Mapping[str, bool] = MORE_ORDERS,
) -> dict[str, Any]:
    """The page that the call's query asks for; what the query may not say is refused."""
    number, size = _numbered(call.query), _sized(call.query)
    records = _ordered(_chosen(records, call.query, fields), call.query, sorts, orders)
    total = len(records)
    step = max(total, 1) if size == ALL else size
    pages = -(-total // step)
    shown = records[(number - 1) * step : number * step]
    return {
        "data": [shape(record, fields) for record in shown],
        "pageNumber": number,
        "pageSize": size,
        "itemCount": len(shown),
        "totalItems": total,
        "totalPages": pages,
        "_links": _links(call, number, size, max(pages, 1)),
    }


def shape(record: T, fields: Fields[T]) -> dict[str, Any]:
    """The record as JSON shows it."""
    return {name: field(record) for name, field in fields.items()}


def _integer(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not _INTEGER.fullmatch(text):
        raise malformed(f"Invalid {name} format: {text}.")
    return int(text)


def _numbered(query: Mapping[str, str]) -> int:
    number = _integer(query, "pageNumber", 1)
    if number < 1:
        raise malformed(f"Invalid pageNumber: {number}. Pages are numbered from 1.")
    return number


def _sized(query: Mapping[str, str]) -> int:
    size = _integer(query, "pageSize", DEFAULT_SIZE)
    if size != ALL and not 1 <= size <= MOST:
        raise malformed(f"Invalid pageSize: {size}. It is 1 to {MOST}, or {ALL} for all.")
    return size


def _chosen(records: Sequence[T], query: Mapping[str, str], fields: Fields[T]) -> Sequence[T]:
    if not query.get("select"):
        return records
    test = selected(query["select"], fields)
    return [record for record in records if test(record)]


def _ordered(
    records: Sequence[T], query: Mapping[str, str], sorts: Fields[T], orders: Mapping[str, bool]
) -> Sequence[T]:
    order = query.get("sortOrder", "asc").lower()
    if order not in orders:
        raise malformed(f"Invalid sortOrder: {order}. It is one of: {', '.join(orders)}.")
    if "sortBy" not in query:
        return records
    field = sorts.get(query["sortBy"])
    if not field:
        raise malformed(f"Invalid sortBy: {query['sortBy']}. It is one of: {', '.join(sorts)}.")
    return sorted(records, key=lambda record: _comparable(field(record)), reverse=orders[order])


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _links(call: Call, number: int, size: int, last: int) -> dict[str, str | None]:
    def link(to: int) -> str:
        return f"{call.path}?{urlencode({**call.query, 'pageNumber': to, 'pageSize': size})}"

    return {
        "firstPage": link(1),
        "previousPage": link(number - 1) if 1 < number <= last + 1 else None,
        "nextPage": link(number + 1) if number < last else None,
        "lastPage": link(last),
    }
