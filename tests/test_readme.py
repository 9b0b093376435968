"""The README is true: its commands run, its tables are complete, its links lead somewhere."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_first_screen_holds_two_commands_that_need_only_python_and_pip() -> None:
    commands = BLOCKS[0].splitlines()
    assert len(commands) == 2
    assert README[: README.index(commands[1])].count("\n") < 15
    assert all(command.startswith("python3 -m venv --without-pip") for command in commands)
    assert commands[0].endswith("-m adapter demo --once")
    assert all("--require-hashes" in command for command in commands)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_the_serving_example_runs_as_it_is_printed() -> None:
    script = next(block for block in BLOCKS if "scim-adapter serve" in block)
    for printed in ("8080", "8081", "8082"):
        script = script.replace(printed, str(_free_port()))
    # Only the ports are other ones here, and the program is not installed: the same command, from the checkout.
    whole = f'scim-adapter() {{ exec "{sys.executable}" -m adapter "$@"; }}\ntrap "kill $(jobs -p)" EXIT\n'
    whole = whole.replace('"kill $(jobs -p)"', "'kill $(jobs -p)'") + script
    done = subprocess.run(
        ["bash", "-euc", whole],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("ADAPTER_")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"totalResults":10,"startIndex":1,"itemsPerPage":2' in done.stdout


def test_every_variable_of_the_settings_is_in_the_table() -> None:
    text = (ROOT / "adapter" / "settings" / "environment.py").read_text(encoding="utf-8")
    variables = {f"ADAPTER_{name}" for name in re.findall(r"(?:ADAPTER|, )_([A-Z]+(?:_[A-Z]+)*)", text)}
    assert variables
    assert [each for each in sorted(variables) if each.removesuffix("_FILE") not in README and "<" not in each] == []


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:|#)([^)]+)\)", README))
def test_the_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("anchor", re.findall(r"\]\(#([^)]+)\)", README))
def test_the_link_leads_to_a_heading(anchor: str) -> None:
    headings = re.findall(r"^#+ (.*)$", README, re.MULTILINE)
    assert anchor in [re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings]


def test_every_shipped_mapping_and_every_command_is_named() -> None:
    mappings = {each.name.split(".")[0] for each in (ROOT / "mappings").glob("*.yaml")} - {"template"}
    row = next(line for line in README.splitlines() if line.startswith("| `ADAPTER_MAPPING` |"))
    assert set(re.findall(r"`([a-z-]+)`", row)) == mappings
    help_ = subprocess.run(
        [sys.executable, "-m", "adapter", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    commands = re.findall(r"^│ ([a-z]+) ", help_.stdout, re.MULTILINE)
    assert len(commands) == 11
    assert [each for each in commands if f"scim-adapter {each}" not in README] == []
