"""Who may come in, and to which connection: static tokens, access tokens that this gateway has signed, and Entra's own.

The token alone decides the connection (RFC 6750, RFC 9068); `grants` says who is given an access token.
"""

import hmac
from collections.abc import Callable
from time import time
from typing import Any

import msgspec
from cachetools import LRUCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from adapter.errors import Unauthorized
from adapter.scim.profile import PROFILES, Profile
from adapter.settings.secret import Secret, digest
from adapter.settings.settings import Client, Connection, EntraClient, FederatedClient, SecretClient, TokenClient
from adapter.web.assertions import Assertions, claimed

LIFETIME = 3600
"""Seconds that an access token lives; Entra wants 1 to 6 hours."""
MOST_TOKEN = 8192
"""Characters of a presented token: enough for any that we sign, and for Entra's."""
_MOST_REMEMBERED = 1024


class Admitted(msgspec.Struct, frozen=True):
    """Who has come in: a name fit for a log, the connection, how requests are read, and what may be done."""

    name: str
    connection: str
    profile: Profile
    may_write: bool = True


class Clients:
    """The clients of all connections; of their secrets digests are kept.

    `issuer` is the gateway's public address: a token that another gateway signed with the same key is not ours. The first
    of the signing keys signs, all are believed, so that one can be replaced without a gap.
    """

    def __init__(
        self,
        connections: tuple[Connection, ...],
        signing_keys: tuple[Secret, ...],
        issuer: str,
        assertions: Assertions,
        clock: Callable[[], float] = time,
    ) -> None:
        self._issuer, self._assertions, self._clock = issuer, assertions, clock
        # A key is made of a digest, so that any text of the operator's makes a key of the right size.
        keys = [digest(each) for each in signing_keys]
        self._keys: list[Any] = [OctKey.import_key(each, {"kid": digest(each.hex()).hex()[:8]}) for each in keys]
        self._known = {
            (each.name, client.name): (client, _admitted(client, each))
            for each in connections
            for client in each.clients
        }
        pairs = list(self._known.values())
        # A digest is looked up, not compared: who does not know the token cannot choose the digest, so the time tells nothing.
        self._tokens = {
            proof.digest: (proof, came)
            for client, came in pairs
            if isinstance(client, TokenClient)
            for proof in client.tokens
        }
        self._entra = {
            (client.issuer, client.audience): (client, came)
            for client, came in pairs
            if isinstance(client, EntraClient)
        }
        self._by_id = {
            client.id: (client, came) for client, came in pairs if isinstance(client, SecretClient | FederatedClient)
        }
        self._seen: LRUCache[bytes, tuple[float, Admitted]] = LRUCache(_MOST_REMEMBERED)

    async def admit(self, authorization: str) -> Admitted:
        """Return who the Authorization header proves to be.

        Raises Unauthorized otherwise, without saying why: a guesser learns nothing. Raises Unavailable when Entra's keys,
        by which its token would be judged, cannot be had.
        """
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() == "bearer" and 0 < len(token) <= MOST_TOKEN and token.isascii():
            found = self._static(token) or self._remembered(token) or self._ours(token) or await self._entras(token)
            if found is not None:
                return found
        raise Unauthorized("The request carries no valid bearer token. Check the credentials in Entra's configuration.")

    def with_secret(self, client_id: str, secret: str) -> str | None:
        """Return an access token for the client of this id and secret, or None."""
        client, came = self._by_id.get(client_id, (None, None))
        given, now = digest(secret), self._clock()
        if not isinstance(client, SecretClient) or came is None:
            return None
        proof = next(
            (each for each in client.secrets if hmac.compare_digest(each.digest, given) and each.holds(now)), None
        )
        return None if proof is None else self._access_token(came, proof.id)

    async def with_assertion(self, client_id: str | None, assertion: str) -> str | None:
        """Return an access token for the client whose issuer has signed this assertion, or None (RFC 7523 section 3).

        An assertion that names two, because the request does not say which of them is meant, lets nobody in.

        Raises Unavailable when the issuer's keys cannot be had.
        """
        if len(assertion) > MOST_TOKEN:
            return None
        claims, named = claimed(assertion), list[tuple[Admitted, str]]()
        for client, came in self._by_id.values():
            is_meant = client_id in (None, client.id)
            if isinstance(client, FederatedClient) and is_meant and claims.get("iss") == client.issuer:
                rules = {"iss": client.issuer, "aud": client.audience, "sub": client.subject}
                if await self._assertions.hold(assertion, client.keys, rules):
                    named.append((came, client.proof))
        return self._access_token(*named[0]) if len(named) == 1 else None

    @property
    def takes_assertions(self) -> bool:
        """Tell whether any client proves itself by an assertion."""
        return any(isinstance(client, FederatedClient) for client, _ in self._by_id.values())

    def _access_token(self, came: Admitted, proof: str) -> str:
        """Return a fresh access token; it is signed, and nothing of it is kept."""
        now, key = int(self._clock()), self._keys[0]
        about = {"sub": came.name, "connection": came.connection, "proof": proof}
        claims = {"iss": self._issuer, "aud": self._issuer, "iat": now, "exp": now + LIFETIME, **about}
        return jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": key.kid}, claims, key)

    def _static(self, token: str) -> Admitted | None:
        proof, came = self._tokens.get(digest(token), (None, None))
        return came if proof is not None and proof.holds(self._clock()) else None

    def _remembered(self, token: str) -> Admitted | None:
        end, came = self._seen.get(digest(token), (0.0, None))
        return came if self._clock() < end else None

    def _ours(self, token: str) -> Admitted | None:
        """Return whom a token of ours lets in, as long as the proof for which it was given is still taken."""
        rules = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._issuer},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, KeySet(self._keys), algorithms=["HS256"]).claims
            rules.validate(claims)
        except (JoseError, ValueError, TypeError):  # joserfc lets a TypeError through for some headers
            return None
        client, came = self._known.get((claims.get("connection"), claims.get("sub")), (None, None))  # type: ignore[arg-type]
        end = float(claims["exp"])
        if isinstance(client, SecretClient):
            proof = next((each for each in client.secrets if each.id == claims.get("proof")), None)
            end = min(end, proof.not_after) if proof else 0.0
        elif not isinstance(client, FederatedClient) or claims.get("proof") != client.proof:
            return None
        if came is None or self._clock() >= end:
            return None
        self._seen[digest(token)] = end, came
        return came

    async def _entras(self, token: str) -> Admitted | None:
        """Return whom Entra's own token lets in: one of the pinned tenant (its `iss` and `tid`)."""
        claims = claimed(token) if self._entra else {}
        client, came = self._entra.get((str(claims.get("iss")), str(claims.get("aud"))), (None, None))
        if client is None or came is None:
            return None
        rules = {"iss": client.issuer, "aud": client.audience, "tid": client.tenant}
        if not await self._assertions.hold(token, client.keys, rules):
            return None
        self._seen[digest(token)] = float(claims["exp"]), came
        return came


def _admitted(client: Client, connection: Connection) -> Admitted:
    profile: Any = PROFILES[client.profile]
    return Admitted(client.name, connection.name, profile, client.may_write)
