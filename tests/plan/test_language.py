"""What a mapping can say beyond the shipped ones, played by hand: own calls, whole records, protected users, short rows."""

from typing import Any

import msgspec
import pytest

from adapter.errors import BadReply, Forbidden, InvalidValue, Mutability, NotFound, Uniqueness, Unsupported
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Reply
from adapter.plan.plan import plan
from adapter.scim import operation
from tests.mapping.minimal import mapping
from tests.plan.by_hand import Played, answered, played

ACTIVE = """{scim: active, read: {field: state, values: [[true, on]], otherwise: false},
         write: {calls: [{value: true, call: "POST /users/{id}/unblock"}, {value: false, call: "POST /users/{id}/block"}]}}"""
GIVEN = "{scim: name.givenName, field: first}"
SWITCHED = Reply(201, body=True)
NOBODY = "replies: [{status: 404, means: not found}]"


def _bound(made: Mapping) -> Mapping:
    return made.bound({}, lambda text: text[0])


def _patch(made: Mapping, *outcomes: Reply, **values: Any) -> Played:
    body = msgspec.json.encode({"Operations": [{"op": "replace", "value": values}]})
    return played(plan(operation.patch("7", body, made.resource.type), made), *outcomes)


def _record(**other: Any) -> Reply:
    return Reply(200, {"id": "7", "name": "ada", "first": "Ada", "state": "on"} | other)


def _called(made: Played) -> list[Any]:
    return [(each.method, each.path, each.body) for each in made.calls]


def test_switching_off_comes_before_everything_else_and_switching_on_after_it() -> None:
    made = _bound(mapping(ACTIVE, GIVEN))
    off = _patch(
        made,
        _record(),
        SWITCHED,
        Reply(200),
        _record(state="off", first="Eve"),
        active=False,
        **{"name.givenName": "Eve"},
    )
    assert _called(off)[1:3] == [("POST", "/users/7/block", None), ("PATCH", "/users/7", {"first": "Eve"})]
    on = _patch(
        made,
        _record(state="off"),
        Reply(200),
        SWITCHED,
        _record(first="Eve"),
        active=True,
        **{"name.givenName": "Eve"},
    )
    assert _called(on)[1:3] == [("PATCH", "/users/7", {"first": "Eve"}), ("POST", "/users/7/unblock", None)]
    assert on.content["active"] is True


def test_a_state_that_the_table_does_not_have_is_what_otherwise_says() -> None:
    made = _bound(mapping(ACTIVE))
    got = played(plan(operation.Get("7"), made), _record(state="banned"))
    assert got.content["active"] is False


def test_an_own_call_that_changed_nothing_is_no_success() -> None:
    made = _patch(_bound(mapping(ACTIVE)), _record(), SWITCHED, _record(), active=False)
    assert made.error is not None
    assert (
        made.error.detail
        == "The API said that it changed the user, but a fresh read shows another active than was sent."
    )


def test_an_attribute_with_own_calls_cannot_be_removed() -> None:
    body = b'{"Operations": [{"op": "remove", "path": "active"}]}'
    made = _bound(mapping(ACTIVE))
    assert isinstance(played(plan(operation.patch("7", body, made.resource.type), made), _record()).error, Mutability)


def test_a_new_user_gets_its_own_calls_after_it_was_made() -> None:
    made = _bound(mapping(ACTIVE))
    asked = operation.create(b'{"userName": "ada", "active": false}', made.resource.type)
    result = played(plan(asked, made), Reply(201, {"id": "7"}), _record(), SWITCHED, _record(state="off"))
    assert _called(result) == [
        ("POST", "/users", {"name": "ada"}),
        ("GET", "/users/7", None),
        ("POST", "/users/7/block", None),
        ("GET", "/users/7", None),
    ]
    assert (result.response and result.response.status, result.content["active"]) == (201, False)


def test_a_field_that_only_the_update_takes_is_sent_after_the_create() -> None:
    made = _bound(mapping("{scim: title, read: {field: title}, write: {field: title, only: update}}"))
    asked = operation.create(b'{"userName": "ada", "title": "Dr"}', made.resource.type)
    result = played(plan(asked, made), Reply(201, {"id": "7"}), _record(), Reply(200), _record(title="Dr"))
    assert _called(result)[0] == ("POST", "/users", {"name": "ada"})
    assert _called(result)[2] == ("PATCH", "/users/7", {"title": "Dr"})
    assert result.content["title"] == "Dr"


