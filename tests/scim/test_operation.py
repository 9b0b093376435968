from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidCount, InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, ScimError
from adapter.scim import operation
from adapter.scim.filter import read, read_place
from adapter.scim.limits import USUAL
from adapter.scim.messages import PATCH
from adapter.scim.operation import DEFAULT_COUNT, Create, Operation, Patch, Query, Replace
from adapter.scim.patch import PatchOperation
from adapter.scim.path import Path
from adapter.scim.profile import ENTRA, STRICT
from adapter.scim.projection import Projection
from tests.scim.given import ENTERPRISE, GROUP_TYPE, JSON, USER_TYPE

PARAMETERS: list[tuple[bytes, dict[str, str]]] = [
    (b"", {}),
    # As Entra writes it: a space is `+`, a quote %22, an at sign %40; a plus itself is %2B.
    (
        b"filter=userName+eq+%22dale.mohr%40romaguera.uk%22",
        {"filter": 'userName eq "dale.mohr@romaguera.uk"'},
    ),
    (b"filter=userName%20eq%20%22a%2Bb%40x.y%22", {"filter": 'userName eq "a+b@x.y"'}),
    (b'filter=userName+eq+"a"', {"filter": 'userName eq "a"'}),
    (b"filter=userName+eq+%22guest%23EXT%23%40x%22", {"filter": 'userName eq "guest#EXT#@x"'}),
    (b"filter=userName+eq+%22Zo%C3%AB%26Co%3D%22", {"filter": 'userName eq "Zoë&Co="'}),
    (b"filter=a+eq+%27b%3Bc%27;d", {"filter": "a eq 'b;c';d"}),
    (b"startIndex=1&count=10", {"startIndex": "1", "count": "10"}),
    # The tenant URL's flag has no value; RFC 7644 section 1.3 has no query at all in it.
    (b"aadOptscim062020&count=1", {"aadOptscim062020": "", "count": "1"}),
    (b"aadOptscim062020=&filter=", {"aadOptscim062020": "", "filter": ""}),
    # Names keep their case; the last of a repeated one counts.
    (b"Count=1&count=2&count=3", {"Count": "1", "count": "3"}),
    (b"a=b=c", {"a": "b=c"}),
    (b"&&a=1&", {"a": "1"}),
    # What is no escape stands for itself.
    (b"filter=100%&x=%zz", {"filter": "100%", "x": "%zz"}),
]


@pytest.mark.parametrize(("query_string", "parameters"), PARAMETERS)
def test_a_query_string_is_read_as_forms_write_it(query_string: bytes, parameters: dict[str, str]) -> None:
    assert operation.parameters(query_string) == parameters


@pytest.mark.parametrize("query_string", [b"filter=%ff", b"%c3%28=1", b"filter=\xc3\xab", b"count=1&x=%ed%a0%80"])
def test_a_query_string_that_is_no_utf_8_is_refused(query_string: bytes) -> None:
    with pytest.raises(InvalidFilter, match=r"^The query string is not percent-encoded UTF-8\.$"):
        operation.parameters(query_string)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=8), max_size=4))
def test_parameters_that_are_encoded_are_read_back(parameters: dict[str, str]) -> None:
    assert operation.parameters(urlencode(parameters).encode()) == parameters
    assert operation.parameters(urlencode(parameters, quote_via=quote).encode()) == parameters


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=20))
def test_any_query_string_is_parameters_or_an_invalid_filter(query_string: bytes) -> None:
    with suppress(InvalidFilter):
        operation.parameters(query_string)


# RFC 7644 section 3.4.2.4: "A value less than 1 SHALL be interpreted as 1" of startIndex, "A negative value SHALL be
# interpreted as "0"" of count.
WINDOWS: list[tuple[dict[str, str], int, int]] = [
    ({}, 1, DEFAULT_COUNT),
    ({"startIndex": "1", "count": "1"}, 1, 1),
    ({"startIndex": "11", "count": "5"}, 11, 5),
    ({"startIndex": "0"}, 1, DEFAULT_COUNT),
    ({"startIndex": "-7"}, 1, DEFAULT_COUNT),
    ({"startIndex": " 3 ", "count": " 4 "}, 3, 4),
    ({"startIndex": "", "count": " "}, 1, DEFAULT_COUNT),
    ({"startIndex": "1" + "0" * 30}, 2**31 - 1, DEFAULT_COUNT),
    ({"count": "0"}, 1, 0),
    ({"count": "-1"}, 1, 0),
    ({"count": str(USUAL.count)}, 1, USUAL.count),
    ({"count": str(USUAL.count + 1)}, 1, USUAL.count),
    ({"count": "9" * 30}, 1, USUAL.count),
    # Parameters that the RFC does not name, or names in another case, are ignored.
    ({"Count": "7", "startindex": "9", "aadOptscim062020": "", "sort": "userName", "limit": "2"}, 1, DEFAULT_COUNT),
]


