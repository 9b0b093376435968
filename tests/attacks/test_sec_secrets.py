"""Secrets: none that is too short to be one, none that is shown, and none that is compared in a way that tells of it."""

import ast
import hmac
import re
import secrets
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapter.cli.files import shipped_mappings
from adapter.errors import SettingsError, Unauthorized
from adapter.settings.environment import read
from adapter.settings.secret import Secret, digest
from adapter.web import clients
from adapter.web.assertions import Assertions, fetched
from adapter.web.clients import Clients
from tests.attacks.test_sec_doors import NAMES
from tests.attacks.world import world
from tests.cli.program import ENVIRONMENT, run
from tests.conversation import PUBLIC, SETTINGS, Given, mapping_of


def _clients(**told: Any) -> Clients:
    given = Given(upstream_url="https://x.example", values={}, secrets={}, **told)
    return Clients((given.connection(mapping_of("n-able")),), (Secret("k" * 32),), PUBLIC, Assertions(fetched))


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
        read({name: value for name, value in ENVIRONMENT.items() if "CLIENT" not in name} | given, shipped_mappings())


async def test_a_client_without_credentials_has_none_that_fit() -> None:
    """SEC-07: where no client is configured, an empty id and an empty secret are nobody's."""
    made = _clients()
    assert made.with_secret("", "") is None
    for each in ("", "Bearer ", "Bearer null"):
        with pytest.raises(Unauthorized):
            await made.admit(each)


async def test_a_secret_is_shown_by_no_answer_and_no_command() -> None:
    """SEC-08 (CVE-2026-43640, gitlab#385050): no route, repr, help or fault prints a secret, and tokens that we give end."""
    canary = Secret(f"canary-{secrets.token_urlsafe(32)}")
    kept = msgspec.structs.replace(SETTINGS, tokens=(canary,), client_secret=canary, signing_key=canary)
    assert canary not in repr(kept.settings(mapping_of("n-able")))
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


async def test_what_is_shown_is_compared_by_its_digest_and_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-42 (CVE-2022-31142, CVE-2026-23996): nobody who lacks a token can choose its digest, so no time tells of it."""
    compared: list[tuple[int, int]] = []
    genuine = hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return genuine(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    tokens = tuple(f"{number}" * 40 for number in range(5))
    made = _clients(tokens=tokens, client_id="entra", client_secret="s" * 32)
    kept = repr(vars(made))
    assert [each for each in tokens if each in kept] == []
    assert [each for each in tokens if repr(digest(each)) not in kept] == []
    for each in (tokens[0], tokens[4]):
        assert (await made.admit(f"Bearer {each}")).name.startswith("token-")
    for each in ("x", "9" * 40, tokens[0][:-1] + "1"):
        with pytest.raises(Unauthorized):
            await made.admit(f"Bearer {each}")
    compared.clear()
    assert made.with_secret("entra", "t" * 32) is None
    assert compared == [(32, 32)]


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
