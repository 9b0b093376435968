from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapter.errors import SettingsError
from adapter.settings import Declared, Secret, Settings, mapping_file, read

TOKEN = "a-static-token-of-thirty-two-characters-or-more"
GIVEN = {"ADAPTER_UPSTREAM_URL": "https://api.example.com", "ADAPTER_TOKENS": TOKEN}
NOTHING = Declared(texts={}, lists={}, secrets=[])
DECLARED = Declared(texts={"org_unit": "1", "site": None}, lists={"roles": None, "groups": ["9"]}, secrets=["jwt"])
COMPLETE = GIVEN | {"ADAPTER_SETTING_SITE": "x", "ADAPTER_SETTING_ROLES": "1", "ADAPTER_SECRET_JWT": "jwt"}


def faults(environment: dict[str, str], declared: Declared = NOTHING) -> list[str]:
    try:
        read(environment, declared)
    except SettingsError as error:
        return error.faults
    return []


def test_the_least_that_is_needed() -> None:
    settings = read(GIVEN, NOTHING)
    assert settings.upstream_url == "https://api.example.com"
    assert settings.tokens == (TOKEN,)
    assert (settings.client_id, settings.client_secret, settings.signing_key, settings.public_url) == ("", "", "", "")
    assert (settings.values, settings.secrets, settings.times) == ({}, {}, {})


def test_everything_that_can_be_given() -> None:
    settings = read(
        COMPLETE
        | {
            "ADAPTER_CLIENT_ID": "entra",
            "ADAPTER_CLIENT_SECRET": "secret",
            "ADAPTER_SIGNING_KEY": "k" * 32,
            "ADAPTER_PUBLIC_URL": "https://scim.example.com/",
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
    assert settings.values == {"org_unit": "50", "site": "x", "roles": ["1"], "groups": ["a", "b", "c d"]}
    assert settings.secrets == {"jwt": "jwt"}
    assert (settings.client_id, settings.client_secret, settings.signing_key) == ("entra", "secret", "k" * 32)
    assert settings.public_url == "https://scim.example.com"
    assert settings.times == {"request": 20.0, "attempt": 1.5, "queue": 0.8, "drain": 4.0, "backoff": 0.001}
    assert (settings.guard_most, settings.guard_seconds) == (50, 60.0)


def test_nothing_is_guarded_unless_it_is_asked_for() -> None:
    assert (read(COMPLETE, DECLARED).guard_most, read(COMPLETE, DECLARED).guard_seconds) == (0, 3600.0)


def test_defaults_are_the_mappings() -> None:
    assert read(COMPLETE, DECLARED).values == {"org_unit": "1", "site": "x", "roles": ["1"], "groups": ["9"]}


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
        ({"ADAPTER_CLIENT_SECRET": "secret"}, PAIR),
        ({"ADAPTER_SIGNING_KEY": "k" * 31}, "ADAPTER_SIGNING_KEY needs at least 32 characters"),
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
        ({"ADAPTER_CLIENT_ID": "x", "ADAPTER_CLIENT_SECRET": "é"},
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
        f"ADAPTER_PUBLIC_URL {URL}",
        NO_CLIENT,
        "ADAPTER_SETTING_X: the mapping declares nothing of this name",
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
    assert read(GIVEN | {"ADAPTER_UPSTREAM_URL": url}, NOTHING).upstream_url == kept


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

    settings = read(
        {
            "ADAPTER_UPSTREAM_URL": "https://host",
            "ADAPTER_TOKENS_FILE": file("tokens", f"{TOKEN},{TOKEN}2\n"),
            "ADAPTER_CLIENT_ID": "entra",
            "ADAPTER_CLIENT_SECRET_FILE": file("secret", " from a file \n"),
            "ADAPTER_SIGNING_KEY_FILE": file("key", "k" * 32 + "\n"),
            "ADAPTER_SECRET_JWT_FILE": file("jwt", "the jwt\n"),
        },
        Declared(texts={}, lists={}, secrets=["jwt"]),
    )
    assert settings.tokens == (TOKEN, TOKEN + "2")
    assert (settings.client_secret, settings.signing_key) == ("from a file", "k" * 32)
    assert settings.secrets == {"jwt": "the jwt"}


@pytest.mark.parametrize("content", [b"", b" \n"])
def test_an_empty_file_is_no_secret(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "jwt").write_bytes(content)
    environment = {**COMPLETE, "ADAPTER_SECRET_JWT": "", "ADAPTER_SECRET_JWT_FILE": str(tmp_path / "jwt")}
    assert faults(environment, DECLARED) == [
        "ADAPTER_SECRET_JWT is missing: set it, or set ADAPTER_SECRET_JWT_FILE to a file that holds it"
    ]


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    assert faults(GIVEN | {"ADAPTER_SIGNING_KEY_FILE": str(tmp_path / "key")}) == [
        "ADAPTER_SIGNING_KEY_FILE: the file cannot be read (UnicodeDecodeError)"
    ]


def test_the_variable_counts_before_the_file(tmp_path: Path) -> None:
    environment = GIVEN | {"ADAPTER_TOKENS_FILE": str(tmp_path / "nowhere")}
    assert read(environment, NOTHING).tokens == (TOKEN,)


def test_nothing_secret_is_shown() -> None:
    secrets = {
        "ADAPTER_CLIENT_ID": "entra",
        "ADAPTER_CLIENT_SECRET": "hidden-client-secret",
        "ADAPTER_SIGNING_KEY": "hidden-signing-key-of-thirty-two-characters",
        "ADAPTER_TOKENS": "hidden-token-of-thirty-two-characters-or-more",
        "ADAPTER_SECRET_JWT": "hidden-jwt",
    }
    settings: Any = read(COMPLETE | secrets, DECLARED)
    assert "hidden" not in repr(settings)
    assert "hidden" not in f"{settings} {settings!s} {[settings.tokens]} {settings.secrets}"
    assert repr(settings.client_secret) == "Secret('…')"


def test_a_secret_is_still_the_text_that_it_hides() -> None:
    assert Secret("a") == "a"
    assert isinstance(Secret("a"), str)
    assert f"Bearer {Secret('a')}" == "Bearer a"


def test_settings_cannot_be_changed() -> None:
    settings: Any = read(GIVEN, NOTHING)
    with pytest.raises(AttributeError):
        settings.upstream_url = "https://elsewhere"
    assert isinstance(settings, Settings)
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
