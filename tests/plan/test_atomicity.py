"""What is left when a conversation breaks off: each step of each change fails in turn, in every way in which it can.

Whatever fails: no success is answered for what is not done; nothing else is touched; nobody is left in a group in which
neither the old nor the new state has them, and who is taken out goes first; and the same request again does the rest.
"""

from typing import Any

import pytest

from adapter.mapping.mapping import Mapping
from adapter.plan.plan import plan
from adapter.scim import operation
from tests.mapping.minimal import BY_CALLS, IN_USERS, REPLIES, groups, mapping
from tests.plan.by_hand import Played, Shelf, answered
from tests.plan.directory import WAYS, Directory, Failing, body_of

KEPT = "{scim: externalId, keep: here}"
FORMS: dict[str, Mapping] = {
    "in record": groups("{scim: members.value, field: users, every: list}", KEPT),
    "collection": groups(KEPT, members=BY_CALLS),
    "by users": groups(KEPT, members="    members: {by: users}\n", user=(IN_USERS,)),
    "by users, shown": groups(
        "{scim: members.value, field: users, every: list, mutability: readOnly}",
        KEPT,
        members="    members: {by: users}\n",
        user=(IN_USERS,),
    ),
    "by users, one by one": groups(
        KEPT, members="    members: {by: users}\n", user=(IN_USERS,), user_routes={"get": "get: {by: list}"}
    ),
}
TITLE = "{scim: title, field: title}"
ACTIVE = """{scim: active, read: {field: state, values: [[true, "on"]], otherwise: false},
         write: {calls: [{value: true, call: "POST /users/{id}/on"}, {value: false, call: "POST /users/{id}/off"}]}}"""
NICK = '{scim: nickName, read: {field: nick}, write: {calls: [{call: "POST /users/{id}/nick", body: {to: "{value}"}}]}}'
USERS = mapping(TITLE, "{scim: nickName, field: nick}", KEPT, ACTIVE, top=REPLIES).bound({}, min)
NAMED, NAMED_LATER = (mapping(TITLE, *rules, top=REPLIES).bound({}, min) for rules in ((NICK, ACTIVE), (ACTIVE, NICK)))
ADOPTING = mapping(
    "{scim: title, field: title}",
    KEPT,
    top=REPLIES,
    routes={"create": "create: {call: POST /users, id: id, adopts: true}"},
).bound({}, min)


def _of(*users: str) -> list[dict[str, str]]:
    return [{"value": each} for each in users]


def _patch(*operations: dict[str, Any]) -> tuple[str, Any]:
    return "PATCH", {"Operations": list(operations)}


GROUP_CHANGES: dict[str, tuple[str, Any]] = {
    "add": _patch({"op": "add", "path": "members", "value": _of("u4", "u5")}),
    "remove": _patch({"op": "remove", "path": "members", "value": _of("u1", "u2")}),
    "remove all": _patch({"op": "remove", "path": "members"}),
    "swap and rename": _patch(
        {"op": "replace", "path": "members", "value": _of("u3", "u4", "u5")},
        {"op": "replace", "path": "displayName", "value": "Crimson"},
        {"op": "replace", "path": "externalId", "value": "e-9"},
    ),
    "put": ("PUT", {"displayName": "Crimson", "externalId": "e-9", "members": _of("u2", "u4")}),
    "put without members": ("PUT", {"displayName": "Crimson"}),
    "post": ("POST", {"displayName": "Green", "externalId": "e-9", "members": _of("u1", "u4", "u5")}),
}
USER_CHANGES: dict[str, tuple[str, Any]] = {
    "switch off": _patch(
        {"op": "replace", "path": "active", "value": False}, {"op": "replace", "path": "title", "value": "Countess"}
    ),
    "switch on": _patch({"op": "replace", "path": "active", "value": True}),
    "put": ("PUT", {"userName": "u1", "nickName": "A", "active": False, "externalId": "e-9"}),
    "post": ("POST", {"userName": "ada", "title": "Countess", "externalId": "e-9", "active": False}),
}


