"""Members of groups: a list in the group's record, a collection of their own, or a field of each user."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from adapter.errors import BadReply, Forbidden, InvalidValue, ScimError, Unavailable
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Reply, Unknown
from adapter.plan.plan import plan
from adapter.scim import operation
from tests.mapping.minimal import BY_CALLS, IN_USERS, groups
from tests.plan.by_hand import Played, answered

IN_RECORD = groups("{scim: members.value, field: users, every: list}")
COLLECTION = groups(members=BY_CALLS)
BY_USERS = groups(members="    members: {by: users}\n", user=(IN_USERS,))
SHOWN = groups(
    "{scim: members.value, field: users, every: list, mutability: readOnly}",
    members="    members: {by: users}\n",
    user=(IN_USERS,),
    routes={
        "list": "list: {call: GET /teams, records: data, total: total, lacks: [members.value],"
        " page: {by: number, number: page, size: size, most: 100}}"
    },
)
ALL = [IN_RECORD, COLLECTION, BY_USERS, SHOWN]
NAMES = ["in-record", "collection", "by-users", "shown"]


class Teams:
    """An upstream that keeps users and teams, and who is in which, and answers as each of the mappings expects."""

    def __init__(self, members: dict[str, list[str]], users: int = 5) -> None:
        self.members = members
        self.users = [f"u{each}" for each in range(1, users + 1)]
        self.calls: list[str] = []
        self.failing: dict[str, Outcome] = {}
        """Outcomes by the calls that have them; what is asked for is done all the same after `done:`."""

    def __call__(self, call: Call) -> Outcome:
        """Answer one call."""
        said = f"{call.method} {call.path}"
        self.calls.append(said)
        if said in self.failing:
            return self.failing.pop(said)
        parts = call.path.strip("/").split("/")
        done = self._teams(call, parts[1:]) if parts[0] == "teams" else self._users(call, parts[1:])
        return self.failing.pop(f"done:{said}", done)

    def _teams(self, call: Call, parts: list[str]) -> Reply:
        if parts and parts[0] not in self.members:
            return Reply(404, {"code": "none"})
        if len(parts) > 1:
            return self._members(call, self.members[parts[0]], parts[2:])
        if call.method == "POST":
            self.members["new"] = list(call.body.get("users", []))
        elif call.method == "PATCH":
            self.members[parts[0]][:] = call.body.get("users", self.members[parts[0]])
        elif not parts:
            return _page([self._team(each) for each in self.members], call)
        return Reply(200, self._team(parts[0] if parts else "new"))

    def _members(self, call: Call, there: list[str], parts: list[str]) -> Reply:
        if call.method == "GET":
            return _page([{"user": each} for each in there], call)
        if call.method == "POST":
            there += [each for each in call.body["users"] if each in self.users and each not in there]
        elif parts[0] in there:
            there.remove(parts[0])
        else:
            return Reply(404, {"code": "none"})
        return Reply(204)

    def _users(self, call: Call, parts: list[str]) -> Reply:
        if not parts:
            return _page([self._user(each) for each in self.users], call)
        if parts[0] not in self.users:
            return Reply(404, {"code": "none"})
        if call.method == "PATCH":
            for name, there in self.members.items():
                others = [each for each in there if each != parts[0]]
                there[:] = [*others, *([parts[0]] if name in call.body["teams"] else [])]
        return Reply(200, self._user(parts[0]))

    def _team(self, name: str) -> dict[str, Any]:
        return {"id": name, "name": f"Team {name}", "users": list(self.members[name])}

    def _user(self, name: str) -> dict[str, Any]:
        return {"id": name, "name": name, "teams": [each for each, there in self.members.items() if name in there]}


def _page(rows: list[dict[str, Any]], call: Call) -> Reply:
    size, number = int(call.query["size"]), int(call.query["page"])
    return Reply(200, {"data": rows[(number - 1) * size : number * size], "total": len(rows)})


def _patched(mapping: Mapping, upstream: Teams, *operations: dict[str, Any], of: str = "red") -> Played:
    body = msgspec.json.encode({"Operations": list(operations)})
    return answered(plan(operation.patch(of, body, mapping.resource.type), mapping), upstream)


def _got(mapping: Mapping, upstream: Teams, text: str, **asked: str) -> Played:
    about, _, name = text.partition("/")
    mapping = mapping.about(about)
    if name:
        wanted: operation.Operation = operation.Get(name, operation.presentation(asked))
    else:
        wanted = operation.query(asked, mapping.resource.type)
    return answered(plan(wanted, mapping), upstream)


def _members(group: dict[str, Any]) -> list[str]:
    return [each["value"] for each in group.get("members", [])]


ADD, REMOVE = {"op": "Add", "path": "members"}, {"op": "Remove", "path": "members"}
CHANGES: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "add one": ([ADD | {"value": [{"$ref": None, "value": "u4"}]}], ["u1", "u2", "u3", "u4"]),
    "add one who is there": ([ADD | {"value": [{"value": "u1"}]}], ["u1", "u2", "u3"]),
    "add some": ([ADD | {"value": [{"value": "u4"}, {"value": "u5"}]}], ["u1", "u2", "u3", "u4", "u5"]),
    "remove a list: only those": ([REMOVE | {"value": [{"$ref": None, "value": "u2"}]}], ["u1", "u3"]),
    "remove by a filter": ([{"op": "remove", "path": 'members[value eq "u2"]'}], ["u1", "u3"]),
    "remove one who is not there": ([REMOVE | {"value": [{"value": "u5"}]}], ["u1", "u2", "u3"]),
    "remove all": ([REMOVE], []),
    "replace": ([{"op": "replace", "path": "members", "value": [{"value": "u5"}]}], ["u5"]),
    "replace by none": ([{"op": "replace", "path": "members", "value": []}], []),
    "without a path": ([{"op": "add", "value": {"members": [{"value": "u4"}]}}], ["u1", "u2", "u3", "u4"]),
    "in order": ([ADD | {"value": [{"value": "u4"}]}, REMOVE | {"value": [{"value": "u4"}]}], ["u1", "u2", "u3"]),
    "two operations": ([ADD | {"value": [{"value": "u4"}]}, REMOVE | {"value": [{"value": "u1"}]}], ["u2", "u3", "u4"]),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("mapping", ALL, ids=NAMES)
def test_a_patch_of_members_is_done_wherever_they_are_kept(mapping: Mapping, change: str) -> None:
    operations, after = CHANGES[change]
    upstream = Teams({"red": ["u1", "u2", "u3"], "blue": ["u1"]})
    result = _patched(mapping, upstream, *operations)
    assert result.error is None
    assert sorted(upstream.members["red"]) == after
    assert upstream.members["blue"] == ["u1"]
    again = _got(mapping, upstream, "Group/red")
    assert sorted(_members(again.content)) == after


@pytest.mark.parametrize("mapping", ALL, ids=NAMES)
def test_a_patch_that_changes_no_member_writes_nothing(mapping: Mapping) -> None:
    upstream = Teams({"red": ["u1", "u2", "u3"]})
    assert _patched(mapping, upstream, ADD | {"value": [{"value": "u1"}]}).error is None
    assert [each for each in upstream.calls if not each.startswith("GET")] == []


def test_a_list_in_the_record_is_one_write_however_long() -> None:
    upstream = Teams({"red": [f"u{each}" for each in range(1, 5001)]}, users=10_000)
    added = [{"value": f"u{each}"} for each in range(1, 10_001)]
    _patched(IN_RECORD, upstream, ADD | {"value": added})
    assert upstream.calls == ["GET /teams/red", "PATCH /teams/red", "GET /teams/red"]
    assert len(upstream.members["red"]) == 10_000


THOUSAND = [{"value": f"u{each}"} for each in range(1, 1001)]


@pytest.mark.parametrize(
    ("mapping", "calls"),
    [
        (IN_RECORD, {"GET /teams/{id}": 2, "PATCH /teams/{id}": 1}),
        # Two members to a call, and two to a page of the list before and of the list after.
        (COLLECTION, {"GET /teams/{id}": 1, "GET /teams/{id}/users": 1 + 500, "POST /teams/{id}/users": 500}),
        # A user is read, written and read again; a hundred users stand on a page of the list.
        (BY_USERS, {"GET /teams/{id}": 1, "GET /users": 10, "GET /users/{id}": 2000, "PATCH /users/{id}": 1000}),
        (SHOWN, {"GET /teams/{id}": 1, "GET /users/{id}": 2000, "PATCH /users/{id}": 1000}),
    ],
    ids=NAMES,
)
def test_many_members_cost_as_many_calls_as_their_form_needs(mapping: Mapping, calls: dict[str, int]) -> None:
    upstream = Teams({"red": []}, users=1000)
    result = _patched(mapping, upstream, ADD | {"value": THOUSAND})
    assert result.error is None
    assert len(_members(result.content)) == len(upstream.members["red"]) == 1000
    assert Counter(result.routes) == calls


def test_a_call_that_takes_a_list_is_made_once_for_as_many_as_it_takes() -> None:
    upstream = Teams({"red": []})
    _patched(COLLECTION, upstream, ADD | {"value": [{"value": f"u{each}"} for each in range(1, 6)]})
    assert upstream.calls == [
        "GET /teams/red",
        "GET /teams/red/users",
        *["POST /teams/red/users"] * 3,
        *["GET /teams/red/users"] * 3,
    ]


def test_who_is_taken_out_goes_before_who_is_put_in() -> None:
    upstream = Teams({"red": ["u1"]})
    _patched(COLLECTION, upstream, {"op": "replace", "path": "members", "value": [{"value": "u2"}]})
    written = [each for each in upstream.calls if not each.startswith("GET")]
    assert written == ["DELETE /teams/red/users/u1", "POST /teams/red/users"]


@pytest.mark.parametrize("mapping", [COLLECTION, BY_USERS, SHOWN], ids=NAMES[1:])
def test_one_who_is_no_user_is_refused(mapping: Mapping) -> None:
    upstream = Teams({"red": ["u1"]})
    result = _patched(mapping, upstream, ADD | {"value": [{"value": "nobody"}]})
    assert isinstance(result.error, InvalidValue)
    assert "1 of the members cannot be added: the API has no such user." in result.error.detail
    assert upstream.members["red"] == ["u1"]


@pytest.mark.parametrize("mapping", [COLLECTION, BY_USERS], ids=NAMES[1:3])
def test_an_id_that_leads_elsewhere_is_never_sent(mapping: Mapping) -> None:
    upstream = Teams({"red": ["u1"]})
    result = _patched(mapping, upstream, ADD | {"value": [{"value": "../users"}]})
    assert isinstance(result.error, InvalidValue)
    assert [each for each in upstream.calls if not each.startswith("GET")] == []


NUMBERS = groups(members=BY_CALLS + "      kept_as: number\n")


@pytest.mark.parametrize("stranger", ["u1", "007", "7.0", "-7", "seven"])
def test_an_id_that_is_no_number_is_no_member_where_members_are_numbers(stranger: str) -> None:
    upstream = Teams({"red": []})
    result = _patched(NUMBERS, upstream, ADD | {"value": [{"value": "7"}, {"value": stranger}]})
    assert isinstance(result.error, InvalidValue)
    assert [each for each in upstream.calls if not each.startswith("GET")] == []
    assert isinstance(_got(NUMBERS, Teams({"red": [stranger]}), "Group/red").error, BadReply)


def test_members_are_sent_as_numbers_where_they_are_numbers() -> None:
    upstream = Teams({"red": []})
    result = _patched(NUMBERS, upstream, ADD | {"value": [{"value": "7"}]})
    assert [each.body for each in result.calls if not each.is_read] == [{"users": [7]}]


REMOVED, ADDED = "DELETE /teams/red/users/u1", "POST /teams/red/users"
FAILURES: dict[str, tuple[str, Outcome, type[ScimError] | None]] = {
    "nobody knows, and it is not done": (ADDED, Unknown("it broke"), Unavailable),
    "nobody knows, and it is done": (f"done:{ADDED}", Unknown("it broke"), None),
    "a 500 that was done": (f"done:{ADDED}", Reply(500, {}), None),
    "a removal that was not done": (REMOVED, Reply(204), BadReply),
    "a removal of one who has gone meanwhile": (f"done:{REMOVED}", Reply(404, {"code": "none"}), None),
    "a refusal": (ADDED, Reply(418, {}), BadReply),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_came_of_a_change_is_seen_by_a_fresh_look(failure: str) -> None:
    call, outcome, error = FAILURES[failure]
    upstream = Teams({"red": ["u1"]})
    upstream.failing[call] = outcome
    operations = {"op": "replace", "path": "members", "value": [{"value": "u2"}]}
    result = _patched(COLLECTION, upstream, operations)
    assert type(result.error) is (type(None) if error is None else error)
    if error is not None:  # the same request again does the rest
        assert _patched(COLLECTION, upstream, operations).error is None
    assert upstream.members["red"] == ["u2"]


def test_a_protected_group_keeps_its_members() -> None:
    mapping = groups(members=BY_CALLS, more="    protected: [{field: name, holds: [Team red]}]\n")
    upstream = Teams({"red": ["u1"]})
    assert isinstance(_patched(mapping, upstream, REMOVE).error, Forbidden)
    assert upstream.members["red"] == ["u1"]


@pytest.mark.parametrize("mapping", [COLLECTION, BY_USERS], ids=NAMES[1:3])
def test_members_that_are_not_shown_cost_no_call(mapping: Mapping) -> None:
    for text in ("Group", "Group/red"):
        upstream = Teams({"red": ["u1"], "blue": ["u2"]})
        _got(mapping, upstream, text, excludedAttributes="members")
        assert len(upstream.calls) == 1
        _got(mapping, upstream, text, attributes="displayName")
        assert len(upstream.calls) == 2


def test_rows_that_lack_the_members_are_read_one_by_one_only_where_they_are_shown() -> None:
    upstream = Teams({"red": ["u1"], "blue": ["u2"]})
    shown = _got(SHOWN, upstream, "Group").content.resources
    assert upstream.calls == ["GET /teams", "GET /teams/red", "GET /teams/blue"]
    assert [_members(each) for each in shown] == [["u1"], ["u2"]]


@pytest.mark.parametrize("mapping", ALL, ids=NAMES)
def test_a_check_whether_a_user_is_a_member(mapping: Mapping) -> None:
    upstream = Teams({"red": ["u1"], "blue": ["u1", "u2"]})
    for text, there in (
        ('id eq "red" and members eq "u1"', ["red"]),
        ('members eq "u2" and id eq "red"', []),
        ('members[value eq "u1"]', ["red", "blue"]),
        ('members.value eq "u5"', []),
        ('members eq "nobody"', []),
    ):
        found = _got(mapping, upstream, "Group", filter=text, attributes="id").content
        assert [each["id"] for each in found.resources] == there


def test_a_check_of_one_group_reads_that_group_only() -> None:
    upstream = Teams({"red": ["u1"], "blue": ["u1"]})
    _got(COLLECTION, upstream, "Group", filter='id eq "red" and members eq "u1"', attributes="id")
    assert upstream.calls == ["GET /teams/red", "GET /teams/red/users"]


def test_the_groups_of_a_user_are_read_where_the_user_says_them() -> None:
    upstream = Teams({"red": ["u1"], "blue": ["u1"]})
    _got(BY_USERS, upstream, "Group", filter='members eq "u1"', attributes="displayName")
    assert upstream.calls[:3] == ["GET /users/u1", "GET /teams/red", "GET /teams/blue"]


@pytest.mark.parametrize("mapping", ALL, ids=NAMES)
def test_a_user_shows_its_groups_to_those_who_ask(mapping: Mapping) -> None:
    upstream = Teams({"red": ["u1"], "blue": ["u1", "u2"]})
    result = _got(mapping, upstream, "User/u1", attributes="groups")
    assert sorted(each["value"] for each in result.content["groups"]) == ["blue", "red"]
    if mapping in (IN_RECORD, COLLECTION):
        assert sorted(each["display"] for each in result.content["groups"]) == ["Team blue", "Team red"]
    found = _got(mapping, upstream, "User", filter='groups eq "blue"').content.resources
    assert [each["id"] for each in found] == ["u1", "u2"]
    every = _got(mapping, upstream, "User", attributes="groups").content.resources
    assert [len(each.get("groups", [])) for each in every] == [2, 1, 0, 0, 0]


@pytest.mark.parametrize("mapping", ALL, ids=NAMES)
def test_the_groups_of_a_user_cost_nothing_where_nobody_asks(mapping: Mapping) -> None:
    upstream = Teams({"red": ["u1"]})
    _got(mapping, upstream, "User/u1")
    assert upstream.calls == ["GET /users/u1"]


@pytest.mark.parametrize("mapping", ALL, ids=NAMES)
def test_a_new_group_gets_its_members(mapping: Mapping) -> None:
    upstream = Teams({"red": []})
    body = msgspec.json.encode({"displayName": "Team new", "members": [{"value": "u1"}, {"value": "u3"}]})
    result = answered(plan(operation.create(body, mapping.resource.type), mapping), upstream)
    assert result.response is not None, result.error
    assert (result.response.status, _members(result.content)) == (201, ["u1", "u3"])
    assert sorted(upstream.members["new"]) == ["u1", "u3"]


@pytest.mark.parametrize(
    ("body", "after"), [({}, ["u1"]), ({"members": [{"value": "u2"}]}, ["u2"]), ({"members": []}, [])]
)
@pytest.mark.parametrize("mapping", ALL, ids=NAMES)
def test_a_put_leaves_the_members_that_it_does_not_name(
    mapping: Mapping, body: dict[str, Any], after: list[str]
) -> None:
    upstream = Teams({"red": ["u1"]})
    sent = msgspec.json.encode({"displayName": "Team red"} | body)
    result = answered(plan(operation.replace("red", sent, mapping.resource.type), mapping), upstream)
    assert result.error is None
    assert upstream.members["red"] == after


@pytest.mark.parametrize("mapping", [BY_USERS, SHOWN], ids=NAMES[2:])
def test_a_put_of_a_user_leaves_its_groups(mapping: Mapping) -> None:
    upstream = Teams({"red": ["u1"]})
    users = mapping.about("User")
    result = answered(plan(operation.replace("u1", b'{"userName": "u1"}', users.resource.type), users), upstream)
    assert (result.error, upstream.calls) == (None, ["GET /users/u1"])


def test_a_list_of_members_that_tells_no_id_is_not_believed() -> None:
    upstream = Teams({"red": ["u1"]})
    upstream.failing["GET /teams/red/users"] = Reply(200, {"data": [{"name": "u1"}], "total": 1})
    assert isinstance(_got(COLLECTION, upstream, "Group/red").error, BadReply)


def test_a_list_of_members_that_cannot_be_had_is_never_an_empty_one() -> None:
    upstream = Teams({"red": ["u1"]})
    upstream.failing["GET /teams/red/users"] = Reply(404, {"code": "none"})
    assert isinstance(_got(COLLECTION, upstream, "Group/red").error, BadReply)
