"""The shape of gateway.yaml: the connections that one gateway serves, each with its clients. Unknown keys are refused.

What a file says beyond its shape (names that come once, secrets that exist) is judged in `gateway`.
"""

from typing import Annotated, Any, Literal

import msgspec

from adapter.mapping.document.words import Positive, Strict, Text

ConnectionName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]*$(?!\n)", max_length=63)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86400)]
Profile = Literal["entra", "strict"]
Rights = Literal["write", "read"]


class Shown(Strict, frozen=True, kw_only=True):
    """A token or a client's secret: `scim-adapter client new` makes one, and prints this line for it."""

    hash: Text
    """Its digest, `sha256:` and 64 hexadecimal digits."""
    not_before: str | None = None
    """From when it holds: a day, `2026-11-25`, from its beginning, or a moment, `2026-11-25T08:00:00Z`; in UTC."""
    not_after: str | None = None
    """Until when: a day to its end, or a moment."""


class _Client(Strict, frozen=True, kw_only=True):
    name: ConnectionName
    """What logs and the audit trail call it."""
    rights: Rights = "write"
    """What it may do; `read` is answered 403 to everything that changes something."""
    profile: Profile | None = None
    """How its requests are read, where that is not as the connection says."""


class Token(_Client, frozen=True, kw_only=True, tag_field="kind", tag="token"):
    """A client that shows a static bearer token."""

    tokens: Annotated[list[Shown], msgspec.Meta(min_length=1)]
    """Its tokens; several may hold at once, so that one can be replaced without a gap."""


class Credentials(_Client, frozen=True, kw_only=True, tag_field="kind", tag="credentials"):
    """A client that gets access tokens for an identifier and a secret (RFC 6749 section 4.4)."""

    id: Text
    """The Client Identifier; once in the file, since the token endpoint is one for all connections."""
    secrets: Annotated[list[Shown], msgspec.Meta(min_length=1)]
    """Its secrets; several may hold at once."""


class Federated(_Client, frozen=True, kw_only=True, tag_field="kind", tag="federated"):
    """A client that gets access tokens for an assertion of its own issuer: no secret is shared (RFC 7523 section 2.2)."""

    id: Text
    """The Client Identifier; once in the file."""
    issuer: Text
    """Who signs the assertion, its `iss`: `https://login.microsoftonline.com/<tenant>/v2.0`."""
    audience: Text
    """For whom it is, its `aud`, as the issuer writes it."""
    subject: Text
    """Of whom it speaks, its `sub`: in Entra the object id of the service principal."""
    keys: Text
    """Where the issuer's keys are: `https://login.microsoftonline.com/<tenant>/discovery/v2.0/keys`."""


class EntraToken(_Client, frozen=True, kw_only=True, tag_field="kind", tag="entra token"):
    """Entra with the token that it shows where *Secret Token* was left blank; Microsoft means it for tests."""

    tenant: Text
    """The tenant's id: every tenant's tokens have the same audience, so this alone tells them apart."""
    audience: Text = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
    """The `aud` of the token: this one in every custom application."""
    issuer: Text | None = None
    """Its `iss`: `https://sts.windows.net/<tenant>/` if not said."""
    keys: Text | None = None
    """Where Entra's keys are: `https://login.microsoftonline.com/<tenant>/discovery/keys` if not said."""


class Limits(Strict, frozen=True, kw_only=True):
    """What the connection may take, in seconds; what is not said is as the environment says for the process."""

    request: Seconds | None = None
    """One SCIM request with all its calls."""
    attempt: Seconds | None = None
    """One upstream call."""
    queue: Seconds | None = None
    """What a request waits for its turn."""
    backoff: Seconds | None = None
    """The first wait before a call is repeated."""
    in_flight: Positive | None = None
    """Calls at once on one route of the upstream, where that is not as the mapping says."""


class Guard(Strict, frozen=True, kw_only=True):
    """The guard against mass loss."""

    most: Positive
    """How many users and groups may be disabled or removed in the time before the rest is held."""
    within: Seconds = 3600
    """The time, in seconds."""


class Connection(Strict, frozen=True, kw_only=True):
    """One upstream as one customer uses it."""

    name: ConnectionName
    """Its part of the Tenant URL: `https://host/<name>/scim/v2`."""
    mapping: Text
    """A mapping file, relative to this one, or the name of a shipped mapping."""
    upstream: Text
    """Where the upstream is: scheme, host, and a path before all calls if it has one."""
    settings: dict[str, Any] = {}
    """The settings that the mapping declares, by their names: texts, numbers, or lists."""
    secrets: dict[str, Any] = {}
    """The secrets that the mapping declares, each by where it is: `{file: /run/secrets/jwt}`, `{environment: ACME_JWT}`, or
    `{credential: jwt}` for one that systemd hands over. A secret itself never stands here."""
    clients: Annotated[list[Token | Credentials | Federated | EntraToken], msgspec.Meta(min_length=1)]
    """Who may come in."""
    profile: Profile = "entra"
    """How clients' requests are read: as Entra speaks, or by RFC 7644 alone."""
    limits: Limits = Limits()
    """What it may take."""
    guard: Guard | None = None
    """The guard against mass loss; nothing is held without one."""


class Gateway(Strict, frozen=True, kw_only=True):
    """A file of connections."""

    version: Literal[1]
    """The version of this language."""
    connections: Annotated[list[Connection], msgspec.Meta(min_length=1)]
    """The connections, each at a path of its own."""
