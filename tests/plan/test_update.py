from typing import Any

import pytest
from hypothesis import given, strategies

from adapter.errors import (
    BadReply,
    Forbidden,
    InvalidValue,
    Mutability,
    NotFound,
    ScimError,
    Unavailable,
    Uniqueness,
)
from adapter.plan.conversation import Call, Outcome, Reply
from adapter.plan.moment import Noted, Turn, Wished
from adapter.plan.update import patch, replace
from adapter.scim import entra, operation
from adapter.scim.operation import Patch, Replace
from tests.mapping.minimal import REPLIES, mapping
from tests.plan.by_hand import (
    BARE_404,
    BROKEN,
    DONE,
    FAILED,
    FORBIDDEN,
    GET,
    MAPPING,
    NOBODY,
    PATCH,
    REFUSED,
    TAKEN,
    WIDE,
    Played,
    answered,
    found,
    played,
    record,
)
from tests.plan.directory import Directory, body_of

DISABLE: dict[str, Any] = {"op": "replace", "path": "active", "value": False}
WHOLE: dict[str, Any] = {"userName": "ada", "active": True, "name": {"givenName": "Ada", "familyName": "Byron"}}


def _patched(operations: dict[str, Any] | list[dict[str, Any]], *outcomes: Outcome, user_id: str = "42") -> Played:
    listed = operations if isinstance(operations, list) else [operations]
    return played(patch(Patch(user_id, entra.lowered_operations(listed, MAPPING.resource.type)[0]), MAPPING), *outcomes)


def _put(resource: dict[str, Any], *outcomes: Outcome, user_id: str = "42") -> Played:
    return played(replace(Replace(user_id, resource), MAPPING), *outcomes)


def test_a_patch_is_three_calls_and_writes_only_what_differs() -> None:
    result = _patched(DISABLE, found(), DONE, found(isEnabled=False))
    assert result.routes == [GET, PATCH, GET]
    assert result.calls[1].body == {"status": "disabled"}
    assert {each.path for each in result.calls} == {"/api/users/42"}
    assert result.content["active"] is False


def test_a_patch_that_changes_nothing_makes_no_write() -> None:
    result = _patched({"op": "replace", "path": "active", "value": True}, found())
    assert result.routes == [GET]
    assert result.content["active"] is True


def test_a_patch_of_many_attributes_is_one_write() -> None:
    operations: list[dict[str, Any]] = [
        DISABLE,
        {"op": "replace", "path": "name.familyName", "value": "King"},
        {"op": "add", "path": 'emails[type eq "work"].value', "value": "k@example.com"},
    ]
    after = found(isEnabled=False, lastName="King", email="k@example.com")
    result = _patched(operations, found(), DONE, after)
    assert result.calls[1].body == {"status": "disabled", "lastName": "King", "email": "k@example.com"}


def test_the_answer_is_what_the_upstream_shows_and_not_what_was_asked_for() -> None:
    after = found(isEnabled=False, firstName="Changed meanwhile")
    assert _patched(DISABLE, found(), DONE, after).content["name"]["givenName"] == "Changed meanwhile"


def test_a_patch_whose_last_step_fails_writes_nothing() -> None:
    result = _patched([DISABLE, {"op": "remove", "path": "userName"}], found())
    assert type(result.error) is Mutability
    assert result.routes == [GET]


@pytest.mark.parametrize("uncertain", [FAILED, Reply(503), BROKEN], ids=str)
def test_a_write_of_which_nobody_knows_is_settled_by_a_look(uncertain: Outcome) -> None:
    done = _patched(DISABLE, found(), uncertain, found(isEnabled=False))
    assert done.content["active"] is False
    assert done.routes == [GET, PATCH, GET]


@pytest.mark.parametrize("uncertain", [FAILED, Reply(503), BROKEN], ids=str)
def test_a_write_that_was_not_done_is_computed_anew_and_sent_once_more(uncertain: Outcome) -> None:
    both = [DISABLE, {"op": "replace", "path": "name.familyName", "value": "King"}]
    half = found(isEnabled=False)  # of two changes one was done
    done = _patched(both, found(), uncertain, half, DONE, found(isEnabled=False, lastName="King"))
    assert done.content["active"] is False
    assert [(each.body, each.again) for each in done.calls if each.route == PATCH] == [
        ({"lastName": "King", "status": "disabled"}, False),
        ({"lastName": "King"}, True),
    ]
    undone = _patched(DISABLE, found(), uncertain, found(), uncertain, found())
    assert type(undone.error) is Unavailable
    assert undone.routes == [GET, PATCH, GET, PATCH, GET]


