import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapter.cli.bounded import Patience
from adapter.cli.files import shipped_mappings
from adapter.errors import SettingsError
from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from adapter.scim.limits import USUAL, Limits
from adapter.settings import environment as environments
from adapter.settings.environment import connection, limits, mapping_file, read
from adapter.settings.secret import digest
from adapter.settings.settings import Connection, SecretClient, Settings, TokenClient
from tests.mapping.minimal import RESOURCE, TOP, USER_NAME

TOKEN = "a-static-token-of-thirty-two-characters-or-more"
GIVEN = {"ADAPTER_UPSTREAM_URL": "https://api.example.com", "ADAPTER_TOKENS": TOKEN}
NOTHING = f"{TOP}{RESOURCE}    attributes:\n      - {USER_NAME}\n"
JWT = f"{NOTHING}secrets: [{{name: jwt, about: lets us in}}]\n"
DECLARED = f"""{JWT}settings:
  - {{name: org_unit, about: x, default: "1"}}
  - {{name: site, about: x}}
  - {{name: roles, about: x, kind: list}}
  - {{name: groups, about: x, kind: list, default: ["9"]}}
"""
COMPLETE = GIVEN | {"ADAPTER_SETTING_SITE": "x", "ADAPTER_SETTING_ROLES": "1", "ADAPTER_SECRET_JWT": "jwt"}


def told(environment: dict[str, str], declared: str = NOTHING) -> Settings:
    """Return the settings for a mapping of which only the declarations matter."""

    def loaded(_: Path) -> Mapping:
        return load(declared, "test.yaml")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(environments, "mapping_in", loaded)
        return read({"ADAPTER_MAPPING": "n-able"} | environment, shipped_mappings())


def one(environment: dict[str, str], declared: str = NOTHING) -> Connection:
    [only] = told(environment, declared).connections
    return only


def faults(environment: dict[str, str], declared: str = NOTHING) -> list[str]:
    try:
        told(environment, declared)
    except SettingsError as error:
        return error.faults
    return []


def test_the_least_that_is_needed() -> None:
    settings, only = told(GIVEN), one(GIVEN)
    assert only.upstream_url == "https://api.example.com"
    assert [(each.name, each.profile, each.may_write) for each in only.clients] == [("token-1", "entra", True)]
    assert (settings.is_alone, settings.signing_keys, settings.public_url, settings.store) == (True, (), "", "")
    assert (only.values, only.secrets, only.times, settings.drain) == ({}, {}, {}, None)


def test_everything_that_can_be_given() -> None:
    settings = told(
        COMPLETE
        | {
            "ADAPTER_CLIENT_ID": "entra",
            "ADAPTER_CLIENT_SECRET": f"{'s' * 32}, {'t' * 32}",
            "ADAPTER_CLIENT_PROFILE": "strict",
            "ADAPTER_STRICT_TOKENS": "a" * 32,
            "ADAPTER_READ_TOKENS": "b" * 32,
            "ADAPTER_SIGNING_KEY": f"{'k' * 32},{'l' * 32}",
            "ADAPTER_PUBLIC_URL": "https://scim.example.com/",
            "ADAPTER_STORE": " /var/lib/store.db ",
            "ADAPTER_SETTING_ORG_UNIT": " 50 ",
            "ADAPTER_SETTING_GROUPS": " a, b ,,c d,",
            "ADAPTER_REQUEST_MS": "20000",
            "ADAPTER_ATTEMPT_MS": " 1500 ",
            "ADAPTER_QUEUE_MS": "800",
            "ADAPTER_DRAIN_MS": "4000",
            "ADAPTER_BACKOFF_MS": "1",
            "ADAPTER_GUARD_MOST": "50",
            "ADAPTER_GUARD_MS": "60000",
            "PATH": "/bin",
        },
        DECLARED,
    )
    [only] = settings.connections
    assert only.values == {"org_unit": "50", "site": "x", "roles": ["1"], "groups": ["a", "b", "c d"]}
    assert only.secrets == {"jwt": "jwt"}
    assert (settings.signing_keys, settings.public_url) == (("k" * 32, "l" * 32), "https://scim.example.com")
    assert only.times == {"request": 20.0, "attempt": 1.5, "queue": 0.8, "backoff": 0.001}
    assert (settings.drain, settings.store) == (4.0, "/var/lib/store.db")
    assert (only.guard_most, only.guard_seconds) == (50, 60.0)
    assert [(each.name, each.profile, each.may_write) for each in only.clients] == [
        ("token-1", "entra", True),
        ("strict-1", "strict", True),
        ("read-1", "entra", False),
        ("client", "strict", True),
    ]
    client = only.clients[-1]
    assert isinstance(client, SecretClient)
    assert (client.id, [each.digest for each in client.secrets]) == ("entra", [digest("s" * 32), digest("t" * 32)])


