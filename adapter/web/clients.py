"""Who may come in: static bearer tokens, and access tokens that this gateway has signed (RFC 6750, RFC 7519)."""

import hmac
from collections.abc import Callable, Sequence
from hashlib import sha256
from time import time

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from adapter.errors import Unauthorized

LIFETIME = 3600
"""Seconds that an access token lives; Entra wants 1 to 6 hours."""
MOST_TOKEN = 4096
"""Characters of a presented token: enough for any that we sign."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What proves a client: static tokens, and the credentials that the token endpoint takes (empty for none)."""

    tokens: Sequence[str]
    client_id: str
    client_secret: str


class Clients:
    """The clients of this gateway; secrets are kept as digests and compared in constant time.

    `issuer` is the gateway's public address: a token that another gateway signed with the same key is not ours.
    """

    def __init__(self, known: Known, signing_key: str, issuer: str, clock: Callable[[], float] = time) -> None:
        self._tokens = [_digest(each) for each in known.tokens]
        self._client_id = known.client_id
        self._client = (_digest(known.client_id), _digest(known.client_secret)) if known.client_id else None
        # The key is made of a digest, so that any text of the operator's makes a key of the right size.
        self._key = OctKey.import_key(_digest(signing_key))
        self._issuer, self._clock = issuer, clock

    def is_client(self, client_id: str, client_secret: str) -> bool:
        """Tell whether these are the credentials of a client; both halves are always compared."""
        if self._client is None:
            return False
        right_id = hmac.compare_digest(_digest(client_id), self._client[0])
        return hmac.compare_digest(_digest(client_secret), self._client[1]) and right_id

    def access_token(self) -> str:
        """Return a fresh access token for the client; it is signed, and nothing of it is kept."""
        now = int(self._clock())
        claims = {"iss": self._issuer, "aud": self._issuer, "sub": self._client_id, "iat": now, "exp": now + LIFETIME}
        return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, self._key)

    def admit(self, authorization: str) -> str:
        """Return a name for the client that the Authorization header proves, fit for a log.

        Raises Unauthorized otherwise, without saying why: a guesser learns nothing.
        """
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() == "bearer" and 0 < len(token) <= MOST_TOKEN and token.isascii():
            given = _digest(token)
            # Every token is compared, so that the time taken tells nothing about which one came near.
            matches = [hmac.compare_digest(given, each) for each in self._tokens]
            if any(matches):
                return f"token-{matches.index(True) + 1}"
            if self._is_ours(token):
                return "client"
        raise Unauthorized("The request carries no valid bearer token. Check the credentials in Entra's configuration.")

    def _is_ours(self, token: str) -> bool:
        rules = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._issuer},
            exp={"essential": True},
        )
        try:
            rules.validate(jwt.decode(token, self._key, algorithms=["HS256"]).claims)
        except (JoseError, ValueError):
            return False
        return True


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
