import random

import pytest

from adapter.errors import InvalidSyntax
from adapter.mapping.source import Source
from adapter.plan.explain import explained, operation_of
from adapter.plan.imagined import Imagined
from tests.conversation import mapping_of, settings_of
from tests.mapping.minimal import MAPPINGS


def _lines(name: str, request: str, body: str = "", record: dict[str, object] | None = None) -> list[str]:
    made = mapping_of(name).bound(settings_of(name).values, random.Random(1).choice)  # noqa: S311
    source = Source("m.yaml", (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8"))
    wanted, user_id = operation_of(request, body.encode(), made)
    return list(explained(wanted, made, source, Imagined(made, user_id, record)))


def _line_of(name: str, text: str) -> str:
    lines = (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    return f"m.yaml:{next(at for at, line in enumerate(lines, 1) if text in line)}"


DISABLE = '{"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}'


def test_a_change_is_explained_call_by_call_with_the_line_of_each_reason() -> None:
    record = {"userId": 42, "userName": "ada", "firstName": "Ada", "lastName": "Byron", "isEnabled": True}
    get, update, active = (_line_of("n-able", text) for text in ("get:  ", "update:", "scim: active"))
    assert _lines("n-able", "PATCH /Users/42", DISABLE, record) == [
        "1. GET /api/users/42",
        f"     {get}  reads the user as it is now",
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


@pytest.mark.parametrize("request_", ["", "GET", "GET /Groups", "FETCH /Users", "POST /Users/1", "GET /Users/1/2"])
def test_what_is_no_request_for_users_is_refused(request_: str) -> None:
    with pytest.raises(InvalidSyntax, match="write it as in: PATCH /Users/42"):
        _lines("n-able", request_)