def test_nothing_is_guarded_unless_it_is_asked_for() -> None:
    assert (one(COMPLETE, DECLARED).guard_most, one(COMPLETE, DECLARED).guard_seconds) == (0, 3600.0)


def test_defaults_are_the_mappings() -> None:
    assert one(COMPLETE, DECLARED).values == {"org_unit": "1", "site": "x", "roles": ["1"], "groups": ["9"]}


URL = "must be like https://host or https://host/path, without user name and query"
NO_URL = "ADAPTER_UPSTREAM_URL is missing: set it to where the upstream is, https://host"
NO_CLIENT = "no client is configured: set ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET, or ADAPTER_TOKENS"
PAIR = "ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET go together; set both or none"
MS = "must be a whole number of milliseconds, 1 or more"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"ADAPTER_UPSTREAM_URL": ""}, NO_URL),
        ({"ADAPTER_UPSTREAM_URL": "  /"}, NO_URL),
        ({"ADAPTER_TOKENS": ""}, NO_CLIENT),
        ({"ADAPTER_TOKENS": " , "}, NO_CLIENT),
        ({"ADAPTER_GUARD_MOST": "0"}, "ADAPTER_GUARD_MOST must be a whole number of disables and removals, 1 or more"),
        ({"ADAPTER_GUARD_MOST": "half"}, "ADAPTER_GUARD_MOST must be a whole number of disables and removals, 1 or more"),
        ({"ADAPTER_GUARD_MS": "1h"}, f"ADAPTER_GUARD_MS {MS}"),
        ({"ADAPTER_TOKENS": "short"}, "ADAPTER_TOKENS: a static token needs at least 32 characters"),
        ({"ADAPTER_TOKENS": f"{TOKEN},short"}, "ADAPTER_TOKENS: a static token needs at least 32 characters"),
        ({"ADAPTER_CLIENT_ID": "entra"}, PAIR),
        ({"ADAPTER_CLIENT_SECRET": "s" * 32}, PAIR),
        ({"ADAPTER_CLIENT_ID": "entra", "ADAPTER_CLIENT_SECRET": "s" * 31},
         "ADAPTER_CLIENT_SECRET: a client's secret needs at least 32 characters"),
        ({"ADAPTER_STRICT_TOKENS": TOKEN}, "one token stands in two variables; a client is one or the other"),
        ({"ADAPTER_CLIENT_PROFILE": "lenient"}, "ADAPTER_CLIENT_PROFILE must be entra or strict"),
        ({"ADAPTER_SIGNING_KEY": "k" * 31}, "ADAPTER_SIGNING_KEY: a signing key needs at least 32 characters"),
        ({"ADAPTER_PUBLIC_URL": "scim.example.com"}, f"ADAPTER_PUBLIC_URL {URL}"),
        ({"ADAPTER_REQUEST_MS": "0"}, f"ADAPTER_REQUEST_MS {MS}"),
        ({"ADAPTER_ATTEMPT_MS": "1.5"}, f"ADAPTER_ATTEMPT_MS {MS}"),
        ({"ADAPTER_BACKOFF_MS": "-1"}, f"ADAPTER_BACKOFF_MS {MS}"),
        ({"ADAPTER_BACKOFF_MS": "10s"}, f"ADAPTER_BACKOFF_MS {MS}"),
        ({"ADAPTER_BACKOFF_MS": "٣"}, f"ADAPTER_BACKOFF_MS {MS}"),
        ({"ADAPTER_BACKOFF_MS": "9" * 5000}, f"ADAPTER_BACKOFF_MS {MS}"),
        ({"ADAPTER_SETTING_SITE": " "}, "ADAPTER_SETTING_SITE is missing: the mapping needs the setting 'site'"),
        ({"ADAPTER_SETTING_ROLES": ""}, "ADAPTER_SETTING_ROLES is missing: the mapping needs the setting 'roles'"),
        ({"ADAPTER_SETTING_ROLES": ", ,"}, "ADAPTER_SETTING_ROLES is missing: the mapping needs the setting 'roles'"),
        ({"ADAPTER_SETTING_SITE": "a\nb"},
         "ADAPTER_SETTING_SITE holds a line end or another character that cannot be printed"),
        ({"ADAPTER_SETTING_SITE": "a\udc80"},
         "ADAPTER_SETTING_SITE holds a line end or another character that cannot be printed"),
        ({"ADAPTER_SETTING_SITES": "x"}, "ADAPTER_SETTING_SITES: the mapping declares nothing of this name"),
        ({"ADAPTER_SETTING_site": "x"}, "ADAPTER_SETTING_site: the mapping declares nothing of this name"),
        ({"ADAPTER_SETTING_SITE_FILE": "x"}, "ADAPTER_SETTING_SITE_FILE: the mapping declares nothing of this name"),
        ({"ADAPTER_SECRET_JWTS": "x"}, "ADAPTER_SECRET_JWTS: the mapping declares nothing of this name"),
        ({"ADAPTER_SECRET_KEY_FILE": "x"}, "ADAPTER_SECRET_KEY_FILE: the mapping declares nothing of this name"),
        ({"ADAPTER_SECRET_JWT": ""},
         "ADAPTER_SECRET_JWT is missing: set it, or set ADAPTER_SECRET_JWT_FILE to a file that holds it"),
        ({"ADAPTER_SECRET_JWT": "a\r\nb"},
         "ADAPTER_SECRET_JWT holds a line end or a character outside ASCII"),
        ({"ADAPTER_CLIENT_ID": "x", "ADAPTER_CLIENT_SECRET": "é" * 32},
         "ADAPTER_CLIENT_SECRET holds a line end or a character outside ASCII"),
        ({"ADAPTER_SECRET_JWT": "é"},
         "ADAPTER_SECRET_JWT holds a line end or a character outside ASCII"),
        ({"ADAPTER_SECRET_JWT": "", "ADAPTER_SECRET_JWT_FILE": "/nowhere"},
         "ADAPTER_SECRET_JWT_FILE: the file cannot be read (FileNotFoundError)"),
        ({"ADAPTER_TOKENS": "", "ADAPTER_TOKENS_FILE": "/nowhere"},
         "ADAPTER_TOKENS_FILE: the file cannot be read (FileNotFoundError)"),
        ({"ADAPTER_SIGNING_KEY_FILE": "/"}, "ADAPTER_SIGNING_KEY_FILE: the file cannot be read (IsADirectoryError)"),
    ],
)  # fmt: skip
def test_a_fault_is_one_clear_line(changed: dict[str, str], fault: str) -> None:
    assert faults(COMPLETE | changed, DECLARED) == [fault]


