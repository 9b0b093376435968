"""The matrix has a cell for every fault that makes sense at a step, and a sample of them is the same each time."""

from collections import Counter

from tests.faults.cells import cells, login_cells
from tests.faults.matrix import sample
from tests.faults.trials import OPERATIONS

CREATE = cells("patching", "create", [("create", 1)])
PATCH = cells("putting", "patch one", [("get", 1), ("replace", 1), ("get", 2)])


def test_a_write_goes_wrong_before_it_is_made_after_it_and_while_it_is_late() -> None:
    assert {each.fault.phase for each in CREATE if each.route} == {"before", "after", "delayed"}
    assert {each.fault.phase for each in PATCH if each.fault.action == "close" and each.route == "get"} == {"before"}


def test_every_step_of_an_operation_goes_wrong_once_and_lastingly() -> None:
    steps = Counter((each.route, each.number, each.lasts) for each in PATCH)
    assert set(steps) == {
        (route, at, lasts) for route, at in (("get", 1), ("replace", 1), ("get", 2)) for lasts in (True, False)
    } | {("", 1, True)}
    assert min(steps[each] for each in steps if each[0]) >= 20


def test_no_cell_is_there_twice() -> None:
    assert len({str(each) for each in PATCH}) == len(PATCH)


def test_each_fault_of_a_login_is_met_by_a_third_of_the_operations() -> None:
    faults = [str(each.fault) for turn, name in enumerate(OPERATIONS) for each in login_cells("patching", name, turn)]
    assert min(Counter(faults).values()) >= 3


def test_a_sample_is_spread_and_the_same_for_the_same_seed() -> None:
    assert sample(PATCH, 10, 3) == sample(PATCH, 10, 3)
    assert len(sample(PATCH, 10, 3)) == 10
    assert {each.route for each in sample(PATCH, 20, 3)} >= {"get", "replace"}
