"""Secrets: none that is too short to be one, none that is shown, and none that is compared in a way that tells of it."""

import ast
import hmac
import re
import secrets
from pathlib import Path

import msgspec
import pytest

from adapter.errors import SettingsError, Unauthorized
from adapter.settings import Declared, Secret, read
from adapter.web import clients
from adapter.web.clients import Clients, Known
from tests.attacks.test_sec_doors import NAMES
from tests.attacks.world import world
from tests.cli.program import ENVIRONMENT, run
from tests.conversation import PUBLIC, SETTINGS


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ADAPTER_TOKENS": ""},
        {"ADAPTER_TOKENS": " , ,"},
        {"ADAPTER_TOKENS": "x" * 31},
        {"ADAPTER_TOKENS": f"{'x' * 32},short"},
        {"ADAPTER_STRICT_TOKENS": "short"},
        {"ADAPTER_CLIENT_ID": "entra"},
        {"ADAPTER_CLIENT_SECRET": "x" * 40},
        {"ADAPTER_CLIENT_ID": "entra", "ADAPTER_CLIENT_SECRET": " "},
        {"ADAPTER_TOKENS": "x" * 32, "ADAPTER_SIGNING_KEY": "short"},
    ],
)
def test_without_a_secret_that_can_be_one_nothing_starts(given: dict[str, str]) -> None:
    """SEC-07: no token, an empty one or a short one is a reason not to start, never an open door."""
    with pytest.raises(SettingsError):
        read({"ADAPTER_UPSTREAM_URL": "https://x.example"} | given, Declared({}, {}, []))


def test_a_client_without_credentials_has_none_that_fit() -> None:
    """SEC-07: where no client is configured, an empty id and an empty secret are nobody's."""
    made = Clients(Known(tokens=[], client_id="", client_secret=""), "k" * 32, PUBLIC)
    assert not made.is_client("", "")
    for each in ("", "Bearer ", "Bearer null"):
        with pytest.raises(Unauthorized):
            made.admit(each)


async def test_a_secret_is_shown_by_no_answer_and_no_command() -> None:
    """SEC-08 (CVE-2026-43640, gitlab#385050): no route, repr, help or fault prints a secret, and tokens that we give end."""
    canary = Secret(f"canary-{secrets.token_urlsafe(32)}")
    kept = msgspec.structs.replace(SETTINGS, tokens=(canary,), client_secret=canary, signing_key=canary)
    assert canary not in repr(kept)
    async with world(tokens=(canary,), client_secret=canary, signing_key=canary) as ask:
        ask.keep("ada")
        for path in (*NAMES, "Users?count=1", "Nothing"):
            answer = await ask("GET", f"/{path}", None, ("Authorization", f"Bearer {canary}"))
            assert canary.encode() not in answer.content + repr(answer.headers).encode()
    for arguments in (("serve", "--help"), ("serve", "--port", "0")):
        done = run(
            *arguments, ADAPTER_TOKENS=f"{canary},short", ADAPTER_SECRET_JWT=canary, ADAPTER_UPSTREAM_URL="ftp://x"
        )
        assert canary not in done.stdout + done.stderr
    assert clients.LIFETIME <= 6 * 3600
    assert "ADAPTER_CLIENT_SECRET" in ENVIRONMENT


def test_secrets_are_compared_in_constant_time_and_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-42 (CVE-2022-31142, CVE-2026-23996): digests are compared, by `compare_digest`, and no match ends it early."""
    compared: list[tuple[int, int]] = []
    genuine = hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return genuine(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    tokens = [f"{number}" * 40 for number in range(5)]
    made = Clients(Known(tokens=tokens, client_id="entra", client_secret="s"), "k" * 32, PUBLIC)
    for each in (tokens[0], tokens[4], "x", "9" * 40):
        compared.clear()
        try:
            made.admit(f"Bearer {each}")
        except Unauthorized:
            assert each not in tokens
        assert compared == [(32, 32)] * 5
    compared.clear()
    assert not made.is_client("nobody", "s")
    assert compared == [(32, 32)] * 2


def test_no_secret_is_compared_by_an_equals_sign() -> None:
    """SEC-42: a rule about the source itself, so that it stays so."""
    tree = ast.parse(Path(clients.__file__).read_text(encoding="utf-8"))
    equal = [
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.Compare) and isinstance(each.ops[0], ast.Eq | ast.NotEq | ast.In)
    ]
    assert [
        text for each in equal if re.search("secret|token|digest|given|key", text := ast.unparse(each), re.IGNORECASE)
    ] == []
