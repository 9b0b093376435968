from typing import Any

import msgspec
import pytest

from adapter.mapping.route import Route, Unsupported
from adapter.mapping.template import read_call


def _route(text: str, **more: Any) -> Route:
    call = read_call(text)
    assert call is not None
    return Route(call=call, **more)


@pytest.mark.parametrize(
    ("more", "sent", "body"),
    [
        ({}, None, None),
        ({}, {"a": 1}, {"a": 1}),
        ({"body": {"method": "X"}}, None, {"method": "X"}),
        ({"body": {"method": "X"}}, {"a": 1}, {"method": "X", "a": 1}),
        ({"body": {"method": "X", "params": {"user": {"Id": "{id}"}}}, "fields": "params.user"}, {"a": 1},
         {"method": "X", "params": {"user": {"Id": 42, "a": 1}}}),
        ({"fields": "user"}, {"a": 1}, {"user": {"a": 1}}),
        ({"fields": "user"}, None, None),
    ],
)  # fmt: skip
def test_the_fields_go_where_the_mapping_says(more: dict[str, Any], sent: dict[str, Any] | None, body: Any) -> None:
    assert _route("POST /rpc", **more).filled_body({"id": 42}, sent) == body


def test_a_body_that_is_filled_leaves_the_template_as_it_was() -> None:
    route = _route("POST /rpc", body={"params": {}}, fields="params")
    route.filled_body({}, {"a": 1})
    assert route.body == {"params": {}}


def test_a_route_is_named_as_the_mapping_writes_it() -> None:
    assert str(_route("GET /users/{id}")) == "GET /users/{id}"
    assert _route("GET /users/{id}").path({"id": 42}) == "/users/42"


def test_queries_and_headers_are_filled_with_texts() -> None:
    route = _route("GET /users", query={"org": "{setting:org}", "n": "{id}"}, headers={"X-Org": "{setting:org}"})
    values = {"setting:org": "a b", "id": 42}
    assert route.filled_query(values) == {"org": "a b", "n": "42"}
    assert route.filled_headers(values) == {"X-Org": "a b"}


def test_what_is_unsupported_says_why() -> None:
    assert Unsupported("No.") == Unsupported("No.")
    assert msgspec.structs.asdict(Unsupported("No.")) == {"sentence": "No."}
