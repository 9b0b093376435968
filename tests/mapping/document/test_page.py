from typing import Any

import pytest

from adapter.mapping.document.page import Page
from tests.mapping.document.accepts import accepts


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        (Page, {"by": "number", "number": "n", "size": "s", "most": 1, "first": 0}, True),
        (Page, {"by": "cursor", "number": "n", "size": "s", "most": 1}, False),
        (Page, {"by": "link", "next": {"header": "Link"}, "size": "s", "most": 1}, True),
        (Page, {"by": "nothing", "size": "s"}, False),
    ],
)
def test_the_bounds_of_a_part(kind: Any, data: Any, fits: bool) -> None:  # noqa: FBT001
    assert accepts(kind, data) is fits
