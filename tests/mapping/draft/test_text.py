"""A draft is what its golden file says, passes check as it is, and no input is too odd for it."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapter.errors import MappingError
from adapter.mapping.draft.text import draft
from adapter.mapping.load import load
from adapter.mapping.source import document
from adapter.mapping.verdict import verdict

CASES = Path(__file__).parent / "cases"
SPECS = sorted(CASES.glob("*.spec.*"))
DOCUMENTS = [document(each.read_text(encoding="utf-8"), each.name) for each in SPECS]


def _golden(spec: Path) -> Path:
    return spec.with_name(f"{spec.name.split('.')[0]}.mapping.yaml")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name.split(".")[0])
def test_the_draft_is_its_golden_file_and_passes_check(spec: Path) -> None:
    golden = _golden(spec).read_text(encoding="utf-8")
    assert draft(document(spec.read_text(encoding="utf-8"), spec.name), spec.name) == golden
    assert verdict(golden, "draft.yaml").faults == []


def test_what_a_document_does_not_show_comes_from_a_sample() -> None:
    bare = {
        "openapi": "3.0.0",
        "info": {"title": "Bare"},
        "paths": {
            "/users": {"get": {"parameters": [{"name": "page", "in": "query"}, {"name": "size", "in": "query"}]}},
            "/users/{id}": {"get": {}, "delete": {}},
        },
    }
    with pytest.raises(MappingError, match=r"this shows no user: .*; add --record and a sample of one"):
        draft(bare, "bare.json")
    one = load(draft(bare, "bare.json", {"data": {"id": 7, "login": "ada", "enabled": True}}), "one.yaml")
    assert one.resource.getting.record == "data"
    assert [str(each) for each in one.resource.rules] == ["userName", "active"]
    many = load(draft(bare, "bare.json", {"items": [{"id": 7, "login": "ada"}], "total": 1}), "many.yaml")
    assert (many.resource.listing.records, many.resource.listing.total) == ("items", "total")


@pytest.mark.parametrize(
    "nothing", [None, [], {}, "text", 7, {"openapi": "3.0.0", "paths": {}}, {"id": 1, "colour": "red"}]
)
def test_what_shows_no_user_is_refused(nothing: Any) -> None:
    with pytest.raises(MappingError, match=r"nothing\.json:1:1: (this shows no user|no field of a user is named)"):
        draft(nothing, "nothing.json")


@pytest.mark.parametrize(
    ("scheme", "credential"),
    [
        ({"type": "apiKey", "in": "query", "name": "api_key"}, 'token: "{secret:key}", sent: {query: api_key}'),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "kind: none"),
        ({"type": "apiKey", "in": "header", "name": "a b"}, "kind: none"),
        ({"type": "http", "scheme": "Bearer"}, "kind: token"),
        ({"type": "basic"}, "kind: basic"),
        ({"type": "oauth2", "flow": "application", "tokenUrl": "/token"}, "call: POST /token"),
        ({"type": "oauth2", "flow": "implicit"}, "kind: none"),
        ({"type": "oauth2", "flow": "application", "tokenUrl": "http://[x/token"}, "kind: none"),
    ],
)
def test_the_credential_is_the_first_that_the_language_has(scheme: dict[str, Any], credential: str) -> None:
    made = copy.deepcopy(next(each for each in DOCUMENTS if "components" in each))
    made["components"]["securitySchemes"] = {"it": scheme}
    made["security"] = [{"it": []}]
    text = draft(made, "made.json")
    assert credential in text
    assert verdict(text, "draft.yaml").faults == []


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 300)
    | st.sampled_from(["", "id", "object", "array", "{x}", "#/paths", "a.b", "é\n"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "$ref", "type", "enum", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Return every place in a document: what holds it, and its key."""
    if isinstance(node, dict):
        return [(node, key) for key in node] + [each for value in node.values() for each in _places(value)]
    if isinstance(node, list):
        return [(node, at) for at in range(len(node))] + [each for value in node for each in _places(value)]
    return []


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_spoilt_document_makes_a_draft_that_loads_or_is_refused(data: st.DataObject) -> None:
    made = copy.deepcopy(data.draw(st.sampled_from(DOCUMENTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(_places(made)))
        if data.draw(st.booleans()):
            holder[key] = data.draw(JSON)
        elif isinstance(holder, dict) and isinstance(holder[key], dict | str):
            holder[data.draw(st.sampled_from(["id", "login", "status", "a b", "x:y", "'", '"', "#", "$", "name"]))] = (
                holder[key]
            )
    try:
        text = draft(made, "made.json")
    except MappingError:
        return
    try:
        load(text, "draft.yaml")
    except MappingError as error:
        raise AssertionError(text) from error


@given(JSON)
@example({"$ref": "#/a", "a": {"$ref": "#/a"}, "openapi": "3", "paths": {"/users": {"$ref": "#/a"}}})
def test_any_json_is_drafted_or_refused(made: Any) -> None:
    try:
        text = draft(made, "made.json")
    except MappingError:
        return
    try:
        load(text, "draft.yaml")
    except MappingError as error:
        raise AssertionError(text) from error
