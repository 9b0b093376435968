"""The defects can still be put into the product; that each is found, `python -m tests.faults --defects` shows."""

import pytest

from tests.faults import campaign, defects
from tests.faults.defects import DEFECTS, Defect
from tests.faults.verdict import INVARIANTS


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: each.about)
def test_a_defect_fits_the_product_and_names_what_finds_it(defect: Defect) -> None:
    text = (defects.ROOT / "adapter" / defect.file).read_text(encoding="utf-8")
    assert text.count(defect.old) == 1
    assert defect.part in [each.name for each in campaign.PARTS]
    assert defect.finds <= set(INVARIANTS)
    assert defect.finds


def test_there_are_ten_and_more() -> None:
    assert len({each.about for each in DEFECTS}) >= 10