def test_all_faults_are_told_at_once() -> None:
    environment = {"ADAPTER_PUBLIC_URL": "x", "ADAPTER_REQUEST_MS": "x", "ADAPTER_SETTING_X": "x"}
    assert faults(environment, DECLARED) == [
        f"ADAPTER_REQUEST_MS {MS}",
        NO_URL,
        "ADAPTER_SETTING_SITE is missing: the mapping needs the setting 'site'",
        "ADAPTER_SETTING_ROLES is missing: the mapping needs the setting 'roles'",
        "ADAPTER_SECRET_JWT is missing: set it, or set ADAPTER_SECRET_JWT_FILE to a file that holds it",
        NO_CLIENT,
        "ADAPTER_SETTING_X: the mapping declares nothing of this name",
        f"ADAPTER_PUBLIC_URL {URL}",
    ]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://host", "https://host"),
        ("https://host/", "https://host"),
        ("https://host\t\n", "https://host"),
        (" http://127.0.0.1:8081 ", "http://127.0.0.1:8081"),
        ("https://host:8443/api/v1//", "https://host:8443/api/v1"),
        ("HTTPS://Host", "HTTPS://Host"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("https://bücher.example", "https://bücher.example"),
    ],
)
def test_an_address_is_kept_without_the_slash_at_its_end(url: str, kept: str) -> None:
    assert one(GIVEN | {"ADAPTER_UPSTREAM_URL": url}).upstream_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "host", "//host", "ftp://host", "file:///etc/passwd", "https://", "https:///path", "https://?x",
        "https://host?x=1", "https://host/?", "https://host#x", "https://host:port", "https://host:99999", "https://host:0",
        "https://[::1", "https://user@host", "https://user:secret@host", "https://ho st", "https://host/a b",
        "https://host\n/x", "https://ho\tst",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    assert faults(GIVEN | {"ADAPTER_UPSTREAM_URL": url}) == [f"ADAPTER_UPSTREAM_URL {URL}"]


