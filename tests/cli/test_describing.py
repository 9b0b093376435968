import json

import pytest
from openapi_spec_validator import validate

from tests.cli.program import run


def test_the_document_of_a_mapping_is_printed() -> None:
    done = run("openapi", "n-able", "--url", "https://scim.example.com/scim/v2/", ADAPTER_MOST_OPERATIONS="7")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    validate(document)
    assert document["servers"] == [{"url": "https://scim.example.com/scim/v2"}]
    assert document["components"]["schemas"]["Patch"]["properties"]["Operations"]["maxItems"] == 7
    assert "externalId" not in document["components"]["schemas"]["User"]["properties"]


def test_what_a_store_keeps_is_there_where_there_is_one() -> None:
    document = json.loads(run("openapi", "n-able", ADAPTER_STORE="store.db").stdout)
    assert "externalId" in document["components"]["schemas"]["User"]["properties"]


@pytest.mark.parametrize(
    ("arguments", "variables", "fault"),
    [
        (["nothing.yaml"], {}, "nothing.yaml"),
        (["n-able"], {"ADAPTER_MOST_BODY": "x"}, "ADAPTER_MOST_BODY must be a whole number of bytes"),
        (["n-able"], {"ADAPTER_MOST_NESTING": "101"}, "ADAPTER_MOST_NESTING may be 100 at the most"),
    ],
)
def test_what_is_wrong_is_said_with_status_2(arguments: list[str], variables: dict[str, str], fault: str) -> None:
    done = run("openapi", *arguments, **variables)
    assert done.returncode == 2
    assert fault in done.stderr
