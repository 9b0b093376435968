"""The discovery documents, made from the resource types that a connection really has (RFC 7644 section 4)."""

from typing import Any

import msgspec

from adapter.scim.limits import Limits
from adapter.scim.operation import DEFAULT_COUNT
from adapter.scim.schema import Attribute, ResourceType, Schema

_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
_RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_PROVIDER = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection's upstream and its mapping make possible."""

    patch: bool
    filters: bool
    lists: bool


def service_provider_config(base: str, does: Abilities, limits: Limits, version: str) -> dict[str, Any]:
    """Return what this service does and does not do (RFC 7643 section 5); `version` is that of the mapping."""
    return {
        "schemas": [_PROVIDER],
        "patch": {"supported": does.patch},
        "bulk": {"supported": True, "maxOperations": limits.bulk, "maxPayloadSize": limits.body},
        "filter": {"supported": does.filters, "maxResults": limits.count},
        "changePassword": {"supported": False},
        "sort": {"supported": does.lists},
        "etag": {"supported": True},
        "pagination": {
            "cursor": does.lists,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": min(DEFAULT_COUNT, limits.count),
            "maxPageSize": limits.count,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "A bearer token, from the token endpoint by client credentials or a static one.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": f"{base}/ServiceProviderConfig",
            "version": f'W/"{version}"',
        },
    }


def resource_types(base: str, types: list[ResourceType]) -> list[dict[str, Any]]:
    """Return a document for each resource type (RFC 7643 section 6)."""
    return [
        {
            "schemas": [_RESOURCE_TYPE],
            "id": each.name,
            "name": each.name,
            "endpoint": each.endpoint,
            "description": each.schema.description,
            "schema": each.schema.id,
            "schemaExtensions": [{"schema": one.id, "required": False} for one in each.extensions],
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{each.name}"},
        }
        for each in types
    ]


def schemas(base: str, types: list[ResourceType]) -> list[dict[str, Any]]:
    """Return a document for each schema, with the attributes that the mapping names (RFC 7643 section 7)."""
    return [_schema(base, each) for one in types for each in one.schemas]


def _schema(base: str, schema: Schema) -> dict[str, Any]:
    return {
        "schemas": [_SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": [_attribute(each) for each in schema.attributes],
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{schema.id}"},
    }


def _attribute(attribute: Attribute) -> dict[str, Any]:
    """Return one attribute with all its characteristics; those that mean nothing for its type are left out."""
    document: dict[str, Any] = {
        "name": attribute.name,
        "type": attribute.type,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
    }
    if attribute.type != "boolean":
        document["uniqueness"] = attribute.uniqueness
    if attribute.type in ("string", "reference", "binary"):
        document["caseExact"] = attribute.case_exact
    if attribute.canonical_values:
        document["canonicalValues"] = list(attribute.canonical_values)
    if attribute.reference_types:
        document["referenceTypes"] = list(attribute.reference_types)
    if attribute.sub_attributes:
        document["subAttributes"] = [_attribute(each) for each in attribute.sub_attributes]
    return document
