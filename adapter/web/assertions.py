"""Tokens that others have signed, judged by their public keys: client assertions (RFC 7523) and Entra's own (RFC 7519).

Keys are fetched from the issuer's address, kept, and fetched anew for a key id that is not among them (RFC 7517); never
more often than twice a minute, so that nobody can make the gateway ask by inventing ids.
"""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from collections.abc import Mapping as Values
from contextlib import suppress
from time import time
from typing import Any

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapter.errors import SettingsError, Unavailable
from adapter.upstream.network import client

_LOG = logging.getLogger("adapter.clients")

ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY = 60
"""Seconds by which the issuer's clock may be ahead or behind."""
KEPT = 86_400.0
"""Seconds after which keys are fetched anew, whether or not one is missing."""
PAUSE = 30.0
"""Seconds between two looks at one issuer."""
MOST_BYTES = 262_144
"""Bytes of a key set; Entra's has about 20,000."""
_MOST_SECONDS = 5.0

Fetch = Callable[[str], Awaitable[bytes]]
"""Returns what stands at an address; raises httpx.HTTPError, TimeoutError or ValueError."""


class Assertions:
    """Judges tokens of other issuers; `fetch` reads their keys."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time) -> None:
        self._fetch, self._clock = fetch, clock
        self._issuers: dict[str, _Issuer] = {}

    async def hold(self, token: str, keys: str, rules: dict[str, str]) -> bool:
        """Tell whether a token was signed by a key that stands at the address `keys`, is in time, and claims what it must.

        Raises Unavailable when there are no keys to judge it by.
        """
        issuer = self._issuers.setdefault(keys, _Issuer(keys, self._fetch, self._clock))
        kid = _header(token).get("kid")
        if not isinstance(kid, str):
            return False
        key_set = await issuer.keys(kid)
        wanted: Any = {name: {"essential": True, "value": value} for name, value in rules.items()}
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()), leeway=LEEWAY, exp={"essential": True}, **wanted
        )
        try:
            claims = jwt.decode(token, key_set, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):  # joserfc lets a TypeError through for some headers
            return False
        try:
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            # The issuer has signed it, so what it claims is no guess: the operator can compare it with the file.
            _LOG.warning("a token signed by %s is not taken: %s", keys, getattr(error, "claim", type(error).__name__))
            return False
        return True


class _Issuer:
    """The keys at one address."""

    def __init__(self, address: str, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._address, self._fetch, self._clock = address, fetch, clock
        self._keys: KeySet | None = None
        self._kids: set[str] = set()
        self._asked = self._had = float("-inf")
        self._looking = asyncio.Lock()

    async def keys(self, kid: str) -> KeySet:
        """Return the keys; raises Unavailable when there are none."""
        if not self._is_known(kid):
            async with self._looking:  # whoever comes meanwhile waits for this look
                if not self._is_known(kid) and self._clock() - self._asked >= PAUSE:
                    await self._look()
        is_in_doubt = kid not in self._kids and self._had < self._asked  # it may be a new one, and the last look failed
        if self._keys is None or is_in_doubt:
            raise Unavailable(
                "The keys of the token's issuer cannot be had, so the token can be neither believed nor refused. The operator "
                "of the gateway sees to its way there."
            )
        return self._keys

    def _is_known(self, kid: str) -> bool:
        return kid in self._kids and self._clock() - self._had < KEPT

    async def _look(self) -> None:
        """Fetch the keys; where that fails, those that are there stay."""
        self._asked = self._clock()
        try:
            text = await self._fetch(self._address)
            self._keys = _read(text)
            self._kids = {each.kid for each in self._keys.keys if each.kid}
            self._had = self._asked
        except (httpx.HTTPError, SettingsError, OSError, JoseError, ValueError, KeyError, TypeError) as error:
            _LOG.error("the keys at %s cannot be had: %s", self._address, type(error).__name__)


def _read(text: bytes) -> KeySet:
    """Return the keys of a set; one of a kind that is not known, or that is none, is left out (RFC 7517 section 5)."""
    known: list[Any] = []
    for each in msgspec.json.decode(text)["keys"]:
        with suppress(JoseError, ValueError, KeyError, TypeError, AttributeError):
            known += KeySet.import_key_set({"keys": [each]}).keys
    return KeySet(known)


def claimed(token: str) -> dict[str, Any]:
    """Return what a token claims, not yet believed: which client it may speak of. Empty when it cannot be read."""
    return _part(token, 1)


async def fetched(address: str, proxies: Values[str, str] | None = None) -> bytes:
    """Return what stands at an address; bounded in time and bytes, no redirect followed, by a proxy where one is named.

    A client of its own each time: keys are fetched once a day. Raises httpx.HTTPError, TimeoutError, ValueError, or
    SettingsError for a proxy that HTTP does not go by.
    """
    found = b""
    async with (
        asyncio.timeout(_MOST_SECONDS),
        client(address, _MOST_SECONDS, proxies or {}) as http,
        http.stream("GET", address) as reply,
    ):
        reply.raise_for_status()
        async for part in reply.aiter_bytes():
            found += part
            if len(found) > MOST_BYTES:
                raise ValueError("the key set is too large")
    return found


def _header(token: str) -> dict[str, Any]:
    return _part(token, 0)


def _part(token: str, at: int) -> dict[str, Any]:
    parts = token.split(".")
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(parts[at] + "=" * (-len(parts[at]) % 4)))
    except (ValueError, IndexError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
