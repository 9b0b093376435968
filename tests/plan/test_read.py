from typing import Any

import pytest
from hypothesis import given, strategies

from adapter.errors import BadReply, Forbidden, NotFound, Unavailable
from adapter.plan.conversation import Outcome, Plan, Reply
from adapter.plan.find import get
from adapter.plan.read import records_of
from adapter.scim.messages import Response
from adapter.scim.operation import Get
from tests.plan.by_hand import BARE_404, BROKEN, FAILED, FORBIDDEN, GET, MAPPING, NOBODY, WIDE, found, played, record


def test_a_get_is_one_call() -> None:
    result = played(get(Get("42"), MAPPING), found(42))
    assert [(each.route, each.path, each.query, each.body) for each in result.calls] == [
        (GET, "/api/users/42", {}, None)
    ]
    assert result.content["id"] == "42"
    assert result.content["userName"] == "ada"


@pytest.mark.parametrize("active", [True, False])
def test_a_disabled_user_is_read_like_any_other(active: bool) -> None:  # noqa: FBT001
    assert played(get(Get("42"), MAPPING), found(42, isEnabled=active)).content["active"] is active


def test_a_mapping_may_say_that_the_whole_reply_is_the_record() -> None:
    result = played(get(Get("u1"), WIDE), Reply(200, {"id": "u1", "login": "ada"}))
    assert result.content == {"id": "u1", "userName": "ada"}


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (NOBODY, NotFound),
        (BARE_404, BadReply),
        (Reply(404, {"message": "no such route"}), BadReply),
        (FAILED, BadReply),
        (FORBIDDEN, Forbidden),
        (BROKEN, Unavailable),
        (Reply(200, {"error message": "x"}), BadReply),
        (Reply(200), BadReply),
        (Reply(200, "<html>"), BadReply),
        (Reply(200, []), BadReply),
        (Reply(200, {"data": None}), BadReply),
        (Reply(200, {"data": [record()]}), BadReply),
        (Reply(200, {"data": {}}), BadReply),
        (found(43), BadReply),
        (Reply(200, {"data": record() | {"userId": "../42"}}), BadReply),
        (Reply(200, {"data": record() | {"userId": True}}), BadReply),
        (Reply(200, {"data": record() | {"userId": 42.0}}), BadReply),
        (Reply(200, {"data": record() | {"isEnabled": "true"}}), BadReply),
        (Reply(200, {"data": {"userId": 42}}), BadReply),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_reply_that_cannot_be_believed_is_an_error_and_only_the_upstreams_word_is_a_404(
    outcome: Outcome, error: type[Exception]
) -> None:
    result = played(get(Get("42"), MAPPING), outcome)
    assert type(result.error) is error


@pytest.mark.parametrize("body", [None, "<html>", [], {"data": None}, {"data": [record()]}], ids=str)
def test_a_reply_without_a_record_says_so(body: Any) -> None:
    error = played(get(Get("42"), MAPPING), Reply(200, body)).error
    assert error is not None
    assert error.detail.endswith("answered a read of one user with something that holds no record.")


def test_an_id_may_come_as_a_text_where_it_is_a_number() -> None:
    assert played(get(Get("42"), MAPPING), Reply(200, {"data": record() | {"userId": "42"}})).content["id"] == "42"


@pytest.mark.parametrize(
    "user_id", ["", ".", "..", "0042", "-1", "+1", " 42", "42 ", "4_2", "٤٢", "²", "9" * 20, "a", "1;x", "a/b"]
)
def test_what_cannot_be_an_id_makes_no_call(user_id: str) -> None:
    result = played(get(Get(user_id), MAPPING))
    assert type(result.error) is NotFound
    assert result.calls == []


@given(strategies.text())
def test_no_text_leads_to_another_path_than_that_of_one_user(text: str) -> None:
    for mapping in (MAPPING, WIDE):
        for call in _calls(text, mapping):
            assert call.path.rpartition("/")[2] == text
            assert text not in ("", ".", "..")
            assert text.isascii()


def _calls(user_id: str, mapping: Any) -> list[Any]:
    plan = get(Get(user_id), mapping)
    try:
        return [next(plan)]
    except NotFound:
        return []


def test_records_are_read_one_by_one_and_what_is_gone_is_left_out() -> None:
    def several() -> Plan:
        return Response(200, {"records": (yield from records_of(["7", "..", "8", "9"], MAPPING))})

    result = played(several(), found(7), NOBODY, found(9))
    assert [each["userId"] for each in result.content["records"]] == [7, 9]
    assert [each.path for each in result.calls] == ["/api/users/7", "/api/users/8", "/api/users/9"]
