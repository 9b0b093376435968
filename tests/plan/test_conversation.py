import msgspec
import pytest

from adapter.mapping.template import Method, read_call
from adapter.plan.conversation import Call, call


def _call(text: str, texts: dict[str, str]) -> Call:
    template = read_call(text)
    assert template is not None
    return call(template, texts)


def test_a_call_is_named_by_its_route_and_goes_to_the_filled_path() -> None:
    made = _call("PATCH /api/users/{id}", {"id": "42"})
    assert (made.route, made.method, made.path) == ("PATCH /api/users/{id}", "PATCH", "/api/users/42")
    assert (made.query, made.body) == ({}, None)


@pytest.mark.parametrize(
    ("value", "path"), [("a/b", "/users/a%2Fb"), ("1;x", "/users/1%3Bx"), ("ä?#%", "/users/%C3%A4%3F%23%25")]
)
def test_a_value_stays_one_segment_of_the_path(value: str, path: str) -> None:
    assert _call("GET /users/{id}", {"id": value}).path == path


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_leads_elsewhere_makes_no_call(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be part of a path"):
        _call("GET /users/{id}", {"id": value})


@pytest.mark.parametrize(
    ("method", "reads"), [("GET", True), ("POST", False), ("PUT", False), ("PATCH", False), ("DELETE", False)]
)
def test_only_a_get_may_be_repeated_at_will(method: Method, reads: bool) -> None:  # noqa: FBT001
    assert Call(route="x", method=method, path="/x").is_read is reads


def test_a_call_cannot_be_changed_once_it_is_made() -> None:
    made = Call(route="x", method="GET", path="/x")
    with pytest.raises(AttributeError):
        made.path = "/y"  # type: ignore[misc]
    assert msgspec.structs.replace(made, path="/y").path == "/y"
