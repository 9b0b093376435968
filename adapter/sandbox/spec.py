"""The OpenAPI document of the user API, made from the table of routes."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from adapter.sandbox.page import DEFAULT_SIZE, MOST
from adapter.sandbox.routes import Listing, Route
from adapter.sandbox.rules import Field

DOCUMENTED = "N-able documents this call."
ASSUMED = "N-able does not document this call: it is this stand-in's assumption."

_REFUSALS = (400, 401, 403, 404, 409, 429, 500)

_ERROR = {
    "type": "object",
    "required": ["status", "message"],
    "properties": {
        "status": {"type": "integer"},
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def spec(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.0.1",
        "info": {
            "title": "Sandbox user API",
            "version": "v1.0",
            "description": "A stand-in for N-able's N-central API-Service, as far as it concerns users.",
        },
        "paths": paths,
        "components": {
            "schemas": {"ErrorResponse": _ERROR},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "".join(word.capitalize() for word in re.findall(r"\w+", route.name.lower())),
        "summary": route.says,
        "description": ASSUMED if route.assumed else DOCUMENTED,
        "responses": _responses(route),
        **({"x-assumed": True} if route.assumed else {"x-documented-by": "N-able"}),
    }
    if parameters := [*_path_parameters(route), *_headers(route), *_query(route.lists)]:
        operation["parameters"] = parameters
    if route.fields:
        operation["requestBody"] = {"required": True, "content": {"application/json": _body(route)}}
    if route.path != "/api/auth/refresh":  # the one call whose token is its body
        operation["security"] = [{"bearer": []}]
    return operation


def _responses(route: Route) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "The call is done."}
    if route.success != HTTPStatus.NO_CONTENT:
        done["content"] = {"application/json": {"schema": {"type": "object"}}}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
    refused = {str(status): {"description": f"{HTTPStatus(status).phrase}.", "content": error} for status in _REFUSALS}
    return {str(int(route.success)): done} | refused


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in names]


def _headers(route: Route) -> list[dict[str, Any]]:
    says = "A number and one of s, m, h; never longer than the system setting."
    return [
        {"name": name, "in": "header", "description": says, "schema": {"type": "string", "example": "30m"}}
        for name in route.headers
    ]


def _query(lists: Listing | None) -> list[dict[str, Any]]:
    if lists is None:
        return []
    size = {"type": "integer", "default": DEFAULT_SIZE, "maximum": MOST}
    schemas = {
        "pageNumber": ("The page, from 1.", {"type": "integer", "default": 1, "minimum": 1}),
        "pageSize": (f"The records of a page: 1 to {MOST}, or -1 for all.", size),
        "sortBy": ("What to sort by.", {"type": "string", "enum": list(lists.sorts)}),
        "sortOrder": ("In which order.", {"type": "string", "enum": list(lists.orders)}),
        "select": ("Which records: field==value, field!=value, several with a semicolon.", {"type": "string"}),
    }
    return [
        {"name": name, "in": "query", "description": says, "schema": schema} for name, (says, schema) in schemas.items()
    ]


def _body(route: Route) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _property(field) for field in route.fields},
        "additionalProperties": False,
    }
    required = [field.name for field in route.fields if field.required]
    return {"schema": schema if route.partial else schema | {"required": required}}


def _property(field: Field) -> dict[str, Any]:
    shape: dict[str, Any]
    match field.kind:
        case "text":
            shape = {"type": "string", "maxLength": field.most, "pattern": field.pattern}
            shape["enum"] = list(field.choices) or None
        case "flag":
            shape = {"type": "boolean"}
        case "ids":
            shape = {"type": "array", "items": {"type": "string"}, "minItems": field.least or None}
    shape |= {"example": field.example, "description": field.says or None}
    return {key: value for key, value in shape.items() if value is not None}
