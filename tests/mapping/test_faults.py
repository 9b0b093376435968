from functools import partial

import pytest

from adapter.errors import MappingError
from adapter.mapping.faults import Faults


def _fault(line: int, column: int = 1) -> MappingError:
    return MappingError("a.yaml", line, column, f"fault {line}:{column}")


def _raises(error: MappingError) -> None:
    raise error


def test_a_part_without_a_fault_is_returned() -> None:
    faults = Faults()
    assert faults.tried(lambda: 7) == 7
    faults.told()


def test_all_faults_are_told_in_the_order_of_the_file() -> None:
    faults = Faults()
    inner = MappingError("a.yaml", 4, 2, "fault 4:2", (_fault(4, 9),))
    for each in (_fault(7), inner, _fault(1)):
        assert faults.tried(partial(_raises, each)) is None
    with pytest.raises(MappingError) as told:
        faults.told()
    assert [(each.line, each.column) for each in told.value.all] == [(1, 1), (4, 2), (4, 9), (7, 1)]
    assert str(told.value) == "a.yaml:1:1: fault 1:1"