def test_a_field_that_only_the_create_takes_cannot_be_changed() -> None:
    made = _bound(mapping("{scim: title, read: {field: title}, write: {field: title, only: create}}"))
    assert isinstance(_patch(made, _record(title="Dr"), title="Prof").error, Mutability)


def test_a_value_that_every_user_has_is_shown_and_another_one_is_unsupported() -> None:
    made = _bound(mapping('{scim: active, value: true, unsupported: "The API cannot disable a user."}'))
    assert played(plan(operation.Get("7"), made), _record()).content["active"] is True
    assert _patch(made, _record(), active=True).routes == ["GET /users/{id}"]
    refused = _patch(made, _record(), active=False)
    assert isinstance(refused.error, Unsupported)
    assert refused.error.detail == "The API cannot disable a user."


def test_a_new_user_that_would_need_another_value_is_not_made() -> None:
    made = _bound(mapping('{scim: active, value: true, unsupported: "The API cannot disable a user."}'))
    refused = played(plan(operation.create(b'{"userName": "a", "active": false}', made.resource.type), made))
    assert isinstance(refused.error, Unsupported)


@pytest.mark.parametrize(
    ("leave_out", "sent"),
    [
        ("[]", {"id": "7", "name": "ada", "first": "Eve", "state": "on", "own": {"secret": "***", "kept": 1}}),
        ("[id, own.secret]", {"name": "ada", "first": "Eve", "state": "on", "own": {"kept": 1}}),
    ],
)
def test_a_whole_record_goes_back_with_everything_that_no_rule_names(leave_out: str, sent: dict[str, Any]) -> None:
    text = f'update: {{call: "PUT /users/{{id}}", sends: record, leave_out: {leave_out}}}'
    made = _bound(mapping(GIVEN, routes={"update": text}))
    own = {"secret": "***", "kept": 1}
    result = _patch(made, _record(own=own), Reply(200), _record(first="Eve", own=own), **{"name.givenName": "Eve"})
    assert _called(result)[1] == ("PUT", "/users/7", sent)


def test_a_protected_user_is_read_but_neither_changed_nor_removed() -> None:
    made = _bound(mapping(GIVEN, resource="protected: [{field: state, holds: [system]}]"))
    assert played(plan(operation.Get("7"), made), _record(state="system")).content["id"] == "7"
    assert isinstance(_patch(made, _record(state="system"), **{"name.givenName": "Eve"}).error, Forbidden)
    assert _patch(made, _record(state="system"), **{"name.givenName": "Ada"}).error is None
    removed = played(plan(operation.Delete("7"), made), _record(state="system"))
    assert isinstance(removed.error, Forbidden)
    assert played(plan(operation.Delete("7"), made), _record(), Reply(204)).error is None


@pytest.mark.parametrize(("value", "written"), [("42", 42), ("-1", -1), ("0", 0)])
def test_a_text_that_the_upstream_keeps_as_a_number_goes_both_ways(value: str, written: int) -> None:
    made = _bound(mapping("{scim: title, field: grade, kept_as: number}"))
    result = _patch(made, _record(grade=7), Reply(200), _record(grade=written), title=value)
    assert _called(result)[1] == ("PATCH", "/users/7", {"grade": written})
    assert result.content["title"] == value


@pytest.mark.parametrize("value", ["007", "x", "1.5", "٣", "1" * 30])
def test_a_text_that_is_no_number_is_refused_where_the_upstream_keeps_one(value: str) -> None:
    made = _bound(mapping("{scim: title, field: grade, kept_as: number}"))
    assert isinstance(_patch(made, _record(grade=7), title=value).error, InvalidValue)


LACKS = """list: {call: GET /users, records: data, total: total, lacks: [active],
         page: {by: number, number: page, size: size, most: 100}}"""
ROWS = Reply(200, {"data": [{"id": "7", "name": "ada"}, {"id": "8", "name": "bob"}], "total": 2})


