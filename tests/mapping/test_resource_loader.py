"""What a resource becomes; the resources that are refused are under tests/broken."""

import pytest

from adapter.errors import MappingError
from tests.mapping.minimal import mapping


def test_a_resource_tells_all_its_faults_at_once() -> None:
    with pytest.raises(MappingError) as refused:
        mapping(
            "{scim: titel, field: t}",
            "{scim: nickName}",
            resource="protected: []",
            routes={"create": "create: {call: PUSH /users, id: id}", "delete": 'delete: {call: "DELETE /users"}'},
        )
    assert [each.message for each in refused.value.all] == [
        "'PUSH /users' is no call; write POST or PUT and a path: POST /users",
        "'DELETE /users' must hold {id}: it is about one record",
        "unknown attribute 'titel': did you mean 'title'?",
        "the rule names no field; add field, or read and write",
    ]
