"""Laws that hold whatever is asked: one answer has several ways to it, and they all lead there."""

from itertools import count
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversation import PUBLIC
from tests.fakes import directory
from tests.web.directory import Scim, gateway

FEW = settings(max_examples=25, deadline=None)

FILTERS = [
    None,
    "title pr",
    'title eq "x"',
    'userName sw "u1" or not (active eq true)',
    'userName eq "u3"',
    'externalId eq "same"',
    'title eq "nobody\'s"',
    'id gt "u5" and emails[type eq "work"]',
]
ORDERS: list[dict[str, str]] = [
    {},
    {"sortBy": "title"},
    {"sortBy": "emails.value", "sortOrder": "descending"},
    {"sortBy": "meta.created"},
    {"sortOrder": "descending"},
]
KINDS = st.lists(
    st.fixed_dictionaries(
        {"enabled": st.booleans()},
        optional={
            "job": st.sampled_from(["x", "Y", "z"]),
            "externalRef": st.just("same"),
            "mails": st.sampled_from(["b@x.org", "a@x.org"]).map(lambda mail: {"work": {"value": mail}}),
            "madeAt": st.sampled_from(["2024-01-01T00:00:00Z", "2023-01-01T00:00:00+01:00"]),
        },
    ),
    min_size=1,
    max_size=7,
)
# The directory gives 50 at once: few, just as many, and more than those of two pages.
PEOPLE = st.builds(
    lambda kinds, number: [kinds[each % len(kinds)] for each in range(number)],
    KINDS,
    st.sampled_from([0, 1, 5, 49, 50, 51, 120]),
)
SIZES = st.sampled_from([1, 2, 7, 49, 50, 51, 60])


def _fill(scim: Scim, people: list[dict[str, Any]]) -> None:
    for number, each in enumerate(people):
        scim.directory.users.kept[f"u{number}"] = {"id": f"u{number}", "login": f"u{number}", **each}
    members = list(scim.directory.users.kept)[:3]
    scim.directory.groups.kept["g"] = {"id": "g", "name": "x", "memberIds": members}


def _asked(wanted: str | None, order: dict[str, str], **others: Any) -> dict[str, Any]:
    return ({} if wanted is None else {"filter": wanted}) | order | others


async def _by_cursor(scim: Scim, query: dict[str, Any], sizes: list[int]) -> list[list[Any]]:
    """Return the pages that come by cursors, each of the next size."""
    cursor, pages = "", list[list[Any]]()
    while True:
        size = sizes[len(pages) % len(sizes)]
        page = (await scim.found("/Users", **query, cursor=cursor, count=size)).json
        assert page["itemsPerPage"] == len(page["Resources"]) <= size
        pages.append(page["Resources"])
        assert len(pages) <= 200, "the pages have no end"
        if "nextCursor" not in page:
            return pages
        cursor = page["nextCursor"]


@FEW
@given(PEOPLE, st.sampled_from(FILTERS), st.sampled_from(ORDERS), st.lists(SIZES, min_size=1, max_size=3))
async def test_the_pages_by_cursor_are_together_the_list_by_number(
    people: list[dict[str, Any]], wanted: str | None, order: dict[str, str], sizes: list[int]
) -> None:
    async with gateway() as scim:
        _fill(scim, people)
        query = _asked(wanted, order)
        whole = (await scim.found("/Users", **query, count=1000)).json
        assert whole["totalResults"] == whole["itemsPerPage"]
        pages = await _by_cursor(scim, query, sizes)
        assert [each for page in pages for each in page] == whole["Resources"]


