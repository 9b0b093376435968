"""The environment, read once into Settings.

======================================  =============================================================================
ADAPTER_CONFIG                          a file of connections, in place of the variables of one connection
ADAPTER_STORE                           a file for what the gateway keeps itself, where a mapping says so
ADAPTER_SIGNING_KEY                     signs access tokens, 32 characters at least; made at start when it is missing.
                                        With a comma between them several: the first signs, all are believed
ADAPTER_AUDIT                           where each change is recorded: `stdout`, `store`, or a file
ADAPTER_AUDIT_KEY                       hashes what stands there, 32 characters at least; made at start when it is missing
ADAPTER_AUDIT_FAILURE                   what becomes of a change that cannot be recorded: `refuse` (by default) or `drop`
ADAPTER_PUBLIC_URL                      how clients reach the gateway; needed unless it listens on loopback
ADAPTER_REQUEST_MS, _ATTEMPT_MS,        the times of `upstream.times.Times`, in milliseconds
ADAPTER_QUEUE_MS, _DRAIN_MS, _BACKOFF_MS
ADAPTER_METRICS_TOKEN                   who shows it sees /metrics, 32 characters at least; without it there is no such path
ADAPTER_TRACES                          `otlp` sends traces to a collector, as OpenTelemetry's own variables say
ADAPTER_LOG, _LOG_LEVEL                 `json` or `console`, and from which level on the gateway's own lines are written
ADAPTER_HOST, _PORT                     where it listens; options of `serve` and `health`
ADAPTER_WORKERS                         how many processes share the connections out among them; an option of `serve`
ADAPTER_TLS_CERTIFICATE, _TLS_KEY       files in PEM: it speaks TLS itself
ADAPTER_TRUSTED_PROXIES                 addresses and networks of proxies that say on whose behalf a request comes
ADAPTER_UPSTREAM_CA                     a file in PEM: who vouches for upstreams, in place of the public authorities
ADAPTER_TRANSPORT                       what carries the calls to upstreams: `own` (by default) or `httpx`
HTTPS_PROXY, HTTP_PROXY, ALL_PROXY,     the proxy to upstreams, and where none is asked
NO_PROXY
ADAPTER_MOST_BODY, _MOST_MEMBERS,       how much one request may hold: `scim.limits.Limits`
ADAPTER_MOST_OPERATIONS, _MOST_BULK,
ADAPTER_MOST_DEPTH, _MOST_FILTER,
ADAPTER_MOST_NESTING, _MOST_COUNT,
ADAPTER_MOST_URL
ADAPTER_RECEIVE_MS, _IDLE_MS,           how long a connection is waited for, and how many there may be:
ADAPTER_MOST_CONNECTIONS                `cli.bounded.Patience`
--------------------------------------  -----------------------------------------------------------------------------
ADAPTER_MAPPING                         a mapping file, or the name of a shipped one (`n-able`)
ADAPTER_UPSTREAM_URL                    where the upstream is: scheme, host, and a path before all calls if it has one
ADAPTER_SETTING_<NAME>                  a setting that the mapping declares
ADAPTER_SECRET_<NAME>                   a secret that the mapping declares
ADAPTER_TOKENS                          static bearer tokens, with commas between them, 32 characters at least
ADAPTER_STRICT_TOKENS                   likewise, for clients whose requests are read by RFC 7644 alone
ADAPTER_READ_TOKENS                     likewise, for clients that may change nothing
ADAPTER_CLIENT_ID, _CLIENT_SECRET       the client that may get tokens at /oauth/token; several secrets with commas
ADAPTER_CLIENT_PROFILE                  how that client's requests are read: `entra` (as it is by default) or `strict`
ADAPTER_GUARD_MOST, _GUARD_MS           how many users and groups may go, disabled or removed, in what time before the rest is held
======================================  =============================================================================

Every secret may stand in a file instead: ADAPTER_TOKENS_FILE, ADAPTER_STRICT_TOKENS_FILE, ADAPTER_READ_TOKENS_FILE,
ADAPTER_CLIENT_SECRET_FILE, ADAPTER_SIGNING_KEY_FILE, ADAPTER_AUDIT_KEY_FILE, ADAPTER_METRICS_TOKEN_FILE and
ADAPTER_SECRET_<NAME>_FILE name it.
"""

from collections.abc import Mapping as Values
from difflib import get_close_matches
from pathlib import Path

import msgspec

