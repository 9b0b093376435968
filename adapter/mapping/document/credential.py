"""What lets the gateway in: the kinds of credential that an upstream may ask for."""

from typing import Any, Literal

import msgspec

from adapter.mapping.document.words import Field, Positive, Spot, Strict, Text


class Sent(Strict, frozen=True, kw_only=True):
    """Where a token goes in each call; exactly one of the three places."""

    header: Text | None = None
    """The header that holds it."""
    prefix: str = ""
    """What stands before the token in the header: `"Bearer "`, with its blank."""
    query: Text | None = None
    """The query parameter that holds it."""
    body: Field | None = None
    """The field of the JSON body that holds it."""


class NoCredential(Strict, frozen=True, kw_only=True, tag_field="kind", tag="none"):
    """The upstream lets everybody in that reaches it."""


class StaticToken(Strict, frozen=True, kw_only=True, tag_field="kind", tag="token"):
    """A token that does not change: an API key, or a bearer token made by hand."""

    token: Text
    """The token, made of secrets and settings: `{secret:key}`."""
    sent: Sent = Sent(header="Authorization", prefix="Bearer ")
    """Where the token goes in each call; if not said, into the header Authorization, after `Bearer `."""


class Basic(Strict, frozen=True, kw_only=True, tag_field="kind", tag="basic"):
    """A user name and a password with every call (HTTP Basic, RFC 7617)."""

    user: Text
    """The user name, made of secrets and settings."""
    password: Text
    """The password, made of secrets and settings."""


class ClientCredentials(Strict, frozen=True, kw_only=True, tag_field="kind", tag="client credentials"):
    """An access token from an OAuth 2 token endpoint (RFC 6749 section 4.4)."""

    call: Text
    """Method and path of the token endpoint: `POST /oauth/token`."""
    client_id: Text
    """The client's identifier: `{secret:id}`."""
    client_secret: Text
    """The client's secret: `{secret:secret}`."""
    authentication: Literal["basic", "body"] = "basic"
    """Whether the two go by HTTP Basic or in the body (RFC 6749 section 2.3.1)."""
    form: dict[str, str] = {}
    """More fields of the request, such as scope or audience."""
    sent: Sent = Sent(header="Authorization", prefix="Bearer ")
    """Where the token goes in each call; if not said, into the header Authorization, after `Bearer `."""


class Refresh(Strict, frozen=True, kw_only=True):
    """A call that renews a token, where the upstream has one; when it fails, the exchange is made anew."""

    call: Text
    """Method and path: `POST /api/auth/refresh`."""
    headers: dict[str, str] = {}
    """Headers of the call, with placeholders."""
    body: Any = msgspec.UNSET
    """The body, with `{refresh}` for the refresh token."""
    form: dict[str, str] | None = None
    """The fields of the call, sent as a form instead of a body."""
    send: Literal["json", "text"] = "json"
    """`text` where the body is one text and no JSON."""
    token: Spot
    """Where the replies of the exchange and of this call have the refresh token."""


class Exchange(Strict, frozen=True, kw_only=True, tag_field="kind", tag="exchange"):
    """A credential that is exchanged for a short-lived token, which then goes with every call."""

    call: Text
    """Method and path of the exchange: `POST /api/auth/authenticate`."""
    headers: dict[str, str] = {}
    """Headers of the exchange, with placeholders."""
    body: Any = msgspec.UNSET
    """The body of the exchange, with placeholders, such as a user name and a password."""
    form: dict[str, str] | None = None
    """The fields of the exchange, sent as a form instead of JSON."""
    send: Literal["json", "text"] = "json"
    """`text` where the body is one text and no JSON."""
    token: Spot
    """Where the reply has the token; `$` where the whole reply is the token."""
    lifetime: Spot | None = None
    """Where the reply has the token's lifetime in seconds."""
    lives: Positive | None = None
    """The token's lifetime in seconds, where the reply does not say; one of lifetime and lives is needed."""
    refresh: Refresh | None = None
    """How the token is renewed without the credential, where the upstream has a call for it."""
    sent: Sent = Sent(header="Authorization", prefix="Bearer ")
    """Where the token goes in each call; if not said, into the header Authorization, after `Bearer `."""


class Rolling(Strict, frozen=True, kw_only=True, tag_field="kind", tag="rolling"):
    """A login whose token comes anew in every reply, and the newest one goes with the next call."""

    call: Text
    """Method and path of the login."""
    headers: dict[str, str] = {}
    """Headers of the login, with placeholders."""
    body: Any = msgspec.UNSET
    """The body of the login, with placeholders."""
    form: dict[str, str] | None = None
    """The fields of the login, sent as a form instead of a body."""
    token: Spot
    """Where each reply has the token: that of the login, and that of every call after it."""
    lives: Positive
    """Seconds that a token lives from the reply that brought it."""
    sent: Sent
    """Where the token goes in each call."""


Credential = NoCredential | StaticToken | Basic | ClientCredentials | Exchange | Rolling
