from typing import Any

import pytest

from adapter.mapping.document.words import Field, Spot
from tests.mapping.document.accepts import accepts


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        (Field, "a", True),
        (Field, "a.b c.d", True),
        (Field, "a[id=3].b", True),
        (Field, "a[id=x.y].b[k=v]", False),
        (Field, "a[id].b", False),
        (Field, "a[]", False),
        (Field, "a..b", False),
        (Field, "a]", False),
        (Spot, {"header": "Link"}, True),
        (Spot, {"header": ""}, False),
    ],
)
def test_the_bounds_of_a_part(kind: Any, data: Any, fits: bool) -> None:  # noqa: FBT001
    assert accepts(kind, data) is fits
