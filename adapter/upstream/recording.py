"""What the audit trail is told of one conversation: what was asked and intended, the calls, and how it came out.

A change came out as `success` when its plan says so; as `failure` when nothing was changed for certain, because no write
was sent or each was refused; as `unknown` in every other case, also where a part was done. Reads are told to nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Literal, Protocol

import msgspec

from adapter.errors import AdapterError, UpstreamError
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome
from adapter.plan.keeping import Forget, Keep, Step
from adapter.plan.moment import Intended, Wished
from adapter.plan.outcome import is_doubtful, is_success, is_uncertain
from adapter.scim.messages import Response
from adapter.scim.schema import Resource
from adapter.upstream.request import Request

Came = Literal["success", "failure", "unknown"]


class Made(msgspec.Struct, kw_only=True):
    """Calls of one route that were answered alike."""

    call: str
    """The route as the mapping writes it: no ids, no values."""
    status: int | None
    """None where no usable reply came."""
    times: int = 0
    attempts: int = 0
    """How often they were sent, repetitions too."""
    ms: float = 0.0
    """Milliseconds, all of them together."""


class Entry(Protocol):
    """One change, as the trail keeps it."""

    async def intended(self, intent: Intended) -> None:
        """Make the intent durable; raises Unavailable where that cannot be, and the change must not be begun."""

    async def ended(self, came: Came, after: Resource | None, reason: str | None, calls: list[Made]) -> None:
        """Record how it came out; `after` is what is there then, as far as the plan knows it. Raises nothing."""


class Trail(Protocol):
    """Where changes are recorded."""

    def wished(self, wish: Wished, mapping: Mapping) -> Entry:
        """Return the entry of a change that somebody asks for."""


class Recording:
    """What is recorded of one plan: nothing, until it says that it is about a change."""

    def __init__(self, trail: Trail | None, mapping: Mapping) -> None:
        self._trail, self._mapping = trail, mapping
        self._entry: Entry | None = None
        self._calls: dict[tuple[str, int | None], Made] = {}
        self._is_intended = False
        self.has_touched = False
        """Whether something may have been changed."""

    @property
    def is_open(self) -> bool:
        """Whether there is a change to record."""
        return self._entry is not None

    async def told(self, moment: Wished | Intended) -> None:
        """Take what a plan tells; raises Unavailable where an intent cannot be recorded."""
        if isinstance(moment, Intended):
            if self._entry is not None:
                await self._entry.intended(moment)
                self._is_intended = True
        elif self._trail is not None:
            self._entry = self._trail.wished(moment, self._mapping)

    @contextmanager
    def called(self, call: Call, request: Request) -> Iterator["Outcomes"]:
        """Surround a call; what came of it goes into the list that is given."""
        began, sent, touched = perf_counter(), request.attempts, self.has_touched
        outcomes: Outcomes = []
        self.has_touched = touched or not call.is_read
        try:
            yield outcomes
        except UpstreamError:
            self.has_touched = touched  # of a write it says that it was not done
            raise
        except BaseException:
            if request.attempts == sent:
                self.has_touched = touched  # it was given up before it was sent
            raise
        finally:
            if outcomes and not call.is_read and self._is_refused(call, outcomes[0]):
                self.has_touched = touched
            status = getattr(outcomes[0], "status", None) if outcomes else None
            made = self._calls.setdefault((call.route, status), Made(call=call.route, status=status))
            made.times += 1
            made.attempts += request.attempts - sent
            made.ms = round(made.ms + (perf_counter() - began) * 1000, 1)

    @contextmanager
    def keeping(self, step: Step) -> Iterator[None]:
        """Surround a step of the store: one that is cut off may be done all the same, one that fails is taken back."""
        touched = self.has_touched
        self.has_touched = touched or isinstance(step, Keep | Forget)
        try:
            yield
        except AdapterError:
            self.has_touched = touched
            raise

    async def succeeded(self, response: Response) -> None:
        """Record that the plan was carried out; one that intended nothing has changed nothing."""
        if self._entry is not None and self._is_intended:
            after = response.content if isinstance(response.content, dict) else None
            await self._entry.ended("success", after, None, [*self._calls.values()])

    async def failed(self, error: BaseException) -> None:
        """Record that the plan ended with an error, or was given up."""
        if self._entry is not None:
            came: Came = "unknown" if self.has_touched else "failure"
            await self._entry.ended(came, None, _reason(error), [*self._calls.values()])

    def _is_refused(self, call: Call, outcome: Outcome) -> bool:
        """Tell whether a write was not done for certain."""
        about = self._mapping.about(call.kind)
        return not (is_success(outcome, about) or is_uncertain(outcome, about) or is_doubtful(outcome, about))


Outcomes = list[Outcome]


def _reason(error: BaseException) -> str:
    """Return why, in a word that shows no value: the error's class, as the drawn tree has it."""
    if isinstance(error, AdapterError):
        return type(error).__name__
    return "GivenUp" if not isinstance(error, Exception) else "Internal"
