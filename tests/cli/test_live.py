"""`check --live` as a person runs it, against the sandbox as a person starts it."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.cli.program import PROGRAM, environment, run

ENVIRONMENT = {"ADAPTER_CLIENT_ID": "", "ADAPTER_CLIENT_SECRET": "", "ADAPTER_SETTING_ORG_UNIT": "50"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    command = [
        *PROGRAM,
        "sandbox",
        "--port",
        "0",
        "--control-port",
        "0",
        "--users",
        "3",
        "--jwt",
        "a-service-account-token",
    ]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.kill()


def test_what_is_seen_is_told_line_by_line_and_nobody_is_left_behind(url: str) -> None:
    for more, last in (([], "remove users, with"), (["--write"], "match query for the removed user: 0 found")):
        done = run("check", "n-able", "--live", *more, ADAPTER_UPSTREAM_URL=url, **ENVIRONMENT)
        lines = done.stdout.splitlines()
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert lines[0].endswith("n-able.yaml: no fault; 15 rules, 22 examples hold")
        assert "ok     list: 3 found, 3 of them read by the rules" in lines
        assert lines[-1].startswith(f"ok     {last}")
        assert "a-service-account-token" not in done.stdout


def test_a_wrong_mapping_is_not_tried_by_writing(url: str) -> None:
    done = run("check", "n-able", "--live", "--write", ADAPTER_UPSTREAM_URL=f"{url}/elsewhere", **ENVIRONMENT)
    assert done.returncode == 2
    assert "WRONG  list: " in done.stdout
    assert done.stdout.splitlines()[-1] == "note   nothing was written: mend first what is wrong"


@pytest.mark.parametrize(
    ("arguments", "more", "line"),
    [
        (["n-able", "--write"], {}, "--write goes with --live"),
        (["n-able", "cove", "--live"], {}, "--live holds one mapping against one upstream: name one file"),
        (["n-able", "--live"], {"ADAPTER_UPSTREAM_URL": ""}, "ADAPTER_UPSTREAM_URL is missing: set it to where the upstream is, https://host"),
    ],
)  # fmt: skip
def test_what_it_needs_is_asked_for(arguments: list[str], more: dict[str, str], line: str) -> None:
    done = run("check", *arguments, **more)
    assert (done.returncode, done.stderr) == (2, f"scim-adapter: {line}\n")
