"""The token endpoint: client credentials in, an access token out (RFC 6749 sections 2.3.1, 4.4 and 5); and what it is (RFC 8414).

It answers in the words of RFC 6749, not of SCIM. The request's content type is not judged: Entra's connection test
reports a 415 here as missing credentials.
"""

import base64
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from litestar import HttpMethod, Request, Response, post, route

from adapter.web.clients import LIFETIME, Clients

TOKEN_PATH, METADATA_PATH = "/oauth/token", "/.well-known/oauth-authorization-server"
MOST_BYTES = 16_384
"""Bytes of a token request; credentials take a few hundred."""


class _Refusal(msgspec.Struct, frozen=True):
    """An error of RFC 6749 section 5.2."""

    error: str
    status: int = 400
    challenge: bool = False


def token_endpoint(clients: Clients) -> Any:
    """Return the handler for the token endpoint."""

    @post(TOKEN_PATH, opt={"open": True}, status_code=200, include_in_schema=False)
    async def token(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Grant an access token to the client that shows its credentials."""
        body = await request.body()
        refusal = _refusal(body, request.headers.get("Authorization", ""), clients)
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        if refusal is None:
            answer: dict[str, Any] = {
                "access_token": clients.access_token(),
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "scope": "scim",
            }
            return Response(msgspec.json.encode(answer), headers=headers, media_type="application/json")
        if refusal.challenge:
            headers["WWW-Authenticate"] = 'Basic realm="token"'
        answer = {"error": refusal.error}
        return Response(
            msgspec.json.encode(answer), headers=headers, status_code=refusal.status, media_type="application/json"
        )

    return token


def metadata_endpoint(public_url: str) -> Any:
    """Return the handler that tells clients where tokens are given, and how (RFC 8414 sections 2 and 3)."""
    known = {
        "issuer": public_url,
        "token_endpoint": public_url + TOKEN_PATH,
        "response_types_supported": [],  # nobody signs in here: there is no authorization endpoint
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["scim"],
    }

    @route(METADATA_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD], opt={"open": True}, include_in_schema=False)
    async def metadata() -> dict[str, Any]:
        """Tell what a client needs to know before it asks for a token."""
        return known

    return metadata


def _refusal(body: bytes, authorization: str, clients: Clients) -> _Refusal | None:
    """Return why no token is granted, or None."""
    form = _form(body)
    try:
        basic = _basic(authorization)
    except ValueError:
        return _Refusal("invalid_client", 401, challenge=True)
    if form is None or "grant_type" not in form:
        return _Refusal("invalid_request")
    if form["grant_type"] != "client_credentials":
        return _Refusal("unsupported_grant_type")
    if basic and "client_secret" in form:
        return _Refusal("invalid_request")  # section 2.3: one method of authentication in a request
    given = basic or (form.get("client_id", ""), form.get("client_secret", ""))
    return None if clients.is_client(*given) else _Refusal("invalid_client", 401, challenge=basic is not None)


def _form(body: bytes) -> dict[str, str] | None:
    """Return the form in a body, or None when it is none, is too large, or names a parameter twice (section 3.2)."""
    if len(body) > MOST_BYTES:
        return None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def _basic(authorization: str) -> tuple[str, str] | None:
    """Return the id and secret of HTTP Basic, each form-encoded before (section 2.3.1), or None without it.

    Raises ValueError when they cannot be read.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    if not colon:
        raise ValueError
    return unquote_plus(client_id), unquote_plus(secret)
