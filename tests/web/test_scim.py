from typing import Any

import pytest
import yaml

from adapter.cli.files import shipped_mappings
from adapter.scim import messages
from tests.conversation import FOLDER, PUBLIC, TOKEN, Answer, asked, gateway, mapping_of

BASE = f"{PUBLIC}/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MAPPINGS = ["n-able", "wide"]


async def _got(path: str, mapping: str = "n-able", method: str = "GET", body: bytes = b"") -> Answer:
    async with gateway(mapping_of(mapping)) as (app, upstream):
        answer = await asked(app, method, f"/scim/v2{path}", [("Authorization", f"Bearer {TOKEN}")], body)
        assert upstream.seen == []
        return answer


def _in_the_file(mapping: str) -> dict[str, tuple[str, bool]]:
    """What a mapping's file says of each attribute: its mutability, and whether it is required."""
    folder = shipped_mappings() if mapping == "n-able" else FOLDER / "mappings"
    document = yaml.safe_load((folder / f"{mapping}.yaml").read_text(encoding="utf-8"))
    said = {}
    for rule in document["resources"][0]["attributes"]:
        if rule.get("keep") or rule["scim"].startswith("meta."):
            continue  # not offered without a store, and no attribute of a schema
        name = rule["scim"].partition("[")[0] + rule["scim"].partition("]")[2]
        said[name] = (rule.get("mutability", "readWrite"), rule.get("required", False))
    return said


def _in_the_schemas(documents: list[dict[str, Any]]) -> dict[str, tuple[str, bool]]:
    """The same, as the schema documents have it; the sub-attribute that chooses an element has no rule of its own."""
    said = {}
    for schema in documents:
        prefix = "" if schema["id"] == USER else f"{schema['id']}:"
        for attribute in schema["attributes"]:
            for sub in attribute.get("subAttributes", [attribute]):
                name = attribute["name"] if sub is attribute else f"{attribute['name']}.{sub['name']}"
                if "canonicalValues" not in sub and name not in ("roles.primary", "groups.$ref"):
                    said[prefix + name] = (sub["mutability"], sub["required"])
    return said


@pytest.mark.parametrize("mapping", MAPPINGS)
async def test_the_schemas_are_what_the_mapping_says_and_nothing_else(mapping: str) -> None:
    documents = (await _got("/Schemas", mapping)).json["Resources"]
    users = [each for each in documents if each["name"] != "Group"]
    assert _in_the_schemas(users) == _in_the_file(mapping)


async def test_the_schemas_hold_each_characteristic_of_rfc_7643() -> None:
    documents = (await _got("/Schemas")).json["Resources"]
    assert [each["id"] for each in documents] == [USER, GROUP]
    attributes = {each["name"]: each for each in documents[0]["attributes"]}
    assert attributes["userName"] == {
        "name": "userName",
        "type": "string",
        "multiValued": False,
        "description": attributes["userName"]["description"],
        "required": True,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "server",
    }
    assert attributes["name"]["required"] is True
    assert attributes["displayName"]["mutability"] == "readOnly"
    emails = {each["name"]: each for each in attributes["emails"]["subAttributes"]}
    assert (attributes["emails"]["type"], attributes["emails"]["multiValued"]) == ("complex", True)
    assert emails["type"]["canonicalValues"] == ["work"]
    assert (attributes["groups"]["returned"], attributes["groups"]["mutability"]) == ("request", "readOnly")
    group = {each["name"]: each for each in documents[1]["attributes"]}
    assert list(group) == ["displayName", "members"]
    members = {each["name"]: each["mutability"] for each in group["members"]["subAttributes"]}
    assert members == {"value": "immutable", "$ref": "immutable", "type": "immutable"}


@pytest.mark.parametrize("mapping", MAPPINGS)
async def test_no_discovery_document_holds_a_null_or_an_empty_text(mapping: str) -> None:
    def holes(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(holes, value.values()))
        return any(map(holes, value)) if isinstance(value, list) else value in (None, "")

    for path in ("/Schemas", "/ResourceTypes", "/ServiceProviderConfig"):
        assert not holes((await _got(path, mapping)).json)


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes"])
async def test_a_collection_of_documents_is_a_list_response_and_ignores_paging(path: str) -> None:
    whole = (await _got(path)).json
    assert whole["schemas"] == [messages.LIST]
    assert whole["totalResults"] == whole["itemsPerPage"] == len(whole["Resources"]) == 2
    assert whole["startIndex"] == 1
    assert (await _got(f"{path}?startIndex=7&count=0&attributes=id&aadOptscim062020")).json == whole


