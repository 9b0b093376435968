from typing import Any

import pytest

from adapter.mapping import fields
from adapter.mapping.document import Header, Replying, Spot
from adapter.mapping.reply import Meant, Reply, meant


@pytest.mark.parametrize(
    ("spot", "found"),
    [
        ("$", {"data": {"id": 7}}),
        ("data.id", 7),
        ("data.none", fields.ABSENT),
        (Header(header="X-Total"), "9"),
        (Header(header="X-None"), fields.ABSENT),
    ],
)
def test_a_spot_is_a_field_the_whole_body_or_a_header(spot: Spot, found: Any) -> None:
    assert Reply(200, {"data": {"id": 7}}, {"x-total": "9"}).at(spot) == found


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("https://api.example.com/v1/employees/40598", "40598"),
        ("/users/3/", "3"),
        ("/users/a%2Fb?x=1#y", "a/b"),
        ("", ""),
    ],
)
def test_a_new_id_in_a_location_is_its_last_part(location: str, found: str) -> None:
    assert Reply(201, None, {"location": location}).new_id(Header(header="Location")) == found


def test_a_new_id_in_the_body_is_the_field() -> None:
    assert Reply(201, {"data": {"userId": 7}}).new_id("data.userId") == 7


@pytest.mark.parametrize(
    ("spot", "texts"),
    [
        ("errors.message", ["one", "two"]),
        ("$", []),
        (Header(header="X-Error"), ["no"]),
        (Header(header="X-None"), []),
    ],
)
def test_texts_are_found_in_each_element_of_a_list(spot: Spot, texts: list[str]) -> None:
    body = {"errors": [{"message": "one"}, {"message": "two"}, {"message": 3}]}
    assert Reply(400, body, {"x-error": "no"}).texts(spot) == texts


def test_a_text_body_can_tell_what_a_reply_means() -> None:
    rules = [Replying(status=404, field="$", contains="no such user", means="not found")]
    assert meant(Reply(404, "<p>No such user.</p>"), rules).means == "not found"
    assert meant(Reply(404, "<p>No such page.</p>"), rules).means == "failure"


def test_a_header_can_tell_what_a_reply_means() -> None:
    where = Header(header="X-Error")
    rules = [Replying(status=409, field=where, contains="Duplicate", means="uniqueness", says=where)]
    assert meant(Reply(409, None, {"x-error": "duplicate email"}), rules) == Meant("uniqueness", "duplicate email")
    assert meant(Reply(409, None, {}), rules).means == "failure"


@pytest.mark.parametrize(("of", "fits"), [("get", True), ("delete", True), ("list", False), (None, False)])
def test_a_rule_may_be_about_the_replies_to_some_calls(of: Any, fits: bool) -> None:  # noqa: FBT001
    rules = [Replying(status=404, of=["get", "delete"], means="not found")]
    assert meant(Reply(404, of=of), rules).means == ("not found" if fits else "failure")


def test_a_credential_has_expired_only_while_no_call_has_succeeded_with_its_token() -> None:
    rules = [Replying(status=500, means="credential expired", detail="Renew the password.")]
    assert meant(Reply(500), rules, unproven=True) == Meant("credential expired", "Renew the password.")
    assert meant(Reply(500), rules) == Meant("failure")
