import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidSyntax, NotFound, ScimError, Uniqueness
from adapter.scim.limits import Limits
from adapter.scim.messages import MEDIA_TYPE, MOST_DETAIL, PATCH, decoded, error_body, list_body, resource_body
from tests.scim.given import CORE, ENTERPRISE, JSON, USER_TYPE

TOO_MUCH = (
    "The body is nested too deep, or holds more than 50000 objects and lists (ADAPTER_MOST_MEMBERS, ADAPTER_MOST_BULK)."
)
NOT_JSON = "The body is not JSON in UTF-8, or is nested too deep."
NO_OBJECT = "The body must be a JSON object."
BAD: list[tuple[str, bytes, str]] = [
    ("empty", b"", NOT_JSON),
    ("blank", b"  \n", NOT_JSON),
    ("no JSON", b"userName=ada", NOT_JSON),
    ("not finished", b'{"userName": "ada"', NOT_JSON),
    ("more after it", b'{"userName": "ada"} {}', NOT_JSON),
    ("a comma too many", b'{"userName": "ada",}', NOT_JSON),
    ("single quotes", b"{'userName': 'ada'}", NOT_JSON),
    ("a comment", b'{"a": 1} // x', NOT_JSON),
    ("Python's words", b'{"a": True, "b": None}', NOT_JSON),
    ("no number", b'{"a": NaN}', NOT_JSON),
    ("infinity", b'{"a": -Infinity}', NOT_JSON),
    ("a number out of range", b'{"a": 1e999}', NOT_JSON),
    ("a leading zero", b'{"a": 01}', NOT_JSON),
    ("a raw line end in a text", b'{"a": "x\ny"}', NOT_JSON),
    ("half a surrogate", b'{"a": "\\ud800"}', NOT_JSON),
    ("no UTF-8", b'{"a": "\xff"}', NOT_JSON),
    ("no UTF-8 in a name", b'{"\xc3\x28": 1}', NOT_JSON),
    ("Latin-1", '{"a": "Zoë"}'.encode("latin-1"), NOT_JSON),
    ("UTF-16", '{"a": 1}'.encode("utf-16"), NOT_JSON),
    ("a byte order mark", '{"a": 1}'.encode("utf-8-sig"), NOT_JSON),
    ("a NUL", b"\x00", NOT_JSON),
    ("nested lists", b"[" * 40_000, NOT_JSON),
    ("nested lists, closed", b'{"a": ' + b"[" * 40_000 + b"]" * 40_000 + b"}", NOT_JSON),
    ("nested objects", b'{"a":' * 40_000 + b"1" + b"}" * 40_000, NOT_JSON),
    ("lists nested too deep to be counted", b"[" * 100_000, TOO_MUCH),
    ("objects side by side", b'{"a": [' + b"{}," * 60_000 + b"{}]}", TOO_MUCH),
    ("a list", b'[{"userName": "ada"}]', NO_OBJECT),
    ("a text", b'"userName"', NO_OBJECT),
    ("a number", b"5", NO_OBJECT),
    ("a boolean", b"true", NO_OBJECT),
    ("null", b"null", NO_OBJECT),
]


@pytest.mark.parametrize(("_kind", "body", "detail"), BAD, ids=[kind for kind, _, _ in BAD])
def test_a_body_that_is_no_json_object_is_refused(_kind: str, body: bytes, detail: str) -> None:
    with pytest.raises(InvalidSyntax) as refused:
        decoded(body)
    assert (refused.value.status, refused.value.scim_type, refused.value.detail) == (400, "invalidSyntax", detail)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", {}),
        (b' {"a": [1, true, null, "x"]}\n', {"a": [1, True, None, "x"]}),
        ('{"a": "Zoë 東京 👩"}'.encode(), {"a": "Zoë 東京 👩"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        # What looks like a name in a text is none, and names of two objects are not one.
        (b'{"a": "{\\"a\\": 1}", "b": [{"a": ":"}, {"a": "\\\\"}]}', {"a": '{"a": 1}', "b": [{"a": ":"}, {"a": "\\"}]}),
    ],
)
def test_a_json_object_is_decoded(body: bytes, message: dict[str, Any]) -> None:
    assert decoded(body) == message


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "a": 1}',
        b'{"active": true, "Active": false}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a" \n : 1, "a":2}',
        b'{"x": [{"y": {"a": 1, "b": 2, "A": 3}}]}',
        b'{"a": "\\u003a", "a": "\\":"}',
        b'{"\\"": 1, "\\"": 2}',
        b'{"\\\\": ":", "\\\\": "\\\\"}',
        b'{"": 1, "": 2}',
    ],
)
def test_a_name_that_comes_twice_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidSyntax, match=r"^A name comes twice in one object of the body"):
        decoded(body)


