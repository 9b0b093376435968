import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.web.operations import DOCUMENTS, KNOWN, operation_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other")


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/scim/v2", "GET /"),
        ("POST", "/scim/v2/.search", "POST /.search"),
        ("POST", "/scim/v2/Bulk", "POST /Bulk"),
        ("GET", "/scim/v2/Users", "GET /Users"),
        ("HEAD", "/scim/v2/Users", "GET /Users"),
        ("POST", "/scim/v2/Users", "POST /Users"),
        ("POST", "/scim/v2/Users/.search", "POST /Users/.search"),
        ("PATCH", "/scim/v2/Users/ada@example.com", "PATCH /Users/{id}"),
        ("DELETE", "/scim/v2/Groups/7", "DELETE /Groups/{id}"),
        ("PUT", "/scim/v2/Users/a%2Fb", "PUT /Users/{id}"),
        ("GET", "//scim//v2//Users/7/", "GET /Users/{id}"),
        ("GET", "/scim/v2/%55sers/7", "GET /Users/{id}"),
        ("GET", "/acme/scim/v2/Users/7", "GET /Users/{id}"),
        ("GET", "/scim/v2/Schemas", "GET /Schemas"),
        ("GET", "/scim/v2/Schemas/urn:x", "GET /Schemas/{id}"),
        ("GET", "/scim/v2/Me", "GET /Me"),
        ("GET", "/scim/v2/Me/x", "GET /Me"),
        ("POST", "/oauth/token", "POST /oauth/token"),
        ("GET", "/oauth/token", "GET /oauth/token"),
        ("GET", "/health/ready", "GET /health/ready"),
        ("GET", "/.well-known/oauth-authorization-server", "GET /.well-known/oauth-authorization-server"),
        ("GET", "/scim/v2/Users/7/x", "GET elsewhere"),
        ("GET", "/scim/v2/ada", "GET elsewhere"),
        ("GET", "/scim/v3/Users", "GET elsewhere"),
        ("GET", "/a/b/scim/v2/Users", "GET elsewhere"),
        ("GET", "/ada", "GET elsewhere"),
        ("GET", "/", "GET elsewhere"),
        ("GET", "", "GET elsewhere"),
        ("PROPFIND", "/scim/v2/Users", "other /Users"),
        ("get", "/ada", "other elsewhere"),
    ],
)
def test_a_request_is_named_by_what_it_asks_for_and_by_nothing_that_was_sent(
    method: str, path: str, operation: str
) -> None:
    assert operation_of(method, path) == operation


PLACES = {name.partition(" ")[2] for name in KNOWN} | {
    *("elsewhere", "/Me", "/oauth/token", *(f"/{each}/{{id}}" for each in DOCUMENTS)),
    *("/metrics", "/health/live", "/health/ready", "/.well-known/oauth-authorization-server"),
}


@given(
    st.text(max_size=8), st.lists(st.sampled_from(["scim", "v2", "Users", ".search", "%2e", "", "x", "Me", "oauth"]))
)
def test_whatever_is_sent_its_name_is_one_of_a_closed_set(method: str, parts: list[str]) -> None:
    said, _, place = operation_of(method, "/".join(parts)).partition(" ")
    assert said in METHODS
    assert place in PLACES
