import itertools
from typing import Any

import pytest

from adapter.errors import BadReply, Forbidden, InvalidValue, ScimError, Unavailable, Uniqueness
from adapter.plan.conversation import Call, Outcome, Reply
from adapter.plan.create import create
from adapter.plan.moment import Missed, Moment, Noted, Turn, Wait
from adapter.scim.operation import Create
from tests.mapping.minimal import REPLIES, mapping
from tests.plan.by_hand import (
    BARE_404,
    BROKEN,
    CREATE,
    FAILED,
    FORBIDDEN,
    GET,
    LIST,
    MAPPING,
    NOBODY,
    REFUSED,
    TAKEN,
    Played,
    answered,
    found,
    listed,
    played,
    record,
)
from tests.plan.directory import Directory

ADA: dict[str, Any] = {"userName": "ada", "active": True, "name": {"givenName": "Ada", "familyName": "Byron"}}
MADE = Reply(201, {"status": 201, "data": {"userId": 42}})


def _created(resource: dict[str, Any], *outcomes: Outcome) -> Played:
    return played(create(Create(resource), MAPPING), *outcomes)


def test_a_create_is_two_calls_of_which_the_second_shows_what_is_kept() -> None:
    result = _created(ADA, MADE, found(42, email="ada"))
    assert result.routes == [CREATE, GET]
    assert result.calls[0].path == "/api/org-units/50/users"
    assert result.response is not None
    assert result.response.status == 201
    assert result.content == {
        "id": "42",
        "userName": "ada",
        "active": True,
        "displayName": "Ada Byron",
        "name": {"givenName": "Ada", "familyName": "Byron"},
        "emails": [{"type": "work", "value": "ada"}],
    }


def test_what_is_sent_has_the_mappings_defaults_and_fixed_fields() -> None:
    body = _created({"userName": "ada", "name": ADA["name"]}, MADE, found(42, email="ada")).calls[0].body
    assert body is not None
    assert len(body.pop("password")) == 24
    assert body == {
        "username": "ada",
        "status": "enabled",
        "firstName": "Ada",
        "lastName": "Byron",
        "email": "ada",
        "roleIds": ["1001"],
        "accessGroupIds": ["2001"],
    }


def test_no_two_users_get_one_password() -> None:
    sent = [_created(ADA, MADE, found(42, email="ada")).calls[0].body for _ in range(20)]
    assert len({each["password"] for each in sent if each}) == 20


def test_the_resource_that_was_asked_for_stays_as_it_is() -> None:
    asked = {"userName": "ada", "name": dict(ADA["name"])}
    _created(asked, MADE, found(42, email="ada"))
    assert asked == {"userName": "ada", "name": ADA["name"]}


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ({}, "userName"),
        ({"userName": ""}, "userName"),
        ({"userName": "ada"}, "name.givenName"),
        ({"userName": "ada", "name": {"familyName": "Byron"}}, "name.givenName"),
        ({"userName": "ada", "name": {"givenName": "Ada"}}, "name.familyName"),
    ],
)
def test_what_the_upstream_needs_is_asked_for_by_name_before_any_call(resource: dict[str, Any], named: str) -> None:
    result = _created(resource)
    assert type(result.error) is InvalidValue
    assert result.error.detail.startswith(f"{named} is required")
    assert result.calls == []


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (TAKEN, Uniqueness),
        (REFUSED, InvalidValue),
        (FORBIDDEN, Forbidden),
        (BARE_404, BadReply),
        (Reply(201), BadReply),
        (Reply(201, {"data": {}}), BadReply),
        (Reply(201, {"data": {"userId": None}}), BadReply),
        (Reply(201, {"data": {"userId": True}}), BadReply),
        (Reply(201, {"data": {"userId": "../7"}}), BadReply),
        (Reply(201, {"data": {"userId": 4.2}}), BadReply),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_create_that_is_refused_or_names_no_id_is_one_call(outcome: Outcome, error: type[ScimError]) -> None:
    result = _created(ADA, outcome)
    assert type(result.error) is error
    assert result.routes == [CREATE]


@pytest.mark.parametrize("uncertain", [FAILED, Reply(502, "<html>"), Reply(503), Reply(504), BROKEN], ids=str)
@pytest.mark.parametrize(
    ("there", "error"),
    [(listed(record()), Uniqueness), (listed(record(userName="ADA")), Uniqueness), (listed(), Unavailable)],
    ids=["found", "found in another case", "not found"],
)
def test_a_create_of_which_nobody_knows_is_looked_for_and_never_sent_again(
    uncertain: Outcome, there: Outcome, error: type[ScimError]
) -> None:
    result = _created(ADA, uncertain, there)
    assert type(result.error) is error
    assert result.routes == [CREATE, LIST]
    assert result.calls[1].query["select"] == "userName==ada"


