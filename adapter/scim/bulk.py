"""Bulk: many operations in one request, some of which name what others make (RFC 7644 section 3.7).

Nothing is done here: a request is read, its operations are put into an order in which each comes after those that it
names, and the answer is made of what became of them.
"""

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from re import compile as pattern
from typing import Any, Literal, get_args
from urllib.parse import quote

import msgspec

from adapter.errors import Conflict, InvalidSyntax, ScimError, TooLarge
from adapter.scim.messages import decoded, error_body
from adapter.scim.profile import ENTRA, Profile

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

Method = Literal["POST", "PUT", "PATCH", "DELETE"]
METHODS: tuple[Method, ...] = get_args(Method)

_NAMED = "bulkId:"
_COLLECTION, _RESOURCE = pattern(r"/[^/?#\s]+"), pattern(r"/[^/?#\s]+/[^/?#\s]+")


class BulkOperation(msgspec.Struct, frozen=True):
    """One operation, as a request of its own would be; what a POST makes can be named by its `bulk_id`."""

    method: Method
    path: str
    bulk_id: str | None = None
    data: Any = None
    version: str | None = None


class BulkRequest(msgspec.Struct, frozen=True):
    """The operations, and how many of them may fail before the rest is left (None: none is left)."""

    fail_on_errors: int | None
    operations: list[BulkOperation]


class Refused(msgspec.Struct, frozen=True):
    """An operation that cannot be done because of what it names; RFC 7644 section 3.7.1 answers 409 for it."""

    operation: BulkOperation
    detail: str


class BulkResult(msgspec.Struct, frozen=True):
    """What became of one operation: its status, where its resource is, and the body of an error."""

    operation: BulkOperation
    status: int
    location: str | None = None
    version: str | None = None
    error: dict[str, Any] | None = None


def read(body: bytes, profile: Profile = ENTRA) -> BulkRequest:
    """Return the operations that a bulk request asks for.

    Raises InvalidSyntax for what is no such request, TooLarge when it holds more of them than a request may.
    """
    message = {name.lower(): value for name, value in decoded(body, profile.limits).items()}
    profile.check(message, REQUEST)
    raw, most = message.get("operations"), message.get("failonerrors")
    if not isinstance(raw, list) or not raw:
        raise InvalidSyntax("A bulk request needs a list named Operations with at least one operation.")
    if len(raw) > profile.limits.bulk:
        may = f"A bulk request may hold {profile.limits.bulk} operations (ADAPTER_MOST_BULK)"
        raise TooLarge(f"{may}, this one holds {len(raw)}; send them in several.")
    if most is not None and (type(most) is not int or most < 1):
        raise InvalidSyntax("failOnErrors must be a whole number from 1.")
    operations = [_operation(each, f"Operation {number}") for number, each in enumerate(raw, 1)]
    seen: set[str] = set()
    for each in operations:
        if each.bulk_id is None:
            continue
        if each.bulk_id in seen:
            raise InvalidSyntax(f"The bulkId '{each.bulk_id[:80]}' comes twice; give each operation its own.")
        seen.add(each.bulk_id)
    return BulkRequest(most, operations)


def ordered(operations: list[BulkOperation]) -> list[BulkOperation | Refused]:
    """Return the operations in an order in which each comes after those that make what it names.

    Otherwise it is the client's order: an operation waits only for what it names. One that names what nothing here
    makes, or what waits for itself, is refused in its place, and so is one that names what a refused one would make.
    """
    makers = {each.bulk_id: number for number, each in enumerate(operations) if each.method == "POST"}
    named = [sorted(_references(each)) for each in operations]
    known = [None if any(one not in makers for one in each) else {makers[one] for one in each} for each in named]
    doable = set(_in_order({number: needs for number, needs in enumerate(known) if needs is not None}))
    order = _in_order({number: (needs or set()) if number in doable else set() for number, needs in enumerate(known)})
    return [
        operations[number] if number in doable else Refused(operations[number], _why(named[number], makers))
        for number in order
    ]


def resolved(operation: BulkOperation, ids: Mapping[str, str]) -> BulkOperation | Refused:
    """Return the operation with the ids of what has been made in place of each `bulkId:`.

    It is refused when one of them has no id: the operation that should have made it has failed.
    """
    for name in sorted(_references(operation)):
        if name not in ids:
            return Refused(
                operation, f"The operation with the bulkId '{name[:80]}' has made nothing; it failed before this one."
            )
    start, _, last = operation.path.rpartition("/")
    path = f"{start}/{quote(ids[last.removeprefix(_NAMED)], safe='')}" if last.startswith(_NAMED) else operation.path
    return msgspec.structs.replace(operation, path=path, data=_substituted(operation.data, ids))


