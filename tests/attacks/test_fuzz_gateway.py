"""The whole gateway before the small directory, asked anything at all: never a 5xx, never a call that no route has."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.scim.messages import PATCH
from tests.attacks.test_fuzz import EXAMPLES, OPERATIONS, TEXTS, TIGHT
from tests.attacks.world import AS_STRICT, BEARER, world
from tests.conversation import mapping_of
from tests.scim.given import JSON, NAMES

SOME = settings(max_examples=max(1, EXAMPLES // 5), deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDS = st.sampled_from(["u-1", "u-2", "g", "..", "nobody", "u-1%2f..", ".search"]) | st.text("au-1.%2f~", max_size=8)
PATHS = st.builds(
    lambda kind, rest: f"/{kind}" + (f"/{rest}" if rest else ""),
    st.sampled_from(["Users", "Groups", "Bulk", "Schemas", "Me", ""]),
    st.none() | IDS,
)
USERS = st.fixed_dictionaries({"userName": st.sampled_from(["ada", "eve", "ADA"]) | TIGHT}).flatmap(
    lambda named: st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4).map(lambda more: more | named)
)
PATCHES = OPERATIONS.map(lambda operations: {"schemas": [PATCH], "Operations": operations})
PARAMETERS = st.dictionaries(
    st.sampled_from(
        ["filter", "startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes", "cursor"]
    ),
    TEXTS
    | st.sampled_from(["title", "-1", "0", "2", "userName", "ascending", 'userName sw "a"', "", "members", "groups"]),
    max_size=4,
)
REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
        PATHS | st.sampled_from(["/Users", "/Users/u-1", "/Groups/g"]),
        PARAMETERS | st.just({}),
        USERS | PATCHES | JSON | st.none(),
        st.sampled_from([BEARER, AS_STRICT]),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("mapping", ["full", "teams"])
@SOME
@given(requests=REQUESTS)
async def test_any_request_is_answered_by_the_law(mapping: str, requests: list[tuple[Any, ...]]) -> None:
    """`World` holds every answer and every call against the law; here it is what is asked that varies."""
    async with world(mapping_of(mapping)) as ask:
        ask.keep("ada", mails={"work": {"value": "ada@example.com"}}, job="x")
        ask.keep("eve")
        ask.directory.teams.kept["g"] = {"id": "g", "name": "all"}
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all", "memberIds": ["u-1"]}
        for method, path, parameters, body, bearer in requests:
            query = f"?{urlencode(parameters, errors='replace')}" if parameters else ""
            await ask(method, path + query, body, bearer)
