import random

import pytest

from adapter.errors import InvalidSyntax
from adapter.mapping.load import load
from adapter.mapping.source import Source
from adapter.plan.explain import explained, operation_of
from adapter.plan.imagined import Imagined
from tests.conversation import mapping_of, settings_of
from tests.mapping.minimal import BY_CALLS, IN_USERS, MAPPINGS, RESOURCE, TOP, USER_NAME, group_text


def _lines(name: str, request: str, body: str = "", record: dict[str, object] | None = None) -> list[str]:
    made = mapping_of(name).bound(settings_of(name).values, random.Random(1).choice)  # noqa: S311
    source = Source("m.yaml", (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8"))
    wanted, resource_id, about = operation_of(request, body.encode(), made)
    return list(explained(wanted, about, source, Imagined(about, resource_id, record)))


def _line_of(name: str, text: str) -> str:
    lines = (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    return f"m.yaml:{next(at for at, line in enumerate(lines, 1) if text in line)}"


KEPT = "{scim: externalId, keep: here}"
DISABLE = '{"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}'


def test_a_change_is_explained_call_by_call_with_the_line_of_each_reason() -> None:
    record = {"userId": 42, "userName": "ada", "firstName": "Ada", "lastName": "Byron", "isEnabled": True}
    get, update, active = (_line_of("n-able", text) for text in ("get:  ", "update:", "scim: active"))
    assert _lines("n-able", "PATCH /Users/42", DISABLE, record) == [
        "1. GET /api/users/42",
        f"     {get}  reads the user as it is now",
        "-  the gateway's own store tells what it keeps beside the record",
        "2. PATCH /api/users/42",
        f"     {update}  writes what differs",
        '     json {"status":"disabled"}',
        f"     {active}  status is active",
        "3. GET /api/users/42",
        f"     {get}  reads the user as it is now",
        'answer 200: {"id":"42","userName":"ada","active":false,"name":{"givenName":"Ada","familyName":"Byron"}}',
    ]


@pytest.mark.parametrize(
    ("name", "request_", "body", "line", "reason"),
    [
        ("n-able", 'GET /Users?filter=userName eq "ada"', "", "filter: userName eq", "asks the upstream's own search"),
        (
            "mattermost",
            'GET /Users?filter=userName eq "ada"',
            "",
            "filter: userName eq",
            "asks the upstream's own search",
        ),
        ("n-able", "GET /Users", "", "      list:", "reads the list"),
        ("n-able", "DELETE /Users/1", "", "delete:", "removes the user"),
        ("gitlab", "PATCH /Users/1", DISABLE, "        write:", "writes one attribute by its own call"),
    ],
)
def test_each_kind_of_call_has_its_reason(name: str, request_: str, body: str, line: str, reason: str) -> None:
    place = _line_of(name, line).removeprefix("m.yaml:")
    where = [each.split() for each in _lines(name, request_, body) if each.endswith(reason)]
    assert any(abs(int(each[0].removeprefix("m.yaml:")) - int(place)) <= 1 for each in where)


@pytest.mark.parametrize(
    ("case", "calls"),
    [
        (", case: ignored", ["1. GET /users?login=ada&page=1&size=100"]),
        ("", ["1. GET /users?login=ada&page=1&size=100", "2. GET /users?page=1&size=100"]),
    ],
)
def test_a_search_that_finds_nobody_is_followed_by_the_list_only_where_it_is_not_believed(
    case: str, calls: list[str]
) -> None:
    find = f'    routes:\n      find: [{{filter: userName eq, query: {{login: "{{value}}"}}{case}}}]'
    text = f"{TOP}{RESOURCE.replace('    routes:', find)}    attributes: [{USER_NAME}]\n"
    wanted, resource_id, about = operation_of(
        'GET /Users?filter=userName eq "ada"', b"", load(text, "m.yaml").bound({}, min)
    )
    lines = list(explained(wanted, about, Source("m.yaml", text), Imagined(about, resource_id)))
    assert [each for each in lines if each[0].isdigit()] == calls


def test_a_password_that_is_made_is_not_shown() -> None:
    body = '{"userName": "ada", "name": {"givenName": "Ada", "familyName": "Byron"}}'
    assert '"password":"***"' in "".join(_lines("n-able", "POST /Users", body))
    assert '"Password":"***"' in "".join(_lines("cove", "POST /Users", body))


def test_what_is_refused_is_told_as_the_client_would_read_it() -> None:
    assert _lines("bookstack", "PATCH /Users/42", DISABLE)[-1].startswith(
        "answer 501: BookStack cannot disable a user."
    )
    assert _lines("n-able", "PATCH /Users/x", DISABLE) == ["answer 404: The N-able user API has no user with this id."]
    assert _lines("n-able", "GET /Users?filter=title pr")[-1].startswith("answer 400: ")


@pytest.mark.parametrize("request_", ["", "GET", "GET /Devices", "FETCH /Users", "POST /Users/1", "GET /Users/1/2"])
def test_what_is_no_request_for_users_is_refused(request_: str) -> None:
    with pytest.raises(InvalidSyntax, match="write it as in: PATCH /Users/42"):
        _lines("n-able", request_)


GROUP_FORMS = {
    "in record": ("{scim: members.value, field: users, every: list}", "", ()),
    "collection": (KEPT, BY_CALLS, ()),
    "by users": (KEPT, "    members: {by: users}\n", (IN_USERS,)),
}


def _about_groups(form: str, request: str, body: str = "") -> list[tuple[str, str, str]]:
    """Return the calls of a request, each with the line that is its reason, and the reason."""
    rule, members, user = GROUP_FORMS[form]
    text = group_text(rule, members=members, user=user)
    wanted, resource_id, about = operation_of(request, body.encode(), load(text, "m.yaml").bound({}, min))
    lines = list(explained(wanted, about, Source("m.yaml", text), Imagined(about, resource_id)))
    assert lines[-1].startswith("answer 2"), lines
    calls = [at for at, line in enumerate(lines) if line[0].isdigit()]
    reasons = [lines[at + 1].strip().partition("  ") for at in calls]
    written = text.splitlines()
    return [
        (lines[at].partition(". ")[2], written[int(place.removeprefix("m.yaml:")) - 1].split(":")[0].strip(), reason)
        for at, (place, _, reason) in zip(calls, reasons, strict=True)
    ]


def test_members_are_explained_wherever_they_are_kept() -> None:
    body = '{"Operations": [{"op": "replace", "path": "members", "value": [{"value": "u2"}]}]}'
    read = ("GET /teams/red", "get", "reads the group as it is now")
    assert _about_groups("in record", "PATCH /Groups/red", body) == [
        read,
        ("PATCH /teams/red", "update", "writes what differs"),
        read,
    ]
    look = ("GET /teams/red/users?page=1&size=2", "list", "reads the members")
    assert _about_groups("collection", "PATCH /Groups/red", body) == [
        read,
        look,
        ("DELETE /teams/red/users/1", "remove", "takes members out"),
        ("POST /teams/red/users", "add", "adds members"),
        look,
    ]
    user = ("GET /users/u2", "get", "reads the user as it is now")
    assert _about_groups("by users", "PATCH /Groups/red", body) == [
        read,
        ("GET /users?page=1&size=100", "list", "reads the list"),
        user,
        ("PATCH /users/u2", "update", "writes what differs"),
        user,
    ]


@pytest.mark.parametrize("form", GROUP_FORMS)
@pytest.mark.parametrize(
    ("request_", "body", "first"),
    [
        ("GET /Groups/red", "", ("GET /teams/red", "get", "reads the group as it is now")),
        ("GET /Groups", "", ("GET /teams?page=1&size=100", "list", "reads the list")),
        ("DELETE /Groups/red", "", ("DELETE /teams/red", "delete", "removes the group")),
        ("POST /Groups", '{"displayName": "Red"}', ("POST /teams", "create", "makes the group")),
        ("GET /Users/u1?attributes=groups", "", ("GET /users/u1", "get", "reads the user as it is now")),
    ],
)
def test_each_request_about_groups_is_explained(form: str, request_: str, body: str, first: tuple[str, ...]) -> None:
    assert _about_groups(form, request_, body)[0] == first


@pytest.mark.parametrize(
    ("request_", "body", "said"),
    [
        ("GET /Groups/red", "", ["tells what it keeps beside the record"]),
        ('GET /Groups?filter=externalId eq "x"', "", ["tells who has this externalId"]),
        ("POST /Groups", '{"displayName": "Red", "externalId": "e"}', ["forgets what it kept", "keeps externalId"]),
        ("DELETE /Groups/red", "", ["forgets what it kept"]),
    ],
)
def test_what_is_asked_of_the_store_is_explained_between_the_calls(request_: str, body: str, said: list[str]) -> None:
    text = group_text(KEPT)
    wanted, resource_id, about = operation_of(request_, body.encode(), load(text, "m.yaml").bound({}, min))
    lines = list(explained(wanted, about, Source("m.yaml", text), Imagined(about, resource_id)))
    assert [each for each in lines if each[0] == "-"] == [f"-  the gateway's own store {each}" for each in said]


def test_where_an_index_is_kept_it_is_told_why_the_list_is_read() -> None:
    lines = _lines("bamboohr", 'GET /Users?filter=userName eq "ada"')
    assert lines[0].startswith("-  the gateway's index of names tells, while it is fresh")
    assert lines[1].startswith("1. GET /api/v1/employees")
