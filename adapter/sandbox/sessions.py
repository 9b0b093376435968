"""The sessions that are open: which access and refresh tokens live, and until when."""

import hmac
import re
import secrets
import time
from collections.abc import Callable

import msgspec

from adapter.sandbox.refusal import malformed

Clock = Callable[[], float]

# The system settings of a fresh N-central: one hour and twenty-five hours.
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 90_000

_SPAN = re.compile(r"([0-9]{1,9})([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A pair of tokens that came from one exchange, and how long each lives."""

    access: str
    refresh: str
    access_seconds: int
    refresh_seconds: int
    opened: float


class Sessions:
    """The tokens that N-central keeps in memory: a restart forgets them all."""

    def __init__(self, jwt: str, clock: Clock = time.monotonic) -> None:
        self._jwt = jwt
        self._clock = clock
        self._by_access: dict[str, Session] = {}
        self._by_refresh: dict[str, Session] = {}

    def is_service_account(self, jwt: str) -> bool:
        """Whether this is the service account's permanent token."""
        return hmac.compare_digest(jwt.encode(), self._jwt.encode())

    def opened(self, access_seconds: int = ACCESS_SECONDS, refresh_seconds: int = REFRESH_SECONDS) -> Session:
        """A new session with fresh tokens."""
        self._forget(self._is_over)
        session = Session(
            access=secrets.token_urlsafe(48),
            refresh=secrets.token_urlsafe(48),
            access_seconds=access_seconds,
            refresh_seconds=refresh_seconds,
            opened=self._clock(),
        )
        self._by_access[session.access] = self._by_refresh[session.refresh] = session
        return session

    def lets_in(self, access: str) -> bool:
        """Whether the access token lives."""
        session = self._by_access.get(access)
        return session is not None and self._clock() < session.opened + session.access_seconds

    def can_refresh(self, refresh: str) -> bool:
        """Whether the refresh token lives."""
        session = self._by_refresh.get(refresh)
        return session is not None and self._clock() < session.opened + session.refresh_seconds

    def close(self, access: str) -> None:
        """End the session of the access token: its refresh token dies with it."""
        self._forget(lambda session: session.access == access)

    def restart(self) -> None:
        """End every session, as a restart of N-central does."""
        self._forget(lambda _: True)

    def _is_over(self, session: Session) -> bool:
        return not self.lets_in(session.access) and not self.can_refresh(session.refresh)

    def _forget(self, chosen: Callable[[Session], bool]) -> None:
        for session in [session for session in self._by_access.values() if chosen(session)]:
            del self._by_access[session.access]
            del self._by_refresh[session.refresh]


def lifetime(override: str | None, most: int) -> int:
    """The seconds a token shall live: what the header asks (`30m`), and never more than the system setting."""
    if override is None:
        return most
    span = _SPAN.fullmatch(override)
    if not span or int(span[1]) == 0:
        raise malformed(f"Invalid expiry override: {override}. It is a number and one of s, m, h.")
    return min(int(span[1]) * _UNITS[span[2]], most)
