import msgspec
import pytest

from adapter.mapping.route import Route
from adapter.mapping.template import read_call as read
from adapter.plan.conversation import Call, Reply, read_call, write_call
from tests.mapping.minimal import mapping

MAPPING = mapping().bound({}, lambda text: text[0])


def _route(text: str, **more: object) -> Route:
    template = read(text)
    assert template is not None
    return Route(call=template, **more)  # type: ignore[arg-type]


def test_a_call_is_named_by_its_route_and_goes_to_the_filled_path() -> None:
    made = write_call(_route("PATCH /api/users/{id}"), MAPPING, {"a": 1}, id="42")
    assert (made.route, made.method, made.path) == ("PATCH /api/users/{id}", "PATCH", "/api/users/42")
    assert (made.query, made.body, made.is_read) == ({}, {"a": 1}, False)


@pytest.mark.parametrize(
    ("value", "path"), [("a/b", "/users/a%2Fb"), ("1;x", "/users/1%3Bx"), ("ä?#%", "/users/%C3%A4%3F%23%25")]
)
def test_a_value_stays_one_segment_of_the_path(value: str, path: str) -> None:
    assert read_call(_route("GET /users/{id}"), MAPPING, id=value).path == path


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_leads_elsewhere_makes_no_call(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be part of a path"):
        read_call(_route("GET /users/{id}"), MAPPING, id=value)


def test_the_plan_says_what_is_a_read_whatever_the_method() -> None:
    body = {"method": "GetUser", "params": {"id": "{id}"}}
    made = read_call(_route("POST /rpc", body=body), MAPPING, {"page": "1"}, id="42")
    assert (made.is_read, made.query, made.body) == (True, {"page": "1"}, {"method": "GetUser", "params": {"id": "42"}})


def test_in_a_body_an_id_has_the_upstreams_own_type() -> None:
    numbered = msgspec.structs.replace(MAPPING, resource=msgspec.structs.replace(MAPPING.resource, id_kind="number"))
    assert write_call(_route("POST /rpc", body={"id": "{id}"}), numbered, id="42").body == {"id": 42}


def test_a_reply_is_read_in_its_body_and_its_headers() -> None:
    reply = Reply(200, {"data": {"id": 7}}, {"x-total": "9"})
    assert [reply.at("data.id"), reply.at("$")] == [7, {"data": {"id": 7}}]


def test_a_call_cannot_be_changed_once_it_is_made() -> None:
    made = Call(route="x", method="GET", path="/x")
    with pytest.raises(AttributeError):
        made.path = "/y"  # type: ignore[misc]
    assert msgspec.structs.replace(made, path="/y").path == "/y"