@pytest.mark.parametrize(("asked", "start", "count"), WINDOWS)
def test_a_query_asks_for_a_window(asked: dict[str, str], start: int, count: int) -> None:
    assert operation.query(asked, USER_TYPE) == Query(None, start, count)


@pytest.mark.parametrize("name", ["startIndex", "count"])
@pytest.mark.parametrize(
    "text", ["x", "1.5", "1e3", "0x10", "--1", "1,000", "ten", "null", "9" * 5000], ids=lambda text: text[:9]
)
def test_a_window_that_is_no_number_is_refused(name: str, text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        operation.query({name: text}, USER_TYPE)
    assert refused.value.detail == f"{name} must be a whole number."


@pytest.mark.parametrize(
    ("asked", "cursor", "count"),
    [
        ({"cursor": ""}, b"", DEFAULT_COUNT),
        ({"cursor": "", "count": "2"}, b"", 2),
        ({"cursor": "x.y", "count": "0"}, b"x.y", 0),
        ({"cursor": "\u00e9\u0000"}, b"\xc3\xa9\x00", DEFAULT_COUNT),
        ({"cursor": "x", "count": "9" * 30}, b"x", USUAL.count),
        # RFC 9865 has the parameter in lower case alone.
        ({"Cursor": "x"}, None, DEFAULT_COUNT),
    ],
)
def test_a_cursor_says_where_a_page_begins(asked: dict[str, str], cursor: bytes | None, count: int) -> None:
    assert operation.query(asked, USER_TYPE) == Query(count=count, cursor=cursor)


@pytest.mark.parametrize("count", ["-1", "x", "1.5", "9" * 5000], ids=lambda count: count[:9])
def test_a_count_that_is_none_is_an_error_of_its_own_by_cursor(count: str) -> None:
    # RFC 9865 section 2.1; by number a negative count is 0.
    with pytest.raises(InvalidCount, match=r"^count must be a whole number"):
        operation.query({"cursor": "", "count": count}, USER_TYPE)


def test_a_page_is_asked_for_by_its_number_or_by_a_cursor() -> None:
    with pytest.raises(InvalidValue, match="startIndex and cursor exclude each other"):
        operation.query({"cursor": "", "startIndex": "1"}, USER_TYPE)


@pytest.mark.parametrize(
    ("asked", "sort_by", "descending"),
    [
        ({}, "", False),
        ({"sortBy": " name.familyName "}, "name.familyName", False),
        ({"sortBy": "userName", "sortOrder": "ascending"}, "userName", False),
        ({"sortBy": "userName", "sortOrder": " Descending "}, "userName", True),
        ({"sortBy": "userName", "sortOrder": ""}, "userName", False),
    ],
)
def test_a_query_has_an_order(asked: dict[str, str], sort_by: str, descending: bool) -> None:  # noqa: FBT001 (a way to sort)
    assert operation.query(asked, USER_TYPE) == Query(sort_by=sort_by, descending=descending)


@pytest.mark.parametrize("order", ["desc", "1", "ascending,descending"])
def test_an_order_by_another_word_is_refused(order: str) -> None:
    with pytest.raises(InvalidValue, match=r"^sortOrder must be ascending or descending\.$"):
        operation.query({"sortOrder": order}, USER_TYPE)


SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


def test_a_search_is_the_parameters_that_a_query_string_would_hold() -> None:
    body = {
        "schemas": [SEARCH],
        "attributes": ["userName", "name.familyName"],
        "FILTER": 'userName eq "a"',
        "sortBy": "userName",
        "sortOrder": "descending",
        "startIndex": 11,
        "count": 0,
        "cursor": "",
        "unheardOf": {"x": 1},
    }
    asked = {
        "attributes": "userName,name.familyName",
        "filter": 'userName eq "a"',
        "sortBy": "userName",
        "sortOrder": "descending",
        "startIndex": "11",
        "count": "0",
        "cursor": "",
    }
    assert operation.search(msgspec.json.encode(body)) == asked
    assert operation.search(msgspec.json.encode(body), STRICT) == asked


def test_a_search_leaves_out_what_it_will_and_null_says_nothing() -> None:
    assert operation.search(b"{}") == {}
    assert operation.search(b'{"excludedAttributes": ["members"], "count": null}') == {"excludedAttributes": "members"}
    assert operation.search(b'{"attributes": []}') == {"attributes": ""}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"filter": 1}, "filter must be a text."),
        ({"filter": ["x"]}, "filter must be a text."),
        ({"sortBy": {}}, "sortBy must be a text."),
        ({"sortOrder": True}, "sortOrder must be a text."),
        ({"cursor": 7}, "cursor must be a text."),
        ({"count": "2"}, "count must be a whole number."),
        ({"count": True}, "count must be a whole number."),
        ({"startIndex": 1.5}, "startIndex must be a whole number."),
        ({"attributes": "userName"}, "attributes must be a list of texts."),
        ({"attributes": [1]}, "attributes must be a list of texts, each the name of an attribute."),
        ({"excludedAttributes": ["a,b"]}, "excludedAttributes must be a list of texts, each the name of an attribute."),
    ],
)
def test_a_search_with_another_type_of_value_is_refused(body: dict[str, Any], detail: str) -> None:
    with pytest.raises(InvalidSyntax) as refused:
        operation.search(msgspec.json.encode(body))
    assert refused.value.detail == detail


