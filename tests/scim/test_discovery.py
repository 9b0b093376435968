from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from adapter.scim import discovery
from adapter.scim.limits import USUAL, Limits
from adapter.scim.schema import Attribute, ResourceType
from adapter.scim.user import ENTERPRISE_USER, USER
from tests.scim.given import CORE, ENTERPRISE, USER_TYPE

BASE = "https://scim.example.com/scim/v2"
SCHEMAS = discovery.schemas(BASE, [USER_TYPE])

# RFC 7643 section 7, the characteristics of an attribute, word for word.
ALWAYS = {"name", "type", "multiValued", "description", "required", "mutability", "returned"}
SOMETIMES = {"uniqueness", "caseExact", "canonicalValues", "referenceTypes", "subAttributes"}
WORDS = {
    "type": {"string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"},
    "mutability": {"readOnly", "readWrite", "immutable", "writeOnly"},
    "returned": {"always", "never", "default", "request"},
    "uniqueness": {"none", "server", "global"},
}


def _all(attributes: list[dict[str, Any]], before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for each in attributes:
        yield before + each["name"], each
        yield from _all(each.get("subAttributes", []), f"{before}{each['name']}.")


ATTRIBUTES = [pair for schema in SCHEMAS for pair in _all(schema["attributes"])]


@pytest.mark.parametrize(("_name", "attribute"), ATTRIBUTES, ids=[name for name, _ in ATTRIBUTES])
def test_an_attribute_has_every_characteristic_in_the_words_of_the_rfc(_name: str, attribute: dict[str, Any]) -> None:
    assert ALWAYS <= attribute.keys() <= ALWAYS | SOMETIMES
    assert all(attribute[word] in WORDS[word] for word in WORDS if word in attribute)
    assert all(type(attribute[word]) is bool for word in ("multiValued", "required"))
    assert ("caseExact" in attribute) == (attribute["type"] in ("string", "reference", "binary"))
    assert ("uniqueness" in attribute) == (attribute["type"] != "boolean")
    assert ("referenceTypes" in attribute) == (attribute["type"] == "reference")
    assert ("subAttributes" in attribute) == (attribute["type"] == "complex")
    assert all(value not in (None, [], {}, "") for value in attribute.values())


def test_the_user_name_is_described_as_section_8_7_1_has_it() -> None:
    user_name = dict(ATTRIBUTES)["userName"]
    assert {key: value for key, value in user_name.items() if key != "description"} == {
        "name": "userName",
        "type": "string",
        "multiValued": False,
        "required": True,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "server",
    }


def test_every_schema_of_every_type_has_its_document() -> None:
    assert [(each["id"], each["name"], each["description"]) for each in SCHEMAS] == [
        (CORE, "User", "User Account"),
        (ENTERPRISE, "EnterpriseUser", "Enterprise User"),
    ]
    for each in SCHEMAS:
        assert each["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Schema"]
        assert each["meta"] == {"resourceType": "Schema", "location": f"{BASE}/Schemas/{each['id']}"}
        assert each.keys() == {"schemas", "id", "name", "description", "attributes", "meta"}


def test_the_common_attributes_are_in_no_schema() -> None:
    # RFC 7643 section 3.1: they are not part of any schema; externalId is, where a mapping keeps it.
    assert {"id", "meta", "schemas"}.isdisjoint(name for name, _ in ATTRIBUTES)


def test_a_characteristic_of_the_mapping_is_what_discovery_tells() -> None:
    only = Attribute(
        name="count",
        type="integer",
        multi_valued=True,
        description="A number.",
        required=True,
        canonical_values=("1", "2"),
        mutability="immutable",
        returned="request",
        uniqueness="global",
    )
    narrow = ResourceType("User", "/Users", msgspec.structs.replace(USER, attributes=(only,)))
    [document] = discovery.schemas(BASE, [narrow])
    assert document["attributes"] == [
        {
            "name": "count",
            "type": "integer",
            "multiValued": True,
            "description": "A number.",
            "required": True,
            "mutability": "immutable",
            "returned": "request",
            "uniqueness": "global",
            "canonicalValues": ["1", "2"],
        }
    ]


def test_a_resource_type_names_its_endpoint_its_schema_and_its_extensions() -> None:
    assert discovery.resource_types(BASE, [USER_TYPE]) == [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "User Account",
            "schema": CORE,
            "schemaExtensions": [{"schema": ENTERPRISE, "required": False}],
            "meta": {"resourceType": "ResourceType", "location": f"{BASE}/ResourceTypes/User"},
        }
    ]


def test_a_type_without_extensions_says_so_with_an_empty_list() -> None:
    [document] = discovery.resource_types(BASE, [ResourceType("User", "/Users", USER)])
    assert document["schemaExtensions"] == []


def test_nothing_is_offered_where_there_is_no_type() -> None:
    assert (discovery.schemas(BASE, []), discovery.resource_types(BASE, [])) == ([], [])


def _config(*, patch: bool = True, filters: bool = True, lists: bool = True, limits: Limits = USUAL) -> dict[str, Any]:
    does = discovery.Abilities(patch=patch, filters=filters, lists=lists)
    return discovery.service_provider_config(BASE, does, limits, "abc")


def test_the_limits_that_are_told_are_those_that_are_set() -> None:
    config = _config(limits=Limits(body=5, bulk=6, count=7))
    assert config["bulk"] == {"supported": True, "maxOperations": 6, "maxPayloadSize": 5}
    assert config["filter"]["maxResults"] == 7
    assert (config["pagination"]["defaultPageSize"], config["pagination"]["maxPageSize"]) == (7, 7)


@pytest.mark.parametrize("patch", [True, False])
def test_the_service_says_of_every_feature_whether_it_has_it(patch: bool) -> None:  # noqa: FBT001 (a table of both)
    config = _config(patch=patch)
    assert config["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]
    # RFC 7643 section 5: each of these is REQUIRED.
    assert config["patch"] == {"supported": patch}
    assert config["bulk"] == {"supported": True, "maxOperations": 1000, "maxPayloadSize": 2_097_152}
    assert config["filter"] == {"supported": True, "maxResults": 1000}
    without = _config(patch=patch, filters=False, lists=False)
    assert without["filter"]["supported"] is False
    assert [each["sort"]["supported"] for each in (config, without)] == [True, False]
    assert [each["pagination"]["cursor"] for each in (config, without)] == [True, False]
    assert (config["changePassword"], config["etag"]) == ({"supported": False}, {"supported": True})
    assert config["meta"] == {
        "resourceType": "ServiceProviderConfig",
        "location": f"{BASE}/ServiceProviderConfig",
        "version": 'W/"abc"',
    }


def test_every_authentication_scheme_has_its_required_parts() -> None:
    # RFC 7643 section 5: type, name and description are REQUIRED; the types are a closed set.
    schemes = _config()["authenticationSchemes"]
    assert schemes
    for each in schemes:
        assert {"type", "name", "description"} <= each.keys()
        assert each["type"] in ("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest")


def test_the_documents_are_json_without_a_null() -> None:
    # Entra takes a null in a schema document for a broken one.
    documents = [
        SCHEMAS,
        discovery.resource_types(BASE, [USER_TYPE]),
        _config(),
    ]
    assert b"null" not in msgspec.json.encode(documents)


def test_every_attribute_that_the_types_have_is_told() -> None:
    told = [[each["name"] for each in schema["attributes"]] for schema in SCHEMAS]
    assert told == [[each.name for each in schema.attributes] for schema in (USER, ENTERPRISE_USER)]
