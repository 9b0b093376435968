import asyncio
from collections.abc import Sequence
from threading import Semaphore

import msgspec
import pytest

from adapter.audit import trail as trails
from adapter.audit.chain import Slow, Written
from adapter.audit.event import Event, body_of
from adapter.audit.trail import OnFailure, Trail
from adapter.errors import Unavailable
from tests.audit.events import event

FULL = OSError(28, "No space left on device")
SLOW: list[Slow] = ["sync", "append", None]


class Sink:
    """A sink in memory, which can be full, and whose slow call can be held up."""

    def __init__(self, *unfinished: Event, slow: Slow = "sync") -> None:
        self.unfinished = [body_of(each) for each in unfinished]
        self.slow: Slow = slow
        self.done: list[str] = []
        self.synced: list[int] = []
        """How many lines there were when a sync began, of each."""
        self.error: Exception | None = None
        self.sync_error: OSError | None = None
        self.gate: Semaphore | None = None
        """Lets the slow call go on, as often as it is released."""

    @property
    def lines(self) -> list[str]:
        return [each for each in self.done if each not in ("sync", "close")]

    def _wait(self, call: Slow) -> None:
        if self.gate and self.slow == call:
            self.gate.acquire(timeout=10)

    def append(self, lines: Sequence[Written]) -> None:
        self._wait("append")
        if self.error:
            raise self.error
        self.done += [f"{'intent' if each.is_intent else 'event'} {each.id}" for each in lines]
        self.last = lines[-1]

    def sync(self) -> None:
        self.synced.append(len(self.lines))
        self._wait("sync")
        if self.sync_error:
            raise self.sync_error
        self.done.append("sync")

    def close(self) -> None:
        self.done.append("close")


def ended(name: str, outcome: str = "success", *, intended: bool = True) -> Event:
    return event(name, outcome, intended=intended)


def intents(trail: Trail, names: str) -> list[asyncio.Task[bool]]:
    return [asyncio.create_task(trail.intent(event(name))) for name in names]


async def until_synced(sink: Sink, times: int) -> None:
    """Wait until so many syncs have begun."""
    async with asyncio.timeout(5):
        while len(sink.synced) < times:  # noqa: ASYNC110 (the sink's thread tells nobody)
            await asyncio.sleep(0.001)


DONE: list[tuple[Slow, list[str]]] = [
    ("sync", ["intent a", "sync", "event a", "close"]),
    ("append", ["intent a", "sync", "event a", "sync", "close"]),
    (None, ["intent a", "event a", "close"]),
]


@pytest.mark.parametrize(("slow", "done"), DONE)
async def test_an_intent_is_durable_when_it_is_answered_and_an_event_is_written(slow: Slow, done: list[str]) -> None:
    sink = Sink(slow=slow)
    trail = Trail(sink)
    at_close = done.index("event a")
    assert await trail.intent(event("a"))
    assert sink.done == done[:at_close]
    await trail.event(ended("a"))
    assert sink.done == done[:-1]
    trail.close()
    assert sink.done == done


async def test_what_waits_to_be_appended_is_appended_at_once_and_in_order() -> None:
    sink = Sink(slow="append")
    sink.gate = Semaphore(0)
    trail = Trail(sink)
    first = intents(trail, "f")
    await asyncio.sleep(0.05)  # it is in the thread, and held up there
    others = [*intents(trail, "abc"), asyncio.create_task(trail.event(ended("f")))]
    await asyncio.sleep(0)
    sink.gate.release(2)
    await asyncio.gather(*first, *others)
    trail.close()
    assert sink.done == ["intent f", "sync", "intent a", "intent b", "intent c", "event f", "sync", "close"]


async def test_intents_that_come_together_are_made_durable_together_and_those_that_come_meanwhile_the_next_time() -> (
    None
):
    sink = Sink()
    sink.gate = Semaphore(0)
    trail = Trail(sink)
    first = intents(trail, "abc")
    await until_synced(sink, 1)
    then = intents(trail, "de")
    await asyncio.sleep(0)
    assert sink.lines == [f"intent {name}" for name in "abcde"]
    sink.gate.release()
    await asyncio.gather(*first)
    await until_synced(sink, 2)
    assert not any(each.done() for each in then)
    sink.gate.release()
    await asyncio.gather(*then)
    assert sink.synced == [3, 5]
    trail.close()


