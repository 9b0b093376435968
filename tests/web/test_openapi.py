import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from adapter.cli.files import shipped_mappings
from adapter.scim.limits import Limits
from adapter.web.openapi import described
from tests.attacks.world import world
from tests.conversation import mapping_of

ROOT = "https://scim.example.com/scim/v2"
SHIPPED = sorted({each.name.split(".")[0] for each in shipped_mappings().glob("*.yaml")} - {"template"})
METHODS = ("get", "post", "put", "patch", "delete")


def _paths(name: str) -> dict[str, Any]:
    paths: dict[str, Any] = described(mapping_of(name).without_store(), ROOT, "1")["paths"]
    return paths


@pytest.mark.parametrize("name", [*SHIPPED, "full", "teams"])
def test_every_mapping_is_described_by_a_document_that_is_valid(name: str) -> None:
    document = described(mapping_of(name), ROOT, "1")
    validate(document)
    assert document["servers"] == [{"url": ROOT}]
    assert document["info"]["title"] == f"SCIM for {mapping_of(name).upstream}"


def test_what_the_upstream_has_no_call_for_is_not_there() -> None:
    assert set(_paths("n-able")["/Users/{id}"]) & set(METHODS) == {"get", "put", "patch", "delete"}
    assert set(_paths("n-central")["/Users/{id}"]) & set(METHODS) == {"get"}
    assert "/Groups" not in _paths("cove") or "Group" in [each.type.name for each in mapping_of("cove").resources]
    assert "/Me" not in _paths("n-able")


async def test_what_is_there_is_served_and_what_is_not_is_405_or_501() -> None:
    async with world() as ask:
        user = ask.keep("ada")
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all", "memberIds": []}
        for path, item in _paths("full").items():
            one = "g" if "Groups" in path else "User" if "Types" in path else user
            one = "urn:ietf:params:scim:schemas:core:2.0:User" if "Schemas" in path else one
            for method in METHODS:
                answer = await ask(method.upper(), path.replace("{id}", one), {} if method != "get" else None)
                if method in item:
                    assert str(answer.status) in item[method]["responses"], f"{method} {path}: {answer}"
                    assert answer.status != 405
                else:
                    assert answer.status in {405, 501, 404}, f"{method} {path}: {answer}"
                if method == "delete" and answer.status == 204:
                    ask.keep("ada") if one == user else ask.directory.groups.kept.update(g={"id": "g", "name": "all"})


def test_the_limits_are_told_as_they_are() -> None:
    document = described(mapping_of("full"), ROOT, "1", Limits(operations=3, bulk=4, count=5, filter=6))
    shapes = document["components"]["schemas"]
    assert shapes["Patch"]["properties"]["Operations"]["maxItems"] == 3
    assert shapes["Bulk"]["properties"]["Operations"]["maxItems"] == 4
    assert shapes["Search"]["properties"]["filter"]["maxLength"] == 6
    assert re.search(r"'description': '5 at the most\.'", str(document["paths"]["/Users"]["get"]))
