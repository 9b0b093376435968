"""Bodies that break readers of JSON, or that two readers read differently: each is a 400, and nothing is asked upstream."""

from typing import Any

import msgspec
import pytest

from adapter.scim.bulk import REQUEST
from adapter.scim.group import GROUP
from adapter.scim.limits import USUAL
from adapter.scim.messages import PATCH
from adapter.scim.user import USER
from tests.attacks.world import AS_STRICT, is_refused, world

ADA = '"userName": "ada"'
DEEP: dict[str, bytes] = {
    "lists": b"[" * 100_000,
    "objects": b'{"a":' * 10_000,
    "objects, closed": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "in a user": b'{"userName": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "in an operation": b'{"Operations": [{"op": "add", "value": ' + b'{"a":[' * 5_000,
}
UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "a number without a digit": b'{"userName": -}',
    "NaN": b'{"userName": "ada", "count": NaN}',
    "Infinity": b'{"userName": "ada", "count": Infinity}',
    "a number out of range": b'{"userName": "ada", "x": 1e400}',
    "a number of 5 000 digits": b'{"userName": "ada", "x": ' + b"9" * 5_000 + b".5}",
    "invalid UTF-8": b'{"userName": "ad\xff"}',
    "an overlong slash": b'{"userName": "ad\xc0\xaf"}',
    "half a character": b'{"userName": "ad\\ud800"}',
    "half a character as UTF-8": b'{"userName": "ad\xed\xa0\x80"}',
    "half a character in a name": b'{"userName": "ada", "\\udfff": 1}',
    "a byte order mark": b'\xef\xbb\xbf{"userName": "ada"}',
    "UTF-16": '{"userName": "ada"}'.encode("utf-16"),
    "a raw NUL": b'{"userName": "ad\0a"}',
    "a NUL behind it": b'{"userName": "ada"}\0',
    "two bodies": b'{"userName": "ada"}{"userName": "eve"}',
    "a comment": b'{"userName": "ada" /* x */}',
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a list": b'[{"userName": "ada"}]',
    "a text": b'"userName"',
}
TWICE: dict[str, str] = {
    "the same": '{"userName": "ada", "active": true, "active": false}',
    "in another case": '{"userName": "ada", "active": true, "Active": false}',
    "by an escape": '{"userName": "ada", "user\\u004eame": "eve"}',
    "a URN": '{"userName": "ada", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {}, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:USER": {}}',
    "inside": '{"userName": "ada", "name": {"givenName": "a", "familyName": "b", "GIVENNAME": "c"}}',
    "inside a list": '{"userName": "ada", "emails": [{"type": "work", "value": "a@b.c", "value": "x@b.c"}]}',
    "the roles of CVE-2017-12635": '{"userName": "ada", "roles": [{"value": "admin"}], "roles": []}',
}
PATCHES_TWICE: dict[str, str] = {
    "Operations": '{"Operations": [{"op": "add", "path": "title", "value": "x"}], "operations": []}',
    "op": '{"Operations": [{"op": "add", "OP": "remove", "path": "title", "value": "x"}]}',
    "path": '{"Operations": [{"op": "add", "path": "title", "path": "userName", "value": "x"}]}',
    "a value": '{"Operations": [{"op": "add", "value": {"active": true, "ACTIVE": false}}]}',
}
TARGETS = (("POST", "/Users"), ("PUT", "/Users/u-1"), ("PATCH", "/Users/u-1"), ("POST", "/Bulk"), ("POST", "/.search"))


@pytest.mark.parametrize("body", [*DEEP.values(), *UNREADABLE.values()], ids=[*DEEP, *UNREADABLE])
async def test_a_body_that_is_no_message_is_invalid_syntax_wherever_it_is_sent(body: bytes) -> None:
    """SEC-36 and SEC-38: depth, NaN, and numbers out of range are a 400 of SCIM's, never a 500 of the framework's."""
    async with world() as ask:
        ask.keep("someone")
        for method, path in TARGETS:
            for client in ((), (AS_STRICT,)):
                assert is_refused(await ask(method, path, body, *client), "invalidSyntax"), f"{method} {path}"
        assert ask.seen == []


@pytest.mark.parametrize("body", TWICE.values(), ids=list(TWICE))
async def test_a_name_that_comes_twice_is_refused(body: str) -> None:
    """SEC-37 (CVE-2017-12635): which of two is meant two readers decide differently; SCIM's names have no case."""
    async with world() as ask:
        ask.keep("someone")
        for method, path in (("POST", "/Users"), ("PUT", "/Users/u-1")):
            assert is_refused(await ask(method, path, body.encode()), "invalidSyntax")
        assert ask.seen == []


@pytest.mark.parametrize("body", PATCHES_TWICE.values(), ids=list(PATCHES_TWICE))
async def test_a_name_that_comes_twice_in_a_patch_is_refused(body: str) -> None:
    """SEC-37: in a PATCH, and in one within a bulk request."""
    async with world() as ask:
        ask.keep("someone")
        assert is_refused(await ask("PATCH", "/Users/u-1", body.encode()), "invalidSyntax")
        within = f'{{"Operations": [{{"method": "PATCH", "path": "/Users/u-1", "data": {body}}}]}}'
        assert is_refused(await ask("POST", "/Bulk", within.encode()), "invalidSyntax")
        assert ask.seen == []


ANYTHING: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1.5,
        2**63,
        10**30,
        "",
        "x",
        "\0",
        [],
        [None],
        [[]],
        {},
        {"": ""},
        {"a": {"b": []}},
        [1, "x", {}],
    ),
    *(
        {"value": {"value": {}}},
        [{"value": None}],
        [{"primary": True}, {"primary": True}],
        "x" * 100_000,
        {"$ref": "file:///"},
    ),
]
ATTRIBUTES = (
    "userName",
    "active",
    "name",
    "emails",
    "roles",
    "externalId",
    "x509Certificates",
    "meta",
    "id",
    "schemas",
)


@pytest.mark.parametrize("name", ATTRIBUTES)
async def test_a_value_of_any_type_is_taken_refused_or_left_out(name: str) -> None:
    """SEC-38: what does not fit is invalidValue by name, and a number never becomes a text or an id."""
    async with world() as ask:
        user = ask.keep("someone")
        for value in ANYTHING:
            for answer in (
                await ask("POST", "/Users", {"userName": "ada", "externalId": "e"} | {name: value}),
                await ask("PUT", f"/Users/{user}", {"userName": "someone"} | {name: value}),
                *[
                    await ask(
                        "PATCH",
                        f"/Users/{user}",
                        {"schemas": [PATCH], "Operations": [{"op": op, "path": name, "value": value}]},
                        *client,
                    )
                    for op in ("add", "replace", "remove")
                    for client in ((), (AS_STRICT,))
                ],
            ):
                assert answer.status in {200, 201, 204, 400, 409}, answer
        kept = msgspec.json.encode(
            [each for each in ask.directory.users.kept.values() if each["login"] in ("ada", "someone")]
        )
        assert b"null" not in kept


@pytest.mark.parametrize(
    "operations", [None, {}, "x", [], [[]], [None], ["add"], [{}], [{"op": 1}], [{"op": "move"}], [{"op": ["add"]}]]
)
async def test_operations_that_are_none_are_invalid_syntax(operations: Any) -> None:
    async with world() as ask:
        ask.keep("someone")
        assert is_refused(await ask("PATCH", "/Users/u-1", {"Operations": operations}), "invalidSyntax")
        assert ask.seen == []


@pytest.mark.parametrize("sign", ["\0", "\x01", "\x08", "\x1b", "\x7f", "\ud800"])
async def test_control_characters_and_halves_of_characters_reach_no_field(sign: str) -> None:
    """SEC-39: a NUL cuts a text in two in many an old system; it is refused in every attribute that is mapped."""
    async with world() as ask:
        ask.keep("someone")
        scim_type = "invalidSyntax" if "\ud800" <= sign <= "\udfff" else "invalidValue"
        for part in (
            {"userName": f"ada{sign}"},
            {"externalId": f"x{sign}"},
            {"title": f"{sign}x"},
            {"password": f"x{sign}y"},
            {"name": {"givenName": f"x{sign}"}},
            {"emails": [{"type": "work", "value": f"a{sign}@b.c"}]},
        ):
            assert is_refused(await ask("POST", "/Users", {"userName": "ada"} | part), scim_type)
            assert is_refused(
                await ask("PATCH", "/Users/u-1", {"Operations": [{"op": "replace", "value": part}]}), scim_type
            )
        assert ask.writes == []


OPERATION = {"op": "replace", "path": "title", "value": "x"}
ADDED = {"op": "add", "path": "members"}
MEMBERS = [{"value": f"m-{number}"} for number in range(12_001)]
TOO_MUCH: dict[str, tuple[str, str, Any, int]] = {
    "bytes": ("POST", "/Users", b'{"userName": "' + b"a" * USUAL.body + b'"}', 413),
    "operations": ("PATCH", "/Users/u-1", {"Operations": [OPERATION] * 1_001}, 413),
    "operations in bulk": ("POST", "/Bulk", {"Operations": [{"method": "DELETE", "path": "/Users/u-1"}] * 1_001}, 413),
    "members of a new group": ("POST", "/Groups", {"displayName": "all", "members": MEMBERS}, 413),
    "members in a PUT": ("PUT", "/Groups/g", {"displayName": "all", "members": MEMBERS}, 413),
    "members in a PATCH": ("PATCH", "/Groups/g", {"Operations": [ADDED | {"value": MEMBERS}]}, 413),
    "members in two operations": (
        "PATCH",
        "/Groups/g",
        {"Operations": [ADDED | {"value": MEMBERS[:6_000]}, ADDED | {"value": MEMBERS[6_000:]}]},
        413,
    ),
    "members without a path": (
        "PATCH",
        "/Groups/g",
        {"Operations": [{"op": "add", "value": {"members": MEMBERS}}]},
        413,
    ),
    "emails": ("POST", "/Users", {"userName": "ada", "emails": [{"value": "a@b.c"}] * 10_001}, 413),
    "a URL": ("GET", "/Users?x=" + "a" * USUAL.url, None, 414),
    "an id": ("GET", "/Users/" + "a" * USUAL.url, None, 414),
}


@pytest.mark.parametrize("client", [(), (AS_STRICT,)], ids=["entra", "strict"])
@pytest.mark.parametrize("sent", TOO_MUCH.values(), ids=list(TOO_MUCH))
async def test_more_than_a_request_may_hold_is_refused_by_the_name_of_its_setting(
    sent: tuple[str, str, Any, int], client: tuple[Any, ...]
) -> None:
    """SEC-16 (Keycloak#46705, #50475): bytes, operations, members and URLs have a bound, and nothing is asked upstream."""
    method, path, body, status = sent
    if isinstance(body, dict):
        urns = {"/Bulk": REQUEST, "/Users": USER.id, "/Groups": GROUP.id}
        body = {"schemas": [PATCH if method == "PATCH" else urns["/" + path.split("/")[1]]]} | body
    async with world() as ask:
        ask.keep("someone")
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all", "memberIds": []}
        answer = await ask(method, path, body, *client)
        assert (answer.status, answer.json.get("scimType")) == (status, None)
        assert "ADAPTER_MOST_" in answer.json["detail"]
        assert ask.seen == []


async def test_as_much_as_a_request_may_hold_takes_few_calls() -> None:
    """SEC-16: what is within the bounds makes no more calls for being much."""
    async with world() as ask:
        ask.keep("someone")
        answer = await ask("PATCH", "/Users/u-1", {"Operations": [OPERATION] * 1_000})
        assert (answer.status, len(ask.seen)) == (200, 2)
        for count in ("1001", "9" * 30, "-1"):
            assert (await ask("GET", f"/Users?count={count}")).json["itemsPerPage"] <= 1_000
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all", "memberIds": []}
        ask.seen.clear()
        added = await ask("PATCH", "/Groups/g", {"Operations": [ADDED | {"value": MEMBERS[:10_000]}]})
        assert (added.status, added.json["scimType"]) == (400, "invalidValue")
        assert len(ask.seen) <= 3


async def test_an_operator_moves_the_bounds() -> None:
    """SEC-16: each bound is a setting, and discovery tells the bounds as they are."""
    tight = {
        "body": 300,
        "members": 2,
        "operations": 1,
        "bulk": 2,
        "filter": 30,
        "nesting": 1,
        "count": 3,
        "url": 200,
    } | {"depth": 4}
    async with world(limits=tight) as ask:
        for number in range(5):
            ask.keep(f"u{number}")
        told = (await ask("GET", "/ServiceProviderConfig")).json
        assert (told["bulk"]["maxOperations"], told["bulk"]["maxPayloadSize"]) == (2, 300)
        assert (told["filter"]["maxResults"], told["pagination"]["maxPageSize"]) == (3, 3)
        assert (await ask("GET", "/Users")).json["itemsPerPage"] == 3
        assert (await ask("POST", "/Users", {"userName": "a" * 300})).status == 413
        assert (await ask("PATCH", "/Users/u-1", {"Operations": [OPERATION] * 2})).status == 413
        assert (await ask("POST", "/Users", {"userName": "x", "emails": [{}] * 3})).status == 413
        assert is_refused(await ask.found('userName eq "' + "x" * 30 + '"'), "invalidFilter")
        assert is_refused(await ask.found("((title pr))"), "invalidFilter")
        assert (await ask("GET", "/Users?x=" + "a" * 200)).status == 414
        assert is_refused(await ask("POST", "/Users", {"x": {"x": {"x": {"x": {}}}}}), "invalidSyntax")
        assert ask.writes == []


@pytest.mark.parametrize("part", ["\\n", '\\"', "\\u003a", ":", "x", "\\\\"])
async def test_a_long_text_is_read_at_once(part: str) -> None:
    """SEC-36: the look for names that come twice takes no longer for what looks like them."""
    text = part * (900_000 // len(part))
    async with world() as ask:
        answer = await ask("POST", "/Users", f'{{"userName": "ada", "title": "{text}"}}'.encode())
        assert (answer.status, ask.writes) == (201, ["POST /users"])


@pytest.mark.parametrize("part", ['{"a":1},', '["a"],', "[],", '"a",', "{},", "0,"])
async def test_a_body_of_many_small_parts_is_read_at_once(part: str) -> None:
    """SEC-36: nor for many objects, lists and texts; too many of them are refused."""
    async with world() as ask:
        listed = part * (900_000 // len(part))
        answer = await ask("POST", "/Users", f'{{"userName": "ada", "x": [{listed[:-1]}]}}'.encode())
        assert answer.status == (400 if set(part) & set("{[") else 413)
        assert ask.seen == []
