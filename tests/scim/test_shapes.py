from typing import Any

import msgspec
import pytest
from openapi_schema_validator import OAS31Validator

from adapter.errors import NotFound
from adapter.scim import bulk, messages, shapes
from adapter.scim.bulk import BulkOperation, BulkResult
from adapter.scim.limits import USUAL, Limits
from adapter.scim.messages import PATCH, SEARCH
from tests.scim.given import CORE, GROUP_TYPE, USER_TYPE

URL = "https://scim.example.com/scim/v2"


def _holds(shape: dict[str, Any], message: Any) -> bool:
    return bool(OAS31Validator(shape).is_valid(message))


@pytest.mark.parametrize("kind", [USER_TYPE, GROUP_TYPE], ids=["User", "Group"])
def test_every_attribute_of_a_type_is_in_its_shape(kind: Any) -> None:
    properties = shapes.resource(kind)["properties"]
    for attribute in kind.schema.attributes:
        own = properties[attribute.name]
        assert (own["type"] == "array") == attribute.multi_valued
        assert own.get("readOnly", False) == (attribute.mutability == "readOnly")
        parts = own["items"] if attribute.multi_valued else own
        assert list(parts.get("properties", {})) == [each.name for each in attribute.sub_attributes]
    assert {each.id for each in kind.extensions} <= set(properties)
    assert properties["id"]["readOnly"]


def test_what_is_never_shown_is_in_no_answer() -> None:
    assert shapes.resource(USER_TYPE)["properties"]["password"]["writeOnly"]
    assert "password" not in shapes.shown(USER_TYPE)["properties"]


def test_a_resource_as_it_is_answered_has_the_shape() -> None:
    ada = {"id": "1", "userName": "ada", "active": True, "emails": [{"type": "work", "value": "a@b.c"}]}
    body = messages.resource_body(ada, USER_TYPE, URL, 'W/"1"')
    assert _holds(shapes.shown(USER_TYPE), body)
    assert not _holds(shapes.shown(USER_TYPE), body | {"active": "True"})
    assert not _holds(shapes.shown(USER_TYPE), {"userName": "ada"})
    assert not _holds(shapes.resource(USER_TYPE), {"schemas": [CORE]})


@pytest.mark.parametrize(
    ("shape", "right", "wrong"),
    [
        (shapes.patch(USUAL), {"schemas": [PATCH], "Operations": [{"op": "add"}]}, {"Operations": []}),
        (shapes.patch(Limits(operations=1)), {"Operations": [{"op": "add"}]}, {"Operations": [{"op": "add"}] * 2}),
        (shapes.search(USUAL), {"schemas": [SEARCH], "count": 5}, {"sortOrder": "up"}),
        (shapes.search(Limits(filter=5)), {"filter": "id pr"}, {"filter": "name pr"}),
        (shapes.bulk_request(USUAL), {"Operations": [{"method": "DELETE", "path": "/Users/1"}]}, {"Operations": [{}]}),
        (shapes.error(), messages.error_body(NotFound("x")), {"status": 404, "schemas": [messages.ERROR]}),
        (shapes.error(), messages.error_body(NotFound("x")), messages.error_body(NotFound("x")) | {"schemas": ["x"]}),
        (shapes.listing(None), messages.list_body([]), {"schemas": [messages.LIST], "totalResults": 0}),
        (
            shapes.bulk_response(),
            bulk.bulk_body([BulkResult(BulkOperation("DELETE", "/Users/1"), 204)]),
            {"schemas": [bulk.RESPONSE], "Operations": [{"status": 204}]},
        ),
    ],
)
def test_a_message_has_its_shape_and_another_has_not(shape: dict[str, Any], right: Any, wrong: Any) -> None:
    assert _holds(shape, msgspec.json.decode(msgspec.json.encode(right)))
    assert not _holds(shape, wrong)
