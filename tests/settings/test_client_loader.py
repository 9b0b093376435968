"""The clients of a file; what is refused is under tests/broken_gateways."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapter.mapping import shape
from adapter.mapping.source import Source
from adapter.settings import document
from adapter.settings.client_loader import ClientLoader
from adapter.settings.settings import Client, EntraClient, FederatedClient, SecretClient, TokenClient

HASH = f"sha256:{'ab' * 32}"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"


def _client(text: str, profile: str = "entra") -> Client:
    whole = f"""version: 1
connections:
  - name: acme
    mapping: m
    upstream: https://u.example
    profile: {profile}
    clients: [{text}]
"""
    source = Source("gateway.yaml", whole)
    [one] = shape.read_as(document.Gateway, source).connections
    return ClientLoader(source).client(one.clients[0], ("connections", 0, "clients", 0), one)


def _at(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("times", "not_before", "not_after"),
    [
        ("", float("-inf"), float("inf")),
        (", not_before: 2026-11-25, not_after: 2026-11-25", _at(2026, 11, 25), _at(2026, 11, 26)),
        (", not_after: '2026-11-25 08:00:00'", float("-inf"), _at(2026, 11, 25, 8)),
        (", not_after: 2026-11-25T08:00:00Z", float("-inf"), _at(2026, 11, 25, 8)),
        (", not_after: 2026-11-25T08:00:00+02:00", float("-inf"), _at(2026, 11, 25, 6)),
        (", not_after: 2026-11-25T08:00:00", float("-inf"), _at(2026, 11, 25, 8)),
    ],
)
def test_a_day_counts_whole_and_a_moment_is_one(times: str, not_before: float, not_after: float) -> None:
    client = _client(f"{{kind: token, name: entra, tokens: [{{hash: '{HASH}'{times}}}]}}")
    assert isinstance(client, TokenClient)
    [proof] = client.tokens
    assert (proof.digest.hex(), proof.not_before, proof.not_after) == ("ab" * 32, not_before, not_after)


@pytest.mark.parametrize(
    ("more", "profile", "expected"),
    [
        ("", "entra", ("entra", True)),
        ("", "strict", ("strict", True)),
        (", profile: strict, rights: read", "entra", ("strict", False)),
        (", profile: entra, rights: write", "strict", ("entra", True)),
    ],
)
def test_a_client_is_read_as_its_connection_says_unless_it_says_otherwise(
    more: str, profile: str, expected: tuple[str, bool]
) -> None:
    client = _client(f"{{kind: credentials, name: entra, id: acme, secrets: [{{hash: '{HASH}'}}]{more}}}", profile)
    assert isinstance(client, SecretClient)
    assert (client.profile, client.may_write) == expected


def test_a_federated_client_is_pinned_by_all_that_the_file_says() -> None:
    about: dict[str, Any] = {
        "id": "acme",
        "issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "audience": "api://scim",
        "subject": "s",
        "keys": f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys",
    }
    text = ", ".join(f"{name}: '{value}'" for name, value in about.items())
    assert _client(f"{{kind: federated, name: entra, {text}}}") == FederatedClient(name="entra", **about)


def test_entras_own_token_is_pinned_to_its_tenant() -> None:
    assert _client(f"{{kind: entra token, name: test, tenant: {TENANT.upper()}}}") == EntraClient(
        name="test",
        tenant=TENANT,
        issuer=f"https://sts.windows.net/{TENANT}/",
        audience="8adf8e6e-67b2-4cf2-a259-e3dc5476c621",
        keys=f"https://login.microsoftonline.com/{TENANT}/discovery/keys",
    )


@pytest.mark.parametrize("keys", ["http://127.0.0.1:8000/keys", "http://localhost/keys", "http://[::1]/keys"])
def test_keys_may_come_without_tls_from_this_machine_only(keys: str) -> None:
    client = _client(f"{{kind: entra token, name: test, tenant: {TENANT}, keys: '{keys}'}}")
    assert isinstance(client, EntraClient)
    assert client.keys == keys
