"""The token endpoint: client credentials or an assertion in, an access token out; and what it is (RFC 8414).

RFC 6749 sections 2.3.1, 4.4 and 5 for the credentials, RFC 7523 section 2.2 for the assertion of a client's own issuer.

It answers in the words of RFC 6749, not of SCIM. The request's content type is not judged: Entra's connection test
reports a 415 here as missing credentials.
"""

import base64
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from litestar import HttpMethod, Request, Response, post, route
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from adapter.errors import Unavailable
from adapter.upstream.origin import origin
from adapter.web.assertions import ALGORITHMS
from adapter.web.clients import LIFETIME
from adapter.web.gateway import Gateway
from adapter.web.throttle import Throttle

TOKEN_PATH, METADATA_PATH = "/oauth/token", "/.well-known/oauth-authorization-server"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST_BYTES = 16_384
"""Bytes of a token request; credentials take a few hundred, an assertion two thousand."""


class _Refusal(Exception):
    """An error of RFC 6749 section 5.2, or, where it is none of the client's, that of section 4.1.2.1 for a while."""

    def __init__(self, error: str, status: int = 400, *, is_basic: bool = False) -> None:
        super().__init__(error)
        self.error, self.status, self.is_basic = error, status, is_basic


def token_endpoint(gateway: Gateway, throttle: Throttle) -> Any:
    """Return the handler for the token endpoint."""

    @post(TOKEN_PATH, opt={"open": True}, status_code=200, include_in_schema=False)
    async def token(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Grant an access token to the client that proves itself."""
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        try:
            granted = await _granted(await _body(request), request.headers.get("Authorization", ""), gateway)
        except _Refusal as refusal:
            status, origin().error = refusal.status, refusal.error
            if refusal.error == "invalid_client":
                wait = throttle.failed(request.client.host if request.client else "")
                status, more = (429, {"Retry-After": str(wait)}) if wait else (status, {})
                headers |= more
            if refusal.is_basic:
                headers["WWW-Authenticate"] = 'Basic realm="token"'
            return _answer({"error": refusal.error}, status, headers)
        answer = {"access_token": granted, "token_type": "Bearer", "expires_in": LIFETIME, "scope": "scim"}
        return _answer(answer, 200, headers)

    return token


def metadata_endpoint(gateway: Gateway) -> Any:
    """Return the handler that tells clients where tokens are given, and how (RFC 8414 sections 2 and 3)."""
    known = {
        "issuer": gateway.public_url,
        "token_endpoint": gateway.public_url + TOKEN_PATH,
        "response_types_supported": [],  # nobody signs in here: there is no authorization endpoint
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["scim"],
    }
    federated = {
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
    }

    @route(METADATA_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD], opt={"open": True}, include_in_schema=False)
    async def metadata() -> dict[str, Any]:
        """Tell what a client needs to know before it asks for a token."""
        return known | federated if gateway.clients.takes_assertions else known

    return metadata


def _answer(content: dict[str, Any], status: int, headers: dict[str, str]) -> Response[bytes]:
    body = msgspec.json.encode(content)
    return Response(body, headers=headers, status_code=status, media_type="application/json")


async def _body(request: Request[Any, Any, Any]) -> bytes:
    """Return the body of a request; raises _Refusal for one over the limit of all requests, which nobody reads."""
    try:
        return await request.body()
    except RequestEntityTooLarge as error:
        raise _Refusal("invalid_request", error.status_code) from None


async def _granted(body: bytes, authorization: str, gateway: Gateway) -> str:
    """Return an access token; raises _Refusal."""
    form = _form(body)
    try:
        basic = _basic(authorization)
    except ValueError:
        raise _Refusal("invalid_client", 401, is_basic=True) from None
    if form is None or "grant_type" not in form:
        raise _Refusal("invalid_request")
    if form["grant_type"] != "client_credentials":
        raise _Refusal("unsupported_grant_type")
    shown = [basic is not None, "client_secret" in form, "client_assertion" in form]
    if sum(shown) > 1:
        raise _Refusal("invalid_request")  # section 2.3: one method of authentication in a request
    if "client_assertion" in form:
        granted = await _asserted(form, gateway)
    else:
        granted = gateway.clients.with_secret(*(basic or (form.get("client_id", ""), form.get("client_secret", ""))))
    if granted is None:
        raise _Refusal("invalid_client", 401, is_basic=basic is not None)
    return granted


async def _asserted(form: dict[str, str], gateway: Gateway) -> str | None:
    if form.get("client_assertion_type") != ASSERTION:
        raise _Refusal("invalid_request")
    try:
        return await gateway.clients.with_assertion(form.get("client_id"), form["client_assertion"])
    except Unavailable:
        raise _Refusal("temporarily_unavailable", 503) from None


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