def failed(operation: BulkOperation, error: ScimError, location: str | None = None) -> BulkResult:
    """Return the result of an operation that was answered with an error; a POST that failed has no location."""
    return BulkResult(operation, error.status, location, None, error_body(error))


def refused(refusal: Refused, location: str | None = None) -> BulkResult:
    """Return the result of an operation that was not tried, because of what it names."""
    return failed(refusal.operation, Conflict(refusal.detail), location)


def bulk_body(results: list[BulkResult]) -> dict[str, Any]:
    """Return a BulkResponse (RFC 7644 section 3.7.3); `status` is a string there, as in an error."""
    return {"schemas": [RESPONSE], "Operations": [_result(each) for each in results]}


def _result(result: BulkResult) -> dict[str, Any]:
    told = {
        "method": result.operation.method,
        "bulkId": result.operation.bulk_id,
        "version": result.version,
        "location": result.location,
        "status": str(result.status),
        "response": result.error,
    }
    return {name: value for name, value in told.items() if value is not None}


def _operation(raw: Any, name: str) -> BulkOperation:
    if not isinstance(raw, dict):
        raise InvalidSyntax(f"{name} must be an object.")
    keys = {key.lower(): value for key, value in raw.items()}
    path, data = keys.get("path"), keys.get("data")
    bulk_id, version = keys.get("bulkid"), keys.get("version")
    method = next((each for each in METHODS if each == keys.get("method")), None)
    if method is None:
        raise InvalidSyntax(f"{name} needs a method: POST, PUT, PATCH or DELETE.")
    shape, example = (_COLLECTION, "/Users") if method == "POST" else (_RESOURCE, "/Users/42")
    if not isinstance(path, str) or not shape.fullmatch(path):
        raise InvalidSyntax(f"{name} needs a path below the SCIM root and without a query, such as {example}.")
    if any(each is not None and not (isinstance(each, str) and each) for each in (bulk_id, version)):
        raise InvalidSyntax(f"The bulkId and the version of {name.lower()} must be texts.")
    if method == "POST" and bulk_id is None:
        raise InvalidSyntax(f"{name} needs a bulkId, as every POST does.")
    if method != "DELETE" and not isinstance(data, dict):
        raise InvalidSyntax(f"{name} needs an object as its data.")
    return BulkOperation(method, path, bulk_id, data if method != "DELETE" else None, version)


def _references(operation: BulkOperation) -> set[str]:
    """Return the bulkIds that an operation names: in its path, and wherever a text of its data is one."""
    texts = [operation.path.rpartition("/")[2], *(each for each in _values(operation.data) if isinstance(each, str))]
    return {each.removeprefix(_NAMED) for each in texts if each.startswith(_NAMED)}


def _values(data: Any) -> Iterator[Any]:
    """Return every value in some JSON."""
    left = [data]
    while left:
        value = left.pop()
        yield value
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _substituted(data: Any, ids: Mapping[str, str]) -> Any:
    match data:
        case dict():
            return {name: _substituted(each, ids) for name, each in data.items()}
        case list():
            return [_substituted(each, ids) for each in data]
        case str() if data.startswith(_NAMED):
            return ids[data.removeprefix(_NAMED)]
        case _:
            return data


def _in_order(needs: dict[int, set[int]]) -> list[int]:
    """Return the numbers, the smallest of those whose needs are met first; those are left out that never are.

    Ours, since graphlib keeps no order among what is ready, and gives up everything for one circle.
    """
    waiting = {number: len(each) for number, each in needs.items()}
    waiters: dict[int, list[int]] = {}
    for number, each in needs.items():
        for one in each:
            waiters.setdefault(one, []).append(number)
    ready = [number for number, count in waiting.items() if count == 0]
    heapify(ready)
    order = []
    while ready:
        order.append(heappop(ready))
        for one in waiters.get(order[-1], []):
            waiting[one] -= 1
            if waiting[one] == 0:
                heappush(ready, one)
    return order


def _why(named: list[str], makers: Mapping[str | None, int]) -> str:
    unknown = next((each for each in named if each not in makers), None)
    if unknown is not None:
        return f"No POST of this request has the bulkId '{unknown[:80]}'."
    return "What its bulkIds name cannot be made before it: they wait for one another, or are refused themselves."
