from typing import Any

import pytest

from adapter.mapping.document.members import Members
from tests.mapping.document.accepts import accepts

LIST = {"call": "GET /teams/{id}/users", "records": "$", "page": {"by": "nothing"}, "id": "user"}
ADD, REMOVE = {"call": "POST /a", "most": 10}, {"call": "DELETE /a"}


@pytest.mark.parametrize(
    ("data", "fits"),
    [
        ({"by": "users"}, True),
        ({"by": "users", "list": LIST}, False),
        ({"by": "calls", "list": LIST, "add": ADD, "remove": REMOVE, "kept_as": "number"}, True),
        ({"by": "calls", "list": LIST, "add": ADD}, False),
        ({"by": "calls", "list": LIST, "add": ADD | {"most": 0}, "remove": REMOVE}, False),
        ({"by": "calls", "list": LIST | {"lacks": []}, "add": ADD, "remove": REMOVE}, False),
        ({"by": "magic"}, False),
    ],
)
def test_the_bounds_of_a_part(data: Any, fits: bool) -> None:  # noqa: FBT001
    assert accepts(Members, data) is fits
