"""The upstream as plans see it: performs a plan's calls until the plan returns its response.

Here the house meets the network. Each call gets a token, a place among those in flight, and attempts as `retry` allows,
all of it inside one deadline for the SCIM request; none is sent while the upstream is left alone, because it is down.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from collections.abc import Mapping as Values
from functools import partial
from time import monotonic
from typing import Any

import httpx
import msgspec

from adapter.errors import TooSlow
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked, Call, Outcome, Plan, Reply, Unknown
from adapter.plan.keeping import Step
from adapter.scim.messages import Response
from adapter.upstream.breaker import Breaker, Open
from adapter.upstream.credential import Token
from adapter.upstream.limits import Limits, Overfull
from adapter.upstream.login import PASSING, Identity, expired
from adapter.upstream.retry import Budget, repeated
from adapter.upstream.times import Times
from adapter.upstream.trouble import left_alone, overfull, overloaded, unusable
from adapter.upstream.wire import Failure, Throttled, exchanged, request_of

Kept = Callable[[Step], Awaitable[Any]]
"""Does a step of the store, and returns what the plan is sent."""

UNAUTHORIZED = 401
BEFORE_IT = (502, 503, 504)
"""Statuses of a server that stands before the upstream, or of one that is not ready: it is down."""


class Upstream:
    """One upstream: where it is, who we are there, and what it can bear."""

    def __init__(  # noqa: PLR0913, PLR0917 (each is a part of a connection)
        self,
        http: httpx.AsyncClient,
        base: str,
        mapping: Mapping,
        secrets: Values[str, str],
        times: Times,
        kept: Kept | None = None,
    ) -> None:
        """`kept` does the steps that speak to the store; without one the mapping keeps nothing there."""
        self._kept = kept
        self._http, self._base, self._mapping, self._times = http, base.rstrip("/"), mapping, times
        self._identity = Identity(http, self._base, mapping, secrets, times)
        self._limits = Limits(mapping.in_flight, times.queue)
        self._breaker, self._budget = Breaker(), Budget()
        self._newest_read: Call | None = None

    async def run(self, plan: Plan) -> Response:
        """Perform the plan's calls until it returns its response.

        Raises ScimError: what the plan raises, or UpstreamError when no usable reply can be had.
        """
        deadline = monotonic() + self._times.request
        try:
            async with asyncio.timeout(self._times.request):
                asked, begun = next(plan), False
                while True:
                    outcome = await self._done(asked, deadline, begins=not begun)
                    begun = begun or isinstance(asked, Call)
                    asked = plan.send(outcome)
        except StopIteration as done:
            response: Response = done.value
            return response
        except TimeoutError as error:
            raise TooSlow(
                f"The {self._mapping.upstream} did not finish within {self._times.request:g} seconds; what was begun "
                "there may still be done. The next provisioning cycle looks again."
            ) from error

    async def _done(self, asked: Asked, deadline: float, *, begins: bool) -> Any:
        """Return what came of a call, or of a step that the store does."""
        if isinstance(asked, Call):
            return await self._send(asked, deadline, begins=begins)
        assert self._kept is not None  # noqa: S101 (a mapping that keeps something is not served without a store)
        return await self._kept(asked)

    async def _send(self, call: Call, deadline: float, *, begins: bool) -> Outcome:
        """Return what came of a call, perhaps the first of its request; a write that may have been done is Unknown, never an error."""
        try:
            return await repeated(
                partial(self._attempt, call, begins=begins),
                is_read=call.is_read,
                first_delay=self._times.backoff,
                within=deadline - monotonic(),
                budget=self._budget,
            )
        except Throttled as error:
            raise overloaded(error, self._mapping) from error
        except Open as error:
            raise left_alone(error, self._mapping) from error
        except Overfull as error:
            raise overfull(error, self._mapping) from error
        except Failure as error:
            if error.sent and not call.is_read:
                return error.reply or Unknown(error.reason)
            raise unusable(error, self._mapping) from error

    async def _attempt(self, call: Call, *, begins: bool) -> Reply:
        """Send the call once; a token that the upstream refuses is replaced, once."""
        await self._let_through(call)
        token = await self._identity.token()
        async with self._limits.place(call.route, begins=begins):
            with self._breaker.call():
                return await self._exchanged(call, token)

    async def _let_through(self, call: Call) -> None:
        """Raise Open while the upstream is left alone; whether it is back is tried by a read, where one was made before."""
        self._breaker.check()
        if call.is_read:
            self._newest_read = call
        elif self._breaker.is_down and self._newest_read is not None:
            with contextlib.suppress(Failure, Throttled):
                await self._attempt(self._newest_read, begins=True)
            self._breaker.check()

    async def _exchanged(self, call: Call, token: Token | None) -> Reply:
        reply = await self._authorized(call, token)
        if self._is_refused(reply) and self._identity.can_renew:
            token = await self._identity.token(refused=token)
            reply = await self._authorized(call, token)
        meaning, detail = self._mapping.meaning(reply, unproven=call.is_read and self._identity.is_unproven(token))
        if meaning == "throttled":
            raise Throttled(None)
        if self._is_refused(reply):
            raise self._identity.refused_again()
        if meaning == "credential expired":
            raise expired(self._mapping, detail)
        if meaning == "failure" and reply.status in PASSING:
            is_answer = reply.status not in BEFORE_IT
            raise Failure(f"it answered {reply.status}", sent=True, is_answer=is_answer, reply=reply)
        if meaning != "failure":
            self._identity.prove(token)
        return reply

    async def _authorized(self, call: Call, token: Token | None) -> Reply:
        request = request_of(self._base, self._identity.shown(call, token))
        reply = await exchanged(self._http, request, self._times.attempt)
        reply = msgspec.structs.replace(reply, of=call.doing, kind=call.kind)
        self._identity.learn(reply)
        return reply

    def _is_refused(self, reply: Reply) -> bool:
        return reply.status == UNAUTHORIZED or self._mapping.meaning(reply)[0] == "token refused"
