"""The sink of all logs: one line on stderr for each event, as JSON or for a person's eyes, and nothing in it that must not be.

Every room logs by the standard library, as the libraries do that we use; here all of it is made into lines. An exception is
told by its class and its places alone: its message may quote a user's data. So may what a library says, which is therefore
heard from WARNING on, whatever the level.
"""

import logging
import sys
import threading
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, TextIO

import msgspec
import structlog

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

    handler = _Sink(out)
    handler.setFormatter(
        _Line(
            redaction,
            structlog.processors.JSONRenderer(serializer=_encoded)
            if as_json
            else structlog.dev.ConsoleRenderer(colors=is_watched, timestamp_key="time", pad_event_to=32),
        )
    )
    _look_up_nothing_in_vain()
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(capture=True)
    sys.excepthook = _unhandled
    threading.excepthook = lambda args: _unhandled(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _unhandled(args.exc_type, args.exc_value, args.exc_traceback)


def _look_up_nothing_in_vain() -> None:
    """Spare what logging finds out for each record and no line tells: where it was logged, in which thread and process.

    Logging's own documentation has these switches ("Optimization" in its how-to); a line takes 13 µs with them, and 15 without.
    """
    logging._srcfile = None  # noqa: SLF001 (it is documented there)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class _Line(logging.Formatter):
    """Makes a record into its line: what is told of it, without what must not be, and as one of structlog's renderers says it.

    structlog's own formatter copies each record first, for the sake of other handlers, which takes as long as all of this.
    """

    def __init__(self, redaction: Redaction, rendered: structlog.typing.Processor) -> None:
        super().__init__()
        self._redaction, self._rendered = redaction, rendered

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        event = _told(record)
        if not self._redaction.holds_nothing(event):
            event = {self._redaction.text(name): self._redaction.cleaned(value, name) for name, value in event.items()}
        return str(self._rendered(None, record.levelname.lower(), event))


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


def _told(record: logging.LogRecord) -> dict[str, Any]:
    """Return what is told of a record: when, how grave, by whom, what, the request that it belongs to, and its fields."""
    is_ours = record.name == OURS or record.name.startswith(f"{OURS}.")
    error = record.exc_info[1] if record.exc_info else None
    said = record.getMessage()
    told: dict[str, Any] = {
        "time": _time(record),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": said if is_ours else _of_a_library(said, has_failed=error is not None),
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
    seconds, rest = divmod(record.created, 1)
    return f"{_second(seconds)}.{int(rest * 1000):03d}+00:00"


@lru_cache(1)  # of a busy second there are many lines
def _second(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _encoded(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event).decode()
