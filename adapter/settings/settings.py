"""What the operator has decided: the process, its connections, and the clients of each."""

from pathlib import Path
from typing import Literal

import msgspec

from adapter.mapping.mapping import Mapping
from adapter.settings.network import Network
from adapter.settings.secret import Proof, Secret, digest

ROOT = "/scim/v2"
ProfileName = Literal["entra", "strict"]
LogForm = Literal["json", "console", ""]
LogLevel = Literal["debug", "info", "warning", "error"]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """Who may come in; each of the kinds below proves itself in another way."""

    name: str
    """Fit for a log, and unique in its connection."""
    profile: ProfileName = "entra"
    """How its requests are read."""
    may_write: bool = True


class TokenClient(Client, frozen=True, kw_only=True):
    """One that shows a static bearer token (RFC 6750); several hold at once, so that they can be changed without a gap."""

    tokens: tuple[Proof, ...]


class SecretClient(Client, frozen=True, kw_only=True):
    """One that gets access tokens for an id and a secret (RFC 6749 section 4.4), of which several hold at once."""

    id: str
    secrets: tuple[Proof, ...]


class FederatedClient(Client, frozen=True, kw_only=True):
    """One that gets access tokens for an assertion that its own issuer has signed (RFC 7523 section 2.2)."""

    id: str
    issuer: str
    audience: str
    subject: str
    keys: str
    """Where the issuer's public keys are (RFC 7517)."""

    @property
    def proof(self) -> str:
        """A name for what it proves itself by, from which nothing can be guessed."""
        return digest(repr((self.issuer, self.audience, self.subject, self.keys))).hex()[:8]


class EntraClient(Client, frozen=True, kw_only=True):
    """Entra with the token of its own that it shows where no secret was entered; the tenant is pinned."""

    issuer: str
    tenant: str
    audience: str
    keys: str


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One upstream as one customer uses it: a mapping, the upstream's place, our secrets there, and who may come in."""

    name: str
    mapping: Mapping
    upstream_url: str
    values: dict[str, str | list[str]]
    """The mapping's settings."""
    secrets: dict[str, Secret]
    """What lets us in at the upstream."""
    clients: tuple[Client, ...] = ()
    times: dict[str, float] = {}
    """In seconds, by their names in `upstream.times.Times`."""
    guard_most: int = 0
    """How many may be disabled or removed in `guard_seconds`; 0 where nothing guards."""
    guard_seconds: float = 3600.0


class Auditing(msgspec.Struct, frozen=True, kw_only=True):
    """Where changes are recorded, and how."""

    to: str = ""
    """`stdout`, `store`, or a file; empty where no trail is kept."""
    key: Secret = Secret("")
    """What values are hashed by; empty when the operator gave none."""
    on_failure: Literal["refuse", "drop"] = "refuse"
    """What becomes of a change that cannot be recorded."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the operator decides."""

    connections: tuple[Connection, ...]
    is_alone: bool = True
    """Whether there is one connection, at /scim/v2, described by the environment; else each is at /{name}/scim/v2."""
    public_url: str = ""
    """Empty when the operator gave none."""
    signing_keys: tuple[Secret, ...] = ()
    """The first signs, all are believed; none when the operator gave none."""
    store: str = ""
    """Empty when the operator gave none."""
    network: Network = Network()
    audit: Auditing = Auditing()
    drain: float | None = None
    """Seconds; None when the operator did not say."""
    log: LogForm = ""
    """Empty when the operator did not say."""
    log_level: LogLevel = "info"
    is_traced: bool = False
    """Whether traces go to a collector."""
    metrics_tokens: tuple[Secret, ...] = ()
    """Who shows one of them sees the metrics; none where there are none to see."""
    limits: dict[str, int] = {}
    """How much a request may hold, by its name in `scim.limits.Limits`."""
    patience: dict[str, float] = {}
    """How long connections are waited for, and how many there may be, by their names in `cli.bounded.Patience`."""
    files: tuple[Path, ...] = ()
    """Every file that was read: a change of one of them may change something here."""
    remarks: tuple[str, ...] = ()
    """What is no fault, and probably not meant."""

    @property
    def every_secret(self) -> list[Secret]:
        """Every secret that is kept in clear; no log line may hold one."""
        return [
            *self.signing_keys,
            *self.metrics_tokens,
            self.audit.key,
            *(secret for each in self.connections for secret in each.secrets.values()),
            *(value for name, value in self.network.proxies.items() if name.lower() != "no_proxy"),
        ]

    def root_of(self, name: str) -> str:
        """Return the path of a connection's SCIM root."""
        return ROOT if self.is_alone else f"/{name}{ROOT}"
