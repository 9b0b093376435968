"""The select expression: which records a listing shall hold, in the small part of FIQL that N-central takes."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from adapter.sandbox.refusal import Refusal, malformed

T = TypeVar("T")

_COMPARISON = re.compile(r"(?P<field>\w+)(?P<operator>==|!=|=[a-z]+=|[<>]=?)(?P<value>.*)", re.DOTALL)


def selected(expression: str, fields: Mapping[str, Callable[[T], Any]]) -> Callable[[T], bool]:
    """The test that a record passes when every comparison of the expression holds: `a==b;c!=d`."""
    tests = [_compared(comparison, fields) for comparison in expression.split(";")]
    return lambda record: all(test(record) for test in tests)


def _compared(comparison: str, fields: Mapping[str, Callable[[T], Any]]) -> Callable[[T], bool]:
    parts = _COMPARISON.fullmatch(comparison)
    if not parts:
        raise malformed(f"Invalid select expression: {comparison}.")
    field = fields.get(parts["field"])
    if not field:
        raise Refusal(HTTPStatus.BAD_REQUEST, "InvalidSelectException", f"Field not found: {parts['field']}")
    if parts["operator"] not in {"==", "!="}:
        # N-central does not refuse the other operators: it stumbles over them.
        raise Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "NullPointerException", "null")
    wanted = parts["operator"] == "=="
    value = re.compile(".*".join(map(re.escape, parts["value"].casefold().split("*"))), re.DOTALL)
    return lambda record: _matches(value, field(record)) is wanted


def _matches(value: re.Pattern[str], held: Any) -> bool:
    if isinstance(held, list | tuple):
        return any(_matches(value, member) for member in held)
    text = str(held).casefold()  # True and False become true and false, as JSON writes them
    return value.fullmatch(text) is not None
