"""A token issuer as Entra is one: it signs with RSA keys, serves their public halves over HTTP, and changes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from litestar import Litestar, Response, get

from tests.fakes.systems import served

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
AUDIENCE = "api://scim-of-acme"
SUBJECT = "00000000-0000-0000-0000-00000000000a"


class Issuer:
    """Signs tokens; `url` is where its keys are."""

    def __init__(self) -> None:
        self.url = ""
        self.looks = 0
        self.status = 200
        self.content: Any = None
        """What stands at the address in place of the keys."""
        self._keys: list[RSAKey] = []
        self.rotate()

    def rotate(self, *, forget: bool = False) -> None:
        """Sign with a new key from now on; the old ones are still published, unless they are forgotten."""
        kept = [] if forget else self._keys
        self._keys = [RSAKey.generate_key(2048, {"kid": f"key-{len(kept) + time()}", "use": "sig"}), *kept]

    def signed(self, *, key: Any = None, algorithm: str = "RS256", **other: Any) -> str:
        """Return a token as Entra signs one for workload identity federation; `other` claims, None for none."""
        now = int(time())
        key = key or self._keys[0]
        about = {"ver": "2.0", "oid": SUBJECT, "tid": TENANT, "azp": "cb1d50fe-8ed0-4944-9e7d-5981aad3bc4b", "uti": "x"}
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "nbf": now, "exp": now + 3900} | about
        claims = {name: value for name, value in (claims | other).items() if value is not None}
        return jwt.encode({"alg": algorithm, "typ": "JWT", "kid": key.kid}, claims, key, algorithms=[algorithm])

    @property
    def public(self) -> dict[str, Any]:
        """The key set, as the issuer publishes it (RFC 7517)."""
        return {"keys": [each.as_dict(private=False) for each in self._keys]}


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """Serve an issuer's keys."""
    issuer = Issuer()

    @get("/keys")
    async def keys() -> Response[Any]:
        issuer.looks += 1
        return Response(issuer.public if issuer.content is None else issuer.content, status_code=issuer.status)

    async with served(Litestar([keys], openapi_config=None)) as url:
        issuer.url = f"{url}/keys"
        yield issuer
