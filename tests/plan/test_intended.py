"""What plans tell of a change before its first write, in each form of a mapping and for each kind of change."""

from typing import Any

import pytest

from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked, Call, Plan
from adapter.plan.keeping import Forget, Keep, Step
from adapter.plan.moment import Intended, Moment, Wished
from adapter.plan.plan import plan
from adapter.scim import operation
from adapter.scim.operation import Delete, Get
from tests.mapping.minimal import REPLIES, mapping
from tests.plan.by_hand import Played, Shelf, answered
from tests.plan.directory import Directory, body_of
from tests.plan.test_atomicity import ADOPTING, CASES, FORMS, GROUP_CHANGES, USER_CHANGES, USERS


class Watched:
    """A directory and a store in which is seen what a plan asks for, in order."""

    def __init__(self) -> None:
        users: list[dict[str, Any]] = [
            {"id": f"u{each}", "name": f"u{each}", "state": "on", "title": "T"} for each in range(1, 6)
        ]
        self.directory = Directory(users, [{"id": "red", "name": "Red"}], {"red": ["u1", "u2", "u3"]})
        self.shelf, self.asked = Shelf(), list[Asked]()
        self.shelf.held = {"red": {"externalId": "e-red"}, "u1": {"externalId": "e-1"}}

    def upstream(self, call: Call) -> Any:
        """Do a call."""
        self.asked.append(call)
        return self.directory(call)

    def store(self, step: Step) -> Any:
        """Do a step of the store."""
        self.asked.append(step)
        return self.shelf(step)

    def known(self, moment: Moment) -> None:
        """Take a moment."""
        self.asked.append(moment)

    def play(self, of: Plan) -> Played:
        """Play a plan, and forget what was asked before."""
        self.asked.clear()
        return answered(of, self.upstream, self.store, self.known)

    @property
    def intents(self) -> list[Intended]:
        """What was intended."""
        return [each for each in self.asked if isinstance(each, Intended)]

    @property
    def writes(self) -> list[int]:
        """Where the writes stand among what was asked."""
        return [at for at, each in enumerate(self.asked) if _is_write(each)]


def _is_write(asked: Asked) -> bool:
    return isinstance(asked, Keep | Forget) or (isinstance(asked, Call) and not asked.is_read)


def _asked(made: Mapping, method: str, body: Any, of: str) -> operation.Operation:
    match method:
        case "PATCH":
            return operation.patch(of, body_of(body), made.resource.type)
        case "PUT":
            return operation.replace(of, body_of(body), made.resource.type)
    return operation.create(body_of(body), made.resource.type)


@pytest.mark.parametrize(("form", "made", "change", "of"), CASES, ids=[f"{case[0]}: {case[2]}" for case in CASES])
def test_a_change_is_intended_before_its_first_write_and_one_that_changes_nothing_never(
    form: str, made: Mapping, change: str, of: str
) -> None:
    method, body = (GROUP_CHANGES if form != "user" else USER_CHANGES)[change]
    watched = Watched()
    done = watched.play(plan(_asked(made, method, body, of), made))
    assert done.error is None
    assert isinstance(watched.asked[0], Wished)
    assert [isinstance(each, Wished) for each in watched.asked].count(True) == 1
    assert bool(watched.intents) == bool(watched.writes)
    if watched.intents:
        [intent] = watched.intents
        assert watched.asked.index(intent) < watched.writes[0]
        assert (intent.before is None) == (method == "POST") == (intent.id is None)
        assert intent.before != intent.wanted is not None
    if method != "POST":
        again = watched.play(plan(_asked(made, method, body, of), made))
        assert (again.error, watched.writes, watched.intents) == (None, [], [])


