"""scim-sanity (https://pypi.org/project/scim-sanity): a probe that plays the life of each resource, and judges answers."""

import asyncio
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from tests.conversation import STRICT, TOKEN
from tests.suites.conftest import Judge
from tests.suites.judgement import Profile, Run, Verdict, merged
from tests.suites.targets import TARGETS, gateway


@pytest.mark.parametrize("profile", ["strict", "compat"])
@pytest.mark.parametrize("mapping", TARGETS)
async def test_every_check_of_scim_sanity_is_green_or_cannot_apply(
    mapping: str, profile: Profile, judge: Judge
) -> None:
    async with gateway(mapping) as root:
        results = await asyncio.to_thread(_probed, root, profile)
    verdicts = [Verdict(_name(each), _outcome(each), each.get("message", "")) for each in results]
    judge(Run("scim-sanity", mapping, profile), merged(verdicts))


def _probed(root: str, profile: Profile) -> list[dict[str, Any]]:
    options = [
        "--token",
        {"strict": STRICT, "compat": TOKEN}[profile],
        f"--{profile}",
        "--json-output",
        "--i-accept-side-effects",
    ]
    command = [sys.executable, "-m", "scim_sanity", "probe", root, *options]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.stdout, done.stderr.decode()
    report = msgspec.json.decode(done.stdout, type=dict[str, Any])
    assert report["mode"] == profile
    assert report["summary"]["total"] == len(report["results"])
    results: list[dict[str, Any]] = report["results"]
    return results


def _name(result: dict[str, Any]) -> str:
    """Return what a check is called; those of the clean-up have the ids of what they take away in their names."""
    return "Cleanup" if result["phase"] == "Cleanup" else result["name"]


def _outcome(result: dict[str, Any]) -> str:
    return "green" if result["status"] == "pass" else result["status"]
