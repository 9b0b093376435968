"""Cove's users by JSON-RPC: what N-able's scripts show of it, and what the stand-in assumes."""

from typing import Any

import pytest

from adapter.sandbox.cove import PARTNER, PARTNER_ID, USER, VISA_SECONDS, Cove
from adapter.sandbox.seed import person

TOKEN = "the-api-user-s-token"
LOGIN = {"partner": PARTNER, "username": USER, "password": TOKEN}
JANE = {"PartnerId": PARTNER_ID, "Name": "jdoe", "FirstName": "Jane", "FullName": "Doe", "Password": "p", "RoleId": 5}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Client:
    """Calls as a script does: with the visa of the last reply."""

    def __init__(self, cove: Cove) -> None:
        self.cove = cove
        self.visa = ""

    def __call__(self, method: str, **params: Any) -> Any:
        reply = self.cove.answered({"jsonrpc": "2.0", "id": "1", "method": method, "params": params, "visa": self.visa})
        assert (reply["jsonrpc"], reply["id"]) == ("2.0", "1")
        self.visa = reply.get("visa", self.visa)
        return reply["error"] if "error" in reply else reply["result"]["result"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cove(clock: Clock) -> Cove:
    return Cove(TOKEN, clock=clock)


@pytest.fixture
def client(cove: Cove) -> Client:
    made = Client(cove)
    made("Login", **LOGIN)
    return made


def test_the_life_of_a_user(client: Client) -> None:
    user_id = client("AddUser", userInfo=JANE | {"EmailAddress": "jane@example.com"})
    (user,) = client("EnumerateUsers", partnerIds=[PARTNER_ID])
    assert user == {
        "Id": user_id, "PartnerId": PARTNER_ID, "Name": "jdoe", "FirstName": "Jane", "FullName": "Doe", "RoleId": 5,
        "EmailAddress": "", "Title": "", "PhoneNumber": "", "Flags": [], "FirstLoginTime": 0, "LastLoginTime": 0,
    }  # fmt: skip  # AddUser does not take the email, and nothing shows the password
    assert client("ModifyUser", userInfo={"Id": user_id, "EmailAddress": "jane@example.com"}) is None
    assert client("EnumerateUsers", partnerIds=[PARTNER_ID]) == [user | {"EmailAddress": "jane@example.com"}]
    assert client("EnumerateUsers", partnerIds=[7]) == []
    assert client("RemoveUser", userId=user_id) is None
    assert client("EnumerateUsers", partnerIds=[PARTNER_ID]) == []


@pytest.mark.parametrize(
    ("method", "params", "message"),
    [
        ("AddUser", {"userInfo": JANE | {"Name": "JDOE"}}, "User &#x27;JDOE&#x27; already exists"),
        ("ModifyUser", {"userInfo": {"Id": 2, "Name": "JDoe"}}, "User &#x27;JDoe&#x27; already exists"),
        ("AddUser", {"userInfo": JANE | {"Name": ""}}, "userInfo has no Name"),
        ("AddUser", {"userInfo": JANE | {"Name": 7}}, "Name is a text"),
        ("AddUser", {"userInfo": JANE | {"PartnerId": 9}}, "You have no rights for this partner"),
        ("AddUser", {}, "userInfo is missing"),
        ("ModifyUser", {"userInfo": {"Id": 99}}, "User with id &#x27;99&#x27; not found"),
        ("RemoveUser", {"userId": "1"}, "User with id &#x27;1&#x27; not found"),
        ("EnumerateUsers", {"partnerIds": "123"}, "partnerIds is a list of numbers"),
        ("DisableUser", {}, "Method &#x27;DisableUser&#x27; not found"),
        ("Login", LOGIN | {"password": "wrong"}, "Wrong partner, user name or password"),
    ],
)
def test_a_refused_call_says_why_and_changes_nothing(
    client: Client, method: str, params: dict[str, Any], message: str
) -> None:
    for name in ("jdoe", "other"):
        client("AddUser", userInfo=JANE | {"Name": name})
    before = dict(client.cove.users)
    assert client(method, **params)["message"] == message
    assert client.cove.users == before


def test_a_name_of_its_own_is_free(client: Client) -> None:
    user_id = client("AddUser", userInfo=JANE)
    assert client("ModifyUser", userInfo={"Id": user_id, "Name": "JDoe"}) is None


def test_a_visa_serves_one_call_lives_fifteen_minutes_and_ends_with_a_restart(client: Client, clock: Clock) -> None:
    invalid = "The visa is invalid or expired"
    first = client.visa
    assert client("EnumerateUsers", partnerIds=[PARTNER_ID]) == []
    second, client.visa = client.visa, first
    assert client("EnumerateUsers", partnerIds=[PARTNER_ID])["message"] == invalid
    client.visa = second
    clock.now = VISA_SECONDS - 1.0
    assert client("EnumerateUsers", partnerIds=[PARTNER_ID]) == []
    clock.now += VISA_SECONDS
    assert client("EnumerateUsers", partnerIds=[PARTNER_ID])["message"] == invalid
    client("Login", **LOGIN)
    client.cove.restart()
    assert client("EnumerateUsers", partnerIds=[PARTNER_ID])["message"] == invalid


@pytest.mark.parametrize("call", [None, [], {}, {"method": "Login"}, {"method": "Login", "params": []}])
def test_what_is_no_call_is_an_error_too(cove: Cove, call: Any) -> None:
    assert cove.answered(call)["error"]["message"] == "Invalid request"


def test_it_begins_with_invented_users() -> None:
    assert [user["EmailAddress"] for user in Cove(TOKEN, users=3).users.values()] == [person(n)[2] for n in range(3)]
