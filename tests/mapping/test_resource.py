import pytest

from adapter.mapping.mapping import Mapping
from tests.mapping.minimal import BY_CALLS, IN_USERS, groups, mapping, n_able

IN_RECORD = groups("{scim: members.value, field: people, every: list}")
BY_USERS = groups(members="    members: {by: users}\n", user=(IN_USERS,))


@pytest.mark.parametrize(
    ("made", "gathered", "of_users", "keeps"),
    [
        (groups(members=BY_CALLS), "members", "groups", True),
        (BY_USERS, "members", None, True),
        (IN_RECORD, None, "groups", False),
        (groups(), None, None, False),
    ],
)
def test_no_record_holds_what_is_gathered(
    made: Mapping, gathered: str | None, of_users: str | None, *, keeps: bool
) -> None:
    assert (made.resource.gathered, made.about("User").resource.gathered) == (gathered, of_users)
    assert (made.resource.keeps_members, made.about("User").resource.keeps_members) == (keeps, False)


def test_people_are_known_by_their_user_name_and_groups_by_what_is_displayed() -> None:
    assert (IN_RECORD.resource.naming, IN_RECORD.about("User").resource.naming) == ("displayName", "userName")


def test_a_rule_is_found_by_an_attribute_of_the_core_schema_alone() -> None:
    extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    made = mapping(f"{{scim: '{extension}:division', field: rank}}", "{scim: name.givenName, field: first}").resource
    assert [str(rule) for name in ("userName", "name", "division") if (rule := made.rule_of(name))] == [
        "userName",
        "name.givenName",
    ]


def test_what_is_kept_here_is_told_apart() -> None:
    assert [str(rule) for rule in n_able().resource.kept] == ["externalId"]
    assert IN_RECORD.resource.kept == ()


def test_each_task_has_the_rules_that_it_is_about() -> None:
    made = mapping(
        "{scim: title, field: title}",
        "{scim: nickName, read: {field: nick}, write: {field: nick, only: update}}",
        "{scim: active, read: {field: on}, write: {calls: [{call: 'POST /users/{id}/state'}]}}",
        "{scim: userType, value: Employee}",
        "{scim: meta.created, field: made, mutability: readOnly}",
        "{scim: password, field: secret, mutability: writeOnly}",
        "{scim: 'emails[type eq \"work\"].value', field: mail, default: a@b.c}",
    ).resource
    mail = 'emails[type eq "work"].value'
    shown = ["userName", "title", "nickName", "active", "userType", "meta.created", mail]
    assert [name for name, _, _ in made.readers] == shown
    assert [str(each) for each in made.creatable] == ["userName", "title", "password", mail]
    assert [str(each) for each in made.owed] == ["userName", "userType", mail]
    changeable = ["userName", "title", "nickName", "active", "userType", "password", mail]
    assert [str(each) for each in made.changeable] == changeable
    assert made.elements == {mail}


def test_rows_that_lack_something_lack_what_depends_on_it() -> None:
    lacks = mapping(
        "{scim: name.givenName, field: first}",
        routes={"list": "list: {call: GET /users, records: data, page: {by: nothing}, lacks: [name.givenName]}"},
    ).resource
    assert lacks.lacking_names == {"name", "schemas"}
    assert mapping().resource.lacking_names == frozenset()


def test_every_call_is_among_the_routes() -> None:
    calls = "{scim: active, read: {field: on}, write: {calls: [{value: true, call: 'POST /users/{id}/on'}, {value: false, call: 'POST /users/{id}/off'}]}}"
    made = groups(members=BY_CALLS, user=(calls,), user_routes={"update": 'update: {unsupported: "No."}'})
    assert [str(each) for each in made.resource.routes] == [
        "GET /teams",
        "GET /teams/{id}",
        "POST /teams",
        "PATCH /teams/{id}",
        "DELETE /teams/{id}",
        "GET /teams/{id}/users",
        "POST /teams/{id}/users",
        "DELETE /teams/{id}/users/{member}",
    ]
    assert {"POST /users/{id}/on", "POST /users/{id}/off"} <= {str(each) for each in made.about("User").resource.routes}
