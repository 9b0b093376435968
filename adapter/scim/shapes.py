"""Resources and messages as JSON Schema has them (draft 2020-12, as OpenAPI 3.1 uses it), made from the attributes that there are."""

from typing import Any

from adapter.scim import bulk, messages
from adapter.scim.limits import Limits
from adapter.scim.schema import Attribute, ResourceType

_TYPES: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer"},
    "dateTime": {"type": "string", "format": "date-time"},
    "reference": {"type": "string", "format": "uri-reference"},
}
_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}


def resource(kind: ResourceType) -> dict[str, Any]:
    """Return a resource of a type as a request may hold it; what is read-only is ignored there."""
    required = [each.name for each in kind.schema.attributes if each.required]
    return {
        "type": "object",
        "description": kind.schema.description,
        "required": required,
        "properties": _properties(kind),
    }


def shown(kind: ResourceType) -> dict[str, Any]:
    """Return a resource as an answer shows it: `attributes` and `excludedAttributes` may leave out most of it."""
    properties = {name: each for name, each in _properties(kind).items() if not each.get("writeOnly")}
    return {"type": "object", "required": ["schemas", "id"], "properties": properties}


def _properties(kind: ResourceType) -> dict[str, dict[str, Any]]:
    meta = {"resourceType": _TEXT, "location": _TYPES["reference"], "version": _TEXT}
    times = dict.fromkeys(kind.times, _TYPES["dateTime"])
    return {
        "schemas": _TEXTS | {"description": "The URNs of the schemas that the resource holds attributes of."},
        "id": _TEXT | {"readOnly": True, "description": "The upstream's id."},
        **{each.name: _attribute(each) for each in kind.schema.attributes},
        **{each.id: _object(each.attributes) for each in kind.extensions},
        "meta": {"type": "object", "readOnly": True, "properties": meta | times},
    }


def patch(limits: Limits) -> dict[str, Any]:
    """Return the message of a PATCH (RFC 7644 section 3.5.2)."""
    operation = {
        "type": "object",
        "required": ["op"],
        "properties": {
            "op": {"enum": ["add", "replace", "remove"]},
            "path": _TEXT | {"description": 'An attribute, such as name.givenName or emails[type eq "work"].value.'},
            "value": {"description": "What to add, or to put in its place."},
        },
    }
    several = {"type": "array", "minItems": 1, "maxItems": limits.operations, "items": operation}
    return _message(messages.PATCH, {"Operations": several}, "Operations")


def search(limits: Limits) -> dict[str, Any]:
    """Return the message of a query in a body (RFC 7644 section 3.4.3)."""
    return _message(
        messages.SEARCH,
        {
            "filter": _TEXT | {"maxLength": limits.filter},
            "attributes": _TEXTS,
            "excludedAttributes": _TEXTS,
            "sortBy": _TEXT,
            "sortOrder": {"enum": ["ascending", "descending"]},
            "startIndex": {"type": "integer"},
            "count": {"type": "integer"},
            "cursor": _TEXT,
        },
    )


def bulk_request(limits: Limits) -> dict[str, Any]:
    """Return the message of a bulk request (RFC 7644 section 3.7)."""
    operation = {
        "type": "object",
        "required": ["method", "path"],
        "properties": {
            "method": {"enum": list(bulk.METHODS)},
            "path": _TEXT,
            "bulkId": _TEXT,
            "version": _TEXT,
            "data": {"type": "object"},
        },
    }
    several = {"type": "array", "minItems": 1, "maxItems": limits.bulk, "items": operation}
    most = {"failOnErrors": {"type": "integer", "minimum": 1}}
    return _message(bulk.REQUEST, {"Operations": several, **most}, "Operations")


def bulk_response() -> dict[str, Any]:
    """Return the answer to a bulk request: each operation has the status that a request of its own would have."""
    result = {"type": "object", "required": ["method", "status"], "properties": {"status": _TEXT, "method": _TEXT}}
    return _message(bulk.RESPONSE, {"Operations": {"type": "array", "items": result}}, "schemas", "Operations")


def listing(name: str | None) -> dict[str, Any]:
    """Return a ListResponse of the resources of a name, or of any (RFC 7644 section 3.4.2)."""
    items = {"$ref": f"#/components/schemas/{name}Shown"} if name else {"type": "object"}
    number: dict[str, Any] = {"type": "integer", "minimum": 0}
    properties = {
        "totalResults": number,
        "startIndex": number,
        "itemsPerPage": number,
        "nextCursor": _TEXT,
        "Resources": {"type": "array", "items": items},
    }
    return _message(messages.LIST, properties, "schemas", "Resources")


def error() -> dict[str, Any]:
    """Return an error (RFC 7644 section 3.12)."""
    properties = {"status": {"type": "string", "pattern": "^[45][0-9][0-9]$"}, "scimType": _TEXT, "detail": _TEXT}
    return _message(messages.ERROR, properties, "schemas", "status", "detail")


def _message(urn: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    schemas = {"type": "array", "items": _TEXT, "contains": {"const": urn}}
    return {"type": "object", "required": list(required), "properties": {"schemas": schemas, **properties}}


def _attribute(attribute: Attribute) -> dict[str, Any]:
    shape = (
        _object(attribute.sub_attributes) if attribute.type == "complex" else dict(_TYPES.get(attribute.type, _TEXT))
    )
    if attribute.canonical_values and attribute.is_closed:
        shape["enum"] = list(attribute.canonical_values)
    elif attribute.canonical_values:
        shape["examples"] = list(attribute.canonical_values)
    if attribute.multi_valued:
        shape = {"type": "array", "items": shape}
    if attribute.mutability == "readOnly" or attribute.is_made:
        shape["readOnly"] = True
    if attribute.mutability == "writeOnly":
        shape["writeOnly"] = True
    return shape | ({"description": attribute.description} if attribute.description else {})


def _object(attributes: tuple[Attribute, ...]) -> dict[str, Any]:
    required = [each.name for each in attributes if each.required and each.mutability != "readOnly"]
    made: dict[str, Any] = {"type": "object", "properties": {each.name: _attribute(each) for each in attributes}}
    return made | ({"required": required} if required else {})
