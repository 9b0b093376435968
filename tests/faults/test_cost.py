"""What an initial cycle costs an upstream that cannot search: one reading of its list, and a create and a read for each user."""

from collections import Counter

import pytest

from tests.faults.cycles import Provisioning, Target
from tests.faults.entra import person
from tests.faults.gateway import Times
from tests.faults.lane import Setup, lane
from tests.faults.verdict import Result

USERS = 120
PATIENT = Times(request=20_000, attempt=5_000)
"""Nothing goes wrong here, and nothing shall seem to because the test's own process was busy for a moment."""


@pytest.mark.parametrize("there", [0, 3])
async def test_an_initial_cycle_reads_the_list_once(there: int) -> None:
    result = Result("cost", 1)
    async with lane("searchless", Setup(), result, times=PATIENT) as made:
        for number in range(there):
            made.upstream.store.create(person(f"there{number}"))
        targets = [Target(person(f"new{number}")) for number in range(USERS)]
        assert await Provisioning(made.entra).run(targets) == []
        calls = Counter(each.route for each in made.upstream.wire)
    assert calls == {"login": 1, "list": 1, "create": USERS, "get": USERS}
    assert result.is_clean, result.verdict.violations
