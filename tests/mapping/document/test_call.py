from typing import Any

import pytest

from adapter.mapping.document.call import Deleting, Find, Listing
from tests.mapping.document.accepts import accepts


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        (Listing, {"call": "GET /a", "records": "$", "page": {"by": "nothing"}, "also": [{"state": "locked"}]}, True),
        (Listing, {"call": "GET /a", "records": "$", "page": {"by": "nothing"}, "also": [{"state": 1}]}, False),
        (Find, {"filter": "userName eq", "quoting": "odata"}, True),
        (Find, {"filter": "userName eq", "quoting": "sql"}, False),
        (Deleting, {"call": "DELETE /a", "leaves": {"field": "a", "holds": [1]}, "again": "new user"}, True),
        (Deleting, {"call": "DELETE /a", "leaves": {"field": "a", "holds": []}}, False),
        (Deleting, {"call": "DELETE /a", "again": "nothing"}, False),
    ],
)
def test_the_bounds_of_a_part(kind: Any, data: Any, fits: bool) -> None:  # noqa: FBT001
    assert accepts(kind, data) is fits