def test_a_strict_client_names_its_search() -> None:
    with pytest.raises(InvalidSyntax, match="SearchRequest"):
        operation.search(b"{}", STRICT)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["filter", "startIndex", "count", "attributes", "excludedAttributes", "sortBy", "sortOrder", "cursor"]
        ),
        JSON,
    )
)
def test_any_json_as_a_search_is_a_query_or_a_scim_error(body: dict[str, Any]) -> None:
    with suppress(ScimError):
        assert isinstance(operation.query(operation.search(msgspec.json.encode(body)), USER_TYPE), Query)


def test_a_query_has_its_filter_read_and_lowered() -> None:
    asked = {"filter": ' Active EQ "False" and externalId eq jyoung '}
    assert operation.query(asked, USER_TYPE) == Query(read('Active eq false and externalId eq "jyoung"'))


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_filter_is_none(text: str) -> None:
    assert operation.query({"filter": text}, USER_TYPE).filter is None


def test_a_filter_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidFilter, match=r"^The filter cannot be read at character 11: expected a value\.$"):
        operation.query({"filter": " title eq "}, USER_TYPE)


@pytest.mark.parametrize(
    ("asked", "projection"),
    [
        ({}, Projection()),
        ({"attributes": "id,userName"}, Projection((Path("id"), Path("userName")))),
        ({"excludedAttributes": "members"}, Projection((), (Path("members"),))),
        ({"attributes": "", "excludedAttributes": "members"}, Projection((), (Path("members"),))),
    ],
)
def test_the_presentation_is_what_the_parameters_ask_for(asked: dict[str, str], projection: Projection) -> None:
    assert operation.presentation(asked) == projection


def test_the_presentation_is_one_or_the_other() -> None:
    with pytest.raises(InvalidValue):
        operation.presentation({"attributes": "id", "excludedAttributes": "members"})


BODY = b'{"USERNAME": "ada", "active": "True", "department": "B", "id": "7", "emails": null, "unheardOf": 1}'
ADA = {"userName": "ada", "active": True, ENTERPRISE: {"department": "B"}}


def test_a_post_is_a_creation_of_the_canonical_resource() -> None:
    assert operation.create(BODY, USER_TYPE) == Create(ADA, ("unheardOf",))


def test_a_put_is_a_replacement_of_the_resource_in_its_path() -> None:
    assert operation.replace("42", BODY, USER_TYPE) == Replace("42", ADA, ("unheardOf",))


PATCHES: list[tuple[bytes, list[PatchOperation]]] = [
    (
        (
            b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],'
            b' "Operations": [{"op": "Replace", "path": "active", "value": "False"}]}'
        ),
        [PatchOperation("replace", read_place("active"), value=False)],
    ),
    # The word is spelled with a capital; some spell it without, some send no schemas.
    (b'{"operations": [{"op": "remove", "path": "title"}]}', [PatchOperation("remove", read_place("title"))]),
    (b'{"Operations": [{"op": "add", "value": {"title": "x"}}]}', [PatchOperation("add", read_place("title"), "x")]),
]


@pytest.mark.parametrize(("body", "operations"), PATCHES)
def test_a_patch_is_its_operations_lowered(body: bytes, operations: list[PatchOperation]) -> None:
    assert operation.patch("42", body, USER_TYPE) == Patch("42", operations)


def test_a_patch_of_nothing_that_is_kept_has_no_operations_and_says_so() -> None:
    body = b'{"Operations": [{"op": "add", "path": "unheardOf", "value": "x"}]}'
    assert operation.patch("42", body, USER_TYPE) == Patch("42", [], ignored=("unheardOf",))


