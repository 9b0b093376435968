from typing import Any

import msgspec
import pytest

from adapter.errors import Forbidden, NotFound
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Unsupported
from adapter.scim.messages import LIST
from adapter.web.documents import NAMES, document
from tests.conversation import mapping_of

BASE = "https://scim.example.com/scim/v2"
FULL = mapping_of("full")
CANNOT = Unsupported("The directory cannot.")


def _with(**others: Any) -> Mapping:
    """A mapping whose every resource type is changed in the same way."""
    resources = tuple(msgspec.structs.replace(each, **others) for each in FULL.resources)
    return msgspec.structs.replace(FULL, resources=resources, resource=resources[0])


def _supported(mapping: Mapping) -> dict[str, bool]:
    told = document(mapping, BASE, "ServiceProviderConfig", None, {})
    parts = {name: part["supported"] for name, part in told.items() if isinstance(part, dict) and "supported" in part}
    return parts | {"cursor": told["pagination"]["cursor"]}


def test_a_service_does_what_its_mapping_has_a_call_for() -> None:
    every = dict.fromkeys(("patch", "bulk", "filter", "sort", "etag", "cursor"), True) | {"changePassword": False}
    assert _supported(FULL) == every
    assert _supported(_with(update=CANNOT)) == every | {"patch": False}
    assert _supported(_with(list=CANNOT)) == every | {"sort": False, "cursor": False}
    assert _supported(_with(list=CANNOT, pushed=())) == every | {"sort": False, "cursor": False, "filter": False}


def test_a_service_has_the_version_of_its_mapping() -> None:
    told = document(FULL, BASE, "ServiceProviderConfig", None, {})
    assert told["meta"]["version"] == f'W/"{FULL.digest}"'
    assert told["meta"]["location"] == f"{BASE}/ServiceProviderConfig"


@pytest.mark.parametrize(("name", "ids"), [("ResourceTypes", ["User", "Group"])])
def test_a_name_alone_is_the_list_of_its_documents(name: str, ids: list[str]) -> None:
    told = document(FULL, BASE, name, None, {"startIndex": "7"})
    assert told["schemas"] == [LIST]
    assert [each["id"] for each in told["Resources"]] == ids


def test_a_document_is_found_by_its_id_in_any_case() -> None:
    for each in document(FULL, BASE, "Schemas", None, {})["Resources"]:
        assert document(FULL, BASE, "Schemas", each["id"].upper(), {}) == each
        with pytest.raises(NotFound, match=r"There is no such document under ResourceTypes\."):
            document(FULL, BASE, "ResourceTypes", each["id"], {})


def test_there_is_one_service_provider_config() -> None:
    with pytest.raises(NotFound, match="without an id"):
        document(FULL, BASE, "ServiceProviderConfig", "1", {})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("one", [None, "User"])
def test_a_filter_is_forbidden_whatever_it_says(name: str, one: str | None) -> None:
    with pytest.raises(Forbidden):
        document(FULL, BASE, name, one, {"filter": ""})