def test_a_write_that_was_said_to_be_done_and_was_not_is_no_200() -> None:
    result = _patched(DISABLE, found(), DONE, found())
    assert type(result.error) is BadReply
    assert "another active than was sent" in result.error.detail


@pytest.mark.parametrize("doubtful", [Reply(200, {"error message": "x"}), Reply(302)], ids=str)
def test_an_error_with_a_status_of_success_is_told_unless_the_change_was_done(doubtful: Reply) -> None:
    assert _patched(DISABLE, found(), doubtful, found(isEnabled=False)).content["active"] is False
    told = _patched(DISABLE, found(), doubtful, found())
    assert type(told.error) is BadReply
    assert told.error.detail.startswith(f"The N-able user API answered {doubtful.status}")
    assert told.routes == [GET, PATCH, GET]


def test_a_user_who_is_gone_when_the_look_comes_is_404() -> None:
    assert type(_patched(DISABLE, found(), DONE, NOBODY).error) is NotFound


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (NOBODY, NotFound),
        (BARE_404, BadReply),
        (TAKEN, Uniqueness),
        (REFUSED, InvalidValue),
        (FORBIDDEN, Forbidden),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_write_that_is_refused_ends_there(outcome: Outcome, error: type[ScimError]) -> None:
    result = _patched(DISABLE, found(), outcome)
    assert type(result.error) is error
    assert result.routes == [GET, PATCH]


@pytest.mark.parametrize(
    ("outcome", "error"),
    [(NOBODY, NotFound), (BARE_404, BadReply), (found(43), BadReply), (FORBIDDEN, Forbidden)],
    ids=str,
)
def test_a_user_who_cannot_be_read_is_not_written(outcome: Outcome, error: type[ScimError]) -> None:
    for result in (_patched(DISABLE, outcome), _put(WHOLE, outcome)):
        assert type(result.error) is error
        assert result.routes == [GET]


@pytest.mark.parametrize("user_id", ["", "..", "a/b", "042"])
def test_what_cannot_be_an_id_makes_no_call(user_id: str) -> None:
    for result in (_patched(DISABLE, user_id=user_id), _put(WHOLE, user_id=user_id)):
        assert type(result.error) is NotFound
        assert result.calls == []


def test_a_put_is_three_calls_and_writes_only_what_differs() -> None:
    result = _put(WHOLE | {"userName": "countess"}, found(), DONE, found(userName="countess"))
    assert result.routes == [GET, PATCH, GET]
    assert result.calls[1].body == {"username": "countess"}


def test_a_put_of_the_user_as_it_stands_makes_no_write() -> None:
    assert _put(WHOLE, found()).routes == [GET]


def test_a_put_keeps_what_it_leaves_out_and_the_upstream_cannot_clear() -> None:
    assert _put(WHOLE, found()).content["emails"] == [{"type": "work", "value": "ada@example.com"}]


def test_a_put_clears_what_it_leaves_out_where_it_can() -> None:
    before = {"id": "u1", "login": "ada", "state": "in", "title": "Countess"}
    plan = replace(Replace("u1", {"userName": "ada", "active": True}), WIDE)
    result = played(plan, Reply(200, before), Reply(204), Reply(200, before | {"title": None}))
    assert result.calls[1].body == {"title": None}


@pytest.mark.parametrize("missing", ["userName", "name"])
def test_a_put_without_what_the_upstream_needs_is_refused(missing: str) -> None:
    result = _put({name: value for name, value in WHOLE.items() if name != missing}, found())
    assert type(result.error) is InvalidValue
    assert result.routes == [GET]


NAMES = strategies.sampled_from(["ada", "Ada", "eve", "countess"])


@given(before=NAMES, after=NAMES, enabled=strategies.booleans(), wanted=strategies.booleans())
def test_a_patch_ends_as_it_asks_from_any_state_and_a_repeat_writes_nothing(
    before: str,
    after: str,
    enabled: bool,  # noqa: FBT001
    wanted: bool,  # noqa: FBT001
) -> None:
    stored = record(userName=before, isEnabled=enabled)
    operations = [
        {"op": "replace", "path": "userName", "value": after},
        {"op": "replace", "path": "active", "value": wanted},
    ]
    writes: list[dict[str, Any]] = []

    def upstream(call: Call) -> Outcome:
        if call.body is None:
            return Reply(200, {"data": dict(stored)})
        writes.append(call.body)
        if "username" in call.body:
            stored["userName"] = call.body["username"]
        if "status" in call.body:
            stored["isEnabled"] = call.body["status"] == "enabled"
        return DONE

    for _ in range(2):
        plan = patch(Patch("42", entra.lowered_operations(operations, MAPPING.resource.type)[0]), MAPPING)
        content = answered(plan, upstream).content
        assert (content["userName"], content["active"]) == (after, wanted)
    assert len(writes) == int((before, enabled) != (after, wanted))


