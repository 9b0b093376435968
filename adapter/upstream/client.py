"""The upstream as plans see it: performs a plan's calls until the plan returns its response.

Here the house meets the network. Each call gets a token, a place among those in flight, and attempts as `retry` allows,
all of it inside one deadline for the SCIM request.
"""

import asyncio
from collections.abc import Mapping as Values
from functools import partial
from time import monotonic
from typing import Any

import httpx
import msgspec

from adapter.errors import BadReply, TooSlow, Unavailable, UpstreamError
from adapter.mapping import fields
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Plan, Reply, Unknown
from adapter.scim.messages import Response
from adapter.upstream.credential import Credential, Token
from adapter.upstream.limits import Limits
from adapter.upstream.retry import repeated
from adapter.upstream.wire import Failure, Throttled, exchanged, request_of

UNAUTHORIZED = 401
PASSING = (500, 502, 503, 504)
"""Statuses that often pass by themselves: a read is tried again."""


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long things may take, in seconds."""

    request: float = 25.0
    """One SCIM request with all its calls, attempts and waits; Entra gives up at 60."""
    attempt: float = 10.0
    """One call once, from the first byte sent to the last one read."""
    backoff: float = 0.5
    """The first wait before a call is repeated."""


class Upstream:
    """One upstream: where it is, who we are there, and what it can bear."""

    def __init__(
        self, http: httpx.AsyncClient, base: str, mapping: Mapping, secrets: Values[str, str], times: Times
    ) -> None:
        self._http, self._base, self._mapping, self._times = http, base.rstrip("/"), mapping, times
        self._secrets = {f"secret:{name}": value for name, value in secrets.items()}
        self._credential = Credential(self._exchange)
        self._limits = Limits(mapping.in_flight)

    async def run(self, plan: Plan) -> Response:
        """Perform the plan's calls until it returns its response.

        Raises ScimError: what the plan raises, or UpstreamError when no usable reply can be had.
        """
        deadline = monotonic() + self._times.request
        try:
            async with asyncio.timeout(self._times.request):
                call = next(plan)
                while True:
                    call = plan.send(await self._send(call, deadline))
        except StopIteration as done:
            response: Response = done.value
            return response
        except TimeoutError as error:
            raise TooSlow(
                f"The {self._mapping.upstream} did not finish within {self._times.request:g} seconds; what was begun "
                "there may still be done. The next provisioning cycle looks again."
            ) from error

    async def _send(self, call: Call, deadline: float) -> Outcome:
        """Return what came of a call; a write that may have been done is Unknown, never an error."""
        try:
            return await repeated(
                partial(self._attempt, call),
                is_read=call.is_read,
                first_delay=self._times.backoff,
                within=deadline - monotonic(),
            )
        except Throttled as error:
            raise self._overloaded(error) from error
        except Failure as error:
            if error.sent and not call.is_read:
                return Unknown(error.reason)
            raise self._unusable(error) from error

    async def _attempt(self, call: Call) -> Reply:
        """Send the call once; a token that the upstream refuses is replaced, once."""
        token = await self._credential.token()
        async with self._limits.place(call.route):
            reply = await self._authorized(call, token)
            if reply.status == UNAUTHORIZED:
                reply = await self._authorized(call, await self._credential.instead_of(token))
        if reply.status == UNAUTHORIZED:
            raise BadReply(
                f"The {self._mapping.upstream} refuses a token that it has just issued (401). Check the service "
                "account: its rights, its password's age, and that it is not bound to single sign-on."
            )
        meaning, _ = self._mapping.meaning(reply.status, reply.body)
        if call.is_read and reply.status in PASSING and meaning == "failure":
            raise Failure(f"it answered {reply.status}", sent=True)
        return reply

    async def _authorized(self, call: Call, token: Token) -> Reply:
        headers = {"Authorization": f"Bearer {token.value}"}
        return await exchanged(self._http, request_of(self._base, call, headers), self._times.attempt)

    async def _exchange(self) -> Token:
        """Exchange the secrets for a token, as the mapping describes; raises UpstreamError when none can be had."""
        exchange = self._mapping.exchange
        texts = self._mapping.texts(**self._secrets)
        call = Call(route=str(exchange.call), method=exchange.call.method, path=exchange.call.path.path(texts))
        headers = {name: template.filled(texts) for name, template in exchange.headers}
        request = request_of(self._base, call, headers)
        asked_at = monotonic()
        try:
            reply = await repeated(
                partial(self._token_reply, request),
                is_read=True,  # an exchange too many does no harm
                first_delay=self._times.backoff,
                within=self._times.attempt,
            )
        except Throttled as error:
            raise self._overloaded(error) from error
        except Failure as error:
            raise self._unusable(error) from error
        value, lifetime = fields.read(reply.body, exchange.token), fields.read(reply.body, exchange.lifetime)
        if not _is_token(value) or type(lifetime) not in (int, float) or lifetime <= 0:
            raise BadReply(
                f"The {self._mapping.upstream} answered {reply.status} to {exchange.call} and gave no token. Check the "
                "service account's secret in the gateway's environment, and that the account is enabled."
            )
        return Token(value, float(lifetime), asked_at)

    async def _token_reply(self, request: httpx.Request) -> Reply:
        reply = await exchanged(self._http, request, self._times.attempt)
        if reply.status in PASSING:
            raise Failure(f"it answered {reply.status}", sent=True)
        return reply

    def _overloaded(self, error: Throttled) -> UpstreamError:
        return Unavailable(
            f"The {self._mapping.upstream} is overloaded and refused the call.",
            max(1, round(error.after or 10)),
        )

    def _unusable(self, error: Failure) -> UpstreamError:
        kind = TooSlow if error.slow else BadReply if error.sent else Unavailable
        return kind(f"The {self._mapping.upstream} gave no usable reply: {error.reason}.")


def _is_token(value: Any) -> bool:
    """Tell whether a value can stand in an Authorization header (RFC 6750 section 2.1)."""
    return isinstance(value, str) and value.isascii() and value.isprintable() and value != "" and " " not in value
