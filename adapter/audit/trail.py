"""The trail as it is written: lines in their order, off the event loop, several at a time where several wait.

An intent is durable before anything is changed. An event follows it in time, and is durable with whatever comes next, or
as soon as nothing waits: until then it can be lost by a failure of power alone, and its intent says so at the next start.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Literal

import msgspec

from adapter.audit.chain import Sink, Written
from adapter.audit.event import Event, body_of
from adapter.errors import Unavailable

_LOG = logging.getLogger("adapter.audit")

OnFailure = Literal["refuse", "drop"]
"""What becomes of a change whose intent cannot be recorded: it is refused, or it is made and the record is missing."""


class Trail:
    """Writes lines to a sink; `on_failure` says what becomes of a change that cannot be recorded."""

    def __init__(self, sink: Sink, on_failure: OnFailure = "refuse") -> None:
        self._sink, self._on_failure = sink, on_failure
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        self._lock, self._waiting = Lock(), deque[tuple[Written, Future[None]]]()
        self._owed: list[Written] = []
        """Events of changes that were made, and that could not be written when they came."""
        self.dropped = 0
        """Lines that are missing for good."""
        self.trouble = ""
        """Why lines cannot be written, in a few words; empty while they can."""

    async def intent(self, event: Event) -> bool:
        """Make an intent durable, and tell whether it is in the trail.

        Raises Unavailable where it cannot be and such changes are refused.
        """
        try:
            await asyncio.wrap_future(self._put(event))
        except OSError:
            if self._on_failure == "refuse":
                raise Unavailable(
                    "The gateway cannot write its audit trail, so the change was not begun. Look at the disk that holds "
                    "the trail: is it full, read-only, or gone? The next provisioning cycle tries again."
                ) from None
            self.dropped += 1
            return False
        return True

    async def event(self, event: Event) -> None:
        """Write how a change came out; where that cannot be, it is owed, and written before the next line, or at the end."""
        try:
            await asyncio.wrap_future(self._put(event))
        except OSError:
            self.dropped += not event.intended

    def replay(self, time: str, owns: Callable[[str], bool] = lambda _: True) -> int:
        """Record the changes that a process before this one left open as unknown, and return how many there are.

        `owns` tells whether those of a connection may be: another process may be at work on the others. Raises OSError.
        """
        read = [each for each in map(_read, self._sink.unfinished) if each is not None]
        left = [each for each in read if owns(each.tenant)]
        for each in left:
            self._put(
                msgspec.structs.replace(
                    each,
                    kind="event",
                    time=time,
                    outcome="unknown",
                    level="warn",
                    intended=True,
                    reason="ProcessEnded",
                )
            ).result()
        self._sink.unfinished.clear()
        return len(left)

    def close(self) -> None:
        """Write what waits, and let go of the sink."""
        self._thread.shutdown()
        if self._owed:
            with suppress(OSError):  # their intents tell of them at the next start
                self._sink.append(self._owed)
        self._sink.close()

    def _put(self, event: Event) -> Future[None]:
        """Have an event written after those that came before it; an intent is durable when the future is done."""
        done: Future[None] = Future()
        is_intent = event.kind == "intent"
        written = Written(event.id, is_intent, not is_intent and event.intended, body_of(event))
        with self._lock:
            self._waiting.append((written, done))
        self._thread.submit(self._write)
        return done

    def _write(self) -> None:
        """Write all that wait, in the trail's own thread."""
        with self._lock:
            taken = [*self._waiting]
            self._waiting.clear()
        if not taken:
            return  # an earlier turn took them along
        intents = [done for line, done in taken if line.is_intent]
        events = [done for line, done in taken if not line.is_intent]
        is_there = False
        try:
            self._sink.append([*self._owed, *(line for line, _ in taken)])
            is_there = True
            self._owed.clear()
            _end(events)  # they are where the process's own end does not reach them
            if intents or not self._waiting:
                self._sink.sync()
        except Exception as error:  # noqa: BLE001 (nobody else sees what goes wrong in this thread)
            failed = error if isinstance(error, OSError) else OSError(None, type(error).__name__)
            self._failed(failed, [] if is_there else [line for line, _ in taken if line.is_owed])
            _end([*events, *intents], failed)
        else:
            self.trouble = f"{self.dropped} lines are missing for good" if self.dropped else ""
            _end(intents)

    def _failed(self, error: OSError, events: list[Written]) -> None:
        self.trouble = f"lines cannot be written ({error.strerror or error})"
        _LOG.error("the audit trail cannot be written: %s", error.strerror or error)
        self._owed += events


def _read(body: bytes) -> Event | None:
    try:
        return msgspec.json.decode(body, type=Event)
    except ValueError:
        _LOG.exception("an intent of the audit trail cannot be read, and is left open")
        return None


def _end(waiting: list[Future[None]], error: OSError | None = None) -> None:
    for done in waiting:
        with suppress(InvalidStateError):  # nobody waits for it any more, or it has its end already
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
