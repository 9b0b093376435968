"""The benchmarks run: each with so little that it says nothing, and nothing is said about time."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench.__main__ import COMMANDS
from bench.report import Bar, Result, picture, spread
from bench.scim import OPERATIONS

ROOT = Path(__file__).parent.parent.parent


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    file = tmp_path_factory.mktemp("bench") / "results.json"
    done = _run("all", "--tiny", "--json", f"{file}")
    assert done.returncode == 0, done.stdout + done.stderr
    return msgspec.json.decode(file.read_bytes(), type=dict[str, Result])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_finds_a_table(command: str, found: dict[str, Result]) -> None:
    result = found[command]
    assert result.rows
    assert {len(row) for row in result.rows} == {len(result.columns)}


def test_the_upstream_calls_are_those_that_are_promised(found: dict[str, Result]) -> None:
    told = {row[0]: row[2] for row in found["calls"].rows}
    assert told["GET by id"] == "1"
    assert told["PATCH that changes nothing"] == "1"
    assert told["create, the reply carries the record"] == "1"
    assert told["PATCH, the reply carries the record"] == "2"


def test_the_processor_time_is_told_as_a_ratio_to_the_floor(found: dict[str, Result]) -> None:
    assert [row[0] for row in found["cpu"].rows] == ["bare ASGI", "floor", *OPERATIONS]
    assert all(float(bar.value) > 0 for bar in found["cpu"].bars)


def test_a_profile_names_the_rooms() -> None:
    done = _run("profile", "GET", "--tiny")
    assert "adapter/web/" in done.stdout, done.stdout + done.stderr


def test_two_commits_are_compared() -> None:
    # Beside the sources alone, without their history, there is nothing to compare; that is said.
    done = _run("compare", "HEAD", "HEAD", "--tiny")
    has_history = (
        subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=False).returncode == 0
    )
    assert ("new ÷ old" in done.stdout) == has_history, done.stdout + done.stderr


def test_the_help_names_every_command() -> None:
    done = _run("--help")
    assert [each for each in (*COMMANDS, "all", "profile", "compare") if each not in done.stdout] == []


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    assert spread([3, 1, 2], 1) == "2.0 (1.0 to 3.0)"
    assert spread([7]) == "7"


def test_a_bar_over_its_goal_has_another_colour() -> None:
    over, under = picture([Bar("GET", 2.0, 1.6)]), picture([Bar("GET", 1.5, 1.6)])
    assert over.count("#c05621") == 1
    assert "#c05621" not in under