def test_a_refused_address_is_not_repeated_since_it_may_hold_a_secret() -> None:
    assert "secret" not in str(faults(GIVEN | {"ADAPTER_UPSTREAM_URL": "https://user:secret@host"}))


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    def file(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    settings = told(
        {
            "ADAPTER_UPSTREAM_URL": "https://host",
            "ADAPTER_TOKENS_FILE": file("tokens", f"{TOKEN},{TOKEN}2\n"),
            "ADAPTER_CLIENT_ID": "entra",
            "ADAPTER_CLIENT_SECRET_FILE": file("secret", f" {'s' * 32} \n"),
            "ADAPTER_SIGNING_KEY_FILE": file("key", "k" * 32 + "\n"),
            "ADAPTER_SECRET_JWT_FILE": file("jwt", "the jwt\n"),
        },
        JWT,
    )
    [only] = settings.connections
    shown = [each.digest for client in only.clients if isinstance(client, TokenClient) for each in client.tokens]
    assert shown == [digest(TOKEN), digest(TOKEN + "2")]
    assert [each.digest for client in only.clients if isinstance(client, SecretClient) for each in client.secrets] == [
        digest("s" * 32)
    ]
    assert (settings.signing_keys, only.secrets) == (("k" * 32,), {"jwt": "the jwt"})
    assert {each.name for each in settings.files} == {"n-able.yaml", "tokens", "secret", "key", "jwt"}


@pytest.mark.parametrize("content", [b"", b" \n"])
def test_an_empty_file_is_no_secret(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "jwt").write_bytes(content)
    environment = {**COMPLETE, "ADAPTER_SECRET_JWT": "", "ADAPTER_SECRET_JWT_FILE": str(tmp_path / "jwt")}
    assert faults(environment, DECLARED) == [
        "ADAPTER_SECRET_JWT is missing: set it, or set ADAPTER_SECRET_JWT_FILE to a file that holds it"
    ]


@pytest.mark.parametrize(
    "variable", ["ADAPTER_SIGNING_KEY", "ADAPTER_AUDIT_KEY", "ADAPTER_METRICS_TOKEN", "ADAPTER_READ_TOKENS"]
)
def test_an_empty_file_is_not_as_if_none_were_named(tmp_path: Path, variable: str) -> None:
    (tmp_path / "key").write_bytes(b" \n")
    assert faults(GIVEN | {f"{variable}_FILE": str(tmp_path / "key")}) == [
        f"{variable}_FILE: there is nothing in the file; write the secret there, or name none"
    ]


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    assert faults(GIVEN | {"ADAPTER_SIGNING_KEY_FILE": str(tmp_path / "key")}) == [
        "ADAPTER_SIGNING_KEY_FILE: the file cannot be read (UnicodeDecodeError)"
    ]


def test_the_variable_counts_before_the_file(tmp_path: Path) -> None:
    environment = GIVEN | {"ADAPTER_TOKENS_FILE": str(tmp_path / "nowhere")}
    assert one(environment) == one(GIVEN)


def test_nothing_secret_is_shown() -> None:
    secrets = {
        "ADAPTER_CLIENT_ID": "entra",
        "ADAPTER_CLIENT_SECRET": "hidden-client-secret-of-thirty-two-characters",
        "ADAPTER_SIGNING_KEY": "hidden-signing-key-of-thirty-two-characters",
        "ADAPTER_TOKENS": "hidden-token-of-thirty-two-characters-or-more",
        "ADAPTER_SECRET_JWT": "hidden-jwt",
    }
    settings = told(COMPLETE | secrets, DECLARED)
    [only] = settings.connections
    assert "hidden" not in repr(settings)
    assert "hidden" not in f"{settings} {settings!s} {[only.clients]} {only.secrets}"
    assert repr(only.secrets["jwt"]) == "Secret('…')"


def test_settings_cannot_be_changed() -> None:
    settings: Any = told(GIVEN)
    with pytest.raises(AttributeError):
        settings.public_url = "https://elsewhere"
    assert isinstance(settings, msgspec.Struct)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    for name in ("n-able.yaml", "n-able.examples.yaml", "acme.yaml", "schema.json"):
        (tmp_path / name).write_text("", encoding="utf-8")
    return tmp_path


def test_a_mapping_is_named_or_is_a_file(shipped: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yml"
    own.write_text("", encoding="utf-8")
    assert mapping_file({"ADAPTER_MAPPING": "n-able"}, shipped) == shipped / "n-able.yaml"
    assert mapping_file({"ADAPTER_MAPPING": str(own)}, shipped) == own


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({}, "ADAPTER_MAPPING is missing: name a mapping file, or a shipped one: acme, n-able"),
        ({"ADAPTER_MAPPING": ""}, "ADAPTER_MAPPING is missing: name a mapping file, or a shipped one: acme, n-able"),
        ({"ADAPTER_MAPPING": "nable"}, "ADAPTER_MAPPING: there is no file 'nable', nor is it one of acme, n-able"),
        (
            {"ADAPTER_MAPPING": "n-able.examples"},
            "ADAPTER_MAPPING: there is no file 'n-able.examples', nor is it one of acme, n-able",
        ),
        ({"ADAPTER_MAPPING": "/"}, "ADAPTER_MAPPING: there is no file '/', nor is it one of acme, n-able"),
    ],
)
def test_a_mapping_that_is_not_there_is_a_fault(shipped: Path, environment: dict[str, str], fault: str) -> None:
    with pytest.raises(SettingsError) as refused:
        mapping_file(environment, shipped)
    assert refused.value.faults == [fault]


