"""The upstream as plans see it: performs what a plan asks for until the plan returns its response.

Here the house meets the network: calls, the store's steps, turns, and what is known for a moment, all of it inside one
deadline for the SCIM request. A write that is under way when the request ends, by its deadline or by a client that hangs
up, is not cut off: it is finished, and its turn is held until then. Where changes are recorded, the looks that its plan needs
to say what became of it are made, too.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from collections.abc import Mapping as Values
from typing import Any

import httpx

from adapter.errors import AdapterError, ScimError, TooSlow
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked, Call, Outcome, Plan
from adapter.plan.keeping import Recall, Step
from adapter.plan.moment import (
    Intended,
    Loss,
    Missed,
    Moment,
    Noted,
    Over,
    Recent,
    Sought,
    Turn,
    Wait,
    Wished,
)
from adapter.plan.names import TakeName, names
from adapter.scim.messages import Response
from adapter.upstream.calls import Calls
from adapter.upstream.guard import Guard
from adapter.upstream.index import Building
from adapter.upstream.meter import Meter, Standing
from adapter.upstream.origin import Origin, begin
from adapter.upstream.recording import Recording, Trail
from adapter.upstream.request import Request
from adapter.upstream.shared import Shared
from adapter.upstream.sightings import Sightings
from adapter.upstream.times import Times
from adapter.upstream.trouble import being_read, occupied
from adapter.upstream.turns import Held, Turns

_LOG = logging.getLogger("adapter.upstream")

Kept = Callable[[Step], Awaitable[Any]]
"""Does a step of the store, and returns what the plan is sent."""


class Upstream:
    """One upstream: where it is, who we are there, and what it can bear."""

    def __init__(  # noqa: PLR0913, PLR0917 (each is a part of a connection)
        self,
        http: httpx.AsyncBaseTransport,
        base: str,
        mapping: Mapping,
        secrets: Values[str, str],
        times: Times,
        kept: Kept | None = None,
        *,
        turns: Turns | None = None,
        guard: Guard | None = None,
        meter: Meter | None = None,
        trail: Trail | None = None,
    ) -> None:
        """`kept` does the steps that speak to the store; without one the mapping keeps nothing there.

        `trail` records each change.
        """
        self._trail = trail
        self._kept, self._mapping, self._times = kept, mapping, times
        self._calls = Calls(http, base, mapping, secrets, times, meter)
        self._turns, self._guard = turns or Turns(), guard
        self._sightings = Sightings(mapping, self._names, times)
        self._shared = Shared()
        self._unfinished: set[asyncio.Task[Any]] = set()

    async def run(self, plan: Plan) -> Response:
        """Perform what the plan asks for until it returns its response.

        Raises ScimError: what the plan raises, or UpstreamError when no usable reply can be had.
        """
        request = Request(self._times.request, is_shared=True)
        performing = asyncio.get_running_loop().create_task(self._performed(plan, request))
        performing.add_done_callback(self._ended)
        try:
            done, _ = await asyncio.wait({performing}, timeout=self._times.request)
        finally:
            if not performing.done():
                self._given_up(performing, request)
        if not done:
            raise TooSlow(
                f"The {self._mapping.upstream} did not finish within {self._times.request:g} seconds; what was begun "
                "there may still be done. The next provisioning cycle looks again."
            )
        try:
            response: Response = performing.result()
        except ScimError as error:
            error.detail = self._calls.identity.unsaid(error.detail)
            raise
        return response

    @property
    def trouble(self) -> str:
        """What an operator should know of the upstream, in a few words; empty while nothing is wrong."""
        return "down: it is left alone" if self._calls.breaker.is_down else self._calls.identity.trouble

    @property
    def standing(self) -> Standing:
        """How things stand at this moment."""
        indexes = self._sightings.indexes
        return Standing(
            is_down=self._calls.breaker.is_down,
            in_flight=self._calls.limits.in_flight,
            waiting=self._calls.limits.waiting,
            unfinished=len(self._unfinished),
            names={kind: len(each) for kind, each in indexes.items()},
            ages={kind: each.age for kind, each in indexes.items() if each.age is not None},
        )

    async def closed(self) -> None:
        """Wait for the writes that are still under way, and end what is only read."""
        await asyncio.gather(*self._unfinished, return_exceptions=True)
        await self._sightings.closed()

    def _given_up(self, performing: "asyncio.Task[Any]", request: Request) -> None:
        """End a request for which nobody waits any more; a write that is under way is finished first."""
        request.is_over = True
        if not request.is_writing and not request.must_settle:
            performing.cancel()
        self._unfinished.add(performing)

    def _ended(self, performing: "asyncio.Task[Any]") -> None:
        """Read how a request ended, which nobody else does once it was given up."""
        is_given_up = performing in self._unfinished
        self._unfinished.discard(performing)
        error = None if performing.cancelled() else performing.exception()
        if is_given_up and error is not None and not isinstance(error, AdapterError):
            _LOG.error("a request that was given up failed: %s", type(error).__name__)

    async def _performed(self, plan: Generator[Asked, Any, Any], request: Request) -> Any:
        """Return what the plan returns, and record what it changed."""
        recording = Recording(self._trail, self._mapping)
        with self._turns.held() as held:
            try:
                result = await self._played(plan, request, held, recording)
            except BaseException as error:
                await recording.failed(error)
                raise
            else:
                await recording.succeeded(result)
                return result
            finally:
                if request.is_over and request.has_written:
                    # What it has made nobody has seen: no index may say that it is not there.
                    for each in self._mapping.resources:
                        self._sightings.noted(Noted(each.type.name, None, None))

    async def _played(
        self, plan: Generator[Asked, Any, Any], request: Request, held: Held, recording: Recording
    ) -> Any:
        """Do what the plan asks for until it returns.

        Of a request that is over nothing else is begun, except the looks that tell the audit trail what became of a write.
        """
        try:
            asked = next(plan)
            while True:
                came = await self._done(asked, request, held, recording)
                if request.is_over:
                    if isinstance(asked, Call) and not asked.is_read:
                        _LOG.warning("a write was finished after its request had been given up: %s", _told(asked, came))
                    break
                asked = plan.send(came)
            if not request.must_settle:
                request.check()
            async with asyncio.timeout(self._times.attempt):
                looking = Request(self._times.attempt)
                while _is_look(asked := plan.send(came)):
                    came = await self._done(asked, looking, held, recording)
        except StopIteration as done:
            return done.value
        except TimeoutError:
            raise TooSlow("The request was given up, and so was the look for what became of it.") from None
        raise TooSlow("The request was given up, and nothing else is begun for it.")

    async def _done(self, asked: Asked, request: Request, held: Held, recording: Recording) -> Any:
        """Return what came of a call, of a step that the store does, or of what is asked of the moment."""
        if isinstance(asked, Call):
            if not recording.is_open:
                return await self._sent(asked, request, held)
            with recording.called(asked, request) as outcomes:
                outcomes.append(await self._sent(asked, request, held))
                request.must_settle = recording.has_touched
            return outcomes[0]
        if isinstance(asked, Wished | Intended):
            return await recording.told(asked)
        if isinstance(asked, Moment):
            return await self._known(asked, request, held)
        assert self._kept is not None  # noqa: S101 (a mapping that keeps something is not served without a store)
        with recording.keeping(asked):
            return await self._kept(asked)

    async def _sent(self, call: Call, request: Request, held: Held) -> Outcome:
        """Return what came of a call; reads that only look are made once for all who ask the same at once."""
        if call.is_read:
            if held.is_nothing and request.is_shared:
                return await self._shared.read(call, lambda: self._calls.send(call, request))
            return await self._calls.send(call, request)
        self._shared.wrote()
        try:
            return await self._calls.send(call, request)
        finally:
            self._shared.wrote()

    async def _known(self, asked: Moment, request: Request, held: Held) -> Any:
        match asked:
            case Turn():
                await self._taken(asked, request, held)
            case Over():
                held.give_back(asked.turn)
            case Wait():
                await asyncio.sleep(asked.seconds)
            case Sought():
                return await self._sought(asked)
            case Recent():
                return self._sightings.recent(asked)
            case Missed():
                return self._sightings.missed(asked)
            case Noted():
                self._sightings.noted(asked)
            case Loss() if self._guard is not None:
                self._guard.check(asked.kind, asked.id)
        return None

    async def _taken(self, turn: Turn, request: Request, held: Held) -> None:
        try:
            await held.take(turn, request.left / 2)  # the other half is for what is to be done
        except TimeoutError:
            raise occupied(self._mapping) from None

    async def _sought(self, asked: Sought) -> tuple[str, ...]:
        try:
            return await self._sightings.sought(asked)
        except Building as error:
            raise being_read(error, self._mapping) from error

    async def _names(self, mapping: Mapping, take: TakeName) -> None:
        """Read the whole list, however long it takes, and hand over the names and their ids."""
        begin(Origin())  # it is read for everybody, not for the request that it began with
        await self._performed(names(mapping, take), Request(float("inf")))


def _is_look(asked: Asked) -> bool:
    """Tell whether something only looks: it is no write, and no way to one."""
    if isinstance(asked, Call):
        return asked.is_read
    return isinstance(asked, Recall | Wait | Over | Sought | Recent | Noted | Missed)


def _told(asked: Asked, came: Any) -> str:
    """Return what a log may say of a call: its route and what became of it."""
    route = asked.route if isinstance(asked, Call) else type(asked).__name__
    return f"{route} {getattr(came, 'status', 'of unknown outcome')}"
