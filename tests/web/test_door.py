"""The door itself; `test_app` walks through every path there is."""

import pytest

from adapter.scim.messages import ERROR
from tests.conversation import TOKEN, asked, gateway, mapping_of

BEARER = ("Authorization", f"Bearer {TOKEN}")


@pytest.mark.parametrize("method", ["PROPFIND", "CONNECT", "get", "X"])
async def test_a_method_that_nobody_knows_is_a_scim_405_with_or_without_a_token(method: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        for target in ("/scim/v2/Users", "/anything"):
            for headers in ([], [BEARER]):
                answer = await asked(app, method, target, headers)
                assert (answer.status, answer.json["schemas"]) == (405, [ERROR])
                assert "GET" in answer.headers["allow"]


async def test_who_shows_a_token_is_told_to_the_handler_and_who_shows_none_is_not_let_in() -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        assert (await asked(app, "GET", "/scim/v2/Schemas", [BEARER])).status == 200
        assert (await asked(app, "GET", "/scim/v2/Schemas")).status == 401
        assert (await asked(app, "GET", "/health/live")).status == 200
        assert upstream.exchanges == 0