def test_a_connection_may_be_read_without_anybody_who_comes_in() -> None:
    mapping = load(DECLARED, "test.yaml")
    only = connection({name: value for name, value in COMPLETE.items() if name != "ADAPTER_TOKENS"}, mapping)
    assert (only.clients, only.secrets, only.mapping) == ((), {"jwt": "jwt"}, mapping)
    with pytest.raises(SettingsError, match="ADAPTER_UPSTREAM_URL is missing"):
        connection({}, load(NOTHING, "test.yaml"))


def test_a_variable_that_nobody_asks_for_is_remarked_with_the_one_that_was_probably_meant() -> None:
    kubernetes = {"ADAPTER_PORT_8080_TCP_PROTO": "tcp"}
    strange = {"ADAPTER_GUARD_MOSTS": "5", "ADAPTER_AUDIT_KEYFILE": "key", "ADAPTER_TOKEN": "x", "MY_ADAPTER_X": "x"}
    assert told(GIVEN | strange | kubernetes).remarks == (
        "ADAPTER_AUDIT_KEYFILE is no variable of this program: did you mean ADAPTER_AUDIT_KEY_FILE?",
        "ADAPTER_GUARD_MOSTS is no variable of this program: did you mean ADAPTER_GUARD_MOST?",
        "ADAPTER_PORT_8080_TCP_PROTO is no variable of this program: it is ignored",
        "ADAPTER_TOKEN is no variable of this program: did you mean ADAPTER_TOKENS?",
    )


def test_no_variable_that_there_is_is_strange() -> None:
    named = re.findall(r"\bADAPTER_[A-Z_]+\b(?!<)", environments.__doc__ or "")
    short = re.findall(r"(?<=, )_[A-Z_]+\b", environments.__doc__ or "")
    every = dict.fromkeys([*named, *(f"ADAPTER{each}" for each in short)], "")
    assert len(every) > 40
    assert told(every | GIVEN | {"ADAPTER_MAPPING": "n-able"}).remarks == ()