@pytest.mark.parametrize(
    ("asked", "reads"),
    [
        ({}, 2),
        ({"attributes": "userName"}, 0),
        ({"excludedAttributes": "active"}, 0),
        ({"attributes": "active"}, 2),
        ({"filter": 'userName eq "ada"'}, 1),
        ({"filter": 'userName eq "ada"', "attributes": "userName"}, 0),
        ({"filter": "active eq true", "attributes": "userName"}, 2),
        ({"filter": 'not (active eq true) and userName eq "ada"'}, 2),
        ({"filter": 'schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"', "attributes": "userName"}, 2),
    ],
)
def test_rows_that_lack_an_attribute_are_read_one_by_one_only_where_it_matters(
    asked: dict[str, str], reads: int
) -> None:
    made = _bound(mapping("{scim: active, field: on}", top=NOBODY, routes={"list": LACKS}))

    def upstream(call: Any) -> Reply:
        user = call.path.rpartition("/")[2]
        return (
            ROWS
            if user == "users"
            else Reply(200, {"id": user, "name": "ada" if user == "7" else "bob", "on": user == "7"})
        )

    result = answered(plan(operation.query(asked, made.resource.type), made), upstream)
    assert result.routes == ["GET /users"] + ["GET /users/{id}"] * reads
    if reads and "attributes" not in asked:
        assert all("active" in each for each in result.content.resources)


PARTS = (
    "{scim: name.givenName, field: whole, part: first, lossy: true}",
    "{scim: name.familyName, field: whole, part: last, lossy: true}",
)


@pytest.mark.parametrize(
    ("whole", "name"),
    [
        ("Ada Byron", {"givenName": "Ada", "familyName": "Byron"}),
        ("Ada King Byron", {"givenName": "Ada King", "familyName": "Byron"}),
        ("Ada", {"givenName": "Ada"}),
        ("", None),
    ],
)
def test_two_attributes_are_read_out_of_one_field(whole: str, name: dict[str, str] | None) -> None:
    got = played(plan(operation.Get("7"), _bound(mapping(*PARTS))), _record(whole=whole))
    assert got.content.get("name") == name


def test_two_attributes_are_written_into_one_field_and_one_of_them_keeps_the_other() -> None:
    made = _bound(mapping(*PARTS))
    both = _patch(
        made,
        _record(whole="Ada Byron"),
        Reply(200),
        _record(whole="Eve King"),
        **{"name.givenName": "Eve", "name.familyName": "King"},
    )
    assert _called(both)[1] == ("PATCH", "/users/7", {"whole": "Eve King"})
    one = _patch(made, _record(whole="Ada Byron"), Reply(200), _record(whole="Ada King"), **{"name.familyName": "King"})
    assert _called(one)[1] == ("PATCH", "/users/7", {"whole": "Ada King"})


def test_a_name_that_is_there_already_is_not_written_again_however_it_divides() -> None:
    made = _bound(mapping(*PARTS))
    same = _patch(made, _record(whole="Ada King Byron"), **{"name.givenName": "Ada", "name.familyName": "King Byron"})
    assert same.routes == ["GET /users/{id}"]


def test_a_field_of_a_chosen_element_is_read_and_written() -> None:
    made = _bound(mapping('{scim: title, field: "custom[id=3].value"}'))
    shown = _record(custom=[{"id": 1, "value": "x"}, {"id": 3, "value": "Dr"}])
    assert played(plan(operation.Get("7"), made), shown).content["title"] == "Dr"
    after = _record(custom=[{"id": 3, "value": "Prof"}])
    result = _patch(made, shown, Reply(200), after, title="Prof")
    assert _called(result)[1] == ("PATCH", "/users/7", {"custom": [{"id": 3, "value": "Prof"}]})


def test_a_whole_record_goes_back_with_the_other_elements_of_a_list() -> None:
    text = 'update: {call: "PUT /users/{id}", sends: record}'
    made = _bound(mapping('{scim: title, field: "custom[id=3].value"}', routes={"update": text}))
    custom = [{"id": 1, "value": "x"}, {"id": 3, "value": "Dr"}]
    result = _patch(made, _record(custom=custom), Reply(200), _record(custom=[{"id": 3, "value": "P"}]), title="P")
    assert result.calls[1].body["custom"] == [{"id": 1, "value": "x"}, {"id": 3, "value": "P"}]


@pytest.mark.parametrize(
    ("how", "field", "values", "written"),
    [
        ("every: list", ["b", "a"], ["a", "c"], ["a", "c"]),
        ("every: list, kept_as: number", [2, 1], ["1", "3"], [1, 3]),
        ('every: {by: ";"}', "b; a", ["a", "c"], "a;c"),
        ('every: {by: ", "}', "b, a", ["a"], "a"),
        ("every: list, values: [[A, 1], [B, 2]]", [2], ["A"], [1]),
    ],
)
def test_all_values_of_a_list_go_into_one_field(how: str, field: Any, values: list[str], written: Any) -> None:
    made = _bound(mapping(f"{{scim: roles.value, field: groups, {how}}}"))
    roles = [{"value": each} for each in values]
    result = _patch(made, _record(groups=field), Reply(200), _record(groups=written), roles=roles)
    assert _called(result)[1] == ("PATCH", "/users/7", {"groups": written})
    assert result.content["roles"] == roles