from adapter.errors import SettingsError
from adapter.mapping.document import Setting
from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from adapter.settings import gateway, network
from adapter.settings.clients import clients_of
from adapter.settings.reader import Reader, Remembering, shipped_names, text_of
from adapter.settings.secret import SHORTEST_SECRET
from adapter.settings.settings import Auditing, Connection, Settings

NAME = "environment"
"""The name of the connection that the environment describes; the store keeps by it what belongs to it."""
_TIMES = ("request", "attempt", "queue", "backoff")
_LIMITS = {
    "body": "bytes",
    "members": "members",
    "operations": "operations",
    "bulk": "operations",
    "depth": "levels",
    "filter": "characters",
    "nesting": "levels",
    "count": "resources",
    "url": "bytes",
}
"""What each limit of a request counts."""
_OF_ONE = (
    *(
        "ADAPTER_MAPPING",
        "ADAPTER_UPSTREAM_URL",
        "ADAPTER_CLIENT_ID",
        "ADAPTER_CLIENT_SECRET",
        "ADAPTER_CLIENT_PROFILE",
    ),
    *("ADAPTER_TOKENS", "ADAPTER_STRICT_TOKENS", "ADAPTER_READ_TOKENS", "ADAPTER_GUARD_MOST", "ADAPTER_GUARD_MS"),
)
_OF_MAPPING = ("ADAPTER_SETTING_", "ADAPTER_SECRET_")
_OURS = "ADAPTER_"
_OF_COMMANDS = {"ADAPTER_HOST", "ADAPTER_PORT", "ADAPTER_WORKERS"}
"""What the commands ask for themselves."""


