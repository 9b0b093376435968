"""The upstream's token: got once, shared by all calls, renewed ahead of its end, replaced when the upstream refuses it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from time import monotonic

import msgspec
from cachetools import TLRUCache

from adapter.errors import AdapterError

_LOG = logging.getLogger("adapter.upstream")

EARLY = 0.8
"""The part of a token's life after which it is renewed while it still works."""
LEEWAY = 30.0
"""Seconds before its end when a token counts as dead; a tenth of its life, if that is less."""
FIRST_PAUSE, MOST_PAUSE = 1.0, 60.0
"""Seconds without an exchange after one that failed, or whose token was refused; they double until a call succeeds, so that
no account is locked by our asking."""


class Token(msgspec.Struct, frozen=True):
    """A token, and how many seconds it lives from the moment when it was asked for."""

    value: str
    lifetime: float
    asked_at: float


class Credential:
    """Keeps the token; `exchange` performs the exchange that makes one, `clock` counts seconds."""

    def __init__(self, exchange: Callable[[], Awaitable[Token]], clock: Callable[[], float] = monotonic) -> None:
        self._exchange, self._clock = exchange, clock
        self._tokens: TLRUCache[str, Token] = TLRUCache(maxsize=1, ttu=_end, timer=clock)
        self._renewing: asyncio.Task[Token] | None = None
        self._failed: BaseException | None = None
        self._pause, self._paused_until = FIRST_PAUSE, clock()

    async def token(self) -> Token:
        """Return a token that works; many who wait for a new one share one exchange.

        Raises what the last exchange raised: at once, while it is too early for another.
        """
        token, failure = self._tokens.get("token"), self._recent_failure
        if token is None:
            if failure is not None:
                raise failure.with_traceback(None)
            return await self._renewed()
        if failure is None and self._clock() >= token.asked_at + token.lifetime * EARLY * random.uniform(0.9, 1):  # noqa: S311 (jitter)
            self._renewal()
        return token

    async def instead_of(self, refused: Token) -> Token:
        """Return another token than the one that the upstream refused.

        If it was replaced meanwhile, the new one serves: a late refusal must not kill it. Raises the error of `distrust`
        while it is too early for another.
        """
        if self._tokens.get("token") is refused:
            if (failure := self._recent_failure) is not None:
                raise failure.with_traceback(None)
            self._tokens.pop("token", None)
        return await self.token()

    def distrust(self, error: BaseException) -> None:
        """Learn that a new token was refused too: to get another at once would not help. Other calls may go on with it."""
        self._pause_for(error)

    def trust(self) -> None:
        """Learn that a call with the token succeeded."""
        self._pause = FIRST_PAUSE

    @property
    def has_failed(self) -> bool:
        """Whether the last exchange failed, or its token was refused, and no call has succeeded since."""
        return self._pause > FIRST_PAUSE

    @property
    def newest(self) -> Token | None:
        """The token that is kept; None where there is none, or it has ended."""
        return self._tokens.get("token")

    def keep(self, token: Token) -> None:
        """Keep a token that came with a reply."""
        self._tokens["token"] = token
        self._failed = None

    @property
    def _recent_failure(self) -> BaseException | None:
        """What went wrong last, while it is too early for another exchange."""
        return self._failed if self._clock() < self._paused_until else None

    def _pause_for(self, error: BaseException) -> None:
        self._failed, self._paused_until = error, self._clock() + self._pause
        self._pause = min(MOST_PAUSE, self._pause * 2)

    async def _renewed(self) -> Token:
        # Shielded: one waiter who gives up must not end the exchange for the others.
        return await asyncio.shield(self._renewal())

    def _renewal(self) -> asyncio.Task[Token]:
        if self._renewing is None:
            self._renewing = asyncio.get_running_loop().create_task(self._renew())
            self._renewing.add_done_callback(self._ended)
        return self._renewing

    async def _renew(self) -> Token:
        token = await self._exchange()
        self.keep(token)
        return token

    def _ended(self, renewing: asyncio.Task[Token]) -> None:
        self._renewing = None
        if not renewing.cancelled() and (error := renewing.exception()):
            self._pause_for(error)
            said = error if isinstance(error, AdapterError) else type(error).__name__
            _LOG.warning("the token exchange failed: %s", said)


def _end(_: str, token: Token, __: float) -> float:
    return token.asked_at + token.lifetime - min(LEEWAY, token.lifetime / 10)
