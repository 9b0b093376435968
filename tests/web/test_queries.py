from typing import Any

import msgspec
import pytest

from adapter.errors import InvalidCursor, Unsupported
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan
from adapter.scim.messages import LIST, Listing, Response
from adapter.scim.profile import ENTRA
from adapter.web.cursors import Cursors
from adapter.web.queries import Queries
from tests.conversation import mapping_of

BASE = "https://scim.example.com/scim/v2"
FULL = mapping_of("full")
USERS, GROUPS = FULL.about("User"), FULL.about("Group")
ADA, CREW = {"id": "a1", "userName": "ada"}, {"id": "g1", "displayName": "crew"}
CURSORS = Cursors(("key",), "acme")


async def _answered(
    listing: Listing, asked: dict[str, str] | None = None, *mappings: Mapping, base: str = BASE
) -> dict[str, Any]:
    """Return what is answered when the plan comes to this listing."""

    async def run(plan: Plan) -> Response:
        plan.close()
        return Response(200, listing)

    answer = await Queries(run, base, CURSORS).answered(asked or {}, ENTRA, list(mappings) or [USERS])
    assert (answer.status, answer.location, answer.version) == (200, None, None)
    assert answer.content is not None
    assert answer.content["schemas"] == [LIST]
    return answer.content


async def test_a_page_by_number_says_where_it_starts_and_how_many_there_are() -> None:
    content = await _answered(Listing([ADA], 3, 7))
    assert (content["startIndex"], content["itemsPerPage"], content["totalResults"]) == (3, 1, 7)
    assert "nextCursor" not in content


async def test_resources_of_several_types_are_each_shown_by_their_own() -> None:
    page = Listing([CREW, ADA], 1, 2, ("Group", "User"))
    crew, ada = (await _answered(page, {}, USERS, GROUPS))["Resources"]
    assert [(each["meta"]["resourceType"], each["meta"]["location"]) for each in (crew, ada)] == [
        ("Group", f"{BASE}/Groups/g1"),
        ("User", f"{BASE}/Users/a1"),
    ]
    shown = await _answered(page, {"attributes": "displayName"}, USERS, GROUPS)
    assert [each.keys() for each in shown["Resources"]] == [{"schemas", "id", "displayName"}, {"schemas", "id"}]


async def test_a_row_that_shows_less_than_there_is_tells_no_version() -> None:
    lacking = msgspec.structs.replace(
        USERS.resource, listing=msgspec.structs.replace(USERS.resource.listing, lacks=("title",))
    )
    partly = msgspec.structs.replace(USERS, resource=lacking)

    async def versions(page: Listing, mapping: Mapping) -> list[bool]:
        return ["version" in each["meta"] for each in (await _answered(page, {}, mapping))["Resources"]]

    rows, whole = Listing([ADA], 1, 1, are_rows=True), Listing([ADA], 1, 1)
    assert await versions(rows, partly) == [False]
    assert await versions(whole, partly) == [True]
    assert await versions(rows, USERS) == [True]


async def test_a_page_by_cursor_says_where_the_next_one_begins_and_the_last_one_does_not() -> None:
    content = await _answered(Listing([ADA], None, 7, next_cursor=b"there"), {"cursor": ""})
    assert content.keys() == {"schemas", "totalResults", "itemsPerPage", "nextCursor", "Resources"}
    last = await _answered(Listing([ADA], None, None), {"cursor": content["nextCursor"]})
    assert last.keys() == {"schemas", "itemsPerPage", "Resources"}


async def _made(**parameters: str) -> str:
    page = Listing([ADA], None, 7, next_cursor=b"there")
    made: str = (await _answered(page, {"cursor": ""} | parameters))["nextCursor"]
    return made


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"filter": 'userName eq "ada"'}),
        ({"filter": 'userName eq "ada"'}, {}),
        ({"filter": 'userName eq "ada"'}, {"filter": 'userName eq "bob"'}),
        ({"sortBy": "userName"}, {}),
        ({"sortBy": "userName"}, {"sortBy": "title"}),
        ({"sortBy": "userName"}, {"sortBy": "userName", "sortOrder": "descending"}),
    ],
)
async def test_a_cursor_of_another_query_is_refused(first: dict[str, str], then: dict[str, str]) -> None:
    cursor = await _made(**first)
    assert await _answered(Listing([], None, 7), {"cursor": cursor} | first)
    with pytest.raises(InvalidCursor, match="belongs to another query"):
        await _answered(Listing([], None, 7), {"cursor": cursor} | then)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"filter": 'userName eq "ada"'}, {"filter": '( userName  EQ "ada" )'}),
        ({"sortBy": "userName"}, {"sortBy": "USERNAME", "sortOrder": "Ascending"}),
        ({}, {"count": "7", "attributes": "userName"}),
    ],
)
async def test_a_cursor_goes_on_in_the_same_query_spelt_in_another_way(
    first: dict[str, str], then: dict[str, str]
) -> None:
    assert await _answered(Listing([], None, 7), {"cursor": await _made(**first)} | then)


async def test_a_cursor_of_another_type_connection_or_mapping_is_refused() -> None:
    cursor = await _made()
    changed = msgspec.structs.replace(USERS, digest="another")
    for mapping, base in ((GROUPS, BASE), (USERS, "https://other.example.com/scim/v2"), (changed, BASE)):
        with pytest.raises(InvalidCursor, match="belongs to another query"):
            await _answered(Listing([], None, 7), {"cursor": cursor}, mapping, base=base)


async def test_a_query_about_several_types_has_no_cursor() -> None:
    with pytest.raises(Unsupported, match="leave the cursor out"):
        await _answered(Listing([], None, 0), {"cursor": ""}, USERS, GROUPS)
