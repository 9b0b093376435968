import asyncio
from collections.abc import Sequence
from threading import Event as Gate

import msgspec
import pytest

from adapter.audit.chain import Written
from adapter.audit.event import Event, body_of
from adapter.audit.trail import OnFailure, Trail
from adapter.errors import Unavailable
from tests.audit.events import event

FULL = OSError(28, "No space left on device")


class Sink:
    """A sink in memory, which can be full, and can be held up."""

    def __init__(self, *unfinished: Event) -> None:
        self.unfinished = [body_of(each) for each in unfinished]
        self.done: list[str] = []
        self.error: Exception | None = None
        self.sync_error: OSError | None = None
        self.gate = Gate()
        self.gate.set()

    def append(self, lines: Sequence[Written]) -> None:
        self.gate.wait(10)
        if self.error:
            raise self.error
        self.done += [f"{'intent' if each.is_intent else 'event'} {each.id}" for each in lines]
        self.last = lines[-1]

    def sync(self) -> None:
        if self.sync_error:
            raise self.sync_error
        self.done.append("sync")

    def close(self) -> None:
        self.done.append("close")


def ended(name: str, outcome: str = "success", *, intended: bool = True) -> Event:
    return event(name, outcome, intended=intended)


async def test_an_intent_is_durable_when_it_is_answered_and_an_event_is_written() -> None:
    sink = Sink()
    trail = Trail(sink)
    assert await trail.intent(event("a"))
    assert sink.done == ["intent a", "sync"]
    await trail.event(ended("a"))
    trail.close()
    assert sink.done == ["intent a", "sync", "event a", "sync", "close"]


async def test_what_waits_at_once_is_made_durable_at_once_and_in_order() -> None:
    sink = Sink()
    trail = Trail(sink)
    sink.gate.clear()
    first = asyncio.create_task(trail.intent(event("first")))
    await asyncio.sleep(0.05)  # it is in the thread, and held up there
    others = [asyncio.create_task(trail.intent(event(name))) for name in "abc"]
    others.append(asyncio.create_task(trail.event(ended("first"))))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    sink.gate.set()
    await asyncio.gather(first, *others)
    trail.close()
    assert sink.done[:7] == ["intent first", "sync", "intent a", "intent b", "intent c", "event first", "sync"]


@pytest.mark.parametrize("broken", ["error", "sync_error"])
async def test_a_change_that_cannot_be_recorded_is_refused(broken: str) -> None:
    sink = Sink()
    trail = Trail(sink)
    setattr(sink, broken, FULL)
    with pytest.raises(Unavailable, match="cannot write its audit trail, so the change was not begun"):
        await trail.intent(event("a"))
    assert trail.trouble == "lines cannot be written (No space left on device)"
    setattr(sink, broken, None)
    assert await trail.intent(event("b"))
    assert trail.trouble == ""
    trail.close()


async def test_a_fault_of_our_own_refuses_it_too_and_nobody_waits_for_ever() -> None:
    sink = Sink()
    trail = Trail(sink)
    sink.error = ValueError("nobody has thought of this")
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable):
            await trail.intent(event("a"))
    assert trail.trouble == "lines cannot be written (ValueError)"
    trail.close()


async def test_where_that_is_said_it_is_made_and_counted() -> None:
    sink = Sink()
    trail = Trail(sink, on_failure="drop")
    sink.error = FULL
    assert not await trail.intent(event("a"))
    await trail.event(ended("a", intended=False))
    assert trail.dropped == 2
    trail.close()


@pytest.mark.parametrize("on_failure", ["refuse", "drop"])
async def test_an_event_that_finds_no_room_comes_before_the_next_line(on_failure: OnFailure) -> None:
    sink = Sink()
    trail = Trail(sink, on_failure)
    await trail.intent(event("a"))
    sink.error = FULL
    await trail.event(ended("a"))
    await trail.event(ended("x", "failure", intended=False))  # nothing waits for it: it is missing for good
    assert trail.dropped == 1
    sink.error = None
    await trail.intent(event("b"))
    trail.close()
    assert [each for each in sink.done if each not in ("sync", "close")] == ["intent a", "event a", "intent b"]


async def test_one_that_nobody_waits_for_any_more_is_written_all_the_same() -> None:
    sink = Sink()
    trail = Trail(sink)
    sink.gate.clear()
    waiting = asyncio.create_task(trail.event(ended("a")))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    sink.gate.set()
    await trail.intent(event("b"))
    trail.close()
    assert "event a" in sink.done
    assert "intent b" in sink.done


def test_what_another_process_left_open_is_recorded_as_unknown() -> None:
    sink = Sink(event("a", changes=[], type="user.delete"))
    trail = Trail(sink)
    assert trail.replay("2026-11-27T00:00:00.000Z") == 1
    trail.close()
    told = msgspec.json.decode(sink.last.body, type=Event)
    assert (told.id, told.kind, told.outcome, told.level) == ("a", "event", "unknown", "warn")
    assert (told.type, told.reason, told.intended, told.time) == (
        "user.delete",
        "ProcessEnded",
        True,
        "2026-11-27T00:00:00.000Z",
    )
    assert sink.unfinished == []


def test_an_intent_that_cannot_be_read_is_left_open_and_ends_no_start(caplog: pytest.LogCaptureFixture) -> None:
    sink = Sink()
    sink.unfinished = [b'{"v":1,"kind":"intent","id":"a"}', body_of(event("b")).replace(b"acme", b"ac\xffe")]
    trail = Trail(sink)
    assert trail.replay("2026-11-27T00:00:00.000Z") == 0
    trail.close()
    assert "left open" in caplog.text
