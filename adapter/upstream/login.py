"""Who we are at the upstream: fixed credentials, or tokens that a login makes; and how they go into a call."""

import base64
import logging
from collections.abc import Mapping as Values
from functools import partial
from time import monotonic
from typing import Any

import httpx
import msgspec

from adapter.errors import BadReply, ScimError
from adapter.mapping import content, fields
from adapter.mapping.mapping import Login, Mapping
from adapter.mapping.route import Route
from adapter.plan.conversation import Call, Reply
from adapter.upstream.credential import Credential, Token
from adapter.upstream.meter import Meter
from adapter.upstream.origin import origin
from adapter.upstream.retry import Budget, repeated
from adapter.upstream.times import Times
from adapter.upstream.trouble import overloaded, unusable
from adapter.upstream.wire import Base, Failure, Throttled, exchanged, request_of

_LOG = logging.getLogger("adapter.upstream")

PASSING = (500, 502, 503, 504)
"""Statuses that often pass by themselves: a read, and a login, is tried again."""

_SHORTEST = 8
"""Characters of what is known for a secret by its value; a shorter one, such as a user name, is found in other words."""


class Identity:
    """Puts the mapping's credential into calls; `secrets` are those that the mapping declares, by their names."""

    def __init__(  # noqa: PLR0913, PLR0917 (each is a part of a connection)
        self,
        http: httpx.AsyncBaseTransport,
        base: Base,
        mapping: Mapping,
        secrets: Values[str, str],
        times: Times,
        meter: Meter,
    ) -> None:
        self._http, self._base, self._mapping, self._times = http, base, mapping, times
        # A plain text: msgspec writes no other kind of text into a body.
        self._values = mapping.texts(**{f"secret:{name}": str(value) for name, value in secrets.items()})
        self._secrets = sorted(map(str, secrets.values()), key=len, reverse=True)  # one may be the beginning of another
        self._kind = mapping.credential
        self._login = Credential(partial(meter.login, self._renewed)) if mapping.credential.login else None
        self._refresh: str | None = None
        self._proven: Token | None = None
        self.trouble = ""
        """What is wrong with the credential, in a few words; empty while calls succeed with it."""

    @property
    def can_renew(self) -> bool:
        """Whether a refused token can be replaced by another."""
        return self._login is not None

    async def token(self, refused: Token | None = None) -> Token | None:
        """Return the token for a call, another one than was `refused`; None where no login makes any.

        Raises ScimError when a login fails.
        """
        if self._login is None:
            return None
        return await self._login.token() if refused is None else await self._login.instead_of(refused)

    def shown(self, call: Call, token: Token | None) -> Call:
        """Return the call with what lets us in."""
        if self._kind.basic is not None:
            return _with_headers(call, _basic(*(str(content.filled(each, self._values)) for each in self._kind.basic)))
        value = token.value if token else self._static()
        sent = self._kind.sent
        if value is None or sent is None:
            return call
        if sent.header is not None:
            return _with_headers(call, {sent.header: sent.prefix + value})
        if sent.query is not None:
            return msgspec.structs.replace(call, query=call.query | {sent.query: value})
        body = msgspec.json.decode(msgspec.json.encode(call.body or {}))  # a copy, down to where the token goes
        fields.written(body, sent.body or "", value)
        return msgspec.structs.replace(call, body=body)

    def learn(self, reply: Reply) -> None:
        """Keep the token that a reply brings, where each one brings a new one."""
        login = self._kind.login
        if login is not None and login.rolling and self._login is not None:
            value = reply.at(login.token)
            if is_token(value) and isinstance(login.lifetime, float):
                self._login.keep(Token(value, login.lifetime, monotonic()))

    def is_unproven(self, token: Token | None) -> bool:
        """Tell whether no call has yet succeeded with a token that a login made."""
        return token is not None and token is not self._proven

    def prove(self, token: Token | None) -> None:
        """Keep in mind that a call has succeeded with the token."""
        self._proven, self.trouble = token, ""
        if self._login is not None:
            self._login.trust()

    def unsaid(self, text: str) -> str:
        """Return a text without what lets us in: an upstream may quote it in the explanation that a client is shown.

        The explanation stands at the end and may have been cut there, in the middle of what it quotes.
        """
        token = self._login.newest if self._login else None
        for each in [*self._secrets, *([token.value] if token else [])]:
            if len(each) < _SHORTEST:
                continue
            text = text.replace(each, "…")
            begun = next(
                (each[:size] for size in range(len(each), _SHORTEST - 1, -1) if text.endswith(each[:size])), ""
            )
            text = text.removesuffix(begun) + "…" if begun else text
        return text

    def refused_again(self, status: int) -> ScimError:
        """Return the error for a credential that the upstream refuses with a status, a new token too."""
        what = "the gateway's credential" if self._login is None else "a token that it has just issued"
        error = BadReply(
            f"The {self._mapping.upstream} refuses {what} ({status}). Check the service account: its rights, its password's age, "
            "and that it is not bound to single sign-on."
        )
        self.trouble = f"it refuses {what}"
        if self._login is not None:
            self._login.distrust(error)
        return error

    def expired(self, detail: str) -> ScimError:
        """Return the error for a credential that gives tokens with which no call succeeds."""
        self.trouble = "its token is given and fails every call: the service account's password may have expired"
        said = detail or "the service account's password may have expired, or its rights were taken away."
        return BadReply(f"The {self._mapping.upstream} gives a token and fails every call with it: {said}")

    def _static(self) -> str | None:
        return None if self._kind.token is None else str(content.filled(self._kind.token, self._values))

    async def _renewed(self) -> Token:
        """Return a new token: by the refresh token where there is one, else, or if that fails, by the credential."""
        login = self._kind.login
        assert login is not None  # noqa: S101 (nobody else calls it)
        refresh, self._refresh = self._refresh, None
        if login.refresh is not None and refresh is not None:
            try:
                return await self._token(login, self._call(login.refresh.route, {"refresh": refresh}))
            except ScimError as error:
                _LOG.info("the token could not be refreshed, a new login follows: %s", error.detail)
        call = self._call(login.route, {})
        if login.basic is not None:
            call = _with_headers(call, _basic(*(str(content.filled(each, self._values)) for each in login.basic)))
        return await self._token(login, call)

    async def _token(self, login: Login, call: Call) -> Token:
        asked_at = monotonic()
        reply = await self._reply(call)
        value = reply.at(login.token)
        lifetime = login.lifetime if isinstance(login.lifetime, float) else _number(reply.at(login.lifetime))
        if not is_token(value) or lifetime is None or lifetime <= 0:
            raise BadReply(
                f"The {self._mapping.upstream} answered {reply.status} to {call.route} and gave no token. Check the "
                "service account's secret in the gateway's environment, and that the account is enabled."
            )
        if login.refresh is not None:
            found = reply.at(login.refresh.token)
            self._refresh = found if isinstance(found, str) and found else None
        return Token(value, lifetime, asked_at)

    def _call(self, route: Route, more: Values[str, str]) -> Call:
        values = {**self._values, **more}
        return Call(
            route=str(route),
            method=route.call.method,
            path=route.path(values),
            headers=route.filled_headers(values),
            body=route.filled_body(values),
            send=route.send,
        )

    async def _reply(self, call: Call) -> Reply:
        # One that failed is followed by pauses: repeated within each exchange, it would be a crowd before a login that is down.
        has_failed = self._login is not None and self._login.has_failed
        try:
            return await repeated(
                partial(self._once, request_of(self._base, call, origin().carried())),
                "login",
                first_delay=self._times.backoff,
                within=self._times.attempt,
                budget=Budget(),  # its own: there is one at a time, and all other calls wait for it
                attempts=1 if has_failed else 2,
            )
        except Throttled as error:
            raise overloaded(error, self._mapping) from error
        except Failure as error:
            raise unusable(error, self._mapping) from error

    async def _once(self, request: httpx.Request) -> Reply:
        reply = await exchanged(self._http, request, self._times.attempt)
        if reply.status in PASSING:
            raise Failure(f"it answered {reply.status}", sent=True)
        return reply


def is_token(value: Any) -> bool:
    """Tell whether a value can stand in a header as a token (RFC 6750 section 2.1)."""
    return isinstance(value, str) and value.isascii() and value.isprintable() and value != "" and " " not in value


def _number(value: Any) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return float(value)
    return float(value) if type(value) in (int, float) else None


def _basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def _with_headers(call: Call, headers: dict[str, str]) -> Call:
    return msgspec.structs.replace(call, headers=call.headers | headers)
