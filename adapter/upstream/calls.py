"""One call to the upstream: with a token, a place among those under way, and attempts as `retry` allows."""

import contextlib
from collections.abc import Mapping as Values
from functools import partial

import httpx
import msgspec

from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Reply, Unknown
from adapter.upstream.breaker import Breaker, Open
from adapter.upstream.credential import Token
from adapter.upstream.limits import Limits, Overfull
from adapter.upstream.login import PASSING, Identity
from adapter.upstream.meter import Meter
from adapter.upstream.request import Request
from adapter.upstream.retry import TABLE, Budget, Spent, came, kind_of, repeated
from adapter.upstream.times import Times
from adapter.upstream.trouble import left_alone, overfull, overloaded, spent, unusable
from adapter.upstream.wire import Base, Failure, Throttled, exchanged, request_of

UNAUTHORIZED = 401
BEFORE_IT = (502, 503, 504)
"""Statuses of a server that stands before the upstream, or of one that is not ready: it is down."""


class Calls:
    """Makes calls to one upstream: where it is, who we are there, and what it can bear."""

    def __init__(  # noqa: PLR0913, PLR0917 (each is a part of a connection)
        self,
        http: httpx.AsyncBaseTransport,
        base: str,
        mapping: Mapping,
        secrets: Values[str, str],
        times: Times,
        meter: Meter | None = None,
    ) -> None:
        self._http, self._base, self._mapping, self._times = http, Base(base), mapping, times
        self._meter = meter or Meter()
        self.identity = Identity(http, self._base, mapping, secrets, times, self._meter)
        self.limits = Limits(mapping.in_flight, times.queue)
        self.breaker, self._budget = Breaker(), Budget()
        self._newest_read: Call | None = None

    async def send(self, call: Call, request: Request) -> Outcome:
        """Return what came of a call; a write that may have been done is Unknown, never an error.

        Raises UpstreamError when no usable reply can be had, or when it is known that a write was not done.
        """
        begins, request.is_begun = not request.is_begun, True
        if call.again:
            self._meter.repeats()
        try:
            return await repeated(
                partial(self._attempt, call, request, begins=begins),
                kind_of(call),
                first_delay=self._times.backoff,
                within=request.left,
                budget=self._budget,
                again=call.again,
                repeats=self._meter.repeats,
            )
        except Throttled as error:
            raise overloaded(error, self._mapping) from error
        except Open as error:
            raise left_alone(error, self._mapping) from error
        except Overfull as error:
            raise overfull(error, self._mapping) from error
        except Spent as error:
            raise spent(self._mapping) from error
        except Failure as error:
            if TABLE[came(error)][kind_of(call)] == "look":
                return error.reply or Unknown(error.reason)
            if error.is_expired:
                raise self.identity.expired(error.reason) from error
            if error.reply is not None and error.reply.status not in PASSING:
                return error.reply  # the plan knows what it lacks
            raise unusable(error, self._mapping) from error

    async def _attempt(self, call: Call, request: Request, *, begins: bool) -> Reply:
        """Send the call once; a token that the upstream refuses is replaced, once."""
        if not (call.is_read and request.must_settle):
            request.check()
        await self._let_through(call, request)
        token = await self.identity.token()
        with await self.limits.place(call.route, begins=begins):
            if not call.is_read:
                request.check()  # it may have waited long
            with self.breaker.call(), contextlib.nullcontext() if call.is_read else request.writing():
                try:
                    return await self._exchanged(call, token, request)
                except Throttled:
                    request.check()  # else it would wait, and hold its turn, for nothing
                    raise

    async def _let_through(self, call: Call, request: Request) -> None:
        """Raise Open while the upstream is left alone; whether it is back is tried by a read, where one was made before."""
        self.breaker.check()
        if call.is_read:
            self._newest_read = call
        elif self.breaker.is_down and self._newest_read is not None:
            with contextlib.suppress(Failure, Throttled):
                await self._attempt(self._newest_read, request, begins=True)
            self.breaker.check()

    async def _exchanged(self, call: Call, token: Token | None, request: Request) -> Reply:
        request.attempts += 1
        reply = await self._authorized(call, token)
        if self._is_refused(reply) and self.identity.can_renew:
            token = await self.identity.token(refused=token)
            request.check()
            self._meter.repeats()
            request.attempts += 1
            reply = await self._authorized(call, token)
        meaning, detail = self._mapping.meaning(reply, unproven=call.is_read and self.identity.is_unproven(token))
        if meaning == "throttled":
            raise Throttled(None)
        if self._is_refused(reply):
            raise self.identity.refused_again(reply.status)
        if meaning == "credential expired":
            raise Failure(detail, sent=True, is_answer=True, is_expired=True)
        if meaning == "failure" and reply.status in PASSING:
            is_answer = reply.status not in BEFORE_IT
            raise Failure(f"it answered {reply.status}", sent=True, is_answer=is_answer, reply=reply)
        if call.is_read and _is_unbelievable(reply, meaning):
            raise Failure("its answer holds no data", sent=True, is_answer=True, reply=reply)
        if meaning != "failure":
            self.identity.prove(token)
        return reply

    async def _authorized(self, call: Call, token: Token | None) -> Reply:
        with self._meter.sent(call.route) as sent:
            request = request_of(self._base, self.identity.shown(call, token), sent.headers)
            reply = await exchanged(self._http, request, self._times.attempt)
            sent.status = reply.status
        reply = msgspec.structs.replace(reply, of=call.doing, kind=call.kind)
        self.identity.learn(reply)
        return reply

    def _is_refused(self, reply: Reply) -> bool:
        return reply.status == UNAUTHORIZED or self._mapping.meaning(reply)[0] == "token refused"


def _is_unbelievable(reply: Reply, meaning: str) -> bool:
    """Tell whether a read was answered with a page, with nothing, or with an error that calls itself a success.

    That often passes by itself: a proxy, or a server that is starting, stands in for the upstream.
    """
    has_data = isinstance(reply.body, dict | list)
    return 200 <= reply.status < 400 and (meaning == "failure" or (meaning == "success" and not has_data))  # noqa: PLR2004