@pytest.mark.parametrize("doubtful", [Reply(200, {"error message": "x"}), Reply(302)], ids=str)
def test_a_create_that_failed_with_a_status_of_success_or_of_elsewhere_is_looked_for(doubtful: Outcome) -> None:
    assert type(_created(ADA, doubtful, listed()).error) is BadReply
    assert type(_created(ADA, doubtful, listed(record())).error) is Uniqueness
    assert Noted("User", None, None) in _created(ADA, doubtful, listed()).moments


def test_who_was_made_is_noted_before_the_read_of_it_can_fail() -> None:
    failed = _created(ADA, MADE, FAILED)
    assert type(failed.error) is BadReply
    assert Noted("User", "42", "ada") in failed.moments


def test_a_look_that_fails_too_says_nothing_about_the_user() -> None:
    assert type(_created(ADA, BROKEN, BARE_404).error) is BadReply


def test_a_user_whose_name_the_search_cannot_hold_is_looked_for_in_the_whole_list() -> None:
    result = _created(ADA | {"userName": "o'brien"}, BROKEN, listed(record(), record(43, userName="O'Brien")))
    assert type(result.error) is Uniqueness
    assert "select" not in result.calls[1].query


@pytest.mark.parametrize(
    "shown", [NOBODY, found(42, isEnabled=False, email="ada"), found(42, email="eve"), found(43)], ids=str
)
def test_no_201_for_what_a_fresh_read_does_not_show(shown: Outcome) -> None:
    result = _created(ADA, MADE, shown)
    assert type(result.error) is BadReply
    assert result.routes == [CREATE, GET]


def test_what_the_upstream_spells_in_another_case_is_what_was_sent_where_scim_ignores_case() -> None:
    assert _created(ADA, MADE, found(42, userName="ADA", email="Ada")).content["userName"] == "ADA"


def test_an_error_names_the_attribute_that_differs_and_not_its_value() -> None:
    error = _created(ADA, MADE, found(42, lastName="Lovelace", email="ada")).error
    assert error is not None
    assert "name.familyName" in error.detail
    assert "Lovelace" not in error.detail


BY_NAME = mapping(
    "{scim: title, field: title}", top=REPLIES, routes={"create": "create: {call: POST /users, by_name: true}"}
)


@pytest.mark.parametrize("get", ['get: {call: "GET /users/{id}"}', "get: {by: list}"])
def test_a_reply_that_tells_no_id_is_followed_by_a_look_for_the_name(get: str) -> None:
    routes = {"create": "create: {call: POST /users, by_name: true}", "get": get}
    made = mapping("{scim: title, field: title}", top=REPLIES, routes=routes).bound({}, min)
    directory = Directory([{"id": "u1", "name": "eve"}])
    calls: list[str] = []

    def silent(call: Call) -> Outcome:
        calls.append(f"{call.method} {call.path}")
        outcome = directory(call)
        return Reply(201) if call.method == "POST" else outcome

    result = answered(create(Create({"userName": "ada", "title": "T"}), made), silent)
    assert result.content == {"id": "new1", "userName": "ada", "title": "T"}
    assert calls == ["POST /users", "GET /users", "GET /users/new1" if "call" in get else "GET /users"]


@pytest.mark.parametrize("names", [[], ["ada", "ADA"]], ids=["nobody", "two"])
def test_a_name_that_nobody_or_more_than_one_has_is_no_new_user(names: list[str]) -> None:
    directory = Directory([{"id": f"u{at}", "name": each} for at, each in enumerate(names)])

    def upstream(call: Call) -> Outcome:
        return Reply(201) if call.method == "POST" else directory(call)

    result = answered(create(Create({"userName": "ada"}), BY_NAME.bound({}, min)), upstream)
    assert isinstance(result.error, BadReply)


def _missed(asked: Moment) -> bool:
    """Stand for a gateway that has just looked for everybody, and found nobody."""
    return isinstance(asked, Missed)


