"""`scim-adapter client new`: what it prints lets its client in, and is kept nowhere."""

import re
from pathlib import Path

import pytest

from adapter.cli.files import shipped_mappings
from adapter.settings import gateway
from adapter.settings.secret import digest
from adapter.settings.settings import Client, SecretClient, TokenClient
from tests.cli.program import run

TOP = """version: 1
connections:
  - name: acme
    mapping: mattermost
    upstream: https://chat.example
    secrets: {token: {environment: CHAT}}
    clients:
"""


def _made(folder: Path, *arguments: str) -> tuple[dict[str, str], Client]:
    """Return what is told to the client, and the client that the printed lines make."""
    done = run("client", "new", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    told, lines = done.stdout.split("For gateway.yaml, among the clients of its connection:\n")
    file = folder / "gateway.yaml"
    file.write_text(TOP + "".join(f"    {line}\n" for line in lines.splitlines()), encoding="utf-8")
    [connection], _ = gateway.read(file, shipped_mappings(), {"CHAT": "x"}, {})
    [client] = connection.clients
    return dict(re.findall(r"^  ([A-Z].*?)  (\S+)$", told, re.MULTILINE)), client


def test_a_new_token_is_what_the_printed_line_lets_in(tmp_path: Path) -> None:
    told, client = _made(tmp_path, "token", "--name", "script")
    assert isinstance(client, TokenClient)
    assert (client.name, [each.digest for each in client.tokens]) == ("script", [digest(told["Secret Token"])])
    assert told["Secret Token"].startswith("scim_")
    assert len(told["Secret Token"]) == 48
    assert told["Secret Token"] not in (tmp_path / "gateway.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["true", "123"])
def test_a_name_that_looks_like_something_else_is_a_name(tmp_path: Path, name: str) -> None:
    assert _made(tmp_path, "token", "--name", name)[1].name == name


@pytest.mark.parametrize("name", ["", "Entra", "entra id", "a: b", "entra\n", "e" * 64])
def test_a_name_that_the_file_would_be_refused_for_makes_no_credential(name: str) -> None:
    done = run("client", "new", "token", "--name", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "small letters, digits and -" in done.stderr


@pytest.mark.parametrize(
    ("more", "client_id"),
    [((), r"entra-[0-9a-f]{8}"), (("--id", "acme"), "acme"), (("--id", 'a"\\b\N{GRINNING FACE}'), r'a"\\b.')],
)
def test_a_new_secret_is_what_the_printed_line_lets_in(tmp_path: Path, more: tuple[str, ...], client_id: str) -> None:
    told, client = _made(tmp_path, "credentials", *more)
    assert isinstance(client, SecretClient)
    assert re.fullmatch(client_id, client.id)
    assert (told["Client Identifier"], digest(told["Client Secret"])) == (client.id, client.secrets[0].digest)


def test_no_two_are_alike_and_each_ends(tmp_path: Path) -> None:
    (one, first), (two, second) = (_made(tmp_path, "token", "--days", days) for days in ("1", "365"))
    assert one != two
    assert isinstance(first, TokenClient)
    assert isinstance(second, TokenClient)
    assert second.tokens[0].not_after - first.tokens[0].not_after == 364 * 86_400
