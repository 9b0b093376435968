"""The file of connections: what it becomes, and what is refused, at its line; each broken file's first line is the error."""

from pathlib import Path

import pytest

from adapter.cli.files import shipped_mappings
from adapter.errors import AdapterError, MappingError, SettingsError
from adapter.settings import gateway
from adapter.settings.settings import Connection

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "tests" / "broken_gateways"
FILES = sorted(FOLDER.glob("*.yaml"))
HASH = f"sha256:{'ab' * 32}"
ACME = f"""
  - name: acme
    mapping: mattermost
    upstream: https://chat.example/
    secrets: {{token: {{file: token}}}}
    clients: [{{kind: token, name: entra, tokens: [{{hash: '{HASH}'}}]}}]
"""
TIMES = {"request": 20.0, "queue": 3.0}


def _read(folder: Path, text: str, **environment: str) -> tuple[Connection, ...]:
    (folder / "token").write_text("the-token\n", encoding="utf-8")
    (folder / "gateway.yaml").write_text(text, encoding="utf-8")
    return gateway.read(folder / "gateway.yaml", shipped_mappings(), environment, TIMES)[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_broken_file_is_refused_in_the_words_of_its_first_line(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    with pytest.raises(AdapterError) as refused:
        _read(tmp_path, text)
    assert str(refused.value) == f"{tmp_path / 'gateway.yaml'}:{text.partition(chr(10))[0].removeprefix('# ')}"


def test_there_are_broken_files_and_none_shows_what_may_be_a_secret() -> None:
    first_lines = [file.read_text(encoding="utf-8").partition("\n")[0] for file in FILES]
    assert len(first_lines) >= 30
    assert [line for line in first_lines if "abcdef" in line or "password@" in line or "in-clear" in line] == []


def test_a_connection_is_what_the_file_says(tmp_path: Path) -> None:
    [acme] = _read(
        tmp_path, f"version: 1\nconnections:{ACME}    limits: {{queue: 0.5, in_flight: 2}}\n    guard: {{most: 9}}\n"
    )
    assert (acme.name, acme.upstream_url, acme.secrets) == ("acme", "https://chat.example", {"token": "the-token"})
    assert acme.times == {"request": 20.0, "queue": 0.5}
    assert (acme.mapping.in_flight, acme.guard_most, acme.guard_seconds) == (2, 9, 3600.0)
    assert [(each.name, each.profile, each.may_write) for each in acme.clients] == [("entra", "entra", True)]


@pytest.mark.parametrize(
    ("where", "environment"),
    [
        ("{file: token}", {}),
        ("{environment: CHAT}", {"CHAT": " the-token "}),
        ("{credential: token}", {"CREDENTIALS_DIRECTORY": "here"}),
    ],
)
def test_a_secret_is_where_the_file_says(where: str, environment: dict[str, str], tmp_path: Path) -> None:
    told = {name: str(tmp_path) if value == "here" else value for name, value in environment.items()}
    [acme] = _read(tmp_path, f"version: 1\nconnections:{ACME}".replace("{file: token}", where), **told)
    assert acme.secrets == {"token": "the-token"}
    assert "the-token" not in repr(acme)


def test_settings_are_texts_whatever_they_look_like(tmp_path: Path) -> None:
    text = f"version: 1\nconnections:{ACME}".replace("mattermost", "n-able").replace("{token: ", "{jwt: ")
    [acme] = _read(tmp_path, f"{text}    settings: {{org_unit: 50, role_ids: [1001, '2'], access_group_ids: [3]}}\n")
    assert {name: acme.values[name] for name in ("org_unit", "role_ids", "access_group_ids")} == {
        "org_unit": "50",
        "role_ids": ["1001", "2"],
        "access_group_ids": ["3"],
    }


def test_every_fault_of_every_connection_is_told_at_once(tmp_path: Path) -> None:
    both = ACME.replace("chat.example/", "") + ACME.replace("acme", "scim").replace("token: {file: token}", "")
    with pytest.raises(MappingError) as refused:
        _read(tmp_path, f"version: 1\nconnections:{both}")
    assert [each.message for each in refused.value.all] == [
        "this must be like https://host or https://host/path, without user name and query",
        "'scim' is a path of the gateway itself; take another name",
        (
            "the mapping needs the secret 'token'; add it, such as {file: /run/secrets/name}, {environment: NAME} or "
            "{credential: name}"
        ),
        "this hash is there twice; each client has secrets of its own",
    ]


def test_a_mapping_with_a_fault_is_refused_at_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("version: 1\nupstraem: X\n", encoding="utf-8")
    with pytest.raises(MappingError) as refused:
        _read(tmp_path, f"version: 1\nconnections:{ACME}".replace("mattermost", "own.yaml"))
    assert str(refused.value) == f"{tmp_path / 'own.yaml'}:2:1: unknown key 'upstraem': did you mean 'upstream'?"


def test_every_file_that_was_read_is_known_once(tmp_path: Path) -> None:
    second = ACME.replace("acme", "other").replace("ab" * 32, "cd" * 32)
    _read(tmp_path, f"version: 1\nconnections:{ACME}{second}")
    _, files = gateway.read(tmp_path / "gateway.yaml", shipped_mappings(), {}, {})
    assert files == (tmp_path / "gateway.yaml", shipped_mappings() / "mattermost.yaml", tmp_path / "token")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ADAPTER_CONFIG: .*nowhere\.yaml: it cannot be read"):
        gateway.read(tmp_path / "nowhere.yaml", shipped_mappings(), {}, {})
    (tmp_path / "latin.yaml").write_bytes("version: 1\n# für\n".encode("cp1252"))
    with pytest.raises(
        SettingsError, match=r"ADAPTER_CONFIG: .*latin\.yaml:2: a character stands here that is not UTF-8"
    ):
        gateway.read(tmp_path / "latin.yaml", shipped_mappings(), {}, {})


def test_a_mapping_in_another_encoding_is_not_said_to_be_absent(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes("version: 1\nupstream: Büro API\n".encode("cp1252"))
    with pytest.raises(SettingsError, match=r"own\.yaml:2: a character stands here that is not UTF-8"):
        _read(tmp_path, f"version: 1\nconnections:{ACME.replace('mattermost', 'own.yaml')}")