@pytest.mark.parametrize("uncertain", [FAILED, BROKEN], ids=str)
@pytest.mark.parametrize(
    ("there", "error"),
    [
        ([record(email="ada")], None),
        ([record(lastName="Lovelace", email="ada")], Uniqueness),  # so it may be somebody else's
        ([record(email="ada"), record(43, email="ada")], Uniqueness),
        ([], Unavailable),
    ],
    ids=["as it was sent", "otherwise", "two", "nobody"],
)
def test_who_is_there_now_and_was_not_a_moment_ago_is_ours(
    uncertain: Outcome, there: list[dict[str, Any]], error: type[ScimError] | None
) -> None:
    outcomes = iter([uncertain, listed(*there), found(42, **(there or [{}])[0])])
    result = answered(create(Create(ADA), MAPPING), lambda _: next(outcomes), known=_missed)
    assert type(result.error) is (error or type(None))
    assert result.routes[:2] == [CREATE, LIST]
    assert result.response is None or (result.response.status, result.content["id"]) == (201, "42")


def test_two_creates_of_one_name_take_turns_and_what_they_made_is_noted() -> None:
    result = _created(ADA | {"userName": "ADA"}, MADE, found(42, userName="ADA", email="ADA"))
    assert result.moments[1] == Turn("User", name="ada")
    assert result.moments[-1] == Noted("User", "42", "ada")


def test_what_nobody_has_seen_is_noted_before_it_is_looked_for() -> None:
    assert Noted("User", None, None) in _created(ADA, BROKEN, listed()).moments
    assert Noted("User", None, None) in _created(ADA, MADE, NOBODY).moments


FOUND = "find: [{filter: userName eq, query: {name: '{value}'}, case: ignored}]"
ALLOWING = {"create": f"create: {{call: POST /users, id: id, duplicates: allowed}}\n      {FOUND}"}


class Allowing(Directory):
    """A directory that takes a name twice."""

    def __call__(self, call: Call) -> Outcome:
        """Answer one call."""
        self.routes = [*getattr(self, "routes", []), f"{call.method} {call.path}"]
        return super().__call__(call)

    def _named(self, kind: str, name: str) -> list[str]:  # noqa: ARG002 (nobody is there for it)
        return []


def test_where_the_upstream_takes_a_name_twice_it_is_looked_for_before_each_create() -> None:
    made = mapping(top=REPLIES, routes=ALLOWING).bound({}, min)
    directory = Allowing([{"id": "u1", "name": "Ada"}])
    twice = answered(create(Create({"userName": "ADA"}), made), directory)
    assert isinstance(twice.error, Uniqueness)
    assert directory.routes == ["GET /users"]
    assert answered(create(Create({"userName": "eve"}), made), directory).content["id"] == "new1"


def test_there_one_may_be_taken_over_without_a_create() -> None:
    routes = {"create": f"create: {{call: POST /users, id: id, duplicates: allowed, adopts: true}}\n      {FOUND}"}
    made = mapping(top=REPLIES, routes=routes).bound({}, min)
    directory = Allowing([{"id": "u1", "name": "Ada"}])
    assert answered(create(Create({"userName": "ada"}), made), directory).content["id"] == "u1"
    assert not any(each.startswith("POST") for each in directory.routes)


LAGGING = mapping(
    top=REPLIES,
    resource="visible_within: 1.5",
    routes={"update": f'update: {{call: "PATCH /users/{{id}}"}}\n      {FOUND}'},
).bound({}, min)


@pytest.mark.parametrize(("after", "error"), [(0, None), (1, None), (2, None), (3, BadReply)])
def test_a_new_user_is_looked_for_as_long_as_the_upstream_may_take_to_show_it(
    after: int, error: type[ScimError] | None
) -> None:
    looks: list[Call] = []

    def upstream(call: Call) -> Outcome:
        if call.method == "POST":
            return Reply(201, {"id": "u1"})
        looks.append(call)
        return Reply(200, {"id": "u1", "name": "ada"}) if len(looks) > after else Reply(404, {"code": "none"})

    result = answered(create(Create({"userName": "ada"}), LAGGING), upstream)
    assert type(result.error) is (error or type(None))
    assert len(looks) == min(after, 2) + 1
    waits = [each.seconds for each in result.moments if isinstance(each, Wait)]
    assert waits == pytest.approx([0.5, 1.0][: len(looks) - 1])


def test_a_create_that_broke_off_is_looked_for_as_long_before_it_is_said_not_to_be_there() -> None:
    late = itertools.count()

    def upstream(call: Call) -> Outcome:
        if call.method == "POST":
            return BROKEN
        if call.path == "/users":
            rows = [{"id": "u1", "name": "ada"}] if next(late) == 2 else []
            return Reply(200, {"data": rows, "total": len(rows)})
        return Reply(200, {"id": "u1", "name": "ada"})

    result = answered(create(Create({"userName": "ada"}), LAGGING), upstream, known=_missed)
    assert result.content == {"id": "u1", "userName": "ada"}
    assert [each.method for each in result.calls] == ["POST", "GET", "GET", "GET", "GET"]
