"""One user taken for another: by an id of the client's, by a name that is taken, by a body that says otherwise than the path."""

import asyncio
from typing import Any

import pytest

from adapter.scim.messages import PATCH
from tests.attacks.world import AS_STRICT, BEARER, World, changed_mapping, is_refused, world
from tests.conversation import asked, gateway, mapping_of
from tests.logged import said

CREATE = "create: {call: POST /users, record: $}"
ADOPTS = (CREATE, "create: {call: POST /users, record: $, adopts: true}")
PROTECTED = (
    "    attributes:\n      - {scim: userName",
    "    protected: [{field: kind, holds: [service]}]\n    attributes:\n      - {scim: userName",
)
PASSWORD = "hunter2-canary"


def _patch(*operations: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def _replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


@pytest.mark.parametrize(
    "external", ["1", "0", "-1", "1e0", "0x1", "u-1", "../u-1", "6e9b4d4e-0c8e-4f0a-9d0a-6a1d4b6f0f11"]
)
async def test_an_external_id_is_never_an_id(external: str) -> None:
    """SEC-01 (CVE-2025-41115): who has the id that a client makes up is not touched, and no id of a body is taken."""
    async with world() as ask:
        for name in ("root", "ada", "bob"):
            ask.keep(name)
        before = ask.state()
        made = await ask(
            "POST",
            "/Users",
            {"userName": "eve", "externalId": external, "id": "u-1", "meta": {"location": "/Users/u-1"}},
        )
        assert made.status == 201
        assert made.json["id"] not in {"u-1", "u-2", "u-3", external}
        assert made.json["externalId"] == external
        del ask.directory.users.kept[made.json["id"]]
        assert ask.state() == before
        assert ask.writes == ["POST /users"]


async def test_a_create_of_a_name_that_is_taken_writes_nothing() -> None:
    """SEC-02 (CVE-2022-1680): somebody who is there is matched by the client or not at all, never invited by a create."""
    async with world() as ask:
        ask.keep("ada", mails={"work": {"value": "ada@example.com"}})
        before = ask.state()
        for name in ("ada", "ADA"):
            stolen = {"userName": name, "emails": [{"type": "work", "value": "eve@evil.example"}], "externalId": "x"}
            assert is_refused(await ask("POST", "/Users", stolen), "uniqueness", 409)
        assert ask.state() == before


async def test_an_email_of_another_user_is_no_way_to_that_user() -> None:
    """SEC-41: a create with the e-mail address of somebody else makes a user of its own and leaves the other as it was."""
    async with world() as ask:
        ada = ask.keep("ada", mails={"work": {"value": "ada@example.com"}}, externalRef="e-1")
        before = dict(ask.directory.users.kept[ada])
        made = await ask(
            "POST", "/Users", {"userName": "eve", "emails": [{"type": "work", "value": "ada@example.com"}]}
        )
        assert made.json["id"] != ada
        await ask(
            "PATCH", f"/Users/{made.json['id']}", _patch(_replace('emails[type eq "work"].value', "eve@evil.example"))
        )
        assert ask.directory.users.kept[ada] == before


async def test_to_adopt_somebody_is_said_by_the_mapping_and_changes_neither_name_nor_email(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SEC-03 (ciso-assistant PR#4658, eneo PR#443): what people sign in with stays, and the log tells of it."""
    caplog.set_level("INFO", "adapter.requests")
    async with world(changed_mapping(ADOPTS)) as ask:
        ada = ask.keep("ada", mails={"work": {"value": "ada@example.com"}}, shown="Ada")
        sent = {
            "userName": "ADA",
            "displayName": "Eve",
            "title": "Dr",
            "emails": [{"type": "work", "value": "eve@evil.example"}],
        }
        answer = await ask("POST", "/Users", sent | {"externalId": "e-2"})
        assert (answer.status, answer.json["id"]) == (201, ada)
        kept = ask.directory.users.kept[ada]
        assert (kept["login"], kept["shown"], kept["mails"]["work"]["value"]) == ("ada", "Ada", "ada@example.com")
        assert (kept["job"], kept["externalRef"]) == ("Dr", "e-2")
    assert "adopted a user" in said(caplog.records)


async def test_the_path_says_who_is_meant_and_the_body_does_not() -> None:
    """SEC-12 (Keycloak#46658): an id, a meta or schemas of another user in a body of PUT or PATCH change nothing there."""
    async with world() as ask:
        ada, bob = ask.keep("ada"), ask.keep("bob")
        before = dict(ask.directory.users.kept[bob])
        body = {
            "id": bob,
            "meta": {"location": f"/Users/{bob}", "resourceType": "Group"},
            "schemas": ["urn:x"],
            "userName": "ada",
        }
        assert (await ask("PUT", f"/Users/{ada}", body | {"title": "Dr"})).json["id"] == ada
        pathless = {"op": "replace", "value": {"id": bob, "meta": {"location": bob}, "title": "Prof"}}
        assert (await ask("PATCH", f"/Users/{ada}", _patch(pathless) | {"id": bob})).json["id"] == ada
        assert is_refused(await ask("PATCH", f"/Users/{ada}", _patch(_replace("id", bob))), "mutability")
        assert is_refused(await ask("PATCH", f"/Users/{ada}", _patch(_replace("id", bob)), AS_STRICT), "mutability")
        assert ask.directory.users.kept[bob] == before
        assert ask.directory.users.kept[ada]["job"] == "Prof"
        assert {each.split("/")[-1] for each in ask.writes} == {ada}


READ_ONLY = ("meta.created", "groups", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName")


async def test_what_is_read_only_is_so_by_every_way() -> None:
    """SEC-13 (Keycloak#51155, #50991, #52210): one verdict for POST, PUT and every form of PATCH: it is never written."""
    mapping = changed_mapping(("{scim: title, field: job}", "{scim: title, field: job, mutability: readOnly}"))
    async with world(mapping) as ask:
        ada = ask.keep("ada", job="clerk")
        core = "urn:ietf:params:scim:schemas:core:2.0:User:title"
        for body in ({"userName": "ada", "title": "Dr"}, {"userName": "ada", "TITLE": "Dr"}):
            assert (await ask("PUT", f"/Users/{ada}", body)).status == 200
        made = await ask("POST", "/Users", {"userName": "eve", "title": "Dr"})
        assert "job" not in ask.directory.users.kept[made.json["id"]]
        for path in ("title", "TITLE", core):
            for op in ("add", "replace", "remove"):
                for client in ((), (AS_STRICT,)):
                    operation = {"op": op, "path": path} | ({} if op == "remove" else {"value": "Dr"})
                    assert is_refused(await ask("PATCH", f"/Users/{ada}", _patch(operation), *client), "mutability")
        for key in ("title", core):
            answer = await ask(
                "PATCH", f"/Users/{ada}", _patch({"op": "replace", "value": {key: "Dr", "displayName": "x"}})
            )
            assert answer.status in {200, 400}
        for path in READ_ONLY:
            answer = await ask("PATCH", f"/Users/{ada}", _patch({"op": "replace", "path": path, "value": "x"}))
            assert is_refused(answer, "mutability") or (
                answer.status == 200 and ask.directory.users.kept[ada]["job"] == "clerk"
            )
        assert ask.directory.users.kept[ada]["job"] == "clerk"


async def test_a_protected_user_is_changed_by_no_way() -> None:
    """SEC-15 (Keycloak#52675, open-webui PR#25948): the gateway's own account can be neither disabled, renamed nor removed."""
    async with world(changed_mapping(PROTECTED)) as ask:
        own = ask.keep("gateway", kind="service")
        before = ask.state()
        for answer in (
            await ask("DELETE", f"/Users/{own}"),
            await ask("PUT", f"/Users/{own}", {"userName": "eve"}),
            await ask("PATCH", f"/Users/{own}", _patch(_replace("active", "False"))),
            await ask("PATCH", f"/Users/{own}", _patch({"op": "replace", "value": {"userType": "x", "active": False}})),
            await ask("POST", "/Users", {"userName": "gateway", "active": False}),
        ):
            assert answer.status in {403, 409}
        bulk = {"Operations": [{"method": "DELETE", "path": f"/Users/{own}"}]}
        assert (await ask("POST", "/Bulk", bulk)).json["Operations"][0]["status"] == "403"
        assert ask.state() == before


async def test_a_password_is_written_where_the_mapping_says_so_and_shown_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SEC-18 (langfuse PR#16027): never in an answer, a filter or a log; without a rule it is left out, and one is made up."""
    caplog.set_level("DEBUG")
    async with world() as ask:
        answers = [made := await ask("POST", "/Users", {"userName": "ada", "password": PASSWORD})]
        user = made.json["id"]
        assert ask.directory.users.kept[user]["secret"] == PASSWORD
        answers += [
            await ask("GET", f"/Users/{user}?attributes=password"),
            await ask("GET", "/Users?attributes=password"),
        ]
        answers += [await ask("PATCH", f"/Users/{user}", _patch(_replace("password", f"{PASSWORD}-2")))]
        assert all(PASSWORD.encode() not in each.content for each in answers)
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [
            [201, {"data": {"userId": 7}}],
            [200, {"data": {"userId": 7, "userName": "ada", "isEnabled": True}}],
        ]
        body = (
            b'{"userName": "ada", "password": "%s", "name": {"givenName": "a", "familyName": "b"}}' % PASSWORD.encode()
        )
        await asked(app, "POST", "/scim/v2/Users", [BEARER], body)
        sent = upstream.seen[0][2]["password"]
        assert len(sent) == 24
        assert sent != PASSWORD
    assert PASSWORD not in said(each for each in caplog.records if each.name.startswith("adapter"))


async def test_who_is_taken_out_of_a_group_is_out_and_nobody_else() -> None:
    """SEC-19 (agent-bom#3687, better-auth PR#10242): a remove with a value removes that; a disable is the upstream's own."""
    async with world() as ask:
        users = [ask.keep(f"u{number}") for number in range(5)]
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all", "memberIds": list(users)}
        gone = {"op": "Remove", "path": "members", "value": [{"value": users[1]}]}
        assert (await ask("PATCH", "/Groups/g", _patch(gone))).status == 204
        by_filter = {"op": "remove", "path": f'members[value eq "{users[2]}"]'}
        assert (await ask("PATCH", "/Groups/g", _patch(by_filter))).status == 204
        assert ask.directory.groups.kept["g"]["memberIds"] == [users[0], users[3], users[4]]
        await ask("PATCH", f"/Users/{users[0]}", _patch(_replace("active", "False")))
        assert [each["enabled"] for each in ask.directory.users.kept.values()] == [False, True, True, True, True]


async def test_members_that_are_changed_at_once_are_all_changed() -> None:
    """SEC-20 (Fleet#50724, FusionAuth#2869, scimmy#79): no PATCH works on a list that another one has changed meanwhile."""

    async def change(ask: World, op: str, user: str) -> int:
        return (
            await ask("PATCH", "/Groups/g", _patch({"op": op, "path": "members", "value": [{"value": user}]}))
        ).status

    async with world() as ask:
        users = [ask.keep(f"u{number}") for number in range(24)]
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all", "memberIds": users[:12]}
        changes = [change(ask, "remove", each) for each in users[:6]] + [
            change(ask, "add", each) for each in users[12:]
        ]
        assert set(await asyncio.gather(*changes)) == {204}
        assert set(ask.directory.groups.kept["g"]["memberIds"]) == set(users[6:])


@pytest.mark.parametrize(
    "name", ["X-Tenant", "X-Tenant-Id", "X-Organization", "Host", "X-Forwarded-Host", "X-Forwarded-For", "X-User"]
)
async def test_no_header_chooses_whose_users_are_meant(name: str) -> None:
    """SEC-23 (CVE-2026-105209, CVE-2025-14561, CVE-2025-9973) and SEC-44 (CVE-2026-25479): the token alone does."""
    async with world() as ask:
        user = ask.keep("ada")
        plain, odd = (
            await ask("GET", f"/Users/{user}"),
            await ask("GET", f"/Users/{user}?tenant=other", None, (name, "evil.example")),
        )
        assert (odd.status, odd.content) == (plain.status, plain.content)
        assert {each.url.host for each in ask.seen} == {"upstream.test"}


async def test_no_other_site_may_ask_from_a_browser() -> None:
    """SEC-44 (CVE-2026-25478): there is no CORS to be fooled, for any origin and any method."""
    async with world() as ask:
        for method in ("GET", "OPTIONS"):
            for origin in ("https://evil.example", "null", "https://scim.example.com", "https://scimXexample.com"):
                answer = await ask(
                    method, "/Users", None, ("Origin", origin), ("Access-Control-Request-Method", "DELETE")
                )
                assert not [each for each in answer.headers if each.startswith("access-control")]
