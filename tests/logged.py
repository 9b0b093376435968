"""What a test may read of the log: everything that any sink could make a line of."""

from collections.abc import Iterable
from logging import LogRecord
from typing import Any


def fields_of(record: LogRecord) -> dict[str, Any]:
    """Return what a record tells beside its message."""
    return dict(getattr(record, "fields", {}))


def said(records: Iterable[LogRecord]) -> str:
    """Return all that records hold, a line for each."""
    return "\n".join(
        f"{each.getMessage()} {fields_of(each)} {each.args} {each.exc_text or ''} {each.exc_info or ''}"
        for each in records
    )
