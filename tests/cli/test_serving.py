"""The commands that serve, run as the program that a person starts."""

import json
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from adapter.cli.files import shipped_mappings
from tests.cli.program import ENVIRONMENT, PROGRAM, SHIPPED, environment, run


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
    done = run("serve", "--port", "0", **more)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"scim-adapter: {line}" for line in lines]


def test_serve_refuses_a_wrong_mapping_at_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("version: 1\nupstraem: X\n", encoding="utf-8")
    done = run("serve", "--port", "0", ADAPTER_MAPPING=str(wrong))
    assert done.returncode == 2
    assert done.stderr == f"scim-adapter: {wrong}:2:1: unknown key 'upstraem': did you mean 'upstream'?\n"


def test_serve_asks_for_its_public_address_unless_it_listens_on_loopback() -> None:
    done = run("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 (it refuses before it listens)
    assert done.returncode == 2
    assert (
        done.stderr
        == "scim-adapter: ADAPTER_PUBLIC_URL is missing: set it to how clients reach the gateway, https://host\n"
    )


@pytest.fixture
def gateway() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    with subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0"],
        env=environment(ADAPTER_DRAIN_MS="3000"),
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
    while (ready := httpx.get(f"{root}/health/ready")).status_code == 200:
        assert process.poll() is None
    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
    assert httpx.get(f"{root}/health/live").status_code == 200
    assert httpx.get(f"{root}/scim/v2/Users").status_code == 401  # requests are still taken
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "ADAPTER_SIGNING_KEY is not set: access tokens end with this process" in errors


def test_a_taken_port_is_one_clear_line(gateway: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    port = gateway[1]["Tenant URL"].split(":")[2].split("/")[0]
    done = run("serve", "--port", port)
    assert done.returncode == 2
    assert done.stderr == f"scim-adapter: cannot listen on 127.0.0.1:{port}: Address already in use\n"


@contextmanager
def _said_of_mappings(process: subprocess.Popen[str]) -> Iterator["queue.Queue[str]"]:
    """Give what is logged of mappings as it comes, so that one can wait for the next line; end the process after it."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stderr is not None
    stream = process.stderr

    def follow() -> None:
        for line in stream:
            if '"logger":"adapter.settings"' in line:
                lines.put(json.loads(line)["event"])

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        yield lines
    finally:
        process.kill()
        follower.join()  # it reads until the process has ended: the stream is not closed under it


@pytest.mark.parametrize("told_by", ["signal", "watch"])
def test_a_changed_mapping_is_taken_without_a_restart_and_a_wrong_one_is_not(tmp_path: Path, told_by: str) -> None:
    file = tmp_path / "acme.yaml"
    text = (shipped_mappings() / "n-able.yaml").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    token = "a-static-token-of-thirty-two-characters"
    with (
        subprocess.Popen(
            [*PROGRAM, "serve", "--port", "0", *(["--watch"] if told_by == "watch" else [])],
            env=environment(ADAPTER_MAPPING=str(file), ADAPTER_TOKENS=token, ADAPTER_SIGNING_KEY="k" * 32),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        _said_of_mappings(process) as logged,
    ):
        assert process.stdout is not None
        root = process.stdout.readline().split()[-1]

        def version() -> str:
            headers = {"Authorization": f"Bearer {token}"}
            config = httpx.get(f"{root}/ServiceProviderConfig", headers=headers).json()
            return str(config["meta"]["version"])

        def save(changed: str) -> str:
            file.write_text(changed, encoding="utf-8")
            if told_by == "signal":
                process.send_signal(signal.SIGHUP)
            return logged.get(timeout=10)

        first = logged.get(timeout=10)
        before = version()
        assert first.endswith(f"the mapping {before[3:-1]} is in use")
        wrong = save(text.replace("scim: active", "scim: aktive"))
        assert re.search(r"the old ones stay in use: .*acme\.yaml:\d+:\d+: ", wrong)
        assert version() == before
        taken = save(text + "# changed\n")
        after = version()
        assert after != before
        assert taken.endswith(f"the mapping {after[3:-1]} is in use")


def test_what_would_be_served_can_be_asked_for(tmp_path: Path) -> None:
    done = run("serve", "--check", ADAPTER_TOKENS="a-static-token-of-thirty-two-characters")
    assert (done.returncode, done.stdout) == (
        0,
        "environment: N-able user API at http://127.0.0.1:9; clients: token-1, client\n",
    )
    done = run("serve", "--check", ADAPTER_GUARD_MOSTS="5")
    assert (
        "ADAPTER_GUARD_MOSTS is no variable of this program: did you mean ADAPTER_GUARD_MOST? (remark)" in done.stdout
    )
    done = run("serve", "--check", ADAPTER_MOST_FILTER="5000")
    assert (done.returncode, done.stderr) == (2, "scim-adapter: ADAPTER_MOST_FILTER may be 4096 at the most\n")
    done = run("serve", "--check", ADAPTER_SETTING_ORG_UNIT="..")
    assert (done.returncode, done.stderr) == (2, "scim-adapter: the setting 'org_unit': '..' cannot stand in a path\n")
    wrong = tmp_path / "gateway.yaml"
    wrong.write_text("version: 1\nconections: []\n", encoding="utf-8")
    others = dict.fromkeys([name for name in ENVIRONMENT if name.startswith("ADAPTER_")], "")
    done = run("serve", "--check", **(others | {"ADAPTER_CONFIG": str(wrong)}))
    assert done.returncode == 2
    assert done.stderr == f"scim-adapter: {wrong}:2:1: unknown key 'conections': did you mean 'connections'?\n"
