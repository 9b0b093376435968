"""The environment, read once into Settings. The only place that holds secrets; their repr hides them.

======================================  =============================================================================
ADAPTER_MAPPING                         a mapping file, or the name of a shipped one (`n-able`)
ADAPTER_UPSTREAM_URL                    where the upstream is: scheme, host, and a path before all calls if it has one
ADAPTER_SETTING_<NAME>                  a setting that the mapping declares
ADAPTER_SECRET_<NAME>                   a secret that the mapping declares
ADAPTER_TOKENS                          static bearer tokens, with commas between them, 32 characters at least
ADAPTER_STRICT_TOKENS                   likewise, for clients whose requests are read by RFC 7644 alone
ADAPTER_CLIENT_ID, _CLIENT_SECRET       the client that may get tokens at /oauth/token
ADAPTER_CLIENT_PROFILE                  how that client's requests are read: `entra` (as it is by default) or `strict`
ADAPTER_STORE                           a file for what the gateway keeps itself, where the mapping says so
ADAPTER_SIGNING_KEY                     signs those tokens, 32 characters at least; made at start when it is missing
ADAPTER_PUBLIC_URL                      how clients reach the gateway; needed unless it listens on loopback
ADAPTER_REQUEST_MS, _ATTEMPT_MS,        the times of `upstream.times.Times`, in milliseconds
ADAPTER_QUEUE_MS, _DRAIN_MS, _BACKOFF_MS
ADAPTER_GUARD_MOST, _GUARD_MS           how many users and groups may go, disabled or removed, in what time before the rest is held
======================================  =============================================================================

Every secret may stand in a file instead: ADAPTER_TOKENS_FILE, ADAPTER_STRICT_TOKENS_FILE, ADAPTER_CLIENT_SECRET_FILE,
ADAPTER_SIGNING_KEY_FILE and ADAPTER_SECRET_<NAME>_FILE name it.
"""

from collections.abc import Mapping as Values
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from adapter.errors import SettingsError

SHORTEST_SECRET = 32
"""Characters of a static token, a client secret's worth of guessing; shorter ones can be guessed."""
LONGEST = 9
"""Digits of a number; of milliseconds these are eleven days."""


class Secret(str):
    """A text that must not be shown: its repr hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return nothing of the secret."""
        return "Secret('…')"


