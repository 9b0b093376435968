"""Several connections of one gateway: the token decides which, and they change together when the settings are read anew."""

import asyncio
import re

import msgspec
import pytest
from litestar import Litestar

from adapter.errors import SettingsError
from adapter.settings.settings import FederatedClient
from adapter.web.gateway import Gateway
from tests.attacks.tenants import connection_of, settings_with, tenants
from tests.conversation import CLIENT_SECRET, asked, mapping_of


async def test_a_granted_token_is_good_for_its_own_connection_only() -> None:
    async with tenants() as ask:
        form = f"grant_type=client_credentials&client_id=globex&client_secret={CLIENT_SECRET}".encode()
        token = (await asked(ask.app, "POST", "/oauth/token", body=form)).json["access_token"]
        assert (await ask(token, "GET", "/globex/scim/v2/Users/u-1")).json["userName"] == "ada@globex"
        refused = await ask(token, "GET", "/acme/scim/v2/Users/u-1")
        assert refused.status == 401
        assert "Tenant URL" in refused.json["detail"]


@pytest.mark.parametrize(
    "path", ["/scim/v2/Users", "/scim/v2", "/", "/acme", "/acme/scim", "/acme/scim/v3", "/acme/x/y"]
)
async def test_there_is_nothing_outside_the_roots(path: str) -> None:
    async with tenants() as ask:
        answer = await ask("acme", "GET", path)
        assert (answer.status, answer.json["detail"]) == (
            404,
            "There is nothing at this path. The SCIM root is /<connection>/scim/v2.",
        )
        assert (await ask("nobody", "GET", path)).status == 401


async def test_a_client_that_may_only_read_changes_nothing() -> None:
    async with tenants() as ask:
        root = "/acme/scim/v2"
        search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
        for method, path, body in (
            ("GET", "/Users/u-1", None),
            ("GET", "/Users", None),
            ("GET", "/Schemas", None),
            ("POST", "/Users/.search", search),
            ("POST", "/.search", search),
        ):
            assert (await ask("reader", method, root + path, body)).status == 200, path
        kept = msgspec.json.encode(ask.directories["acme"].users.kept)
        for method, path in (
            ("POST", "/Users"),
            ("PUT", "/Users/u-1"),
            ("PATCH", "/Users/u-1"),
            ("DELETE", "/Users/u-1"),
            ("POST", "/Bulk"),
            ("PATCH", "/Users/.search"),
        ):
            refused = await ask("reader", method, root + path, {"active": False})
            assert refused.status == 403, path
            assert "may only read" in refused.json["detail"]
        assert msgspec.json.encode(ask.directories["acme"].users.kept) == kept


async def test_what_one_connection_keeps_another_does_not_see() -> None:
    store = settings_with(store=":memory:")
    async with tenants(store) as ask:
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob", "externalId": "7"}
        assert (await ask("acme", "POST", "/acme/scim/v2/Users", body)).status == 201
        query = "/scim/v2/Users?filter=userName%20eq%20%22bob%22"
        assert (await ask("acme", "GET", f"/acme{query}")).json["totalResults"] == 1
        assert (await ask("globex", "GET", f"/globex{query}")).json["totalResults"] == 0


async def test_a_cursor_of_one_connection_is_none_of_another() -> None:
    async with tenants() as ask:
        for each in ask.directories.values():
            each.users.kept |= {
                f"u-{at}": {"id": f"u-{at}", "login": f"user-{at}", "enabled": True} for at in range(2, 9)
            }
        first = await ask("acme", "GET", "/acme/scim/v2/Users?cursor&count=3")
        path = f"scim/v2/Users?count=3&cursor={first.json['nextCursor']}"
        assert (await ask("acme", "GET", f"/acme/{path}")).status == 200
        refused = await ask("globex", "GET", f"/globex/{path}")
        assert (refused.status, refused.json["scimType"]) == (400, "invalidCursor")


def _gateway(app: Litestar) -> Gateway:
    """Return what an application serves."""
    found: Gateway = app.state["gateway"]
    return found