async def test_an_event_is_made_durable_a_while_later_with_all_that_came_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trails, "LATEST", 0.05)
    sink = Sink()
    trail = Trail(sink)
    await trail.event(ended("a"))
    await trail.event(ended("b"))
    assert sink.synced == []
    await until_synced(sink, 1)
    await asyncio.sleep(0.1)
    assert sink.synced == [2]
    trail.close()


async def test_or_with_the_next_intent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trails, "LATEST", 0.05)
    sink = Sink()
    trail = Trail(sink)
    await trail.event(ended("a"))
    await trail.intent(event("b"))
    await asyncio.sleep(0.1)
    assert sink.synced == [2]
    trail.close()


async def test_one_that_comes_while_lines_are_made_durable_waits_for_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trails, "LATEST", 0.05)
    sink = Sink()
    sink.gate = Semaphore(0)
    trail = Trail(sink)
    first = intents(trail, "a")
    await until_synced(sink, 1)
    await trail.event(ended("b"))
    await asyncio.sleep(0.1)  # its time is over, and the first sync is still under way
    sink.gate.release(2)
    await asyncio.gather(*first)
    await until_synced(sink, 2)
    assert sink.synced == [1, 2]
    trail.close()


@pytest.mark.parametrize(
    ("slow", "broken"), [("sync", "error"), ("sync", "sync_error"), ("append", "error"), (None, "error")]
)
async def test_a_change_that_cannot_be_recorded_is_refused(slow: Slow, broken: str) -> None:
    sink = Sink(slow=slow)
    trail = Trail(sink)
    setattr(sink, broken, FULL)
    with pytest.raises(Unavailable, match="cannot write its audit trail, so the change was not begun"):
        await trail.intent(event("a"))
    assert trail.trouble == "lines cannot be written (No space left on device)"
    setattr(sink, broken, None)
    assert await trail.intent(event("b"))
    assert trail.trouble == ""
    trail.close()


async def test_lines_that_cannot_be_made_durable_refuse_all_that_may_have_been_lost_and_nobody_after() -> None:
    sink = Sink()
    sink.gate, sink.sync_error = Semaphore(0), FULL
    trail = Trail(sink)
    first = intents(trail, "ab")
    await until_synced(sink, 1)
    meanwhile = intents(trail, "c")  # the system tells of a lost write once, whosever line it was
    await asyncio.sleep(0)
    sink.gate.release()
    refused = await asyncio.gather(*first, return_exceptions=True)
    sink.sync_error = None
    sink.gate.release(2)
    refused += await asyncio.gather(*meanwhile, return_exceptions=True)
    assert [type(each) for each in refused] == [Unavailable] * 3
    assert await trail.intent(event("d"))
    trail.close()


async def test_lines_that_cannot_be_appended_refuse_those_of_that_time_alone() -> None:
    sink = Sink(slow="append")
    sink.gate, sink.error = Semaphore(0), FULL
    trail = Trail(sink)
    first = intents(trail, "ab")
    await asyncio.sleep(0.05)
    then = intents(trail, "c")
    await asyncio.sleep(0)
    sink.gate.release()
    refused = await asyncio.gather(*first, return_exceptions=True)
    assert [type(each) for each in refused] == [Unavailable] * 2
    sink.error = None
    sink.gate.release()
    assert await asyncio.gather(*then) == [True]
    assert sink.lines == ["intent c"]
    trail.close()


async def test_a_full_disk_is_told_until_a_line_finds_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trails, "LATEST", 0.01)
    sink = Sink()
    trail = Trail(sink)
    await trail.event(ended("a"))
    sink.error = FULL
    await trail.event(ended("b"))
    await until_synced(sink, 1)
    await asyncio.sleep(0.05)
    assert "No space left" in trail.trouble  # what was there is durable, and there is no more room for that
    sink.error = None
    await trail.event(ended("c"))
    assert trail.trouble == ""
    trail.close()


