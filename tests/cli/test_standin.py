"""The commands that show the gateway; what they start has tests in the rooms of its own."""

import pytest

from tests.cli.program import run


@pytest.mark.parametrize("option", [["--stock"], ["--in-flight", "5"], ["--latency-ms", "1"]])
def test_the_sandbox_refuses_an_option_that_its_face_does_not_have(option: list[str]) -> None:
    done = run("sandbox", "--face", "cove", *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "scim-adapter: --stock, --in-flight and --latency-ms are N-central's: leave them out with --face cove\n"
    )