def test_a_profile_reads_every_request_in_its_way() -> None:
    with pytest.raises(InvalidSyntax, match="schemas"):
        operation.create(BODY, USER_TYPE, STRICT)
    with pytest.raises(InvalidSyntax, match="schemas"):
        operation.replace("42", BODY, USER_TYPE, STRICT)
    with pytest.raises(InvalidSyntax, match="schemas"):
        operation.patch("42", PATCHES[1][0], USER_TYPE, STRICT)
    asked = operation.query({"filter": 'active eq "True"'}, USER_TYPE, STRICT)
    assert asked.filter == read('active eq "True"')


def test_a_patch_takes_along_what_becomes_of_elements_that_are_not_there() -> None:
    body = b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "remove", "path": "title"}]}'
    assert operation.patch("42", body, USER_TYPE).adapt is ENTRA.adapt
    assert operation.patch("42", body, USER_TYPE, STRICT).adapt is STRICT.adapt


@pytest.mark.parametrize(
    ("body", "error", "detail"),
    [
        (b"{}", InvalidSyntax, "A PATCH needs a list named Operations."),
        (b'{"op": "add", "path": "title"}', InvalidSyntax, "A PATCH needs a list named Operations."),
        (b'{"Operations": []}', InvalidSyntax, "A PATCH needs a list named Operations with at least one operation."),
        (b'{"Operations": null}', InvalidSyntax, "A PATCH needs a list named Operations with at least one operation."),
        (b'[{"op": "add"}]', InvalidSyntax, "The body must be a JSON object."),
        (
            b'{"Operations": [{"op": "add", "path": "emails["}]}',
            InvalidPath,
            "The path cannot be read at character 8: expected an attribute name.",
        ),
    ],
)
def test_a_patch_without_operations_is_refused(body: bytes, error: type[ScimError], detail: str) -> None:
    with pytest.raises(ScimError) as refused:
        operation.patch("42", body, USER_TYPE)
    assert (type(refused.value), refused.value.detail) == (error, detail)


def _create(body: bytes) -> Operation:
    return operation.create(body, USER_TYPE)


def _replace(body: bytes) -> Operation:
    return operation.replace("42", body, USER_TYPE)


def _patch(body: bytes) -> Operation:
    return operation.patch("42", body, USER_TYPE)


@pytest.mark.parametrize("ask", [_create, _replace, _patch])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b'{"a": "\xff"}', b"[" * 100_000, b'{"userName": NaN}'],
    ids=lambda body: body[:9],
)
def test_a_body_that_is_no_json_object_is_invalid_syntax(ask: Callable[[bytes], Operation], body: bytes) -> None:
    with pytest.raises(InvalidSyntax):
        ask(body)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["filter", "startIndex", "count", "attributes", "excludedAttributes"]), st.text(max_size=9)
    )
)
def test_any_parameters_are_a_query_or_a_scim_error(asked: dict[str, str]) -> None:
    with suppress(ScimError):
        assert isinstance(operation.query(asked, USER_TYPE), Query)
    with suppress(ScimError):
        assert isinstance(operation.presentation(asked), Projection)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_as_operations_is_a_patch_or_a_scim_error(raw: Any) -> None:
    with suppress(ScimError):
        _patch(msgspec.json.encode({"Operations": raw}))


def test_a_patch_tells_which_attributes_it_is_about() -> None:
    raw = [
        {"op": "add", "path": "Members", "value": [{"value": "7"}]},
        {"op": "remove", "path": 'emails[type eq "work"].value'},
        {"op": "replace", "path": "name.givenName", "value": "x"},
    ]
    wanted = operation.patch("42", msgspec.json.encode({"Operations": raw}), GROUP_TYPE)
    assert wanted.names == {"members"}
    message = msgspec.json.encode({"schemas": [PATCH], "Operations": [{"op": "add", "value": {"Members": []}}]})
    assert operation.patch("42", message, GROUP_TYPE, STRICT).names == {"members"}
    wanted = operation.patch("42", msgspec.json.encode({"Operations": raw}), USER_TYPE)
    assert wanted.names == {"emails", "name"}


@pytest.mark.parametrize("name", ["members", "Members"])
def test_a_put_with_an_empty_list_of_members_says_that_nobody_is_left(name: str) -> None:
    assert operation.replace("7", msgspec.json.encode({"displayName": "x", name: []}), GROUP_TYPE).resource == {
        "displayName": "x",
        "members": [],
    }
    assert "members" not in operation.replace("7", b'{"displayName": "x"}', GROUP_TYPE).resource