class Declared(msgspec.Struct, frozen=True):
    """What a mapping asks the operator for: the names of its settings, which of them are lists, and its secrets."""

    texts: dict[str, str | None]
    """Settings of kind text, with their defaults."""
    lists: dict[str, list[str] | None]
    """Settings of kind list, with their defaults."""
    secrets: list[str]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the operator decides."""

    upstream_url: str
    values: dict[str, str | list[str]]
    secrets: dict[str, Secret]
    tokens: tuple[Secret, ...]
    strict_tokens: tuple[Secret, ...] = ()
    client_profile: Literal["entra", "strict"] = "entra"
    store: str = ""
    """Empty when the operator gave none."""
    client_id: str
    client_secret: Secret
    signing_key: Secret
    """Empty when the operator gave none."""
    public_url: str
    """Empty when the operator gave none."""
    times: dict[str, float]
    """In seconds, by their names in `upstream.times.Times`."""
    guard_most: int = 0
    """How many may be disabled or removed in `guard_seconds`; 0 where nothing guards."""
    guard_seconds: float = 3600.0


def mapping_file(environment: Values[str, str], shipped: Path) -> Path:
    """Return the file that ADAPTER_MAPPING means; raises SettingsError when there is none."""
    named = environment.get("ADAPTER_MAPPING", "")
    names = sorted(each.stem for each in shipped.glob("*.yaml") if ".examples" not in each.name)
    if not named:
        raise SettingsError([f"ADAPTER_MAPPING is missing: name a mapping file, or a shipped one: {', '.join(names)}"])
    file = shipped / f"{named}.yaml" if named in names else Path(named)
    if not file.is_file():
        raise SettingsError([f"ADAPTER_MAPPING: there is no file '{named}', nor is it one of {', '.join(names)}"])
    return file


def read(environment: Values[str, str], declared: Declared, *, clients: bool = True) -> Settings:
    """Return the settings in the environment; raises SettingsError with every fault at once.

    Without `clients` nobody needs to be able to come in.
    """
    reader = _Reader(environment)
    times = {
        name: reader.seconds(f"ADAPTER_{name.upper()}_MS")
        for name in ("request", "attempt", "queue", "drain", "backoff")
    }
    settings = Settings(
        upstream_url=reader.url("ADAPTER_UPSTREAM_URL", needed=True),
        values=reader.values(declared),
        secrets={name: reader.secret(f"ADAPTER_SECRET_{name.upper()}", needed=True) for name in declared.secrets},
        tokens=reader.tokens("ADAPTER_TOKENS"),
        strict_tokens=reader.tokens("ADAPTER_STRICT_TOKENS"),
        client_profile=reader.profile(),
        store=environment.get("ADAPTER_STORE", "").strip(),
        client_id=environment.get("ADAPTER_CLIENT_ID", ""),
        client_secret=reader.secret("ADAPTER_CLIENT_SECRET"),
        signing_key=reader.secret("ADAPTER_SIGNING_KEY"),
        public_url=reader.url("ADAPTER_PUBLIC_URL"),
        times={name: value for name, value in times.items() if value is not None},
        guard_most=reader.number("ADAPTER_GUARD_MOST", "disables and removals") or 0,
        guard_seconds=reader.seconds("ADAPTER_GUARD_MS") or 3600.0,
    )
    if clients:
        reader.check_clients(settings)
    reader.check_names(declared)
    if reader.faults:
        raise SettingsError(reader.faults)
    return settings


class _Reader:
    """Reads one variable after the other, and collects what is wrong with them."""

    def __init__(self, environment: Values[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []

    def values(self, declared: Declared) -> dict[str, str | list[str]]:
        values: dict[str, str | list[str]] = {}
        for name, default in {**declared.texts, **declared.lists}.items():
            variable = f"ADAPTER_SETTING_{name.upper()}"
            given = self.environment.get(variable, "").strip()
            listed = [each.strip() for each in given.split(",") if each.strip()]
            if not given.isprintable():
                self.faults.append(f"{variable} holds a line end or another character that cannot be printed")
            elif listed and name in declared.lists:
                values[name] = listed
            elif given and name in declared.texts:
                values[name] = given
            elif default is not None:
                values[name] = default
            else:
                self.faults.append(f"{variable} is missing: the mapping needs the setting '{name}'")
        return values

    def secret(self, variable: str, *, needed: bool = False) -> Secret:
        text = self.environment.get(variable, "")
        file = self.environment.get(f"{variable}_FILE", "")
        if file and not text:
            try:
                text = Path(file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                self.faults.append(f"{variable}_FILE: the file cannot be read ({type(error).__name__})")
                return Secret("?" * SHORTEST_SECRET)  # so that it is not called missing or short as well
        text = text.strip()
        if needed and not text:
            self.faults.append(f"{variable} is missing: set it, or set {variable}_FILE to a file that holds it")
        if not (text.isascii() and text.isprintable()):
            self.faults.append(f"{variable} holds a line end or a character outside ASCII")
        return Secret(text)

    def tokens(self, variable: str) -> tuple[Secret, ...]:
        given = [each.strip() for each in self.secret(variable).split(",") if each.strip()]
        if any(len(each) < SHORTEST_SECRET for each in given):
            self.faults.append(f"{variable}: a static token needs at least {SHORTEST_SECRET} characters")
        return tuple(Secret(each) for each in given)

    def profile(self) -> Literal["entra", "strict"]:
        text = self.environment.get("ADAPTER_CLIENT_PROFILE", "").strip() or "entra"
        if text not in ("entra", "strict"):
            self.faults.append("ADAPTER_CLIENT_PROFILE must be entra or strict")
        return "strict" if text == "strict" else "entra"

    def url(self, variable: str, *, needed: bool = False) -> str:
        text = self.environment.get(variable, "").strip().rstrip("/")
        if not text:
            if needed:
                self.faults.append(f"{variable} is missing: set it to where the upstream is, https://host")
            return ""
        try:
            parts = urlsplit(text)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        # A user name in it would take the place of the token; httpx sends it as basic authentication.
        if not usable or not text.isprintable() or not {" ", "?", "#", "@"}.isdisjoint(text):
            self.faults.append(
                f"{variable} must be like https://host or https://host/path, without user name and query"
            )
        return text

    def seconds(self, variable: str) -> float | None:
        milliseconds = self.number(variable, "milliseconds")
        return None if milliseconds is None else milliseconds / 1000

    def number(self, variable: str, of: str) -> int | None:
        text = self.environment.get(variable, "").strip()
        if not text:
            return None
        if not text.isdecimal() or not text.isascii() or len(text) > LONGEST or int(text) == 0:
            self.faults.append(f"{variable} must be a whole number of {of}, 1 or more")
            return None
        return int(text)

    def check_clients(self, settings: Settings) -> None:
        if bool(settings.client_id) != bool(settings.client_secret):
            self.faults.append("ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET go together; set both or none")
        if set(settings.tokens) & set(settings.strict_tokens):
            self.faults.append("ADAPTER_TOKENS and ADAPTER_STRICT_TOKENS share a token; a client is one or the other")
        if not any((settings.client_id, settings.client_secret, settings.tokens, settings.strict_tokens)):
            self.faults.append(
                "no client is configured: set ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET, or ADAPTER_TOKENS"
            )
        if settings.signing_key and len(settings.signing_key) < SHORTEST_SECRET:
            self.faults.append(f"ADAPTER_SIGNING_KEY needs at least {SHORTEST_SECRET} characters")

    def check_names(self, declared: Declared) -> None:
        """Refuse a setting or secret that the mapping does not declare: it is probably misspelt."""
        known = {f"ADAPTER_SETTING_{name.upper()}" for name in (*declared.texts, *declared.lists)}
        known |= {f"ADAPTER_SECRET_{name.upper()}{end}" for name in declared.secrets for end in ("", "_FILE")}
        for variable in self.environment:
            if variable.startswith(("ADAPTER_SETTING_", "ADAPTER_SECRET_")) and variable not in known:
                self.faults.append(f"{variable}: the mapping declares nothing of this name")