@settings(max_examples=300, deadline=None)
@given(JSON.filter(lambda data: isinstance(data, dict)), st.sampled_from([None, 2]))
def test_a_name_comes_twice_as_json_itself_sees_it(data: dict[str, Any], indent: int | None) -> None:
    twice: list[bool] = []

    def seen(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice.append(len({name.lower() for name, _ in pairs}) < len(pairs))
        return dict(pairs)

    body = json.dumps(data, indent=indent)
    json.loads(body, object_pairs_hook=seen)
    if any(twice):
        with pytest.raises(InvalidSyntax):
            decoded(body.encode())
    else:
        assert decoded(body.encode()) == data


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=30) | JSON.map(msgspec.json.encode))
def test_any_bytes_are_an_object_or_invalid_syntax(body: bytes) -> None:
    with suppress(InvalidSyntax):
        assert isinstance(decoded(body), dict)


def test_an_error_is_told_as_the_rfc_has_it() -> None:
    # RFC 7644 section 3.12: "status" is a string.
    assert error_body(Uniqueness("userName 'a@b.c' already exists.")) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "409",
        "scimType": "uniqueness",
        "detail": "userName 'a@b.c' already exists.",
    }


def test_an_error_without_a_scim_type_has_no_key_for_it() -> None:
    body = error_body(NotFound("Resource 23B51B0E not found."))
    assert body == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "404",
        "detail": "Resource 23B51B0E not found.",
    }


@pytest.mark.parametrize("error", [InvalidSyntax, NotFound, Uniqueness])
def test_an_error_body_is_json(error: type[ScimError]) -> None:
    body = error_body(error('quote " and Zoë'))
    assert msgspec.json.decode(msgspec.json.encode(body)) == body


def test_an_empty_list_still_has_its_resources() -> None:
    # What Entra must get for a user who is not there; without `Resources` it reports an incompatible service.
    assert list_body([]) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }


def test_a_page_says_where_it_starts_and_how_many_there_are_in_all() -> None:
    page = list_body([{"id": "6"}, {"id": "7"}], 6, 11)
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (11, 6, 2)
    assert page["Resources"] == [{"id": "6"}, {"id": "7"}]


def test_a_list_without_a_total_is_the_whole() -> None:
    assert list_body([{"id": "1"}])["totalResults"] == 1


def test_no_resources_of_many_are_a_total_without_a_page() -> None:
    page = list_body([], 1, 11)
    assert (page["totalResults"], page["itemsPerPage"], page["Resources"]) == (11, 0, [])


def test_a_resource_is_shown_with_its_schemas_and_its_place() -> None:
    body = resource_body({"userName": "ada", "id": "42"}, USER_TYPE, "https://scim.example.com/scim/v2")
    assert list(body.items()) == [
        ("schemas", [CORE]),
        ("id", "42"),
        ("userName", "ada"),
        ("meta", {"resourceType": "User", "location": "https://scim.example.com/scim/v2/Users/42"}),
    ]


def test_an_extension_is_among_the_schemas_when_the_resource_carries_it() -> None:
    # RFC 7643 section 3: "schemas" lists "the URIs of the schemas" of what is there.
    body = resource_body({"id": "42", ENTERPRISE: {"department": "B"}}, USER_TYPE, "https://x")
    assert body["schemas"] == [CORE, ENTERPRISE]
    assert body[ENTERPRISE] == {"department": "B"}


def test_the_words_of_the_protocol_are_those_of_the_rfc() -> None:
    assert MEDIA_TYPE == "application/scim+json; charset=utf-8"
    assert PATCH == "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.mark.parametrize("length", [MOST_DETAIL, MOST_DETAIL + 1, 100_000])
def test_an_error_s_detail_has_an_end(length: int) -> None:
    detail = error_body(NotFound("é" * length))["detail"]
    assert detail == "é" * length if length <= MOST_DETAIL else detail == "é" * (MOST_DETAIL - 1) + "…"


@pytest.mark.parametrize(
    ("body", "depth"),
    [(b"{}", 1), (b'{"x": 1}', 1), (b'{"x": {"x": []}}', 3), (b'{"x": {"a": [], "b": [{}, 1]}, "y": []}', 4)],
)
def test_a_body_goes_as_deep_as_is_allowed_and_no_deeper(body: bytes, depth: int) -> None:
    assert decoded(body, Limits(depth=depth)) == msgspec.json.decode(body)
    with pytest.raises(InvalidSyntax) as refused:
        decoded(body, Limits(depth=depth - 1))
    assert refused.value.detail == f"The body is nested deeper than {depth - 1} levels (ADAPTER_MOST_DEPTH)."
