import pytest

from adapter.mapping import laws
from tests.mapping.minimal import BY_CALLS, IN_USERS, groups, mapping, n_able


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("{scim: active, read: {field: a, values: [[true, on], [false, off]]}, write: {field: a}}", "false"),
        ("{scim: active, read: {field: a}, write: {field: a, values: [[true, false], [false, true]]}}", "false"),
        (
            "{scim: userType, read: {field: a, values: [[A, x], [B, y]]}, write: {field: a, values: [[A, y], [B, x]]}}",
            '"A"',
        ),
        (
            "{scim: roles.value, every: list, read: {field: a, kept_as: number}, write: {field: a, values: [[A, x]]}}",
            '["A"]',
        ),
    ],
)
def test_a_value_that_would_not_read_back_is_found_and_the_smallest_is_told(rule: str, value: str) -> None:
    [(path, message)] = laws.broken(mapping(rule))
    assert path == ("resources", 0, "attributes", 1)
    assert f": the value {value} would be written and not read back" in message


@pytest.mark.parametrize(
    "rule",
    [
        "{scim: title, field: t}",
        "{scim: title, field: t, kept_as: number}",
        "{scim: active, field: a, values: [[true, on], [false, off]]}",
        "{scim: active, read: {field: a}, write: {field: b, values: [[true, on], [false, off]]}}",
        '{scim: roles.value, field: r, every: {by: ";"}}',
        "{scim: roles.value, field: r, every: list, kept_as: number}",
        "{scim: displayName, fields: [a, b], lossy: true}",
        "{scim: title, field: t, mutability: readOnly}",
        "{scim: title, field: t, mutability: writeOnly}",
        "{scim: active, value: true, unsupported: No.}",
    ],
)
def test_a_rule_that_keeps_the_laws_is_not_accused(rule: str) -> None:
    assert laws.broken(mapping(rule)) == []


def test_what_a_mapping_costs_is_remarked() -> None:
    made = mapping(
        "{scim: title, field: t, mutability: writeOnly}",
        "{scim: displayName, fields: [a, b], lossy: true}",
        "{scim: emails.value, field: mails, every: list}",
        "{scim: roles.value, field: roles, every: list}",
        routes={"get": "get: {by: list}"},
    )
    assert [message for _, message in laws.remarks(made)] == [
        "title cannot be read back: whether the upstream has it is never known",
        "displayName is lossy: where a name of three words divides is not kept",
        'emails.value knows no types: a change of emails[type eq "work"].value, as Entra sends it, is ignored',
        "Entra sends active, name.givenName, name.familyName by default, which no rule names; what it sends is ignored",
        "without a find that settles userName each match query reads the whole list",
        "without a call for one user each read and each change reads the whole list",
    ]
    assert laws.remarks(n_able()) == []


@pytest.mark.parametrize(
    ("routes", "remark"),
    [
        ({}, "the whole list is read every 300 s as long as names are looked for"),
        (
            {"create": "create: {call: POST /users, id: id, duplicates: allowed}"},
            "may be made again: it allows duplicates",
        ),
        ({"get": "get: {by: list}"}, "each match query reads the whole list"),
    ],
)
def test_how_late_what_others_write_is_seen_is_remarked(routes: dict[str, str], remark: str) -> None:
    said = [message for _, message in laws.remarks(mapping(routes=routes)) if "settles userName" in message]
    assert [each.endswith(remark) for each in said] == [True]


def test_a_rule_of_a_group_that_breaks_the_second_law_is_found_at_its_place() -> None:
    rule = "{scim: externalId, read: {field: a, values: [[A, x], [B, y]]}, write: {field: a, values: [[A, y], [B, x]]}}"
    [(path, message)] = laws.broken(groups(rule))
    assert path == ("resources", 1, "attributes", 1)
    assert message.startswith('externalId: the value "A" would be written and not read back')
    assert laws.broken(groups("{scim: externalId, keep: here}", "{scim: members.value, field: u, every: list}")) == []


def test_what_groups_cost_is_remarked() -> None:
    find = "list: {call: GET /teams, records: data, page: {by: nothing}}\n      find: [{filter: displayName eq, query: {q: '{value}'}, case: ignored}]"
    by_users = groups(members="    members: {by: users}\n", user=(IN_USERS,), routes={"list": find})
    message = (
        "the members of a group are looked for among all users; if the group shows them, add a rule for members.value"
    )
    assert [(path[:2], told) for path, told in laws.remarks(by_users) if path[1] == 1] == [(("resources", 1), message)]
    nothing = {name: f"{name}: {{unsupported: No {name}.}}" for name in ("list", "create")}
    bare = groups(members=BY_CALLS, routes=nothing)
    assert [told for path, told in laws.remarks(bare) if path[1] == 1] == [
        "without a find that settles displayName each match query is answered with 501, and Entra can provision no group"
    ]
