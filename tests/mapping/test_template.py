from urllib.parse import unquote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.template import Template, read_call


def test_placeholders_are_replaced_and_nothing_else() -> None:
    template = Template("Bearer {secret:jwt} {a}{a} {{b}}")
    assert template.names == ["secret:jwt", "a", "a", "b"]
    assert template.filled({"secret:jwt": "{a}", "a": "1", "b": "2"}) == "Bearer {a} 11 {2}"


@pytest.mark.parametrize(
    ("text", "stray"), [("a", False), ("{a}", False), ("{a", True), ("a}", True), ("}{", True), ("{{a}}", True)]
)
def test_a_brace_without_partner_is_noticed(text: str, stray: bool) -> None:  # noqa: FBT001
    assert Template(text).has_stray_brace is stray


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_is_a_step_cannot_stand_in_a_path(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be part of a path"):
        Template("/users/{id}").path({"id": value})


TEMPLATES = ["/users/{id}", "/users/{id}/more", "/orgs/{org}/users/{id}", "/users/a{id}", "/users/{id}.{org}"]


@given(st.sampled_from(TEMPLATES), st.text(min_size=1), st.text(min_size=1))
def test_a_value_in_a_path_stays_one_segment_and_comes_out_as_it_went_in(text: str, one: str, two: str) -> None:
    values = {"id": one, "org": two}
    try:
        path = Template(text).path(values)
    except UnicodeEncodeError:  # half a character; ids and settings never hold one
        assert any("\ud800" <= each <= "\udfff" for each in one + two)
        return
    except ValueError:
        assert {one, two} & {".", ".."}
        return
    sent = httpx.URL("http://upstream.test" + path).raw_path.decode()
    assert sent == path
    assert path.count("/") == text.count("/")
    assert {".", ".."}.isdisjoint(path.split("/"))
    assert set(path) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%/")
    assert unquote(path) == Template(text).filled(values)
    assert urlsplit("http://upstream.test" + path).path == path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_call_is_a_method_and_a_path(method: str) -> None:
    call = read_call(f"{method} /users/{{id}}")
    assert call is not None
    assert (call.method, call.path.text, str(call)) == (method, "/users/{id}", f"{method} /users/{{id}}")


@pytest.mark.parametrize(
    "text",
    ["", "GET", "GET /", "get /users", "HEAD /users", "GET users", "GET  /users", "GET /users ", "GET /a b",
     "GET /users?x=1", "GET /users#x", "GET https://elsewhere/users", "GET /users\n"],
)  # fmt: skip
def test_what_is_no_call(text: str) -> None:
    assert (read_call(text) is None) == (text != "GET /")
