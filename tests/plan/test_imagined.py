"""Whole conversations against an imagined upstream, for the shipped mappings and for mappings that nobody has written.

Two laws: what a client creates or changes is what the upstream then shows; and to say the same again makes no write.
"""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.errors import Unsupported
from adapter.mapping.mapping import Mapping
from adapter.plan.imagined import Imagined, sample
from adapter.plan.plan import plan
from adapter.scim import operation
from tests.conversation import mapping_of, settings_of
from tests.mapping.minimal import BY_CALLS, IN_USERS, MAPPINGS, groups, mapping
from tests.plan.by_hand import Played, answered

SHIPPED = sorted(each.stem for each in MAPPINGS.glob("*.yaml") if "." not in each.stem)
WRITES = ("create", "update", "delete", "own")

TITLE = st.sampled_from(
    [
        "{scim: title, field: t}",
        "{scim: title, field: a.b.t, clear: empty}",
        '{scim: title, field: "custom[id=3].value"}',
        "{scim: title, read: {field: t}, write: {field: u}}",
        "{scim: title, field: t, kept_as: number}",
        "{scim: title, read: {field: t, kept_as: number}, write: {field: u}}",
        "{scim: title, read: {field: t}, write: {field: t, only: update}}",
        '{scim: title, read: {field: t}, write: {calls: [{call: "PUT /users/{id}/t", body: {to: "{value}"}}]}}',
    ]
)
ACTIVE = st.sampled_from(
    [
        "{scim: active, field: on}",
        "{scim: active, field: on, default: true}",
        '{scim: active, field: on, values: [[true, "Y"], [false, "N"]]}',
        "{scim: active, read: {field: on}, write: {field: state, values: [[true, 1], [false, 0]]}}",
        "{scim: active, read: {field: s, values: [[true, in]], otherwise: false}, write: {field: s, values: [[true, in], [false, out]]}}",
        """{scim: active, read: {field: s, values: [[true, in]], otherwise: false},
         write: {calls: [{value: true, call: "POST /users/{id}/in"}, {value: false, call: "POST /users/{id}/out"}]}}""",
    ]
)
ROLES = st.sampled_from(
    [
        "{scim: roles.value, field: r, every: list}",
        '{scim: roles.value, field: r, every: {by: ";"}}',
        "{scim: roles.value, every: list, read: {field: r, kept_as: number}, write: {field: r}}",
        "{scim: roles.value, every: list, read: {field: r, kept_as: number}, write: {field: q}}",
        "{scim: roles.value, field: r, every: list, kept_as: number}",
    ]
)
ROUTES = {
    "create": st.sampled_from(
        [
            "create: {call: POST /users, id: id}",
            "create: {call: POST /users, record: $}",
            "create: {call: POST /users, fields: user, record: user}",
            "create: {call: POST /users, id: {header: Location}}",
            "create: {call: POST /rpc, body: {method: add, p: {v: 1}}, fields: p.user, id: result.id}",
        ]
    ),
    "update": st.sampled_from(
        [
            'update: {call: "PATCH /users/{id}"}',
            'update: {call: "PUT /users/{id}", sends: record}',
            'update: {call: "PUT /users/{id}", sends: record, leave_out: [id], record: $}',
            'update: {call: "PATCH /users/{id}", fields: user, record: user}',
            'update: {call: POST /rpc, body: {method: change, p: {user: {Id: "{id}"}}}, fields: p.user}',
        ]
    ),
    "get": st.sampled_from(
        ['get: {call: "GET /users/{id}"}', 'get: {call: "GET /users/{id}", record: data}', "get: {by: list}"]
    ),
    "list": st.sampled_from(
        [
            "list: {call: GET /users, records: data, page: {by: nothing}}",
            "list: {call: GET /users, records: $, total: {header: X-Total}, page: {by: number, number: p, size: s, most: 5}}",
            "list: {call: GET /users, records: data, page: {by: number, first: 0, number: p, size: s, most: 5}}",
            "list: {call: GET /users, records: data, total: n, id: ref, page: {by: offset, offset: o, size: s, most: 5}}",
            "list: {call: GET /users, records: data, page: {by: cursor, cursor: c, next: next, size: s, most: 5}}",
        ]
    ),
}
NUMBERS = st.integers(-99, 99).map(str)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "title": NUMBERS,
        "active": st.booleans(),
        "roles": st.lists(NUMBERS, min_size=1, max_size=3, unique=True).map(
            lambda all_: [{"value": one} for one in all_]
        ),
        "name": st.fixed_dictionaries(
            {"givenName": st.sampled_from(["Ada", "Eve Ann"]), "familyName": st.just("Byron")}
        ),
    },
)
NAMES = st.sampled_from(
    [
        ("{scim: name.givenName, field: first}", "{scim: name.familyName, field: last}"),
        (
            "{scim: name.givenName, field: full, part: first, lossy: true}",
            "{scim: name.familyName, field: full, part: last, lossy: true}",
        ),
    ]
)
GONE = "replies: [{status: 404, means: not found}]"


def _asked(made: Mapping, upstream: Imagined, wanted: operation.Operation) -> Played:
    return answered(plan(wanted, made), upstream.reply)


def _patch(made: Mapping, user_id: str, body: dict[str, Any]) -> operation.Operation:
    whole = {"Operations": [{"op": "replace", "value": body}]}
    return operation.patch(user_id, msgspec.json.encode(whole), made.resource.type)