def read(environment: Values[str, str], shipped: Path) -> Settings:
    """Return what the environment says, and the file of connections that it names; `shipped` holds the shipped mappings.

    Raises SettingsError with every fault at once, or MappingError for a file with a fault at its place.
    """
    environment = Remembering(environment)
    reader = Reader(environment)
    times = _times(reader)
    config = reader.text("ADAPTER_CONFIG")
    if config:
        stray = [name for name in environment if name.removesuffix("_FILE") in _OF_ONE or name.startswith(_OF_MAPPING)]
        reader.faults += [
            f"{each}: connections are described by ADAPTER_CONFIG; say it there" for each in sorted(stray)
        ]
        connections, files = gateway.read(Path(config), shipped, environment, times)
    else:
        file = mapping_file(environment, shipped)
        connections, files = (_connection(reader, mapping_in(file), times),), (file,)
    settings = Settings(
        connections=connections,
        is_alone=not config,
        public_url=reader.url("ADAPTER_PUBLIC_URL"),
        signing_keys=reader.strong("ADAPTER_SIGNING_KEY", "a signing key"),
        store=reader.text("ADAPTER_STORE"),
        network=network.read(reader),
        audit=_auditing(reader),
        drain=reader.seconds("ADAPTER_DRAIN_MS"),
        is_traced=reader.word("ADAPTER_TRACES", ("otlp", "off"), "off") == "otlp",
        metrics_tokens=reader.strong("ADAPTER_METRICS_TOKEN", "the metrics' token"),
        log=reader.word("ADAPTER_LOG", ("json", "console"), ""),
        log_level=reader.word("ADAPTER_LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
        limits=_limits(reader),
        patience=_patience(reader),
        files=(*files, *reader.files),
    )
    if reader.faults:
        raise SettingsError(reader.faults)
    return msgspec.structs.replace(settings, remarks=_strangers(environment))


def connection(environment: Values[str, str], mapping: Mapping) -> Connection:
    """Return the one connection that the environment describes, without anybody who may come in.

    Raises SettingsError with every fault at once.
    """
    reader = Reader(environment)
    made = _connection(reader, mapping, _times(reader), clients=False)
    if reader.faults:
        raise SettingsError(reader.faults)
    return made


def mapping_file(environment: Values[str, str], shipped: Path) -> Path:
    """Return the file that ADAPTER_MAPPING means; raises SettingsError when there is none."""
    named = environment.get("ADAPTER_MAPPING", "")
    names = shipped_names(shipped)
    if not named:
        raise SettingsError([f"ADAPTER_MAPPING is missing: name a mapping file, or a shipped one: {', '.join(names)}"])
    file = shipped / f"{named}.yaml" if named in names else Path(named)
    if not file.is_file():
        raise SettingsError([f"ADAPTER_MAPPING: there is no file '{named}', nor is it one of {', '.join(names)}"])
    return file


def mapping_in(file: Path) -> Mapping:
    """Load a mapping file; raises MappingError for its faults, and SettingsError when it cannot be read."""
    return load(text_of(file), str(file))


def _strangers(environment: Remembering) -> tuple[str, ...]:
    """Return a line for each of our variables that nobody has asked for, which is probably misspelt.

    It is no fault: Kubernetes sets such ones itself for a service that is called `adapter`.
    """
    known = [each.removeprefix(_OURS) for each in sorted(environment.asked | _OF_COMMANDS)]
    found = []
    for name in [each.removeprefix(_OURS) for each in sorted(environment) if each.startswith(_OURS)]:
        if name not in known:
            near = get_close_matches(name, known, 1)
            rest = f"did you mean {_OURS}{near[0]}?" if near else "it is ignored"
            found.append(f"{_OURS}{name} is no variable of this program: {rest}")
    return tuple(found)


def _auditing(reader: Reader) -> Auditing:
    to, key = reader.text("ADAPTER_AUDIT"), reader.secret("ADAPTER_AUDIT_KEY")
    if key and len(key) < SHORTEST_SECRET:
        reader.faults.append(f"ADAPTER_AUDIT_KEY: a key needs at least {SHORTEST_SECRET} characters")
    if to == "store" and not reader.text("ADAPTER_STORE"):
        reader.faults.append("ADAPTER_AUDIT is store, and ADAPTER_STORE names no file; name one, or another place")
    return Auditing(to=to, key=key, on_failure=reader.word("ADAPTER_AUDIT_FAILURE", ("refuse", "drop"), "refuse"))


def _times(reader: Reader) -> dict[str, float]:
    times = {name: reader.seconds(f"ADAPTER_{name.upper()}_MS") for name in _TIMES}
    return {name: value for name, value in times.items() if value is not None}


def limits(environment: Values[str, str]) -> dict[str, int]:
    """Return the limits that the environment sets for a request; raises SettingsError with every fault at once."""
    reader = Reader(environment)
    found = _limits(reader)
    if reader.faults:
        raise SettingsError(reader.faults)
    return found


def _limits(reader: Reader) -> dict[str, int]:
    limits = {name: reader.number(f"ADAPTER_MOST_{name.upper()}", of) for name, of in _LIMITS.items()}
    return {name: value for name, value in limits.items() if value is not None}


def _patience(reader: Reader) -> dict[str, float]:
    patience = {name: reader.seconds(f"ADAPTER_{name.upper()}_MS") for name in ("receive", "idle")}
    most = reader.number("ADAPTER_MOST_CONNECTIONS", "connections")
    return {name: value for name, value in {**patience, "connections": most}.items() if value is not None}


def _connection(reader: Reader, mapping: Mapping, times: dict[str, float], *, clients: bool = True) -> Connection:
    declared = {each.name: each for each in mapping.settings}
    secrets = [each.name for each in mapping.secrets]
    made = Connection(
        name=NAME,
        mapping=mapping,
        upstream_url=reader.url("ADAPTER_UPSTREAM_URL", needed=True),
        values={name: _value(reader, each) for name, each in declared.items()},
        secrets={name: reader.secret(f"ADAPTER_SECRET_{name.upper()}", needed=True) for name in secrets},
        clients=clients_of(reader) if clients else (),
        times=times,
        guard_most=reader.number("ADAPTER_GUARD_MOST", "disables and removals") or 0,
        guard_seconds=reader.seconds("ADAPTER_GUARD_MS") or 3600.0,
    )
    known = {f"ADAPTER_SETTING_{name.upper()}" for name in declared}
    known |= {f"ADAPTER_SECRET_{name.upper()}{end}" for name in secrets for end in ("", "_FILE")}
    reader.faults += [
        f"{variable}: the mapping declares nothing of this name"  # it is probably misspelt
        for variable in reader.environment
        if variable.startswith(_OF_MAPPING) and variable not in known
    ]
    return made


def _value(reader: Reader, setting: Setting) -> str | list[str]:
    variable, default = f"ADAPTER_SETTING_{setting.name.upper()}", setting.default
    if setting.kind == "list":
        return reader.settings(variable, setting.name, default if isinstance(default, list) else None)
    return reader.setting(variable, setting.name, default if isinstance(default, str) else None)
