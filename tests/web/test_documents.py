from typing import Any

import msgspec
import pytest

from adapter.errors import Forbidden, NotFound
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Unsupported
from adapter.scim.messages import LIST
from adapter.scim.profile import ENTRA
from adapter.web.asked import Asked
from adapter.web.documents import NAMES, document
from tests.conversation import mapping_of

BASE = "https://scim.example.com/scim/v2"
FULL = mapping_of("full")
CANNOT = Unsupported("The directory cannot.")


def _asked(**parameters: str) -> Asked:
    return Asked(method="GET", path=[], parameters=parameters, body=b"", profile=ENTRA)


ASKED = _asked()


def _with(**others: Any) -> Mapping:
    """A mapping whose every resource type is changed in the same way."""
    resources = tuple(msgspec.structs.replace(each, **others) for each in FULL.resources)
    return msgspec.structs.replace(FULL, resources=resources, resource=resources[0])


def _supported(mapping: Mapping) -> dict[str, bool]:
    told = document(mapping, BASE, "ServiceProviderConfig", None, ASKED)
    parts = {name: part["supported"] for name, part in told.items() if isinstance(part, dict) and "supported" in part}
    return parts | {"cursor": told["pagination"]["cursor"]}


def test_a_service_does_what_its_mapping_has_a_call_for() -> None:
    every = dict.fromkeys(("patch", "bulk", "filter", "sort", "etag", "cursor"), True) | {"changePassword": False}
    assert _supported(FULL) == every
    assert _supported(_with(update=CANNOT)) == every | {"patch": False}
    assert _supported(_with(list=CANNOT)) == every | {"sort": False, "cursor": False}
    assert _supported(_with(list=CANNOT, pushed=())) == every | {"sort": False, "cursor": False, "filter": False}


def test_a_service_has_the_version_of_its_mapping() -> None:
    told = document(FULL, BASE, "ServiceProviderConfig", None, ASKED)
    assert told["meta"]["version"] == f'W/"{FULL.digest}"'
    assert told["meta"]["location"] == f"{BASE}/ServiceProviderConfig"


@pytest.mark.parametrize(("name", "ids"), [("ResourceTypes", ["User", "Group"])])
def test_a_name_alone_is_the_list_of_its_documents(name: str, ids: list[str]) -> None:
    told = document(FULL, BASE, name, None, _asked(startIndex="7"))
    assert told["schemas"] == [LIST]
    assert [each["id"] for each in told["Resources"]] == ids


def test_a_document_is_found_by_its_id_in_any_case() -> None:
    for each in document(FULL, BASE, "Schemas", None, ASKED)["Resources"]:
        assert document(FULL, BASE, "Schemas", each["id"].upper(), ASKED) == each
        with pytest.raises(NotFound, match=r"There is no such document under ResourceTypes\."):
            document(FULL, BASE, "ResourceTypes", each["id"], ASKED)


def test_there_is_one_service_provider_config() -> None:
    with pytest.raises(NotFound, match="without an id"):
        document(FULL, BASE, "ServiceProviderConfig", "1", ASKED)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("one", [None, "User"])
def test_a_filter_is_forbidden_whatever_it_says(name: str, one: str | None) -> None:
    with pytest.raises(Forbidden):
        document(FULL, BASE, name, one, _asked(filter=""))