def test_the_values_of_a_list_have_no_order() -> None:
    made = _bound(mapping("{scim: roles.value, field: groups, every: list}"))
    same = _patch(made, _record(groups=["b", "a"]), roles=[{"value": "a"}, {"value": "b"}])
    assert same.routes == ["GET /users/{id}"]


@pytest.mark.parametrize(("how", "cleared"), [("list", []), ('{by: ";"}', None)])
def test_a_list_is_cleared(how: str, cleared: Any) -> None:
    made = _bound(mapping(f"{{scim: roles.value, field: groups, every: {how}}}"))
    body = b'{"Operations": [{"op": "remove", "path": "roles"}]}'
    before = _record(groups=["a"] if how == "list" else "a")
    result = played(
        plan(operation.patch("7", body, made.resource.type), made), before, Reply(200), _record(groups=cleared)
    )
    assert _called(result)[1] == ("PATCH", "/users/7", {"groups": cleared})
    assert "roles" not in result.content


def test_a_value_that_could_not_be_told_apart_in_a_text_is_refused() -> None:
    made = _bound(mapping('{scim: roles.value, field: groups, every: {by: ";"}}'))
    assert isinstance(_patch(made, _record(groups="a"), roles=[{"value": "b;c"}]).error, InvalidValue)


def test_a_list_that_is_none_is_not_believed() -> None:
    made = _bound(mapping("{scim: roles.value, field: groups, every: list}"))
    assert isinstance(played(plan(operation.Get("7"), made), _record(groups="a;b")).error, BadReply)


DESK = "urn:example:params:scim:schemas:extension:desk:2.0:User"
EXTENSION = f"""extensions: [{{urn: "{DESK}", name: Desk, about: Where they sit, attributes: [
      {{name: floor, about: The floor, type: integer}}, {{name: tags, about: Tags, multi_valued: true}}]}}]"""


def test_an_attribute_of_the_mappings_own_schema_is_like_any_other() -> None:
    rules = (f"{{scim: '{DESK}:floor', field: level}}", f"{{scim: '{DESK}:tags', field: tags, every: list}}")
    made = _bound(mapping(*rules, resource=EXTENSION))
    shown = _record(level=3, tags=["a"])
    assert played(plan(operation.Get("7"), made), shown).content[DESK] == {"floor": 3, "tags": ["a"]}
    result = _patch(made, shown, Reply(200), _record(level=4, tags=["a"]), **{f"{DESK}:floor": 4})
    assert _called(result)[1] == ("PATCH", "/users/7", {"level": 4})
    found = operation.query({"filter": f'{DESK}:tags eq "a"'}, made.resource.type)
    rows = Reply(200, {"data": [shown.body], "total": 1})
    assert [each["id"] for each in played(plan(found, made), rows).content.resources] == ["7"]


def test_two_fields_that_hold_a_name_are_read_and_written_together() -> None:
    made = _bound(mapping("{scim: displayName, fields: [first, last], lossy: true}"))
    shown = _record(last="Byron")
    assert played(plan(operation.Get("7"), made), shown).content["displayName"] == "Ada Byron"
    result = _patch(made, shown, Reply(200), _record(first="Eve Ann", last="King"), displayName="Eve Ann King")
    assert _called(result)[1] == ("PATCH", "/users/7", {"first": "Eve Ann", "last": "King"})
    same = _patch(made, _record(first="Ada", last="King Byron"), displayName="Ada King Byron")
    assert same.routes == ["GET /users/{id}"]


def test_two_fields_may_only_be_shown() -> None:
    made = _bound(mapping("{scim: displayName, fields: [first, last], mutability: readOnly}"))
    assert played(plan(operation.Get("7"), made), _record(last="Byron")).content["displayName"] == "Ada Byron"
    assert made.resource.rules[1].write is None


ALSO = """list: {call: GET /users, query: {state: open}, also: [{state: locked}], records: data, total: total,
         page: {by: number, number: page, size: size, most: 100}}"""