def test_what_one_connection_is_stands_in_the_file_or_in_the_environment_and_never_in_both(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    hashed = digest(TOKEN).hex()
    file.write_text(
        "version: 1\nconnections:\n  - name: acme\n    mapping: mattermost\n    upstream: https://chat.example\n"
        "    secrets: {token: {environment: CHAT}}\n"
        f"    clients: [{{kind: token, name: entra, tokens: [{{hash: 'sha256:{hashed}'}}]}}]\n",
        encoding="utf-8",
    )
    given = {"ADAPTER_CONFIG": str(file), "CHAT": "secret", "ADAPTER_REQUEST_MS": "9000"}
    stray = {"ADAPTER_MAPPING": "x", "ADAPTER_SECRET_TOKEN_FILE": "x", "ADAPTER_TOKENS_FILE": "x"}
    with pytest.raises(SettingsError) as refused:
        read(given | stray, shipped_mappings())
    assert refused.value.faults == [
        f"{each}: connections are described by ADAPTER_CONFIG; say it there" for each in sorted(stray)
    ]


def test_how_logs_are_written() -> None:
    assert (told(GIVEN).log, told(GIVEN).log_level) == ("", "info")
    settings = told(GIVEN | {"ADAPTER_LOG": "console", "ADAPTER_LOG_LEVEL": "Debug"})
    assert (settings.log, settings.log_level) == ("console", "debug")
    assert faults(GIVEN | {"ADAPTER_LOG": "xml", "ADAPTER_LOG_LEVEL": "all"}) == [
        "ADAPTER_LOG must be json or console",
        "ADAPTER_LOG_LEVEL must be debug, info, warning or error",
    ]


def test_traces_are_off_unless_they_are_asked_for() -> None:
    assert [told(GIVEN | more).is_traced for more in ({}, {"ADAPTER_TRACES": "off"}, {"ADAPTER_TRACES": "OTLP"})] == [
        False,
        False,
        True,
    ]
    assert faults(GIVEN | {"ADAPTER_TRACES": "jaeger"}) == ["ADAPTER_TRACES must be otlp or off"]


def test_the_token_of_the_metrics_may_be_several_or_none_but_not_short() -> None:
    assert told(GIVEN).metrics_tokens == ()
    two = f"{TOKEN},{TOKEN}-2"
    assert told(GIVEN | {"ADAPTER_METRICS_TOKEN": two}).metrics_tokens == (TOKEN, f"{TOKEN}-2")
    assert faults(GIVEN | {"ADAPTER_METRICS_TOKEN": "short"}) == [
        "ADAPTER_METRICS_TOKEN: the metrics' token needs at least 32 characters"
    ]


LIMITS = {each: f"ADAPTER_MOST_{each.upper()}" for each in msgspec.structs.asdict(USUAL)}


def test_every_limit_of_a_request_has_its_setting() -> None:
    assert told(GIVEN).limits == {}
    given = {variable: str(at) for at, variable in enumerate(LIMITS.values(), 1)}
    assert told(GIVEN | given).limits == limits(given) == {name: at for at, name in enumerate(LIMITS, 1)}
    assert msgspec.structs.asdict(Limits(**limits(given))) == limits(given)


@pytest.mark.parametrize(
    "variable", [*LIMITS.values(), "ADAPTER_MOST_CONNECTIONS", "ADAPTER_RECEIVE_MS", "ADAPTER_IDLE_MS"]
)
@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "1" * 10])
def test_a_limit_is_a_whole_number(variable: str, text: str) -> None:
    [fault] = faults(GIVEN | {variable: text})
    assert fault.startswith(f"{variable} must be a whole number of ")
    if variable in LIMITS.values():
        with pytest.raises(SettingsError):
            limits({variable: text})


def test_the_patience_with_connections_is_what_is_set() -> None:
    given = {"ADAPTER_RECEIVE_MS": "1500", "ADAPTER_IDLE_MS": "2", "ADAPTER_MOST_CONNECTIONS": "7"}
    assert told(GIVEN).patience == {}
    assert Patience(**told(GIVEN | given).patience) == Patience(receive=1.5, idle=0.002, connections=7)  # type: ignore[arg-type]  # one of them is a count


def test_a_variable_that_the_file_of_connections_names_is_not_strange(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    mapping = tmp_path / "own.yaml"
    mapping.write_text(f"{NOTHING}secrets: [{{name: key, about: lets us in}}]\n", encoding="utf-8")
    connection_ = {
        "name": "acme",
        "mapping": "own.yaml",
        "upstream": "https://api.example.com",
        "secrets": {"key": {"environment": "ADAPTER_ACME_KEY"}},
        "clients": [{"kind": "token", "name": "entra", "tokens": [{"hash": f"sha256:{'ab' * 32}"}]}],
    }
    file.write_bytes(msgspec.json.encode({"version": 1, "connections": [connection_]}))
    given = {"ADAPTER_CONFIG": str(file), "ADAPTER_ACME_KEY": "k" * 20, "ADAPTER_ACME_KEYS": "x"}
    assert read(given, shipped_mappings()).remarks == (
        "ADAPTER_ACME_KEYS is no variable of this program: did you mean ADAPTER_ACME_KEY?",
    )
