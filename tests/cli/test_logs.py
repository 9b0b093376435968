import asyncio
import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.cli import logs
from adapter.cli.redaction import Redaction
from adapter.settings.settings import LogForm
from adapter.upstream.origin import Origin
from adapter.upstream.origin import begin as of_request

CANARY = "kanari3nvogel"
VALUES = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5)
ROOT = Path(__file__).parent.parent.parent
SWITCHES = ("_srcfile", "logThreads", "logProcesses", "logMultiprocessing")
"""What of `logging` says how much it looks up for a record."""


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def kept() -> Iterator[None]:
    """Put the process's own logging back as it was."""
    root, ours = logging.getLogger(), logging.getLogger("adapter")
    before = (root.handlers, root.level, ours.level, sys.excepthook, sys.unraisablehook, threading.excepthook)
    switches = {name: getattr(logging, name) for name in SWITCHES}
    yield
    root.handlers, ours_level = before[0], before[2]
    root.setLevel(before[1])
    ours.setLevel(ours_level)
    sys.excepthook, sys.unraisablehook, threading.excepthook = before[3:]
    logging.captureWarnings(capture=False)
    for name, value in switches.items():
        setattr(logging, name, value)


@pytest.fixture
def stream(kept: None) -> io.StringIO:
    assert kept is None
    made = io.StringIO()
    logs.begin("json", "debug", Redaction(["the-secret-of-the-process"]), made)
    return made


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines as they were written, without their time."""
    told = [json.loads(each) for each in stream.getvalue().split("\n")[:-1]]
    assert all(each.pop("time").endswith("+00:00") for each in told)
    return told


OURS = logging.getLogger("adapter.requests")


def test_a_line_says_when_how_grave_who_and_what_and_its_fields(stream: io.StringIO) -> None:
    OURS.info("%s %d", "GET /Users", 200, extra={"fields": {"status": 200, "ignored": ["nickName"]}})
    assert lines(stream) == [
        {
            "level": "info",
            "logger": "adapter.requests",
            "event": "GET /Users 200",
            "status": 200,
            "ignored": ["nickName"],
        }
    ]


def test_each_line_of_a_request_has_its_id(stream: io.StringIO) -> None:
    of_request(Origin(request_id="one-request"))
    logging.getLogger("adapter.upstream").warning("the upstream is slow")
    of_request(Origin())
    OURS.warning("something else")
    assert [each.get("request") for each in lines(stream)] == ["one-request", None]


@pytest.mark.parametrize(
    ("created", "told"),
    [
        (0.0, "1970-01-01T00:00:00.000+00:00"),
        (1795677644.0, "2026-11-26T07:20:44.000+00:00"),
        (1795677644.0625, "2026-11-26T07:20:44.062+00:00"),
        (1795677644.99999, "2026-11-26T07:20:44.999+00:00"),
    ],
)
def test_a_line_tells_the_time_to_the_millisecond(created: float, told: str, stream: io.StringIO) -> None:
    record = OURS.makeRecord(OURS.name, logging.INFO, "", 0, "", (), None)
    record.created = created
    OURS.handle(record)
    assert json.loads(stream.getvalue())["time"] == told


def _fails() -> None:
    raise ValueError(CANARY, {"password": CANARY})


def _failed() -> None:
    try:
        try:
            _fails()
        except ValueError as error:
            raise RuntimeError(f'{{"jwt": "{CANARY}"}}\n{CANARY}') from error
    except RuntimeError:
        OURS.exception("it failed")


def test_an_exception_is_told_by_its_classes_and_places_alone(stream: io.StringIO) -> None:
    _failed()
    [line] = lines(stream)
    assert (line["event"], line["error"]) == ("it failed", "RuntimeError < ValueError")
    assert line["at"].startswith(f"{__file__}:")
    assert CANARY not in stream.getvalue()


async def _lost() -> None:
    async def fails() -> None:
        raise ValueError(CANARY)

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    del task
    asyncio.get_running_loop().call_soon(int, CANARY)
    await asyncio.sleep(0)


def test_what_asyncio_says_of_an_exception_quotes_nothing(stream: io.StringIO) -> None:
    asyncio.run(_lost())
    assert [(each["logger"], each["event"], each["error"]) for each in lines(stream)] == [
        ("asyncio", "Task exception was never retrieved", "ValueError"),
        ("asyncio", "Exception in callback int", "ValueError"),
    ]
    assert CANARY not in stream.getvalue()


def test_what_libraries_say_is_heard_from_warning_on_and_is_one_line(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("httpx", "httpcore.http11", "litestar", "some.library"):
        library = logging.getLogger(name)
        # An application of another test may have taken it for itself.
        monkeypatch.setattr(library, "propagate", True)
        monkeypatch.setattr(library, "handlers", [])
        library.setLevel(logging.NOTSET)
        library.debug("headers: %s", CANARY)
        library.info("HTTP Request: GET https://x.example/%s", CANARY)
        library.warning("GET https://u:%s@x.example/%s?a=%s\n%s", CANARY, CANARY, CANARY, CANARY)
        library.error("Exception in application (%s)\n%s", CANARY, CANARY, exc_info=ValueError(CANARY))
    assert [each["event"] for each in lines(stream)] == ["GET https://x.example/…", "Exception in application"] * 4
    assert CANARY not in stream.getvalue()


def test_a_warning_is_a_line(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("this is old", DeprecationWarning, stacklevel=1)
    [line] = lines(stream)
    assert (line["logger"], line["level"]) == ("py.warnings", "warning")
    assert line["event"].endswith("DeprecationWarning: this is old")


def test_what_nobody_caught_is_a_line_in_any_thread(stream: io.StringIO) -> None:
    def fails() -> None:
        raise ValueError(CANARY)

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    [line] = lines(stream)
    assert (line["level"], line["event"], line["error"]) == ("critical", "an error that nobody expected", "ValueError")
    assert CANARY not in stream.getvalue()


def test_a_process_that_fails_ends_with_one_line_and_no_traceback() -> None:
    program = (
        "from adapter.cli import logs, redaction; logs.begin('json', 'info', redaction.Redaction())\n"
        f"def fails(): raise ValueError('{CANARY}')\n"
        "fails()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert json.loads(line)["error"] == "ValueError"
    assert CANARY not in done.stderr


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text(), fields=st.dictionaries(st.text(), VALUES))
def test_whatever_is_said_is_one_line_of_json(kept: None, said: str, fields: dict[str, Any]) -> None:
    """SEC-45 (GHSA-674p-xv2x-rf3g): what forges a line, or ends it for some reader, does not reach it."""
    assert kept is None
    stream = io.StringIO()
    root, before = logging.getLogger(), logging.getLogger().handlers
    try:
        logs.begin("json", "debug", Redaction(), stream)
        OURS.info("%s", said, extra={"fields": fields})
        logging.getLogger("some.library").warning("%s", said)
    finally:
        root.handlers = before
    told = stream.getvalue()
    assert told.endswith("\n")
    assert len(told.splitlines()) == 2
    assert all(isinstance(json.loads(each), dict) and each.isprintable() for each in told.splitlines())


def test_a_line_that_cannot_be_made_is_told_of_without_what_it_said(stream: io.StringIO) -> None:
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if getattr(each, "stream", None) is stream]  # the sink alone
    OURS.info("%d users", CANARY)
    assert lines(stream) == [
        {
            "level": "error",
            "logger": "adapter",
            "event": "a log line could not be made",
            "of": "adapter",
            "error": "TypeError",
        }
    ]


def test_a_secret_is_known_by_its_value_wherever_it_stands(stream: io.StringIO) -> None:
    OURS.info("it is the-secret-of-the-process", extra={"fields": {"x": [{"y": "the-secret-of-the-process"}]}})
    assert "the-secret-of-the-process" not in stream.getvalue()


@pytest.mark.parametrize(
    ("form", "stream_kind", "is_json"),
    [("", io.StringIO, True), ("", Terminal, False), ("json", Terminal, True), ("console", io.StringIO, False)],
)
def test_a_person_gets_a_text_and_a_machine_json_unless_something_else_is_asked_for(
    form: LogForm, stream_kind: type[io.StringIO], *, is_json: bool, kept: None
) -> None:
    assert kept is None
    stream = stream_kind()
    logs.begin(form, "info", Redaction(), stream)
    OURS.info("one\r\nline", extra={"fields": {"status": 200}})
    OURS.debug("not at this level")
    [line] = stream.getvalue().split("\n")[:-1]
    assert line.startswith("{") is is_json
    assert "one\\" in line
