import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from adapter.simulator import demo as module
from adapter.simulator.servers import Servers

LAST = "lukasz.okafor12@example.com"

DEAF = """
import time
for name in ("User API", "Control port", "Tenant URL", "Token Endpoint"):
    print(name, "http://127.0.0.1:9", sep="  ", flush=True)
time.sleep(60)
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "adapter", "demo", "--users", "12", *arguments]


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    return subprocess.run(
        command("--once", *arguments), capture_output=True, encoding="utf-8", env=environment, timeout=60, check=False
    )


def test_the_demo_tells_the_whole_story_and_the_verdict_is_right() -> None:
    told = demo()
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""
    assert told.stdout.endswith(
        "Verdict from the upstream's own state: 11 users, each there once, every attribute right.\n"
    )
    for line in (
        r"create +12 +\d+ +[\d.]+ +[\d.]+  12 created",
        r"PATCH, no change +1 +\d+ +[\d.]+ +[\d.]+  1 accepted",
        r"DELETE again +1 +\d+ +[\d.]+ +[\d.]+  1 gone \(404\)",
        r"Calls that the upstream answered with 429: 0 of \d+\.",
    ):
        assert re.search(line, told.stdout), told.stdout
    assert "failed" not in told.stdout
    assert all(character.isprintable() for character in told.stdout.replace("\n", ""))


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("drop", f"{LAST}: missing"),
        ("double", f"{LAST}: there 2 times"),
        ("alter", f"{LAST}: lastName is 'Altered', should be 'Okafor'"),
    ],
)
def test_the_verdict_names_the_user_whose_creation_was_spoilt(kind: str, fault: str) -> None:
    told = demo("--spoil", kind)
    assert told.returncode == 1, told.stdout + told.stderr
    assert told.stdout.endswith(f"\n{fault}\nVerdict from the upstream's own state: 1 wrong.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
@pytest.mark.skipif(not shutil.which("curl"), reason="the lines to paste need curl")
def test_the_servers_stay_for_a_stranger_until_ctrl_c() -> None:
    with subprocess.Popen(command(), stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout
        told = ""
        for line in process.stdout:
            told += line
            if line.endswith("/scim/v2/Users\n"):  # the last line of the invitation
                break
        script = told[told.index("TOKEN=$(") :]
        by_hand = subprocess.run(script, shell=True, capture_output=True, encoding="utf-8", timeout=20, check=False)  # noqa: S602 - pasting is the point
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert f'"userName":"{LAST}"' in by_hand.stdout, by_hand
    [tenant] = re.findall(r"Tenant URL +(\S+)", told)
    with pytest.raises(httpx.ConnectError):
        httpx.get(tenant)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_the_servers_end_when_the_demo_is_told_to_end() -> None:
    with subprocess.Popen(command(), stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout
        assert process.stdout.readline() == "test connection: 7 to send\n"
        process.terminate()
        rest = process.stdout.read()  # ends when nobody has the pipe any more
        assert process.wait(20) == 130
    assert "Verdict" not in rest


@pytest.fixture
def _same_sigterm() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_same_sigterm")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit('the port is taken')", "sandbox ended with status 1:\nthe port is taken\n"),
        (
            DEAF,
            "the sandbox's control port does not answer: ConnectError('All connection attempts failed')\n",
        ),
    ],
)
def test_a_server_that_fails_is_said_on_standard_error(
    script: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "Servers", lambda: Servers((sys.executable, "-c", script)))
    assert module.run(users=12, once=True, spoil=None) == 1
    assert capsys.readouterr().err == said
