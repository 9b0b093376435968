from typing import Any

import pytest
from httpx import AsyncClient
from openapi_spec_validator import validate

from adapter.sandbox.routes import ROUTES, routes
from adapter.sandbox.spec import ASSUMED, DOCUMENTED, spec


@pytest.mark.parametrize("stock", [True, False])
def test_the_document_is_valid_openapi(stock: bool) -> None:  # noqa: FBT001 - a table
    document = spec(routes(stock=stock))
    assert document["openapi"] == "3.0.1"
    validate(document)


def test_every_route_says_who_documents_it() -> None:
    paths = spec(ROUTES)["paths"]
    for route in ROUTES:
        operation = paths[route.path][route.method.lower()]
        assert operation["description"] == (ASSUMED if route.assumed else DOCUMENTED)
        assert operation.get("x-assumed", False) is route.assumed
        assert operation.get("x-documented-by") == (None if route.assumed else "N-able")


def test_the_rules_of_a_field_stand_in_the_document() -> None:
    operation: dict[str, Any] = spec(ROUTES)["paths"]["/api/org-units/{orgUnitId}/users"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["email", "password", "firstName", "lastName", "roleIds", "accessGroupIds"]
    assert schema["properties"]["ext"] == {"type": "string", "pattern": r"^\d{1,6}$", "example": "123"}
    assert schema["properties"]["roleIds"]["items"] == {"type": "string"}
    assert schema["properties"]["status"]["enum"] == ["enabled", "disabled"]


def test_nothing_is_required_of_a_change() -> None:
    operation: dict[str, Any] = spec(ROUTES)["paths"]["/api/users/{userId}"]["patch"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert "required" not in schema
    assert "password" not in schema["properties"]


def test_the_calls_on_members_stand_in_the_document() -> None:
    operations: dict[str, Any] = spec(ROUTES)["paths"]["/api/access-groups/{accessGroupId}/users"]
    schema = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (schema["required"], schema["properties"]["userIds"]["minItems"]) == (["userIds"], 1)
    assert "select" in [each["name"] for each in operations["get"]["parameters"]]


async def test_the_document_opens_without_a_token(api: AsyncClient) -> None:
    request = api.build_request("GET", "/api-explorer/openapi-spec.json")
    del request.headers["Authorization"]
    reply = await api.send(request)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json() == spec(ROUTES)
