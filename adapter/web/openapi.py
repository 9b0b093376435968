"""What the gateway serves for a mapping, as an OpenAPI 3.1 document: the paths and methods that its upstream has calls for."""

from collections.abc import Iterable
from typing import Any

from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.route import Route
from adapter.scim import shapes
from adapter.scim.limits import USUAL, Limits
from adapter.scim.schema import ResourceType
from adapter.web.documents import NAMES, can_change

_JSON = "application/scim+json"
_SHOWN = ("attributes", "excludedAttributes")
_READ_ERRORS = (400, 401, 403, 404, 413, 414, 429, 500, 501, 502, 503, 504)
_WRITE_ERRORS = (400, 401, 403, 404, 409, 412, 413, 414, 429, 500, 501, 502, 503, 504)
_QUERY: dict[str, dict[str, Any]] = {
    "filter": {"type": "string"},
    "startIndex": {"type": "integer", "minimum": 1},
    "count": {"type": "integer", "minimum": 0},
    "cursor": {"type": "string"},
    "sortBy": {"type": "string"},
    "sortOrder": {"enum": ["ascending", "descending"]},
    **{each: {"type": "string"} for each in _SHOWN},
}


def described(mapping: Mapping, root: str, version: str, limits: Limits = USUAL) -> dict[str, Any]:
    """Return the document; `root` is the address of the SCIM root, `version` the program's."""
    types = [each.type for each in mapping.resources]
    paths: dict[str, Any] = {}
    for each in mapping.resources:
        paths |= _paths(each, limits)
    search, found = _body("Search"), {"200": _answer("The resources that match.", "Listing")}
    paths["/.search"] = {"post": _operation("Query all resources.", search, found, _READ_ERRORS)}
    paths["/Bulk"] = {
        "post": _operation(
            "Do several operations, one after the other.",
            _body("Bulk"),
            {"200": _answer("What became of each.", "BulkResponse")},
            _WRITE_ERRORS,
        )
    }
    for name in NAMES:
        paths |= _documents(name)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": f"SCIM for {mapping.upstream}",
            "version": version,
            "description": "RFC 7643 and RFC 7644, as far as the upstream can do it; made from the mapping.",
        },
        "servers": [{"url": root}],
        "security": [{"token": []}],
        "paths": {name: item for name, item in paths.items() if item},
        "components": {
            "schemas": _schemas(types, limits),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(types: Iterable[ResourceType], limits: Limits) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for each in types:
        made[each.name] = shapes.resource(each)
        made[f"{each.name}Shown"] = shapes.shown(each)
        made[f"{each.name}Listing"] = shapes.listing(each.name)
    return made | {
        "Listing": shapes.listing(None),
        "Patch": shapes.patch(limits),
        "Search": shapes.search(limits),
        "Bulk": shapes.bulk_request(limits),
        "BulkResponse": shapes.bulk_response(),
        "Error": shapes.error(),
    }


def _paths(resource: ResourceMapping, limits: Limits) -> dict[str, Any]:
    """Return the paths of a resource type, each with the methods for which the upstream has a call."""
    kind = resource.type
    shown, listing = _answer("The resource.", f"{kind.name}Shown"), _answer("The resources.", f"{kind.name}Listing")
    every, one = dict[str, Any](), dict[str, Any]()
    if isinstance(resource.list, Route) or resource.pushed:
        most = {"count": {"type": "integer", "minimum": 0, "description": f"{limits.count} at the most."}}
        every["get"] = _operation(f"Query {kind.name}s.", _asks(_QUERY | most), {"200": listing}, _READ_ERRORS)
    if isinstance(resource.create, Route):
        every["post"] = _operation(f"Make a {kind.name}.", _body(kind.name), {"201": shown}, _WRITE_ERRORS)
    shows = {name: _QUERY[name] for name in _SHOWN}
    if isinstance(resource.get, Route) or resource.get is None:
        unchanged = {"304": {"description": "The client has this version."}}
        reads = _asks(shows, "If-None-Match")
        one["get"] = _operation(f"Read a {kind.name}.", reads, {"200": shown, **unchanged}, _READ_ERRORS)
    if can_change(resource):
        quiet = {"204": {"description": "Done; the resource is not shown."}}
        done = {"200": shown} | (quiet if kind.name == "Group" else {})
        changes = _asks(shows, "If-Match")
        one["put"] = _operation(f"Replace a {kind.name}.", _body(kind.name) | changes, {"200": shown}, _WRITE_ERRORS)
        one["patch"] = _operation(f"Change a {kind.name}.", _body("Patch") | changes, done, _WRITE_ERRORS)
    if isinstance(resource.delete, Route):
        removed = {"204": {"description": "Removed."}}
        one["delete"] = _operation(f"Remove a {kind.name}.", _asks({}, "If-Match"), removed, _WRITE_ERRORS)
    found = _operation(f"Query {kind.name}s.", _body("Search"), {"200": listing}, _READ_ERRORS)
    return {
        kind.endpoint: every,
        f"{kind.endpoint}/.search": {"post": found} if "get" in every else {},
        f"{kind.endpoint}/{{id}}": {"parameters": [_id()], **one} if one else {},
    }


def _documents(name: str) -> dict[str, Any]:
    """Return the paths of a discovery document: the one, or the list and each of it."""
    errors = (401, 403, 404, 414, 429)
    told = {"200": _answer("What this service is and does.", None), "304": {"description": "The client has it."}}
    paths: dict[str, Any] = {f"/{name}": {"get": _operation(f"Read {name}.", {}, told, errors)}}
    if name != "ServiceProviderConfig":
        one = _operation(f"Read one of {name}.", {}, told, errors)
        paths[f"/{name}/{{id}}"] = {"parameters": [_id()], "get": one}
    return paths


def _operation(summary: str, takes: dict[str, Any], answers: dict[str, Any], errors: tuple[int, ...]) -> dict[str, Any]:
    refused = {str(each): _answer("Refused, with the reason for the administrator.", "Error") for each in errors}
    return {"summary": summary, **takes, "responses": answers | refused}


def _asks(parameters: dict[str, dict[str, Any]], *headers: str) -> dict[str, Any]:
    asked = [{"name": name, "in": "query", "schema": each} for name, each in parameters.items()]
    versions = [{"name": name, "in": "header", "schema": {"type": "string"}} for name in headers]
    return {"parameters": [*asked, *versions]}


def _id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _body(name: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": _ref(name)}}}}


def _answer(description: str, name: str | None) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: {"schema": _ref(name) if name else {"type": "object"}}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
