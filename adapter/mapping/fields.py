"""Fields of a record by their dotted path: `data.userId` is the field `userId` of the object in the field `data`."""

from typing import Any

ABSENT = object()
"""What `read` returns when the path leads nowhere: null in a record is a value, absence is not."""


def read(record: Any, path: str) -> Any:
    """Return what stands at the path, or ABSENT."""
    for name in path.split("."):
        if not isinstance(record, dict) or name not in record:
            return ABSENT
        record = record[name]
    return record


def written(record: dict[str, Any], path: str, value: Any) -> None:
    """Put the value at the path, making the objects on the way."""
    *way, last = path.split(".")
    for name in way:
        record = record.setdefault(name, {})
    record[last] = value


def overlap(one: str, other: str) -> bool:
    """Tell whether two paths are the same or one leads through the other: both cannot be written."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def texts(record: Any, path: str) -> list[str]:
    """Return every text at the path, going into each element where a list stands on the way."""
    found = [record]
    for name in path.split("."):
        found = [each for one in found for each in (one if isinstance(one, list) else [one])]
        found = [each[name] for each in found if isinstance(each, dict) and name in each]
    flat = [each for one in found for each in (one if isinstance(one, list) else [one])]
    return [each for each in flat if isinstance(each, str)]