def test_a_list_that_leaves_users_out_is_read_once_more_for_each_way_to_ask() -> None:
    made = _bound(mapping(routes={"list": ALSO}))
    replies = (Reply(200, {"data": [{"id": name, "name": name}], "total": 1}) for name in ("a", "b"))
    result = played(plan(operation.query({}, made.resource.type), made), *replies)
    assert [each.query["state"] for each in result.calls] == ["open", "locked"]
    assert ([each["id"] for each in result.content.resources], result.content.total) == (["a", "b"], 2)


def test_a_row_may_have_its_id_elsewhere_than_a_record() -> None:
    text = "list: {call: GET /users, id: userRef, records: data, page: {by: nothing}}"
    made = _bound(mapping(routes={"list": text}))
    result = played(
        plan(operation.query({}, made.resource.type), made), Reply(200, {"data": [{"userRef": 9, "name": "a"}]})
    )
    assert [each["id"] for each in result.content.resources] == ["9"]


@pytest.mark.parametrize(
    ("quoting", "value", "written"),
    [
        ("plain", 'O\'Neil "x"', 'O\'Neil "x"'),
        ("odata", "O'Neil", "O''Neil"),
        ("json", 'a"b\\c', 'a\\"b\\\\c'),
        ("fiql", "O'Neil", None),
    ],
)
def test_a_value_is_quoted_as_the_upstream_reads_it(quoting: str, value: str, written: str | None) -> None:
    find = f'find: [{{filter: userName eq, query: {{q: "name is <{{value}}>"}}, quoting: {quoting}, case: ignored}}]'
    made = _bound(mapping(routes={"get": f'get: {{call: "GET /users/{{id}}"}}\n      {find}'}))
    asked = operation.query({"filter": f"userName eq {msgspec.json.encode(value).decode()}"}, made.resource.type)
    result = played(plan(asked, made), Reply(200, {"data": [], "total": 0}))
    assert result.calls[0].query.get("q") == (written and f"name is <{written}>")


LEAVES = """delete: {call: "DELETE /users/{id}", leaves: {field: state, holds: [gone]},
         again: {call: "POST /users/{id}/restore"}}"""
GONE = {"id": "7", "name": "Ada", "first": "Ada", "state": "gone"}


def test_a_removed_user_whose_record_is_kept_is_not_there() -> None:
    made = _bound(mapping(GIVEN, routes={"delete": LEAVES}))
    assert isinstance(played(plan(operation.Get("7"), made), Reply(200, GONE)).error, NotFound)
    assert isinstance(_patch(made, Reply(200, GONE), **{"name.givenName": "Eve"}).error, NotFound)
    rows = Reply(200, {"data": [GONE, {"id": "8", "name": "bob"}], "total": 2})
    listed = played(plan(operation.query({}, made.resource.type), made), rows)
    assert ([each["id"] for each in listed.content.resources], listed.content.total) == (["8"], 1)
    found = operation.query({"filter": 'userName eq "ada"'}, made.resource.type)
    assert played(plan(found, made), rows).content.total == 0


def test_a_create_of_a_removed_users_name_brings_the_user_back_as_it_is_wanted() -> None:
    made = _bound(mapping(GIVEN, top="replies: [{status: 409, means: uniqueness}]", routes={"delete": LEAVES}))
    asked = operation.create(b'{"userName": "ada", "name": {"givenName": "Eve"}}', made.resource.type)
    back = {"id": "7", "name": "ada", "first": "Eve", "state": "on"}
    rows = Reply(200, {"data": [GONE], "total": 1})
    restored = Reply(200, GONE | {"state": "on"})
    result = played(plan(asked, made), Reply(409), rows, Reply(200), restored, Reply(200), Reply(200, back))
    assert _called(result)[2] == ("POST", "/users/7/restore", None)
    assert _called(result)[4] == ("PATCH", "/users/7", {"name": "ada", "first": "Eve"})
    assert (result.response and result.response.status, result.content["id"]) == (201, "7")


def test_a_create_of_a_name_that_somebody_has_is_refused_as_ever() -> None:
    made = _bound(mapping(GIVEN, top="replies: [{status: 409, means: uniqueness}]", routes={"delete": LEAVES}))
    asked = operation.create(b'{"userName": "ada"}', made.resource.type)
    rows = Reply(200, {"data": [GONE | {"state": "on"}], "total": 1})
    assert isinstance(played(plan(asked, made), Reply(409), rows).error, Uniqueness)


