from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidSyntax, NotFound, ScimError, TooLarge, Uniqueness
from adapter.scim import bulk
from adapter.scim.bulk import BulkOperation, BulkRequest, BulkResult, Refused
from adapter.scim.limits import USUAL, Limits
from adapter.scim.profile import ENTRA, STRICT
from tests.scim.given import JSON

ADA: dict[str, Any] = {"method": "POST", "path": "/Users", "bulkId": "ada", "data": {"userName": "ada"}}


def _body(*operations: Any, **others: Any) -> bytes:
    return msgspec.json.encode({"schemas": [bulk.REQUEST], "Operations": list(operations)} | others)


def test_a_request_is_its_operations() -> None:
    body = _body(
        ADA,
        {"METHOD": "PUT", "Path": "/Groups/7", "data": {"displayName": "x"}, "version": 'W/"1"'},
        {"method": "PATCH", "path": "/Users/bulkId:ada", "bulkId": "b", "data": {"Operations": []}},
        {"method": "DELETE", "path": "/Users/a%20b", "data": {"ignored": True}},
        failOnErrors=2,
    )
    assert bulk.read(body) == BulkRequest(
        2,
        [
            BulkOperation("POST", "/Users", "ada", {"userName": "ada"}),
            BulkOperation("PUT", "/Groups/7", None, {"displayName": "x"}, 'W/"1"'),
            BulkOperation("PATCH", "/Users/bulkId:ada", "b", {"Operations": []}),
            BulkOperation("DELETE", "/Users/a%20b"),
        ],
    )


def test_all_operations_are_tried_when_nothing_else_is_said() -> None:
    assert bulk.read(_body(ADA)).fail_on_errors is None


def test_a_strict_client_names_the_message() -> None:
    assert bulk.read(_body(ADA), STRICT) == bulk.read(_body(ADA, schemas=[]))
    with pytest.raises(InvalidSyntax, match="schemas"):
        bulk.read(_body(ADA, schemas=[]), STRICT)


def _deep(levels: int) -> Any:
    return {"x": _deep(levels - 1)} if levels else 1


A_LIST = "A bulk request needs a list named Operations with at least one operation."
A_METHOD = "Operation 1 needs a method: POST, PUT, PATCH or DELETE."
A_PATH = "Operation 1 needs a path below the SCIM root and without a query, such as "
A_TEXT = "The bulkId and the version of operation 1 must be texts."
A_NUMBER = "failOnErrors must be a whole number from 1."
TWICE = "The bulkId 'ada' comes twice; give each operation its own."


def _each(detail: str, key: str, values: list[Any], **others: Any) -> list[tuple[bytes, str]]:
    """One body for each value of a key of its first operation."""
    return [(_body(ADA | others | {key: each}), detail) for each in values]


NO_COLLECTIONS = [
    "",
    "Users",
    "/",
    "/Users/42",
    "/Users?x=1",
    "/Users#x",
    "//Users",
    "/Users/",
    "/a b",
    "https://x/Users",
]
NO_RESOURCES = ["/Users", "/Users/", "/Users/42?x", "/Users/4/2", "//Users/42", "https://x/Users/42", "/Users/42\n"]
MALFORMED: list[tuple[bytes, str]] = [
    (b"[]", "The body must be a JSON object."),
    (b"{}", A_LIST),
    (b'{"Operations": {}}', A_LIST),
    (b'{"Operations": []}', A_LIST),
    *[(_body(ADA, failOnErrors=most), A_NUMBER) for most in ([0, -1, 1.5, "1", True, []])],
    (_body("x"), "Operation 1 must be an object."),
    (_body(ADA, None), "Operation 2 must be an object."),
    *_each(A_METHOD, "method", [None, "", "GET", "post", 5, ["POST"], {}]),
    *_each(A_PATH + "/Users.", "path", [None, 5, *NO_COLLECTIONS]),
    *_each(A_PATH + "/Users/42.", "path", [None, 5, *NO_RESOURCES], method="DELETE"),
    *_each(A_TEXT, "bulkId", ["", 5, []]),
    *_each(A_TEXT, "version", ["", 5, []]),
    *_each("Operation 1 needs a bulkId, as every POST does.", "bulkId", [None]),
    *_each("Operation 1 needs an object as its data.", "data", [None, [], "x"]),
    *_each("The body is nested deeper than 32 levels (ADAPTER_MOST_DEPTH).", "data", [_deep(30)]),
    (_body(ADA, ADA), TWICE),
    (_body(ADA, {"method": "DELETE", "path": "/Users/1", "bulkId": "ada"}), TWICE),
]


