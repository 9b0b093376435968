from typing import Any

import pytest

from adapter.mapping.document.rule import Attribute
from tests.mapping.document.accepts import accepts


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        (Attribute, {"scim": "title", "field": "a.b c.d"}, True),
        (Attribute, {"scim": "title", "field": ".a"}, False),
        (Attribute, {"scim": "title", "field": "a."}, False),
        (Attribute, {"scim": "title", "field": ""}, False),
        (Attribute, {"scim": "title", "fields": ["a", "b"]}, True),
        (Attribute, {"scim": "title", "fields": ["a"]}, False),
        (Attribute, {"scim": "roles.value", "field": "r", "every": "list"}, True),
        (Attribute, {"scim": "roles.value", "field": "r", "every": {"by": ";"}}, True),
        (Attribute, {"scim": "roles.value", "field": "r", "every": {"by": ""}}, False),
    ],
)
def test_the_bounds_of_a_part(kind: Any, data: Any, fits: bool) -> None:  # noqa: FBT001
    assert accepts(kind, data) is fits
