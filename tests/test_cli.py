"""The commands, run as the program that a person starts."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapter.cli import shipped_mappings

PROGRAM = [sys.executable, "-m", "adapter"]
ENVIRONMENT = {
    "ADAPTER_MAPPING": "n-able",
    "ADAPTER_UPSTREAM_URL": "http://127.0.0.1:9",
    "ADAPTER_SETTING_ROLE_IDS": "1001",
    "ADAPTER_SETTING_ACCESS_GROUP_IDS": "2001",
    "ADAPTER_SECRET_JWT": "a-service-account-token",
    "ADAPTER_CLIENT_ID": "entra",
    "ADAPTER_CLIENT_SECRET": "entra-secret",
}

SHIPPED = ", ".join(sorted(each.stem for each in shipped_mappings().glob("*.yaml") if "." not in each.stem))


def _environment(**more: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("ADAPTER_")}
    return {name: value for name, value in (others | ENVIRONMENT | more).items() if value}


def _run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], env=_environment(**more), capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ([], ["demo", "serve", "sandbox", "--version"]),
        (["demo"], ["--users", "--once", "--spoil"]),
        (["serve"], ["--host", "--port", "ADAPTER_MAPPING", "ADAPTER_SECRET_", "ADAPTER_PUBLIC_URL"]),
        (
            ["sandbox"],
            ["--host", "--port", "--control-port", "--users", "--stock", "--in-flight", "--latency-ms", "--jwt"],
        ),
    ],
)
def test_help_names_every_command_and_option(command: list[str], options: list[str]) -> None:
    done = _run(*command, "--help", COLUMNS="200")
    assert done.returncode == 0
    assert [each for each in options if each not in done.stdout] == []


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        (
            {"ADAPTER_MAPPING": ""},
            [f"ADAPTER_MAPPING is missing: name a mapping file, or a shipped one: {SHIPPED}"],
        ),
        (
            {"ADAPTER_MAPPING": "nowhere.yaml"},
            [f"ADAPTER_MAPPING: there is no file 'nowhere.yaml', nor is it one of {SHIPPED}"],
        ),
        (
            {"ADAPTER_SECRET_JWT": "", "ADAPTER_SETTING_ROLE_IDS": ""},
            [
                "ADAPTER_SETTING_ROLE_IDS is missing: the mapping needs the setting 'role_ids'",
                "ADAPTER_SECRET_JWT is missing: set it, or set ADAPTER_SECRET_JWT_FILE to a file that holds it",
            ],
        ),
        (
            {"ADAPTER_CLIENT_ID": "", "ADAPTER_CLIENT_SECRET": ""},
            ["no client is configured: set ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET, or ADAPTER_TOKENS"],
        ),
        (
            {"ADAPTER_TOKENS": "short"},
            ["ADAPTER_TOKENS: a static token needs at least 32 characters"],
        ),
    ],
)
def test_serve_refuses_a_wrong_environment_with_a_line_for_each_fault(more: dict[str, str], lines: list[str]) -> None:
    done = _run("serve", "--port", "0", **more)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"scim-adapter: {line}" for line in lines]


def test_serve_refuses_a_wrong_mapping_at_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("version: 1\nupstraem: X\n", encoding="utf-8")
    done = _run("serve", "--port", "0", ADAPTER_MAPPING=str(wrong))
    assert done.returncode == 2
    assert done.stderr == f"scim-adapter: {wrong}:2:1: unknown key 'upstraem': did you mean 'upstream'?\n"


def test_serve_asks_for_its_public_address_unless_it_listens_on_loopback() -> None:
    done = _run("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 (it refuses before it listens)
    assert done.returncode == 2
    assert (
        done.stderr
        == "scim-adapter: ADAPTER_PUBLIC_URL is missing: set it to how clients reach the gateway, https://host\n"
    )


@pytest.fixture
def gateway() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    with subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0"],
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [re.split(r" {2,}", process.stdout.readline().strip()) for _ in range(2)]
        yield process, {name: value for name, value in lines}  # noqa: C416 (pairs of two)
        process.kill()


def test_serve_says_where_it_is_answers_and_ends_on_sigterm(
    gateway: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    process, said = gateway
    root = said["Tenant URL"].removesuffix("/scim/v2")
    assert said["Token Endpoint"] == f"{root}/oauth/token"
    assert httpx.get(f"{root}/health/live").status_code == 200
    assert httpx.get(f"{root}/health/ready").json() == {"status": "ready"}
    assert httpx.get(f"{root}/scim/v2/Users").status_code == 401
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "ADAPTER_SIGNING_KEY is not set: access tokens end with this process" in errors


def test_a_taken_port_is_one_clear_line(gateway: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    port = gateway[1]["Tenant URL"].split(":")[2].split("/")[0]
    done = _run("serve", "--port", port)
    assert done.returncode == 2
    assert done.stderr == f"scim-adapter: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_check_finds_no_fault_in_the_shipped_mappings() -> None:
    names = SHIPPED.split(", ")
    done = _run("check", *names)
    assert (done.returncode, done.stderr) == (0, "")
    assert [each for each in names if f"{each}.yaml: no fault; " not in done.stdout] == []


def test_check_tells_every_fault_and_ends_with_a_status(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    text = (shipped_mappings() / "n-able.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("scim: active", "scim: aktive").replace("scim: displayName", "scim: displayname2"))
    done = _run("check", "n-able", str(file))
    assert done.returncode == 2
    assert len([line for line in done.stderr.splitlines() if line.startswith(f"{file}:")]) == 2
    assert _run("check", "nowhere").stderr == (
        "scim-adapter: there is no file 'nowhere', nor a shipped mapping of that name\n"
    )


def test_schema_prints_the_json_schema_of_mapping_files() -> None:
    assert _run("schema").stdout == (shipped_mappings() / "schema.json").read_text(encoding="utf-8")


def test_explain_shows_the_calls_of_a_request_and_sends_nothing(tmp_path: Path) -> None:
    body, record = tmp_path / "body.json", tmp_path / "record.json"
    body.write_text('{"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}')
    record.write_text('{"userId": 42, "userName": "ada", "firstName": "A", "lastName": "B", "isEnabled": false}')
    done = _run("explain", "n-able", "PATCH /Users/42", "--body", str(body), "--record", str(record))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line[0].isdecimal()] == ["1. GET /api/users/42"]
    listed = _run("explain", "n-able", "GET /Users", ADAPTER_SETTING_ORG_UNIT="77")
    assert "GET /api/org-units/77/users" in listed.stdout
    record.write_text("{")
    assert "this is not JSON" in _run("explain", "n-able", "GET /Users/1", "--record", str(record)).stderr
    assert "answer 400: 'no' is no request for users" in _run("explain", "n-able", "no").stdout