@pytest.mark.parametrize(("body", "detail"), MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_bulk_request_is_refused(body: bytes, detail: str) -> None:
    with pytest.raises(InvalidSyntax) as refused:
        bulk.read(body)
    assert refused.value.detail == detail


def test_data_as_deep_as_is_allowed_is_read() -> None:
    assert bulk.read(_body(ADA | {"data": _deep(29)})).operations[0].data == _deep(29)


def test_a_request_has_as_many_operations_as_are_allowed_and_no_more() -> None:
    one = {"method": "DELETE", "path": "/Users/1"}
    assert len(bulk.read(_body(*[one] * USUAL.bulk)).operations) == USUAL.bulk
    with pytest.raises(TooLarge) as refused:
        bulk.read(_body(*[one] * (USUAL.bulk + 1)))
    may = "A bulk request may hold 1000 operations (ADAPTER_MOST_BULK), this one holds 1001; send them in several."
    assert refused.value.detail == may
    with pytest.raises(TooLarge, match=r"may hold 2 operations .* holds 3;"):
        bulk.read(_body(*[one] * 3), ENTRA.within(Limits(bulk=2)))


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_as_operations_is_a_bulk_request_or_a_scim_error(raw: Any) -> None:
    try:
        read = bulk.read(_body(raw) if not isinstance(raw, list) else _body(*raw))
    except ScimError:
        return
    assert read.operations


# The order.


def _post(bulk_id: str, *names: str, path: str = "/Users") -> BulkOperation:
    return BulkOperation("POST", path, bulk_id, {"members": [{"value": f"bulkId:{each}"} for each in names]})


def _steps(operations: list[BulkOperation | Refused]) -> list[str | None]:
    return [f"{each.operation.bulk_id}!" if isinstance(each, Refused) else each.bulk_id for each in operations]


ORDERED: list[tuple[list[BulkOperation], list[str]]] = [
    ([_post("a"), _post("b"), _post("c")], ["a", "b", "c"]),
    ([_post("a"), _post("b", "a"), _post("c")], ["a", "b", "c"]),
    # An operation waits for what it names, and nothing else moves.
    ([_post("a", "c"), _post("b"), _post("c"), _post("d")], ["b", "c", "a", "d"]),
    ([_post("a", "b"), _post("b", "c"), _post("c")], ["c", "b", "a"]),
    ([_post("a", "b", "c"), _post("b"), _post("c")], ["b", "c", "a"]),
    # In a path.
    ([BulkOperation("DELETE", "/Users/bulkId:b", "a"), _post("b")], ["b", "a"]),
    # What cannot be resolved is refused in its place, with all that hangs on it; the rest is done.
    ([_post("a", "x"), _post("b")], ["a!", "b"]),
    ([_post("a", "a"), _post("b")], ["a!", "b"]),
    ([_post("a", "b"), _post("b", "a"), _post("c")], ["a!", "b!", "c"]),
    ([_post("c", "a"), _post("a", "b"), _post("b", "a"), _post("d")], ["c!", "a!", "b!", "d"]),
    ([_post("b", "a"), _post("c"), _post("a", "x")], ["b!", "c", "a!"]),
    # A bulkId names what a POST makes, and nothing else.
    ([_post("a", "b"), BulkOperation("PUT", "/Users/1", "b", {})], ["a!", "b"]),
]


@pytest.mark.parametrize(("operations", "order"), ORDERED, ids=range(len(ORDERED)))
def test_an_operation_comes_after_those_that_it_names(operations: list[BulkOperation], order: list[str]) -> None:
    assert _steps(bulk.ordered(operations)) == order


@pytest.mark.parametrize(
    "data",
    [
        {"manager": {"value": "bulkId:x"}},
        {"a": [[{"b": ["bulkId:x"]}]]},
        {"Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:x"}]}]},
    ],
)
def test_a_reference_is_found_wherever_it_stands(data: dict[str, Any]) -> None:
    operation = BulkOperation("PATCH", "/Groups/1", None, data)
    assert bulk.ordered([operation]) == [Refused(operation, "No POST of this request has the bulkId 'x'.")]


@pytest.mark.parametrize("data", [{"bulkId:x": 1}, {"a": "see bulkId:x"}, {"a": "bulkid:x"}, {"a": ["x", 5, None]}])
def test_what_only_looks_like_a_reference_is_none(data: dict[str, Any]) -> None:
    operation = BulkOperation("PATCH", "/Groups/1", None, data)
    assert bulk.ordered([operation]) == [operation]
    assert bulk.resolved(operation, {}) == operation


