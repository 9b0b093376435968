"""Provisioning goes on, cycle after cycle, until source and target agree."""

import asyncio

import pytest

from tests.faults.cycles import Provisioning, Target
from tests.faults.entra import person
from tests.faults.gateway import NAIVE
from tests.faults.lane import Setup, lane
from tests.faults.plan import Fault, Rule
from tests.faults.verdict import Result

pytestmark = pytest.mark.anyio


async def test_users_are_made_changed_disabled_and_removed() -> None:
    result = Result("-", 1)
    async with lane("patching", Setup(NAIVE), result) as made:
        provisioning, ada, bob = Provisioning(made.entra, at_once=1), Target(person("ada")), Target(person("bob"))
        assert await provisioning.run([ada, bob]) == []
        ada.change(given="Augusta", family="King", enabled=False)
        bob.change()
        bob.is_deleted = True
        assert await provisioning.run([ada, bob]) == []
        [record] = made.upstream.store.live
        assert (record.fields["given"], record.fields["family"], record.fields["enabled"]) == ("Augusta", "King", False)
        assert provisioning.agreed == {1: 4}
    assert result.verdict.violations == []


async def test_what_goes_wrong_is_done_in_a_later_cycle_and_who_never_agrees_is_named() -> None:
    async with lane("patching", Setup(NAIVE), Result("-", 1)) as made:
        provisioning, ada = Provisioning(made.entra), Target(person("ada"))
        made.upstream.plan.rules = [Rule((Fault("status", "500"),), "create", times=4)]
        assert await asyncio.wait_for(provisioning.run([ada]), 10) == []
        assert (ada.cycles, provisioning.agreed[1], provisioning.agreed[2]) == (2, 0, 1)
        ada.change(given="Augusta")
        made.upstream.plan.rules = [Rule((Fault("status", "500"),), "update", times=None)]
        assert await asyncio.wait_for(provisioning.run([ada], most=2), 10) == [ada]


async def test_two_of_one_name_are_noted() -> None:
    async with lane("putting", Setup(NAIVE), Result("-", 1)) as made:
        for _ in range(2):
            made.upstream.store.create(person("ada"))
        provisioning = Provisioning(made.entra)
        await provisioning.run([Target(person("ada"))], most=1)
        assert provisioning.double == {"ada"}