@pytest.mark.parametrize("slow", SLOW)
async def test_a_fault_of_our_own_refuses_it_too_and_nobody_waits_for_ever(slow: Slow) -> None:
    sink = Sink(slow=slow)
    trail = Trail(sink)
    sink.error = ValueError("nobody has thought of this")
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable):
            await trail.intent(event("a"))
    assert trail.trouble == "lines cannot be written (ValueError)"
    trail.close()


@pytest.mark.parametrize("slow", ["sync", "append"])
async def test_nor_does_anybody_after_the_end(slow: Slow) -> None:
    trail = Trail(Sink(slow=slow))
    trail.close()
    async with asyncio.timeout(5):
        for _ in range(2):
            with pytest.raises(RuntimeError):
                await trail.intent(event("a"))


@pytest.mark.parametrize("slow", SLOW)
async def test_where_that_is_said_it_is_made_and_counted(slow: Slow) -> None:
    sink = Sink(slow=slow)
    trail = Trail(sink, on_failure="drop")
    sink.error = FULL
    assert not await trail.intent(event("a"))
    await trail.event(ended("a", intended=False))
    assert trail.dropped == 2
    sink.error = None
    assert await trail.intent(event("b"))
    assert trail.trouble == "2 lines are missing for good"
    trail.close()


@pytest.mark.parametrize("slow", SLOW)
@pytest.mark.parametrize("on_failure", ["refuse", "drop"])
async def test_an_event_that_finds_no_room_comes_before_the_next_line(on_failure: OnFailure, slow: Slow) -> None:
    sink = Sink(slow=slow)
    trail = Trail(sink, on_failure)
    await trail.intent(event("a"))
    sink.error = FULL
    await trail.event(ended("a"))
    await trail.event(ended("x", "failure", intended=False))  # nothing waits for it: it is missing for good
    assert trail.dropped == 1
    sink.error = None
    await trail.intent(event("b"))
    trail.close()
    assert sink.lines == ["intent a", "event a", "intent b"]


@pytest.mark.parametrize("slow", SLOW)
async def test_or_at_the_end(slow: Slow) -> None:
    sink = Sink(slow=slow)
    trail = Trail(sink)
    await trail.intent(event("a"))
    sink.error = FULL
    await trail.event(ended("a"))
    sink.error = None
    trail.close()
    assert sink.done[-2:] == ["event a", "close"]


@pytest.mark.parametrize("slow", ["sync", "append"])
async def test_one_that_nobody_waits_for_any_more_is_written_all_the_same_and_keeps_nobody_waiting(slow: Slow) -> None:
    sink = Sink(slow=slow)
    sink.gate = Semaphore(0)
    trail = Trail(sink)
    given_up, other = intents(trail, "ab")
    await asyncio.sleep(0.05)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    sink.gate.release()
    assert await other
    assert sink.lines == ["intent a", "intent b"]
    trail.close()


@pytest.mark.parametrize("slow", ["sync", "append"])
async def test_the_end_leaves_nothing_that_waits_unwritten(slow: Slow) -> None:
    sink = Sink(slow=slow)
    trail = Trail(sink)
    waiting = asyncio.create_task(trail.event(ended("a")))
    await asyncio.sleep(0)
    trail.close()
    assert sink.done == ["event a", "close"]
    await asyncio.gather(waiting, return_exceptions=True)


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


def test_what_is_another_process_s_is_left_open(caplog: pytest.LogCaptureFixture) -> None:
    mine, other = (msgspec.structs.replace(event(name), tenant=name) for name in ("mine", "other"))
    sink = Sink(mine, other)
    trail = Trail(sink)
    assert trail.replay("2026-11-26T00:00:00.000Z", lambda tenant: tenant == "mine") == 1
    trail.close()
    assert [each for each in sink.done if each.startswith("event")] == ["event mine"]
    assert caplog.text == ""
