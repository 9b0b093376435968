from typing import Any

import msgspec
import pytest

from adapter.mapping.document import Header
from adapter.mapping.load import load
from adapter.mapping.mapping import Credential
from tests.mapping.minimal import RESOURCE, USER_NAME


def _credential(text: str) -> Credential:
    top = "version: 1\nupstream: API\nsecrets: [{name: key, about: k}, {name: id, about: i}]\n"
    return load(f"{top}credential: {text}\n{RESOURCE}    attributes: [{USER_NAME}]\n", "test.yaml").credential


def test_no_credential_is_nothing() -> None:
    assert _credential("{kind: none}") == Credential()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("", {"header": "Authorization", "prefix": "Bearer "}),
        (", sent: {header: PRIVATE-TOKEN}", {"header": "PRIVATE-TOKEN"}),
        (', sent: {header: Authorization, prefix: "Token "}', {"header": "Authorization", "prefix": "Token "}),
        (", sent: {query: apikey}", {"query": "apikey"}),
        (", sent: {body: visa}", {"body": "visa"}),
    ],
)
def test_a_token_goes_where_the_file_says(sent: str, expected: dict[str, Any]) -> None:
    made = _credential(f'{{kind: token, token: "{{secret:id}}:{{secret:key}}"{sent}}}')
    assert made.token == "{secret:id}:{secret:key}"
    assert made.sent is not None
    given = {name: value for name, value in msgspec.to_builtins(made.sent).items() if value}
    assert given == expected


def test_basic_goes_with_every_call() -> None:
    assert _credential('{kind: basic, user: "{secret:key}", password: x}') == Credential(basic=("{secret:key}", "x"))


@pytest.mark.parametrize(
    ("where", "body", "basic"),
    [
        ("", {"grant_type": "client_credentials", "scope": "users"}, ("me", "{secret:key}")),
        (
            ", authentication: body",
            {"grant_type": "client_credentials", "scope": "users", "client_id": "me", "client_secret": "{secret:key}"},
            None,
        ),
    ],
)
def test_client_credentials_are_a_form(where: str, body: dict[str, str], basic: tuple[str, str] | None) -> None:
    text = 'kind: client credentials, call: POST /oauth/token, client_id: me, client_secret: "{secret:key}"'
    login = _credential(f"{{{text}, form: {{scope: users}}{where}}}").login
    assert login is not None
    assert (login.route.body, login.route.send, login.basic) == (body, "form", basic)
    assert (login.token, login.lifetime) == ("access_token", "expires_in")


def test_an_exchange_may_send_a_body_and_name_the_lifetime_itself() -> None:
    login = _credential(
        '{kind: exchange, call: POST /login, body: {password: "{secret:key}"}, token: $, lives: 600}'
    ).login
    assert login is not None
    assert (login.route.body, login.token, login.lifetime) == ({"password": "{secret:key}"}, "$", 600.0)


def test_an_exchange_may_find_its_token_in_a_header() -> None:
    login = _credential("{kind: exchange, call: POST /login, form: {a: b}, token: {header: X-Token}, lives: 600}").login
    assert login is not None
    assert (login.token, login.route.send, login.route.body) == (Header(header="X-Token"), "form", {"a": "b"})


def test_a_rolling_token_is_looked_for_in_every_reply() -> None:
    login = _credential(
        "{kind: rolling, call: POST /rpc, body: {m: Login}, token: visa, lives: 840, sent: {body: visa}}"
    ).login
    assert login is not None
    assert (login.rolling, login.lifetime) == (True, 840.0)
