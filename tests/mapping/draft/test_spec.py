"""Reading OpenAPI documents of both versions."""

from typing import Any

import pytest

from adapter.mapping.draft.spec import Spec, kind

USER = {"type": "object", "properties": {"id": {"type": "integer"}}}


def _spec(**more: Any) -> Spec:
    return Spec({"openapi": "3.0.0", "info": {"title": "T"}, "paths": {}} | more)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({}, "/users"),
        ({"servers": [{"url": "https://host/api/v1/"}, {"url": "https://other/x"}]}, "/api/v1/users"),
        ({"servers": [{"url": "/base"}]}, "/base/users"),
        ({"servers": [{"url": "https://{tenant}.host/{version}"}]}, "/users"),
        ({"basePath": "/v2"}, "/v2/users"),
        ({"basePath": "/"}, "/users"),
    ],
)
def test_a_call_begins_with_the_path_of_the_server(more: dict[str, Any], path: str) -> None:
    (call,) = _spec(paths={"/users": {"get": {}}}, **more).operations()
    assert str(call) == f"GET {path}"


def test_parts_are_put_together_and_references_followed_a_circle_too() -> None:
    schemas = {
        "Base": USER | {"required": ["id"]},
        "User": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"boss": {"$ref": "#/components/schemas/User"}}}]},
        "Loop": {"$ref": "#/components/schemas/Loop"},
        "Away": {"$ref": "https://elsewhere/#/User"},
    }  # fmt: skip
    spec = _spec(components={"schemas": schemas})
    user = spec.flat({"$ref": "#/components/schemas/User"})
    assert set(spec.properties(user)) == {"id", "boss"}
    assert user["required"] == ["id"]
    assert set(spec.properties(spec.properties(user)["boss"])) == {"id", "boss"}
    for name in ("Loop", "Away", "Missing"):
        assert spec.flat({"$ref": f"#/components/schemas/{name}"} if name != "Away" else schemas["Away"]) == {}


@pytest.mark.parametrize(
    ("operation", "send"),
    [
        ({"requestBody": {"content": {"application/vnd.api+json": {"schema": USER}}}}, "json"),
        ({"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": USER}}}}, "form"),
        ({"parameters": [{"in": "body", "name": "it", "schema": USER}]}, "json"),
        ({"parameters": [{"in": "formData", "name": "id", "type": "integer", "required": True}]}, "form"),
    ],
)
def test_what_a_call_takes_is_found_in_both_versions(operation: dict[str, Any], send: str) -> None:
    spec = _spec(paths={"/users": {"post": operation}})
    (call,) = spec.operations()
    assert (list(spec.properties(call.sent)), call.send) == (["id"], send)


def test_the_first_success_is_the_reply() -> None:
    answers = {
        "404": {"schema": {"type": "string"}},
        "201": {"schema": USER, "headers": {"Location": {}}},
        "default": {},
    }
    (call,) = _spec(paths={"/users": {"post": {"responses": answers}}}).operations()
    assert (call.reply, call.headers) == (USER, ("Location",))


def test_the_way_to_sign_in_that_the_document_asks_for_comes_first() -> None:
    components = {"securitySchemes": {"a": {"type": "http"}, "b": {"type": "apiKey"}}}
    assert [each["type"] for each in _spec(components=components, security=[{"b": []}]).schemes()] == ["apiKey", "http"]


@pytest.mark.parametrize(
    ("schema", "is_"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["null", "integer"]}, "integer"),
        ({"properties": {}}, "object"),
        ({"items": {}}, "array"),
        ({}, ""),
        ({"type": []}, ""),
    ],
)
def test_the_kind_of_a_schema(schema: dict[str, Any], is_: str) -> None:
    assert kind(schema) == is_