def _holds(shown: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(
        sorted(each["value"] for each in shown[name]) == sorted(each["value"] for each in value)
        if name == "roles"
        else shown[name] == value
        for name, value in wanted.items()
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(TITLE, ACTIVE, ROLES), NAMES, st.fixed_dictionaries(ROUTES), VALUES, VALUES)
def test_a_mapping_that_nobody_has_written_keeps_the_laws(
    rules: tuple[str, ...],
    names: tuple[str, ...],
    routes: dict[str, str],
    first: dict[str, Any],
    then: dict[str, Any],
) -> None:
    made = mapping(*rules, *names, top=GONE, routes=routes).bound({}, random.Random(1).choice)  # noqa: S311
    upstream = Imagined(made, "1")
    body = msgspec.json.encode({"userName": "ada", **first})
    created = _asked(made, upstream, operation.create(body, made.resource.type))
    assert created.error is None
    assert _holds(created.content, first)
    user_id = created.content["id"]
    changed = _asked(made, upstream, _patch(made, user_id, then))
    assert changed.error is None
    assert _holds(changed.content, first | then)
    shown = _asked(made, upstream, operation.Get(user_id))
    assert shown.content == changed.content
    again = _asked(made, upstream, _patch(made, user_id, then))
    assert [each.doing for each in again.calls if each.doing in WRITES] == []
    removed = _asked(made, upstream, operation.Delete(user_id))
    assert (removed.error, upstream.record) == (None, None)


@pytest.mark.parametrize("name", SHIPPED)
@settings(max_examples=60, deadline=None)
@given(
    given_name=st.sampled_from(["Ada", "Eve Ann", "é"]),
    family=st.sampled_from(["Byron", "King", "ß"]),
    active=st.booleans(),
)
def test_every_shipped_mapping_keeps_the_laws(name: str, given_name: str, family: str, active: bool) -> None:  # noqa: FBT001
    made = mapping_of(name).without_store().bound(settings_of(name).values, random.Random(1).choice)  # noqa: S311
    upstream = Imagined(made, "7")
    wanted = {"name": {"givenName": given_name, "familyName": family}, "active": active}
    changed = _asked(made, upstream, _patch(made, "7", wanted))
    if isinstance(changed.error, Unsupported):  # and then nothing was written
        assert [each.doing for each in changed.calls if each.doing in WRITES] == []
        return
    assert changed.error is None
    assert _holds(changed.content, wanted)
    again = _asked(made, upstream, _patch(made, "7", wanted))
    assert [each.doing for each in again.calls if each.doing in WRITES] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_record_that_is_made_up_can_be_read(name: str) -> None:
    made = mapping_of(name).without_store().bound(settings_of(name).values, random.Random(1).choice)  # noqa: S311
    upstream = Imagined(made, "7")
    assert upstream.record == sample(made, "7")
    assert _asked(made, upstream, operation.Get("7")).content["id"] == "7"


MEMBER_FORMS = st.sampled_from(
    [
        ("{scim: members.value, field: users, every: list}", "", ()),
        ("{scim: members.value, every: list, read: {field: us}, write: {field: them}}", "", ()),
        ("{scim: externalId, field: code}", BY_CALLS, ()),
        (
            "{scim: externalId, field: code}",
            BY_CALLS.replace('"DELETE /teams/{id}/users/{member}"', '"POST /teams/{id}/out", body: {ids: "{members}"}'),
            (),
        ),
        ("{scim: externalId, field: code}", BY_CALLS.replace("total: total, page", "page"), ()),
        ("{scim: externalId, field: code}", "    members: {by: users}\n", (IN_USERS,)),
    ]
)
MEMBERS = st.lists(st.sampled_from(["u1", "u2", "u3", "u4"]), unique=True)


def _told(group: dict[str, Any]) -> list[str]:
    return sorted(each["value"] for each in group.get("members", []))


@settings(max_examples=200, deadline=None)
@given(MEMBER_FORMS, MEMBERS, MEMBERS)
def test_a_group_keeps_the_laws_wherever_its_members_are(
    form: tuple[str, str, tuple[str, ...]], first: list[str], then: list[str]
) -> None:
    rule, members, user = form
    made = groups(rule, members=members, user=user)
    upstream = Imagined(made, "1")
    upstream.members = []
    body = {"displayName": "Red", "members": [{"value": each} for each in first]}
    created = _asked(made, upstream, operation.create(msgspec.json.encode(body), made.resource.type))
    assert created.error is None
    assert _told(created.content) == sorted(first)
    if user:
        return  # an imagined list of users has one user only
    change = {"members": [{"value": each} for each in then]}
    changed = _asked(made, upstream, _patch(made, "1", change))
    assert changed.error is None
    shown = _asked(made, upstream, operation.Get("1"))
    assert (_told(changed.content), _told(shown.content)) == (sorted(then), sorted(then))
    again = _asked(made, upstream, _patch(made, "1", change))
    assert [each for each in again.calls if not each.is_read] == []


def test_a_member_that_is_imagined_has_a_record_of_its_own() -> None:
    made = groups(members="    members: {by: users}\n", user=(IN_USERS,))
    upstream = Imagined(made, "red")
    add = {"members": [{"value": "u1"}, {"value": "u2"}]}
    assert _asked(made, upstream, _patch(made, "red", add)).error is None
    assert _asked(made, upstream, operation.Get("red")).error is None
    users = made.about("User")
    for each in ("u1", "u2"):
        told = _asked(users, upstream, operation.Get(each)).content["groups"]
        assert {"value": "red"} in told
    assert [each["value"] for each in _asked(users, upstream, operation.Get("u3")).content["groups"]] != ["red"]
