"""The trail as it is written: lines in their order, and each intent durable before anything is changed.

What takes a while is done in a thread, and for all at once who wait for it: those who come meanwhile wait together for the
next turn. The rest is done on the event loop: a line of a file is written there, and only to make it durable takes a turn.

An event waits for no such turn. It is durable with the next intent, or after a second: until then it can be lost by a
failure of power alone, and its intent says so at the next start.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Literal

import msgspec

from adapter.audit.chain import Sink, Written
from adapter.audit.event import Event, body_of
from adapter.errors import Unavailable

_LOG = logging.getLogger("adapter.audit")

OnFailure = Literal["refuse", "drop"]
"""What becomes of a change whose intent cannot be recorded: it is refused, or it is made and the record is missing."""
LATEST = 1.0
"""Seconds after which an event is made durable, where no intent has come that takes it along."""


class Trail:
    """Writes lines to a sink; `on_failure` says what becomes of a change that cannot be recorded."""

    def __init__(self, sink: Sink, on_failure: OnFailure = "refuse") -> None:
        self._sink, self._on_failure = sink, on_failure
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        self._lines: list[Written] = []
        """What the thread is to append in its next turn."""
        self._waiting: list[asyncio.Future[None]] = []
        """Those who wait for the next turn."""
        self._turns: asyncio.Task[None] | None = None
        self._is_wanted = False
        """Whether another turn is to follow."""
        self._timer: asyncio.TimerHandle | None = None
        """Until a turn takes along the events that were written since the last one began."""
        self._owed: list[Written] = []
        """Events of changes that were made, and that could not be written when they came."""
        self._faults = {"append": "", "sync": ""}
        """Why a call of the sink failed when it was last made; empty where it did not."""
        self.dropped = 0
        """Lines that are missing for good."""

    @property
    def trouble(self) -> str:
        """Why lines cannot be written, in a few words; empty while they can."""
        if fault := self._faults["append"] or self._faults["sync"]:
            return f"lines cannot be written ({fault})"
        return f"{self.dropped} lines are missing for good" if self.dropped else ""

    async def intent(self, event: Event) -> bool:
        """Make an intent durable, and tell whether it is in the trail.

        Raises Unavailable where it cannot be and such changes are refused.
        """
        try:
            await self._put(event)
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
            await self._put(event)
        except OSError:
            self.dropped += not event.intended

    def replay(self, time: str, owns: Callable[[str], bool] = lambda _: True) -> int:
        """Record the changes that a process before this one left open as unknown, and return how many there are.

        `owns` tells whether those of a connection may be: another process may be at work on the others. Raises OSError.
        """
        read = [each for each in map(_read, self._sink.unfinished) if each is not None]
        left = [each for each in read if owns(each.tenant)]
        told = {"kind": "event", "outcome": "unknown", "level": "warn", "intended": True, "reason": "ProcessEnded"}
        if left:
            self._turn([_written(msgspec.structs.replace(each, time=time, **told)) for each in left])
        self._sink.unfinished.clear()
        return len(left)

    def close(self) -> None:
        """Write what waits, make all of it durable, and let go of the sink."""
        self._thread.shutdown()
        if self._timer is not None:
            self._timer.cancel()
        if self._lines or self._owed:
            with suppress(OSError):  # their intents tell of them at the next start
                self._append(self._lines)
        self._sink.close()

    async def _put(self, event: Event) -> None:
        """Write a line after those that came before it, an intent durably; raises OSError."""
        line = _written(event)
        if self._sink.slow == "append":
            self._lines.append(line)
        else:
            self._append([line])
            if self._sink.slow is None:
                return
            if not line.is_intent:
                self._timer = self._timer or asyncio.get_running_loop().call_later(LATEST, self._want)
                return
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._want()
        await done

    def _want(self) -> None:
        """Have a turn begin in the next round of the event loop, or after the one that is under way."""
        self._is_wanted = True
        if self._turns is None:
            self._turns = asyncio.create_task(self._take_turns())

    async def _take_turns(self) -> None:
        """Have the thread do what is waited for, turn by turn."""
        while self._is_wanted:
            self._is_wanted = False
            waiting, self._waiting = self._waiting, []
            lines, self._lines = self._lines, []
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._turn, lines)
            except Exception as error:  # noqa: BLE001 (whatever it is, nobody is to wait for ever)
                if self._sink.slow == "sync":  # a fault is told once, and may be that of lines that came meanwhile
                    waiting, self._waiting = waiting + self._waiting, []
                _end(waiting, error)
            else:
                _end(waiting)
        self._turns = None

    def _turn(self, lines: Sequence[Written]) -> None:
        """Append lines, where there are any, and make all that was written durable; raises OSError."""
        if lines:
            self._append(lines)
        try:
            self._sink.sync()
        except Exception as error:
            raise self._failed("sync", error) from error
        self._faults["sync"] = ""

    def _append(self, lines: Sequence[Written]) -> None:
        """Write lines, and before them what is owed; raises OSError."""
        try:
            self._sink.append([*self._owed, *lines])
        except Exception as error:
            self._owed += [each for each in lines if each.is_owed]
            raise self._failed("append", error) from error
        self._owed.clear()
        self._faults["append"] = ""

    def _failed(self, call: str, error: Exception) -> OSError:
        """Remember and log why a call of the sink failed, and return it as what is raised of it."""
        self._faults[call] = (error.strerror or str(error)) if isinstance(error, OSError) else type(error).__name__
        _LOG.error("the audit trail cannot be written: %s", self._faults[call])
        return OSError(None, self._faults[call])


def _written(event: Event) -> Written:
    is_intent = event.kind == "intent"
    return Written(event.id, is_intent, not is_intent and event.intended, body_of(event))


def _read(body: bytes) -> Event | None:
    try:
        return msgspec.json.decode(body, type=Event)
    except (ValueError, RecursionError):
        _LOG.exception("an intent of the audit trail cannot be read, and is left open")
        return None


def _end(waiting: Iterable[asyncio.Future[None]], error: Exception | None = None) -> None:
    for done in waiting:
        if done.done():  # nobody waits for it any more
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