def _directory() -> Directory:
    users = [
        {"id": f"u{each}", "name": f"u{each}", "state": "on", "title": "T", "secret": each} for each in range(1, 6)
    ]
    teams = [{"id": "red", "name": "Red", "secret": 1}, {"id": "blue", "name": "Blue", "secret": 2}]
    return Directory(users, teams, {"red": ["u1", "u2", "u3"], "blue": ["u1", "u4"]})


def _shelf() -> Shelf:
    shelf = Shelf()
    shelf.held = {"red": {"externalId": "e-red"}, "u1": {"externalId": "e-1"}, "u2": {"externalId": "e-2"}}
    return shelf


def _asked(made: Mapping, method: str, body: Any, of: str) -> operation.Operation:
    match method:
        case "PATCH":
            return operation.patch(of, body_of(body), made.resource.type)
        case "PUT":
            return operation.replace(of, body_of(body), made.resource.type)
    return operation.create(body_of(body), made.resource.type)


def _played(made: Mapping, failing: Failing, change: tuple[str, Any], of: str) -> Played:
    return answered(plan(_asked(made, *change, of), made), failing.upstream, failing.store)


def _state(directory: Directory, shelf: Shelf) -> tuple[Any, Any]:
    return directory.state(), {one: held for one, held in shelf.held.items() if held}


def _shown(made: Mapping, directory: Directory, shelf: Shelf, of: str) -> Any:
    """Return the resource as a client then reads it."""
    return _comparable(answered(plan(operation.Get(of), made), directory, shelf).content)


def _comparable(resource: dict[str, Any]) -> dict[str, Any]:
    if "members" in resource:
        return resource | {"members": sorted(each["value"] for each in resource["members"])}
    return resource


def _elsewhere(state: Any, target: str, *, is_group: bool) -> Any:
    """Return what a state holds beside the target: the members of a group are the group's own."""
    (records, members), held = state
    return (
        {kind: {one: each for one, each in there.items() if one != target} for kind, there in records.items()},
        {team: there for team, there in members.items() if not is_group or team != target},
        {one: each for one, each in held.items() if one != target},
    )


CASES = [
    *((form, made, change, "red") for form, made in FORMS.items() for change in GROUP_CHANGES),
    *(("user", USERS, change, "u1") for change in USER_CHANGES),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("form", "made", "change", "of"), CASES, ids=[f"{case[0]}: {case[2]}" for case in CASES])
def test_whatever_fails_nothing_is_claimed_nothing_else_is_touched_and_the_same_again_does_the_rest(
    form: str, made: Mapping, change: str, of: str, way: str
) -> None:
    is_group = form != "user"
    sent = (GROUP_CHANGES if is_group else USER_CHANGES)[change]
    target = "new1" if sent[0] == "POST" else of
    directory, shelf = _directory(), _shelf()
    before = _state(directory, shelf)
    whole = Failing(directory, shelf)
    done = _played(made, whole, sent, of)
    assert done.error is None
    wanted = _state(directory, shelf)
    assert _elsewhere(wanted, target, is_group=is_group) == _elsewhere(before, target, is_group=is_group)
    assert _comparable(done.content) == _shown(made, directory, shelf, target)
    allowed = {*before[0][1].get(target, ()), *wanted[0][1].get(target, ())}
    for at in range(len(whole.said)):
        directory, shelf = _directory(), _shelf()
        failing = Failing(directory, shelf, at, way)
        result = _played(made, failing, sent, of)
        where = f"step {at} of {whole.said}, {way}"
        after = _state(directory, shelf)
        # No success for what is not as it was asked for.
        if result.error is None:
            assert after == wanted, where
            assert _comparable(result.content) == _comparable(done.content), where
        # Nothing outside the target is touched.
        assert _elsewhere(after, target, is_group=is_group) == _elsewhere(before, target, is_group=is_group), where
        # Nobody has what neither the old nor the new state gives.
        assert allowed.issuperset(after[0][1].get(target, ())), where
        assert _is_ordered(failing.said), where
        # The same request again does the rest.
        again = _again(made, Failing(directory, shelf), sent, of)
        assert again.error is None, f"{where}: {again.error}"
        assert _state(directory, shelf) == wanted, where


