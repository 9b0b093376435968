"""Fields of a record by their dotted path: `data.userId` is the field `userId` of the object in the field `data`.

`custom_fields[id=3].value` goes through a list: the field `value` of the one element whose `id` is 3.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

ABSENT = object()
"""What `read` returns when the path leads nowhere: null in a record is a value, absence is not."""

_STEP = re.compile(r"([^.\[\]]+)(?:\[([^\]=]+)=([^\]]+)\])?(?:\.|$)")


class Step(msgspec.Struct, frozen=True):
    """One step of a path: into a field, and on into the one element of its list whose `key` is `value`."""

    name: str
    key: str | None = None
    value: str | int | None = None


@cache
def steps(path: str) -> tuple[Step, ...]:
    """Return the steps of a path; the value that chooses an element is a number where it is written as one."""
    return tuple(Step(name, key or None, _literal(value)) for name, key, value in _STEP.findall(path))


def read(record: Any, path: str) -> Any:
    """Return what stands at the path, or ABSENT."""
    return reader(path)(record)


@cache
def reader(path: str) -> Callable[[Any], Any]:
    """Return what finds what stands at the path in a record, or ABSENT: a mapping's few paths are read again and again."""
    way = [_into(each) for each in steps(path)]
    if len(way) == 1:
        return way[0]

    def found(record: Any) -> Any:
        for into in way:
            record = into(record)
        return record

    return found


def _into(step: Step) -> Callable[[Any], Any]:
    """Return what takes one step into a record."""
    name = step.name

    def field(record: Any) -> Any:
        return record.get(name, ABSENT) if isinstance(record, dict) else ABSENT

    return field if step.key is None else lambda record: _element(field(record), step)


def written(record: dict[str, Any], path: str, value: Any) -> None:
    """Put the value at the path, making the objects, the lists and the elements on the way."""
    writer(path)(record, value)


@cache
def writer(path: str) -> Callable[[dict[str, Any], Any], None]:
    """Return what puts a value at the path in a record, making what is on the way."""
    *way, last = steps(path)
    name = last.name

    def put(record: dict[str, Any], value: Any) -> None:
        for step in way:
            record = _made(record, step)
        record[name] = value

    return put


def _made(record: dict[str, Any], step: Step) -> dict[str, Any]:
    """Return what one step leads to in a record, which is made where it is not there."""
    holder: dict[str, Any]
    if step.key is None:
        holder = record.setdefault(step.name, {})
        return holder
    elements = record.setdefault(step.name, [])
    holder = _element(elements, step)
    if holder is ABSENT:
        holder = {step.key: step.value}
        elements.append(holder)
    return holder


def without(record: dict[str, Any], path: str) -> None:
    """Take what stands at the path out of the record, if anything does."""
    way, _, last = path.rpartition(".")
    holder = read(record, way) if way else record
    if isinstance(holder, dict):
        holder.pop(last, None)


def overlap(one: str, other: str) -> bool:
    """Tell whether two paths are the same or one leads through the other: both cannot be written."""
    for left, right in zip(steps(one), steps(other), strict=False):
        if left.name != right.name:
            return False
        if left != right:
            return left.key is None or right.key is None  # the whole list, and one element of it
    return True


def texts(record: Any, path: str) -> list[str]:
    """Return every text at the path, going into each element where a list stands on the way; `$` is the whole."""
    found = [record]
    for name in () if path == "$" else path.split("."):
        found = [each for one in found for each in (one if isinstance(one, list) else [one])]
        found = [each[name] for each in found if isinstance(each, dict) and name in each]
    flat = [each for one in found for each in (one if isinstance(one, list) else [one])]
    return [each for each in flat if isinstance(each, str)]


def _element(elements: Any, step: Step) -> Any:
    """Return the element that a step chooses, or ABSENT; `3` chooses an id of 3 as well as one of "3"."""
    for each in elements if isinstance(elements, list) else ():
        if isinstance(each, dict) and type(each.get(step.key)) in (str, int) and str(each[step.key]) == str(step.value):
            return each
    return ABSENT


def _literal(text: str) -> str | int:
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,17}", text) else text.strip('"')
