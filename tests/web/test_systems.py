"""Whole systems: the gateway with a shipped mapping, over real sockets, in front of a server that keeps users."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from adapter.web.app import application
from tests.conversation import PUBLIC, TOKEN, Answer, Given, asked, mapping_of
from tests.fakes.systems import SYSTEMS

NAME = "ada.lovelace@example.com"
ADA = {"userName": NAME, "active": True, "name": {"givenName": "Ada", "familyName": "King"}}


class _Client:
    def __init__(self, app: Litestar) -> None:
        self._app = app

    async def __call__(self, method: str, path: str, body: Any = None) -> Answer:
        headers = [("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/scim+json")]
        content = b"" if body is None else msgspec.json.encode(body)
        return await asked(self._app, method, f"/scim/v2{path}", headers, content)

    async def matched(self, name: str, asked: str = "Users?filter=userName") -> list[Any]:
        """Return what Entra's match query finds."""
        answer = await self("GET", f'/{asked}%20eq%20"{name.replace(" ", "%20")}"')
        assert answer.status == 200, answer.content
        return list(answer.json.get("Resources", []))

    async def patched(self, user_id: str, path: str, value: Any) -> Answer:
        operation = {"op": "Replace", "path": path, "value": value}
        return await self("PATCH", f"/Users/{user_id}", {"Operations": [operation]})


@asynccontextmanager
async def _gateway(name: str, settings: Given) -> AsyncIterator[_Client]:
    app = application(settings.settings(mapping_of(name)), PUBLIC)
    async with app.lifespan():
        yield _Client(app)


@pytest.mark.parametrize("name", SYSTEMS)
async def test_the_life_of_a_user(name: str) -> None:
    system, cannot = SYSTEMS[name], SYSTEMS[name].cannot
    async with system.server() as url, _gateway(name, system.settings(url)) as scim:
        assert await scim.matched(NAME) == []
        created = await scim("POST", "/Users", ADA)
        assert created.status == 201, created.content
        user = created.json
        assert {each: user[each] for each in ADA} == ADA
        again = await scim("POST", "/Users", ADA)
        assert (again.status, again.json["scimType"]) == (409, "uniqueness")
        assert await scim.matched(NAME.upper()) == [user]

        changed = await scim.patched(user["id"], "name.familyName", "Lovelace")
        assert changed.status == (501 if "change" in cannot else 200), changed.content
        disabled = await scim.patched(user["id"], "active", "False")
        assert disabled.status == (501 if cannot & {"change", "disable"} else 200), disabled.content
        (found,) = await scim.matched(NAME)
        assert found["active"] is bool(cannot & {"change", "disable"})
        assert found["name"]["familyName"] == ("King" if "change" in cannot else "Lovelace")
        assert (await scim("GET", f"/Users/{user['id']}")).json == found
        if "disable" not in cannot:
            assert (await scim.patched(user["id"], "active", "True")).json["active"] is True

        removed = await scim("DELETE", f"/Users/{user['id']}")
        assert removed.status == (501 if "delete" in cannot else 204), removed.content
        gone = [await scim("GET", f"/Users/{user['id']}"), await scim("DELETE", f"/Users/{user['id']}")]
        assert [each.status for each in gone] == ([200, 501] if "delete" in cannot else [404, 404])
        assert len(await scim.matched(NAME)) == ("delete" in cannot)


@pytest.mark.parametrize("name", [each for each in SYSTEMS if mapping_of(each).resources[1:]])
async def test_the_life_of_a_group(name: str) -> None:
    system, cannot = SYSTEMS[name], SYSTEMS[name].cannot
    async with system.server() as url, _gateway(name, system.settings(url)) as scim:
        ada = (await scim("POST", "/Users", ADA)).json["id"]
        assert await scim.matched("Help desk", "Groups?excludedAttributes=members&filter=displayName") == []
        created = await scim("POST", "/Groups", {"displayName": "Help desk", "externalId": "8aa1a0c0"})
        assert created.status == 201, created.content
        path = f"/Groups/{created.json['id']}"
        (found,) = await scim.matched("HELP DESK", "Groups?excludedAttributes=members&filter=displayName")
        assert (found["id"], found["displayName"], found["externalId"]) == (created.json["id"], "Help desk", "8aa1a0c0")
        for op, members in (("Add", [ada]), ("Add", [ada]), ("Remove", []), ("Remove", [])):
            operation = {"op": op, "path": "members", "value": [{"value": ada}]}
            changed = await scim("PATCH", path, {"Operations": [operation]})
            is_refused = "change a group" in cannot and op == "Add"  # to remove who is not there is done already
            assert changed.status == (501 if is_refused else 204), changed.content
            shown = [each["value"] for each in (await scim("GET", path)).json.get("members", [])]
            assert shown == ([] if "change a group" in cannot else members)
        removed = await scim("DELETE", path)
        assert removed.status == (501 if "delete a group" in cannot else 204), removed.content
        assert (await scim("GET", path)).status == (200 if "delete a group" in cannot else 404)


@pytest.mark.parametrize("name", SYSTEMS)
async def test_a_server_that_is_down_or_refuses_the_credential_is_never_an_empty_list(name: str) -> None:
    system = SYSTEMS[name]
    async with system.server() as url, _gateway(name, system.settings(url, "a-wrong-token")) as scim:
        for path in ("/Users", "/Users/1"):
            answer = await scim("GET", path)
            assert answer.status == 502
            assert re.search("the service account's secret|the gateway's credential", answer.json["detail"])
    async with _gateway(name, system.settings(url)) as scim:
        for path in ("/Users", "/Users/1"):
            assert (await scim("GET", path)).status == 503
