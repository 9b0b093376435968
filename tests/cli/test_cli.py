"""The program as a whole."""

import pytest

from tests.cli.program import run


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ([], ["demo", "serve", "init", "check", "explain", "schema", "sandbox", "--version"]),
        (["demo"], ["--users", "--once", "--spoil"]),
        (
            ["serve"],
            ["--host", "--port", "ADAPTER_MAPPING", "ADAPTER_SECRET_", "ADAPTER_PUBLIC_URL", "--watch", "SIGHUP"],
        ),
        (["check"], ["FILES", "--live", "--write"]),
        (["explain"], ["FILE", "REQUEST", "--body", "--record"]),
        (["schema"], ["--markdown"]),
        (["init"], ["SPEC", "FILE", "--record", "TODO"]),
        (
            ["sandbox"],
            [
                "--host",
                "--port",
                "--control-port",
                "--users",
                "--stock",
                "--in-flight",
                "--latency-ms",
                "--jwt",
                "--face",
            ],
        ),
    ],
)
def test_help_names_every_command_and_option(command: list[str], options: list[str]) -> None:
    done = run(*command, "--help", COLUMNS="200")
    assert done.returncode == 0
    assert [each for each in options if each not in done.stdout] == []
