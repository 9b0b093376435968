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
from adapter.scim.profile import ENTRA, STRICT, Profile

LIFETIME = 3600
"""Seconds that an access token lives; Entra wants 1 to 6 hours."""
MOST_TOKEN = 4096
"""Characters of a presented token: enough for any that we sign."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What proves a client: static tokens, and the credentials that the token endpoint takes (empty for none)."""

    tokens: Sequence[str]
    client_id: str
    client_secret: str
    strict_tokens: Sequence[str] = ()
    """Static tokens of clients whose requests are read by the RFC alone."""
    profile: Profile = ENTRA
    """How the requests of the client with credentials are read."""


class Client(msgspec.Struct, frozen=True):
    """Who has come in: a name fit for a log, and how its requests are read."""

    name: str
    profile: Profile


class Clients:
    """The clients of this gateway; secrets are kept as digests and compared in constant time.

    `issuer` is the gateway's public address: a token that another gateway signed with the same key is not ours.
    """

    def __init__(self, known: Known, signing_key: str, issuer: str, clock: Callable[[], float] = time) -> None:
        self._tokens = [
            *((_digest(each), Client(f"token-{at}", ENTRA)) for at, each in enumerate(known.tokens, 1)),
            *((_digest(each), Client(f"strict-{at}", STRICT)) for at, each in enumerate(known.strict_tokens, 1)),
        ]
        self._credentialed = Client("client", known.profile)
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

    def admit(self, authorization: str) -> Client:
        """Return the client that the Authorization header proves.

        Raises Unauthorized otherwise, without saying why: a guesser learns nothing.
        """
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() == "bearer" and 0 < len(token) <= MOST_TOKEN and token.isascii():
            given = _digest(token)
            # Every token is compared, so that the time taken tells nothing about which one came near.
            matches = [client for each, client in self._tokens if hmac.compare_digest(given, each)]
            if matches:
                return matches[0]
            if self._is_ours(token):
                return self._credentialed
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