def test_a_refusal_says_what_is_not_there() -> None:
    unknown, circle, hanging = bulk.ordered([_post("a", "x"), _post("b", "b"), _post("c", "b")])
    assert isinstance(unknown, Refused)
    assert unknown.detail == "No POST of this request has the bulkId 'x'."
    for each in (circle, hanging):
        assert isinstance(each, Refused)
        assert each.detail == (
            "What its bulkIds name cannot be made before it: they wait for one another, or are refused themselves."
        )


IDS = [f"b{number}" for number in range(7)]


@st.composite
def graphs(draw: st.DrawFn) -> list[BulkOperation]:
    ids = draw(st.permutations(IDS))[: draw(st.integers(0, len(IDS)))]
    return [_post(each, *draw(st.sets(st.sampled_from([*ids, "nobody"]), max_size=2))) for each in ids]


@settings(max_examples=500, deadline=None)
@given(graphs())
def test_the_order_is_that_of_the_client_as_far_as_references_allow(operations: list[BulkOperation]) -> None:
    order = bulk.ordered(operations)
    assert sorted(each.strip("!") for each in _steps(order) if each) == sorted(
        each.bulk_id or "" for each in operations
    )
    names = {
        each.bulk_id: {one["value"].removeprefix("bulkId:") for one in each.data["members"]} for each in operations
    }
    # Refused are those, and only those, from which references lead nowhere or round in a circle.
    good: set[str | None] = set()
    while more := {each for each in names.keys() - good if names[each] <= good}:
        good |= more
    assert {each.bulk_id for each in order if isinstance(each, BulkOperation)} == good
    # Each place has the first operation, in the client's order, that does not wait for a later one.
    done: set[str | None] = set()
    left = [each.bulk_id for each in operations]
    for step in (each.operation if isinstance(each, Refused) else each for each in order):
        assert step.bulk_id == next(each for each in left if each not in good or names[each] <= done)
        left.remove(step.bulk_id)
        done.add(step.bulk_id)


def test_a_thousand_operations_in_a_row_are_ordered() -> None:
    chain = [_post(str(number), str(number + 1)) for number in range(999)] + [_post("999")]
    assert _steps(bulk.ordered(chain)) == [str(number) for number in range(999, -1, -1)]


# Resolving.


def test_ids_take_the_place_of_references() -> None:
    data = {"members": [{"value": "bulkId:a"}, {"value": "17"}], "displayName": "x", "n": [1, None, True]}
    operation = BulkOperation("PUT", "/Groups/bulkId:g", "p", data, 'W/"1"')
    assert bulk.resolved(operation, {"a": "42", "g": "a/b c"}) == BulkOperation(
        "PUT",
        "/Groups/a%2Fb%20c",
        "p",
        {"members": [{"value": "42"}, {"value": "17"}], "displayName": "x", "n": [1, None, True]},
        'W/"1"',
    )
    assert data["members"] == [{"value": "bulkId:a"}, {"value": "17"}]


def test_what_names_an_operation_that_failed_is_refused() -> None:
    operation = _post("b", "a")
    assert bulk.resolved(operation, {"x": "1"}) == Refused(
        operation, "The operation with the bulkId 'a' has made nothing; it failed before this one."
    )


# The answer.


def test_the_answer_says_what_became_of_each() -> None:
    post, delete = _post("a"), BulkOperation("DELETE", "/Users/1")
    results = [
        BulkResult(post, 201, "https://x/Users/42", 'W/"1"'),
        BulkResult(delete, 204, "https://x/Users/1"),
        bulk.failed(post, Uniqueness("There is one.")),
        bulk.failed(delete, NotFound("There is none."), "https://x/Users/1"),
        bulk.refused(Refused(post, "No.")),
    ]
    errors = "urn:ietf:params:scim:api:messages:2.0:Error"
    assert bulk.bulk_body(results) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
        "Operations": [
            {"method": "POST", "bulkId": "a", "version": 'W/"1"', "location": "https://x/Users/42", "status": "201"},
            {"method": "DELETE", "location": "https://x/Users/1", "status": "204"},
            {
                "method": "POST",
                "bulkId": "a",
                "status": "409",
                "response": {"schemas": [errors], "status": "409", "detail": "There is one.", "scimType": "uniqueness"},
            },
            {
                "method": "DELETE",
                "location": "https://x/Users/1",
                "status": "404",
                "response": {"schemas": [errors], "status": "404", "detail": "There is none."},
            },
            {
                "method": "POST",
                "bulkId": "a",
                "status": "409",
                "response": {"schemas": [errors], "status": "409", "detail": "No."},
            },
        ],
    }
