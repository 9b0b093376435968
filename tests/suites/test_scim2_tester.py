"""scim2-tester (https://scim2-tester.readthedocs.io): reads the discovery documents and tries what they promise."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import (
    CheckConfig,
    CheckResult,
    Status,
    check_server,
    checkers,
    filling,
    get_standard_resource_types,
)
from scim2_tester.utils import CheckContext

from tests.conversation import TOKEN
from tests.suites.conftest import Judge
from tests.suites.judgement import Run, Verdict, merged
from tests.suites.targets import TARGETS, gateway

GREEN = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


@pytest.mark.parametrize("mapping", TARGETS)
async def test_every_check_of_scim2_tester_is_green_or_cannot_apply(
    mapping: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for at in (0, -1):
        monkeypatch.setattr(filling, "random", _Chosen(at))
        async with gateway(mapping) as root:
            results += await asyncio.to_thread(_checked, root)
    verdicts = [Verdict(_name(each), _outcome(each), each.reason or "") for each in results]
    tried = {each.resource_type for each in results}
    absent = [
        Verdict(each, "absent", "no such resource type is offered")
        for each in get_standard_resource_types()
        if each not in tried
    ]
    judge(Run("scim2-tester", mapping), merged(verdicts + absent))
    assert {name for name in checkers.__all__ if hasattr(getattr(checkers, name), "tags")} <= {
        each.title for each in results
    }


class _Chosen:
    """Stands for chance where the suite makes up values: always the first of what it may choose, or always the last.

    So each run is like the one before, and both values of a boolean have been tried.
    """

    def __init__(self, at: int) -> None:
        self._at = at

    def choice(self, options: Sequence[Any]) -> Any:
        return options[self._at]

    def randint(self, least: int, most: int) -> int:
        return (least, most)[self._at]


def _checked(root: str) -> list[CheckResult]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx2.Client(base_url=root, headers=headers, timeout=30, trust_env=False) as client:
        scim = SyncSCIMClient(client)
        # The last is one of the tool's checks that it does not run by itself.
        return [*check_server(scim), *checkers.core_schemas_validation(CheckContext(scim, CheckConfig()))]


def _name(result: CheckResult) -> str:
    """Return what a check is called: what it is about belongs to the name, random ids and values do not."""
    data: Any = result.data
    about = data["urn"] if isinstance(data, dict) and "urn" in data else None
    return " ".join(each for each in (result.title, result.resource_type, about) if each)


def _outcome(result: CheckResult) -> str:
    return "green" if result.status in GREEN else result.status.name.lower()