async def test_the_resource_types_name_the_extensions_that_the_mapping_has() -> None:
    narrow = (await _got("/ResourceTypes")).json["Resources"]
    wide = (await _got("/ResourceTypes", "wide")).json["Resources"]
    assert [(each["id"], each["endpoint"], each["schema"]) for each in narrow] == [
        ("User", "/Users", USER),
        ("Group", "/Groups", GROUP),
    ]
    assert narrow[0]["schemaExtensions"] == []
    assert wide[0]["schemaExtensions"] == [{"schema": ENTERPRISE, "required": False}]


async def test_the_service_says_what_it_does_and_what_it_does_not() -> None:
    document = (await _got("/ServiceProviderConfig")).json
    supported = {
        name: part["supported"] for name, part in document.items() if isinstance(part, dict) and "supported" in part
    }
    assert supported == {
        "patch": True,
        "bulk": True,
        "filter": True,
        "changePassword": False,
        "sort": True,
        "etag": True,
    }
    assert {"maxOperations", "maxPayloadSize"} <= set(document["bulk"])
    assert document["filter"]["maxResults"] == 1000
    assert [each["type"] for each in document["authenticationSchemes"]] == ["oauthbearertoken"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/ResourceTypes/User", "User"),
        ("/ResourceTypes/user", "User"),
        (f"/Schemas/{USER}", USER),
        (f"/Schemas/{USER.lower()}", USER),
        (f"/Schemas/{USER.replace(':', '%3A')}", USER),
        (f"/Schemas/{ENTERPRISE}", ENTERPRISE),
    ],
)
async def test_one_document_is_read_by_its_id_and_says_where_it_is(path: str, name: str) -> None:
    answer = await _got(path, "wide")
    assert answer.status == 200
    assert answer.json["id"] == name
    location = f"{BASE}/{path.split('/')[1]}/{name}"
    assert answer.json["meta"]["location"] == answer.headers["location"] == location


@pytest.mark.parametrize(
    "path",
    [
        "/ResourceTypes/Device",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Device",
        f"/Schemas/{ENTERPRISE}",
        "/ServiceProviderConfig/x",
        "/Schemas/User/x",
    ],
)
async def test_a_document_that_there_is_not_is_404(path: str) -> None:
    assert (await _got(path)).status == 404


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ResourceTypes/User"])
@pytest.mark.parametrize("text", ['id eq "User"', "", "nonsense"])
async def test_a_filter_on_discovery_is_403(path: str, text: str) -> None:
    answer = await _got(f"{path}?filter={text.replace(' ', '+')}")
    assert (answer.status, answer.json["status"]) == (403, "403")


@pytest.mark.parametrize("path", ["/Users/x", "/Groups/x", "/Schemas", "/ServiceProviderConfig"])
async def test_head_is_answered_as_a_get_whose_body_the_server_leaves_out(path: str) -> None:
    # RFC 9110 section 9.3.2.
    answer, got = await _got(path, method="HEAD"), await _got(path)
    own = {"x-request-id": "each request has its own"}
    assert (answer.status, answer.headers | own) == (got.status, got.headers | own)


async def test_a_delete_answers_without_a_body_and_without_its_length() -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [[204]]
        answer = await asked(app, "DELETE", "/scim/v2/Users/42", [("Authorization", f"Bearer {TOKEN}")])
    assert (answer.status, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


async def test_a_resource_says_where_it_is_and_a_list_does_not() -> None:
    record = {"id": "u1", "login": "ada", "state": "in"}
    header = [("Authorization", f"Bearer {TOKEN}")]
    async with gateway(mapping_of("wide")) as (app, upstream):
        upstream.replies = [[200, record], [200, {"items": [record], "count": 1}]]
        one = await asked(app, "GET", "/scim/v2/Users/u1", header)
        several = await asked(app, "GET", "/scim/v2/Users?count=1", header)
    assert one.headers["location"] == f"{BASE}/Users/u1"
    assert {"location", "etag"}.isdisjoint(several.headers)