def test_before_and_wanted_are_the_resources_with_what_the_store_keeps_and_the_members_that_are_named() -> None:
    watched, made = Watched(), FORMS["collection"]
    watched.play(plan(_asked(made, *GROUP_CHANGES["swap and rename"], "red"), made))
    [intent] = watched.intents
    assert intent.before == {
        "id": "red",
        "displayName": "Red",
        "externalId": "e-red",
        "members": [{"value": "u1"}, {"value": "u2"}, {"value": "u3"}],
    }
    assert intent.wanted is not None
    assert (intent.wanted["displayName"], intent.wanted["externalId"]) == ("Crimson", "e-9")
    assert [each["value"] for each in intent.wanted["members"]] == ["u3", "u4", "u5"]


def test_what_the_store_alone_keeps_is_a_change_too() -> None:
    watched = Watched()
    only = {"Operations": [{"op": "replace", "path": "externalId", "value": "e-2"}]}
    watched.play(plan(_asked(USERS, "PATCH", only, "u1"), USERS))
    assert len(watched.intents) == 1
    assert [type(watched.asked[at]) for at in watched.writes] == [Keep]


@pytest.mark.parametrize("title", ["T", "Countess"])
def test_an_adoption_is_one_also_where_nothing_is_written(title: str) -> None:
    watched = Watched()
    made = watched.play(
        plan(operation.create(body_of({"userName": "u1", "title": title}), ADOPTING.resource.type), ADOPTING)
    )
    assert (made.response is not None and made.response.status, made.content["id"]) == (201, "u1")
    assert watched.intents[-1].change == "adopt"
    assert (watched.intents[-1].id, (watched.intents[-1].before or {}).get("title")) == ("u1", "T")
    assert [each.change for each in watched.intents[:-1]] in ([], ["create"])


REVIVING = mapping(
    "{scim: title, field: title}",
    top=REPLIES,
    routes={
        "delete": 'delete: {call: "DELETE /users/{id}", leaves: {field: state, holds: [gone]}, again: {call: "POST /users/{id}/back"}}'
    },
).bound({}, min)


def test_one_who_is_brought_back_is_intended_before_the_call_that_does_it() -> None:
    watched = Watched()
    watched.directory.keeps_removed = True
    watched.directory.records["users"]["u1"]["state"] = "gone"
    body = body_of({"userName": "u1", "title": "Countess"})
    done = watched.play(plan(operation.create(body, REVIVING.resource.type), REVIVING))
    assert done.error is None
    assert [(each.change, each.id, each.before) for each in watched.intents] == [
        ("create", None, None),
        ("revive", "u1", None),
    ]
    back = next(at for at, each in enumerate(watched.asked) if isinstance(each, Call) and each.path.endswith("/back"))
    assert watched.asked.index(watched.intents[-1]) < back


def test_a_removal_is_intended_with_what_was_read_and_no_read_is_made_for_it() -> None:
    watched = Watched()
    watched.play(plan(Delete("u1"), USERS))
    assert watched.intents == [Intended("delete", "User", "u1", None, None)]
    assert watched.asked[0] == Wished("delete", "User", "u1", ends=True)


def test_a_read_tells_nothing() -> None:
    watched = Watched()
    watched.play(plan(Get("u1"), USERS))
    assert [each for each in watched.asked if isinstance(each, Wished | Intended)] == []


def _patch(*operations: dict[str, Any]) -> tuple[str, Any]:
    return "PATCH", {"Operations": list(operations)}


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        (_patch({"op": "replace", "path": "active", "value": False}), True),
        (_patch({"op": "replace", "value": {"active": False, "title": "x"}}), True),
        (_patch({"op": "Replace", "path": "active", "value": "False"}), True),
        (_patch({"op": "replace", "path": "active", "value": True}), False),
        (_patch({"op": "replace", "path": "title", "value": "False"}), False),
        (("PUT", {"userName": "u1", "active": False}), True),
        (("PUT", {"userName": "u1"}), False),
    ],
)
def test_a_wish_to_disable_is_told_before_anybody_is_read(change: tuple[str, Any], ends: bool) -> None:  # noqa: FBT001
    [wish] = [next(plan(_asked(USERS, *change, "u1"), USERS))]
    assert wish == Wished("update", "User", "u1", ends=ends)