def _again(made: Mapping, working: Failing, change: tuple[str, Any], of: str) -> Played:
    """Send a request once more; a create that finds somebody there is followed by a match and a PUT, as clients do."""
    result = _played(made, working, change, of)
    method, body = change
    if method != "POST" or result.error is None:
        return result
    assert result.error.status == 409
    name = made.resource.naming
    wanted = operation.query({"filter": f'{name} eq "{body[name]}"'}, made.resource.type)
    [found] = answered(plan(wanted, made), working.upstream, working.store).content.resources
    return _played(made, working, ("PUT", body), found["id"])


def _is_ordered(said: list[str]) -> bool:
    """Tell whether a collection's members are taken out before any is put in."""
    kinds = [each.split()[0] for each in said if "/users" in each and "/teams/" in each]
    return "POST" not in kinds or "DELETE" not in kinds[kinds.index("POST") :]


def test_one_who_is_taken_out_by_its_own_record_goes_before_one_who_is_put_in() -> None:
    said: dict[str, list[str]] = {}
    for form in ("by users", "by users, shown"):
        failing = Failing(_directory(), _shelf())
        _played(FORMS[form], failing, GROUP_CHANGES["swap and rename"], "red")
        said[form] = [each for each in failing.said if each.startswith("PATCH")]
    writes = ["PATCH /teams/red", *(f"PATCH /users/{each}" for each in ("u1", "u2", "u4", "u5"))]
    assert said == dict.fromkeys(said, writes)


@pytest.mark.parametrize("form", ["collection", "by users", "by users, shown"])
def test_a_member_who_can_be_no_user_is_refused_before_anything_is_written(form: str) -> None:
    members = _of("u4", "a b")
    changes = [
        _patch(
            {"op": "replace", "path": "displayName", "value": "X"}, {"op": "add", "path": "members", "value": members}
        ),
        ("PUT", {"displayName": "X", "members": members}),
        ("POST", {"displayName": "X", "members": members}),
    ]
    for change in changes:
        failing = Failing(_directory(), _shelf())
        result = _played(FORMS[form], failing, change, "red")
        assert result.error is not None
        assert result.error.status == 400
        assert {each.split()[0] for each in failing.said} <= {"GET", "Recall"}


@pytest.mark.parametrize("made", [NAMED, NAMED_LATER], ids=["named before", "named later"])
def test_a_right_is_taken_before_anything_else_is_written(made: Mapping) -> None:
    said: list[list[str]] = []
    for is_on in (True, False):
        failing = Failing(_directory(), _shelf())
        failing.directory.records["users"]["u1"]["state"] = "off" if is_on else "on"
        change = {"active": is_on, "title": "X", "nickName": "N"}
        assert _played(made, failing, _patch({"op": "replace", "value": change}), "u1").error is None
        said.append([each for each in failing.said if not each.startswith("GET")])
    assert said == [
        ["PATCH /users/u1", "POST /users/u1/nick", "POST /users/u1/on"],
        ["POST /users/u1/off", "PATCH /users/u1", "POST /users/u1/nick"],
    ]


@pytest.mark.parametrize("way", WAYS)
def test_an_adoption_that_breaks_off_is_adopted_again(way: str) -> None:
    change = "POST", {"userName": "U1", "title": "Countess", "externalId": "e-9"}
    directory, shelf = _directory(), _shelf()
    whole = Failing(directory, shelf)
    assert _played(ADOPTING, whole, change, "").error is None
    wanted = _state(directory, shelf)
    for at in range(len(whole.said)):
        directory, shelf = _directory(), _shelf()
        result = _played(ADOPTING, Failing(directory, shelf, at, way), change, "")
        if result.error is None:
            assert _state(directory, shelf) == wanted
        again = _played(ADOPTING, Failing(directory, shelf), change, "")
        assert again.error is None
        assert _state(directory, shelf) == wanted
