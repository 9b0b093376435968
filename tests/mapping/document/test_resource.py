from typing import Any

import pytest

from adapter.mapping.document.resource import Extension, Generated, Identifier
from tests.mapping.document.accepts import accepts

TAGS = [{"name": "tags", "about": "Tags"}]


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        (Identifier, {"field": "id", "kind": "number"}, True),
        (Identifier, {"field": "id", "kind": "uuid"}, False),
        (Extension, {"urn": "urn:example:desk", "name": "Desk", "about": "Desk", "attributes": TAGS}, True),
        (Extension, {"urn": "urn:example", "name": "Desk", "about": "Desk", "attributes": TAGS}, False),
        (Extension, {"urn": "urn:example:desk", "name": "Desk", "about": "Desk", "attributes": []}, False),
        (Generated, {"punctuation": "!_"}, True),
        (Generated, {"punctuation": "é"}, False),
        (Generated, {"punctuation": ""}, False),
    ],
)
def test_the_bounds_of_a_part(kind: Any, data: Any, fits: bool) -> None:  # noqa: FBT001
    assert accepts(kind, data) is fits
