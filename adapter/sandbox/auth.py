"""The calls that exchange, renew, check and end tokens."""

from typing import Any

from adapter.sandbox.call import Call
from adapter.sandbox.refusal import malformed, unauthorized
from adapter.sandbox.sessions import ACCESS_SECONDS, REFRESH_SECONDS, lifetime
from adapter.sandbox.world import World

ACCESS_OVERRIDE = "X-ACCESS-EXPIRY-OVERRIDE"
REFRESH_OVERRIDE = "X-REFRESH-EXPIRY-OVERRIDE"


def authenticate(world: World, call: Call) -> dict[str, Any]:
    """Tokens for the service account's permanent one."""
    if not world.sessions.is_service_account(call.bearer()):
        raise unauthorized("Invalid user API token.")
    return _tokens(world, call)


def refresh(world: World, call: Call) -> dict[str, Any]:
    """Tokens for a refresh token, which is the whole body, as plain text."""
    if not call.headers.get("content-type", "").startswith("text/plain"):
        raise malformed("The body is the refresh token as text/plain.")
    if not world.sessions.can_refresh(call.body.decode(errors="replace")):
        raise unauthorized("Invalid or expired refresh token.")
    return _tokens(world, call)


def validate(_world: World, _call: Call) -> dict[str, str]:
    """The word that the access token lives; whoever gets here has one."""
    return {"message": "The token is valid."}


def logout(world: World, call: Call) -> dict[str, str]:
    """The end of the session: of the access token and of its refresh token."""
    world.sessions.close(call.bearer())
    return {"message": "Logged out."}


def _tokens(world: World, call: Call) -> dict[str, Any]:
    session = world.sessions.opened(
        lifetime(call.headers.get(ACCESS_OVERRIDE.lower()), ACCESS_SECONDS),
        lifetime(call.headers.get(REFRESH_OVERRIDE.lower()), REFRESH_SECONDS),
    )
    return {
        "tokens": {
            "access": {"token": session.access, "type": "Bearer", "expirySeconds": session.access_seconds},
            "refresh": {"token": session.refresh, "type": "Body", "expirySeconds": session.refresh_seconds},
        },
        "refresh": "/api/auth/refresh",
        "validate": "/api/auth/validate",
    }