def test_a_change_takes_its_turn_before_it_reads() -> None:
    asked = [patch(Patch("42", []), MAPPING), replace(Replace("42", {}), MAPPING)]
    assert [next(each) for each in asked] == [Wished("update", "User", "42")] * 2
    assert [each.send(None) for each in asked] == [Turn("User", id="42")] * 2


ALLOWING = mapping(
    "{scim: title, field: title}",
    top=REPLIES,
    routes={
        "create": "create: {call: POST /users, id: id, duplicates: allowed}\n"
        "      find: [{filter: userName eq, query: {name: '{value}'}, case: ignored}]"
    },
).bound({}, min)


@pytest.mark.parametrize(
    ("name", "status", "routes"),
    [
        ("eve", 409, ["GET /users/u1", "GET /users"]),
        ("EVE", 409, ["GET /users/u1", "GET /users"]),
        ("ann", 200, ["GET /users/u1", *["GET /users"] * 2, "PATCH /users/u1", "GET /users/u1"]),
        ("ADA", 200, ["GET /users/u1", "PATCH /users/u1", "GET /users/u1"]),  # the same name, as SCIM compares it
    ],
)
def test_where_the_upstream_takes_a_name_twice_nobody_is_renamed_to_another(
    name: str, status: int, routes: list[str]
) -> None:
    directory = Directory([{"id": "u1", "name": "ada"}, {"id": "u2", "name": "Eve"}])
    wanted = operation.patch(
        "u1", body_of({"Operations": [{"op": "replace", "path": "userName", "value": name}]}), ALLOWING.resource.type
    )
    result = answered(patch(wanted, ALLOWING), directory)
    assert (result.error.status if result.error else 200) == status
    assert [f"{each.method} {each.path}" for each in result.calls] == routes
    is_renamed = name == "ann"
    assert (Noted("User", "u1", name) in result.moments) == is_renamed
    assert (Turn("User", name=name.lower()) in result.moments) == (name != "ADA")


def test_a_whole_record_that_follows_a_call_of_its_own_is_read_again_in_between() -> None:
    record_ = {"id": "u1", "name": "ada", "title": "T", "state": "on", "badge": 7}
    made = mapping(
        "{scim: title, field: title}",
        '{scim: active, read: {field: state, values: [[true, "on"], [false, "off"]]}, '
        'write: {calls: [{value: true, call: "POST /users/{id}/on"}, {value: false, call: "POST /users/{id}/off"}]}}',
        top=REPLIES,
        routes={"update": 'update: {call: "PUT /users/{id}", sends: record}'},
    ).bound({}, min)
    sent: list[Any] = []

    def upstream(call: Call) -> Outcome:
        if call.method == "PUT":
            sent.append(call.body)
            record_.update(call.body)
        elif call.method == "POST":
            record_["state"] = "off"
        return Reply(200, dict(record_))

    both = [{"op": "replace", "path": "active", "value": False}, {"op": "replace", "path": "title", "value": "New"}]
    wanted = operation.patch("u1", body_of({"Operations": both}), made.resource.type)
    assert answered(patch(wanted, made), upstream).content["active"] is False
    assert sent == [{"id": "u1", "name": "ada", "title": "New", "state": "off", "badge": 7}]


@pytest.mark.parametrize("write", [DONE, BROKEN, TAKEN], ids=str)
def test_who_is_being_renamed_is_missed_by_nobody_however_the_write_ends(write: Outcome) -> None:
    rename = {"op": "replace", "path": "userName", "value": "eve"}
    answers = iter([found(), write])
    result = answered(
        patch(Patch("42", entra.lowered_operations([rename], MAPPING.resource.type)[0]), MAPPING),
        lambda call: next(answers, found()),  # noqa: ARG005 (whatever is asked)
    )
    assert result.error is not None
    assert Noted("User", None, None) in result.moments
    assert Noted("User", "42", "eve") not in result.moments
