from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, ScimError
from adapter.scim import operation
from adapter.scim.filter import read, read_place
from adapter.scim.operation import DEFAULT_COUNT, MOST_COUNT, Create, Operation, Patch, Query, Replace
from adapter.scim.patch import PatchOperation
from adapter.scim.path import Path
from adapter.scim.projection import Projection
from tests.scim.given import ENTERPRISE, JSON, USER_TYPE

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
    ({"count": str(MOST_COUNT)}, 1, MOST_COUNT),
    ({"count": str(MOST_COUNT + 1)}, 1, MOST_COUNT),
    ({"count": "9" * 30}, 1, MOST_COUNT),
    # Parameters that the RFC does not name, or names in another case, are ignored.
    ({"Count": "7", "startindex": "9", "aadOptscim062020": "", "sortBy": "userName", "limit": "2"}, 1, DEFAULT_COUNT),
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
    assert operation.create(BODY, USER_TYPE) == Create(ADA)


def test_a_put_is_a_replacement_of_the_resource_in_its_path() -> None:
    assert operation.replace("42", BODY, USER_TYPE) == Replace("42", ADA)


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
    (b'{"Operations": [{"op": "add", "path": "unheardOf", "value": "x"}]}', []),
]


@pytest.mark.parametrize(("body", "operations"), PATCHES)
def test_a_patch_is_its_operations_lowered(body: bytes, operations: list[PatchOperation]) -> None:
    assert operation.patch("42", body, USER_TYPE) == Patch("42", operations)


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
