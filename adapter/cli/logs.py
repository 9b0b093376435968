"""The sink of all logs: one line on stderr for each event, as JSON or for a person's eyes, and nothing in it that must not be.

Every room logs by the standard library, as the libraries do that we use; here all of it is made into lines. An exception is
told by its class and its places alone: its message may quote a user's data. So may what a library says, which is therefore
heard from WARNING on, whatever the level.
"""

import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter

from adapter.cli.redaction import Redaction
from adapter.errors import places
from adapter.settings.settings import LogForm, LogLevel
from adapter.upstream.origin import origin

OURS = "adapter"
"""The logger of this program; any other is a library's."""
_PLAIN = " ,.-/_"
"""Beside letters and digits, the characters of a library's own words; what it quotes begins with another one."""


def begin(form: LogForm, level: LogLevel, redaction: Redaction, stream: TextIO | None = None) -> None:
    """Send everything that is logged to stderr from now on; without a form it is JSON, unless a person looks on.

    `level` is that of this program's own lines; `redaction` takes out of each line what it must not hold.
    """
    out = stream or sys.stderr
    is_watched = out.isatty()
    as_json = form == "json" or (form == "" and not is_watched)

    def cleaned(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if redaction.holds_nothing(dict(event)):
            return event
        return {redaction.text(name): redaction.cleaned(value, name) for name, value in event.items()}

    handler = _Sink(out)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[
                _told,
                cleaned,
                structlog.processors.JSONRenderer(serializer=_encoded)
                if as_json
                else structlog.dev.ConsoleRenderer(colors=is_watched, timestamp_key="time", pad_event_to=32),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(capture=True)
    sys.excepthook = _unhandled
    threading.excepthook = lambda args: _unhandled(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _unhandled(args.exc_type, args.exc_value, args.exc_traceback)


class _Sink(logging.StreamHandler[TextIO]):
    """Writes the lines; one that cannot be made is told of without what it should have said."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging calls it)
        """Say that a line is missing."""
        error = sys.exc_info()[0]
        told = {
            "level": "error",
            "logger": OURS,
            "event": "a log line could not be made",
            "of": record.name.split(".")[0],
        }
        line = _encoded({"time": _time(record), **told, "error": error.__name__ if error else ""})
        try:
            self.stream.write(line + self.terminator)
        except (OSError, ValueError):
            return  # nobody hears it


def _told(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Return what is told of a record: when, how grave, by whom, what, the request that it belongs to, and its fields."""
    record: logging.LogRecord = event["_record"]
    is_ours = record.name == OURS or record.name.startswith(f"{OURS}.")
    error = event["exc_info"][1] if event.get("exc_info") else None
    told: dict[str, Any] = {
        "time": _time(record),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event["event"] if is_ours else _of_a_library(event["event"], has_failed=error is not None),
    }
    request_id = origin().request_id
    if request_id:
        told["request"] = request_id
    if error is not None:
        told["error"], told["at"] = " < ".join(type(each).__name__ for each in _chain(error)), places(error)
    return told | getattr(record, "fields", {})


def _of_a_library(message: str, *, has_failed: bool) -> str:
    """Return what a library said: its first line, and beside an exception no more than its own words."""
    said = next(iter(message.splitlines()), "")
    if not has_failed:
        return said
    at = next((at for at, each in enumerate(said) if not (each.isalnum() or each in _PLAIN)), len(said))
    return said[:at].strip()


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception and those that led to it."""
    found = [error]
    while (before := found[-1].__cause__ or found[-1].__context__) is not None and before not in found:
        found.append(before)
    return found


def _unhandled(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Say what ends the process, or a thread of it, or nobody could be told; an interrupt is no error."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(OURS).critical("an error that nobody expected", exc_info=(kind, error or kind(), trace))


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _encoded(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event).decode()