@FEW
@given(PEOPLE, st.sampled_from([None, *FILTERS[1:4]]), SIZES)
async def test_the_pages_by_cursor_are_one_scan_of_the_upstream(
    people: list[dict[str, Any]], wanted: str | None, size: int
) -> None:
    async with gateway() as scim:
        _fill(scim, people)
        pages = await _by_cursor(scim, _asked(wanted, {}), [size])
        reads = max(1, -(-len(people) // (50 if wanted else min(size, 50))))
        # A page of the upstream that is cut by pages of ours is read once more for each cut, and none besides.
        assert reads <= len(scim.directory.calls) <= reads + len(pages) - 1
        if wanted is None and size <= 50:
            assert len(scim.directory.calls) == reads == len(pages)


@FEW
@given(PEOPLE, st.sampled_from(FILTERS), st.sampled_from(ORDERS), st.integers(1, 140), st.integers(0, 140))
async def test_pages_by_number_are_windows_of_the_whole(
    people: list[dict[str, Any]], wanted: str | None, order: dict[str, str], start: int, size: int
) -> None:
    async with gateway() as scim:
        _fill(scim, people)
        for path in ("/Users", "/"):
            query = _asked(wanted, order)
            whole = (await scim.found(path, **query, count=1000)).json
            page = (await scim.found(path, **query, startIndex=start, count=size)).json
            assert page["Resources"] == whole["Resources"][start - 1 :][:size]
            assert (page["totalResults"], page["startIndex"]) == (whole["totalResults"], start)


SHOWN: list[dict[str, str]] = [{}, {"attributes": "title,emails.value"}, {"excludedAttributes": "meta,members"}]


@FEW
@given(
    PEOPLE,
    st.sampled_from(["/Users", "/Groups", "/"]),
    st.sampled_from([*FILTERS, "title", 'displayName eq "x"', 'meta.resourceType eq "Group"']),
    st.sampled_from([*ORDERS, {"sortBy": "displayName"}, {"sortBy": "members"}]),
    st.sampled_from(SHOWN),
    st.fixed_dictionaries({}, optional={"startIndex": st.integers(-1, 9), "count": st.integers(-1, 9)}),
)
async def test_a_search_answers_as_the_query_does(  # noqa: PLR0913, PLR0917 (what a query has)
    people: list[dict[str, Any]],
    path: str,
    wanted: str | None,
    order: dict[str, str],
    shown: dict[str, str],
    window: dict[str, int],
) -> None:
    query = _asked(wanted, order, **shown, **window)
    body = {name: value.split(",") if "ttributes" in name else value for name, value in query.items()}
    async with gateway() as scim:
        _fill(scim, people)
        got, calls = await scim.found(path, **query), list(scim.directory.calls)
        scim.directory.calls.clear()
        searched = await scim("POST", f"{path.rstrip('/')}/.search", body)
        own = {"x-request-id": "each request has its own"}
        assert (searched.status, searched.json) == (got.status, got.json)
        assert searched.headers | own == got.headers | own
        assert scim.directory.calls == calls


NAMES = st.sampled_from(["ada", "bob", "u0", ""])
PLACES = st.sampled_from(["/Users/u0", "/Users/u1", "/Users/id-1", "/Users/nobody", "/Groups/g", "/Devices/1"])
MEMBER = {"op": "Add", "path": "members", "value": [{"value": "u1"}]}
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("POST"), st.sampled_from(["/Users", "/Groups"]), NAMES.map(lambda name: {"userName": name})),
        st.tuples(st.just("POST"), st.just("/Groups"), NAMES.map(lambda name: {"displayName": name})),
        st.tuples(st.just("PUT"), PLACES, NAMES.map(lambda name: {"userName": name, "displayName": name})),
        st.tuples(
            st.just("PATCH"),
            PLACES,
            st.sampled_from([{"op": "Replace", "path": "displayName", "value": "x"}, MEMBER, {"op": "x"}]).map(
                lambda operation: {"Operations": [operation]}
            ),
        ),
        st.tuples(st.just("DELETE"), PLACES, st.none()),
    ),
    min_size=1,
    max_size=8,
)
VERSIONS = st.sampled_from([None, None, "*", '"x"', "x"])


@settings(max_examples=60, deadline=None)
@given(st.lists(VERSIONS, min_size=8, max_size=8), OPERATIONS)
async def test_a_bulk_request_does_what_its_operations_do_one_by_one(
    versions: list[str | None], operations: list[tuple[str, str, Any]]
) -> None:
    bulk, alone = [], []
    with _always_alike():
        async with gateway() as scim:
            _fill(scim, [{"enabled": True}] * 2)
            for (method, path, data), version in zip(operations, versions, strict=False):
                headers = {} if version is None else {"If_Match": version}
                answer = await scim(method, path, data, **headers)
                place = answer.headers.get("location") or (f"{PUBLIC}/scim/v2{path}" if method != "POST" else None)
                error = answer.json if answer.status >= 400 else None
                alone.append((method, str(answer.status), place, answer.headers.get("etag"), error))
            left, calls = _state(scim), list(scim.directory.calls)
    with _always_alike():
        async with gateway() as scim:
            _fill(scim, [{"enabled": True}] * 2)
            for number, ((method, path, data), version) in enumerate(zip(operations, versions, strict=False)):
                one = {"method": method, "path": path, "data": data, "version": version, "bulkId": str(number)}
                bulk.append({name: value for name, value in one.items() if value is not None})
            answer = await scim("POST", "/Bulk", {"Operations": bulk})
            assert answer.status == 200
            assert [_told(each) for each in answer.json["Operations"]] == alone
            assert (_state(scim), scim.directory.calls) == (left, calls)


def _told(result: dict[str, Any]) -> tuple[Any, ...]:
    return (*(result.get(name) for name in ("method", "status", "location", "version", "response")),)


def _state(scim: Scim) -> tuple[Any, ...]:
    return (scim.directory.users.kept, scim.directory.groups.kept)


def _always_alike() -> Any:
    """Give the directory's ids and times as they come, so that two of them can be compared."""
    ids = count(1)
    return patch.multiple(directory, uuid4=lambda: f"id-{next(ids)}", _now=lambda: "2024-01-01T00:00:00Z")
