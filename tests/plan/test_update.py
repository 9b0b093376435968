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
from adapter.plan.update import patch, replace
from adapter.scim import entra
from adapter.scim.operation import Patch, Replace
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
def test_a_write_of_which_nobody_knows_is_settled_by_a_look_and_never_sent_again(uncertain: Outcome) -> None:
    done = _patched(DISABLE, found(), uncertain, found(isEnabled=False))
    assert done.content["active"] is False
    undone = _patched(DISABLE, found(), uncertain, found())
    assert type(undone.error) is Unavailable
    assert done.routes == undone.routes == [GET, PATCH, GET]


def test_a_write_that_was_said_to_be_done_and_was_not_is_no_200() -> None:
    result = _patched(DISABLE, found(), DONE, found())
    assert type(result.error) is BadReply
    assert "another active than was sent" in result.error.detail


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
        (Reply(200, {"error message": "x"}), BadReply),
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