async def test_settings_that_are_read_anew_change_what_they_say_and_nothing_else() -> None:
    async with tenants() as ask:
        gateway = _gateway(ask.app)
        globex = gateway.connections["globex"]
        assert (await ask("acme", "GET", "/acme/scim/v2/Users/u-1")).status == 200
        changed = connection_of("acme", tokens=("a-new-token-of-acme-with-32-characters",), times={"request": 1.0})
        gateway.use(settings_with(changed, connection_of("globex")))
        assert gateway.connections["globex"] is globex
        assert (await ask("acme", "GET", "/acme/scim/v2/Users/u-1")).status == 401
        assert (await ask("a-new-token-of-acme-with-32-characters", "GET", "/acme/scim/v2/Users/u-1")).status == 200
        gateway.use(settings_with(connection_of("globex")))
        assert (await ask("a-new-token-of-acme-with-32-characters", "GET", "/acme/scim/v2/Users/u-1")).status == 401
        assert (await ask("globex", "GET", "/globex/scim/v2/Users/u-1")).status == 200


async def test_a_request_under_way_ends_as_it_began() -> None:
    async with tenants() as ask:
        gateway = _gateway(ask.app)
        under_way = [asyncio.create_task(ask("acme", "GET", "/acme/scim/v2/Users/u-1")) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gateway.use(settings_with(connection_of("globex")))
        assert {each.status for each in await asyncio.gather(*under_way)} <= {200, 401}


async def test_settings_of_which_one_connection_cannot_be_served_change_nothing() -> None:
    async with tenants() as ask:
        gateway = _gateway(ask.app)
        before = dict(gateway.connections)
        new = msgspec.structs.replace(connection_of("globex"), name="new", clients=())
        spoilt = msgspec.structs.replace(mapping_of("full"), client_certificate="no certificate")
        wrong = msgspec.structs.replace(
            connection_of("globex"), mapping=msgspec.structs.replace(spoilt, digest="other")
        )
        with pytest.raises(SettingsError, match="the client certificate cannot be used"):
            gateway.use(settings_with(connection_of("acme", times={"request": 1.0}), new, wrong))
        assert gateway.connections == before
        assert (await ask("acme", "GET", "/acme/scim/v2/Users/u-1")).status == 200


async def test_turns_and_what_the_guard_holds_outlast_a_reading() -> None:
    async with tenants(settings_with(connection_of("acme", guard_most=1))) as ask:
        gateway = _gateway(ask.app)
        acme = gateway.connections["acme"]
        assert acme.guard is not None
        acme.guard.check("User", "1")
        gateway.use(settings_with(connection_of("acme", guard_most=1, times={"request": 1.0})))
        assert gateway.connections["acme"].guard is acme.guard
        gateway.use(settings_with(connection_of("acme", guard_most=2)))
        assert gateway.connections["acme"].guard is not acme.guard


@pytest.mark.parametrize(("held", "shown"), [(0, {}), (1, {"connections": "1 of 2 in trouble"})])
async def test_an_open_door_tells_how_many_are_in_trouble_and_not_who(held: int, shown: dict[str, str]) -> None:
    async with tenants(settings_with(connection_of("acme", guard_most=1), connection_of("globex"))) as ask:
        guard = _gateway(ask.app).connections["acme"].guard
        assert guard is not None
        guard.is_holding = bool(held)
        assert (await asked(ask.app, "GET", "/health/ready")).json == {"status": "ready", **shown}


async def test_the_metadata_tells_of_assertions_where_a_client_shows_them() -> None:
    federated = FederatedClient(name="f", id="f", issuer="i", audience="a", subject="s", keys="https://keys.example")
    with_one = msgspec.structs.replace(connection_of("acme"), clients=(federated,))
    for settings, taken in ((settings_with(with_one), True), (settings_with(), False)):
        async with tenants(settings) as ask:
            told = await asked(ask.app, "GET", "/.well-known/oauth-authorization-server")
            assert ("private_key_jwt" in told.json["token_endpoint_auth_methods_supported"]) is taken
            assert re.search("acme|globex", told.content.decode()) is None