def test_a_refusal_names_the_attribute_and_not_the_upstreams_field() -> None:
    top = "replies: [{status: 422, means: invalid value, blames: errors.field, says: errors.text}]"
    made = _bound(mapping(GIVEN, top=top))
    refused = Reply(422, {"errors": [{"field": "first", "text": "is too long"}]})
    error = _patch(made, _record(), refused, **{"name.givenName": "Eve"}).error
    assert error is not None
    assert error.detail == "The API refuses a value: name.givenName: is too long"


def test_a_password_has_the_punctuation_that_the_upstream_takes() -> None:
    text = 'on_create: [{field: password, password: {length: 12, punctuation: "_"}}]'
    chosen = iter("aB3_aaaaaaaa")
    made = mapping(resource=text).bound({}, lambda _: next(chosen))
    sent = played(plan(operation.create(b'{"userName": "ada"}', made.resource.type), made), Reply(403)).calls[0]
    assert sent.body == {"name": "ada", "password": "aB3_aaaaaaaa"}


READ_ONLY = '{scim: active, field: on, default: true, unsupported: "The API cannot disable a user."}'


def test_an_attribute_that_can_only_be_read_refuses_every_change_with_its_sentence() -> None:
    made = _bound(mapping(READ_ONLY))
    assert played(plan(operation.Get("7"), made), _record(on=False)).content["active"] is False
    assert _patch(made, _record(on=True), active=True).routes == ["GET /users/{id}"]
    for before, after in ((True, False), (False, True)):
        refused = _patch(made, _record(on=before), active=after)
        assert isinstance(refused.error, Unsupported)
        assert refused.error.detail == "The API cannot disable a user."


def test_a_new_user_has_the_value_that_the_mapping_says_or_is_not_made() -> None:
    made = _bound(mapping(READ_ONLY))
    asked = operation.create(b'{"userName": "ada", "active": true}', made.resource.type)
    assert played(plan(asked, made), Reply(403)).calls[0].body == {"name": "ada"}
    refused = played(plan(operation.create(b'{"userName": "ada", "active": false}', made.resource.type), made))
    assert isinstance(refused.error, Unsupported)


def test_what_cannot_be_changed_says_so_in_the_schema() -> None:
    active = mapping(READ_ONLY).resource.type.schema.attribute("active")
    assert active is not None
    assert active.description.endswith("The API cannot disable a user.")


BY_LIST = {"get": "get: {by: list}", "list": "list: {call: GET /users, records: data, page: {by: nothing}}"}


@pytest.mark.parametrize(("left", "error"), [([], NotFound), ([{"id": "7", "name": "ada"}], BadReply)])
def test_a_delete_that_fails_is_looked_into_where_the_upstream_cannot_say_not_found(
    left: list[Any], error: type[Exception]
) -> None:
    made = _bound(mapping(top="replies: [{status: 200, field: error, means: failure}]", routes=BY_LIST))
    removed = plan(operation.Delete("7"), made)
    assert isinstance(played(removed, Reply(200, {"error": "no"}), Reply(200, {"data": left})).error, error)


NO_LIST = {
    "list": "find: [{filter: userName eq, call: 'GET /users/by-name/{value}', case: ignored, record: $}]\n      list: {unsupported: No list.}"
}


def test_where_there_is_no_list_a_user_is_found_by_what_the_upstream_can_look_for_and_nothing_else() -> None:
    made = _bound(mapping(GIVEN, top=NOBODY, routes=NO_LIST))

    def asked(text: str, *outcomes: Reply) -> Played:
        return played(plan(operation.query({"filter": text} if text else {}, made.resource.type), made), *outcomes)

    assert asked('userName eq "ada"', _record()).content.resources[0]["id"] == "7"
    assert asked('userName eq "ada"', Reply(404)).content.resources == []
    for unanswerable in ('name.givenName eq "Ada"', 'userName sw "a"', ""):
        refused = asked(unanswerable)
        assert isinstance(refused.error, Unsupported)
        assert (refused.error.detail, refused.calls) == ("No list.", [])


def test_where_there_is_no_read_of_one_user_what_needs_it_says_so() -> None:
    made = _bound(
        mapping(
            GIVEN, routes={"get": "get: {unsupported: No read.}", "create": "create: {call: POST /users, record: $}"}
        )
    )
    refused = played(plan(operation.Get("7"), made))
    assert isinstance(refused.error, Unsupported)
    assert refused.error.detail == "No read."
    assert isinstance(_patch(made, active=True).error, Unsupported)
