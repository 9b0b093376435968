import pytest

from adapter.errors import BadReply, Forbidden, NotFound, ScimError, Unavailable
from adapter.plan.conversation import Outcome, Reply
from adapter.plan.delete import delete
from adapter.scim.operation import Delete
from tests.mapping.minimal import REPLIES, mapping
from tests.plan.by_hand import BARE_404, BROKEN, DELETE, FAILED, FORBIDDEN, GET, MAPPING, NOBODY, Played, found, played


def _deleted(*outcomes: Outcome, user_id: str = "42") -> Played:
    return played(delete(Delete(user_id), MAPPING), *outcomes)


def test_a_delete_is_one_call_and_answers_nothing() -> None:
    result = _deleted(Reply(204))
    assert [(each.route, each.path, each.body) for each in result.calls] == [(DELETE, "/api/users/42", None)]
    assert result.response is not None
    assert (result.response.status, result.content) == (204, None)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (NOBODY, NotFound),
        (BARE_404, BadReply),
        (FORBIDDEN, Forbidden),
        (Reply(409), ScimError),
    ],
    ids=str,
)
def test_a_delete_that_is_refused_is_one_call(outcome: Outcome, error: type[ScimError]) -> None:
    result = _deleted(outcome)
    assert isinstance(result.error, error)
    assert result.routes == [DELETE]


VAGUE = [Reply(200), Reply(200, {"message": "User deleted."}), Reply(200, "<html>"), Reply(202)]


@pytest.mark.parametrize("vague", VAGUE, ids=str)
def test_a_success_that_may_be_anything_is_looked_at(vague: Outcome) -> None:
    assert _deleted(vague, NOBODY).error is None
    again = _deleted(vague, found(), vague, found())
    assert type(again.error) is Unavailable
    assert again.routes == [DELETE, GET, DELETE, GET]


@pytest.mark.parametrize("doubtful", [Reply(200, {"error message": "x"}), Reply(302)], ids=str)
def test_an_error_with_a_status_of_success_is_told_unless_the_user_is_gone(doubtful: Outcome) -> None:
    told = _deleted(doubtful, found())
    assert type(told.error) is BadReply
    assert type(_deleted(doubtful, NOBODY).error) is NotFound
    assert told.routes == [DELETE, GET]


UNCERTAIN: list[Outcome] = [FAILED, Reply(503), BROKEN]


@pytest.mark.parametrize("uncertain", UNCERTAIN, ids=str)
def test_a_delete_of_which_nobody_knows_is_settled_by_a_look(uncertain: Outcome) -> None:
    gone = _deleted(uncertain, NOBODY)
    assert gone.response is not None
    assert gone.response.status == 204
    assert gone.routes == [DELETE, GET]


@pytest.mark.parametrize("uncertain", UNCERTAIN, ids=str)
@pytest.mark.parametrize(
    ("second", "status"),
    [
        ((Reply(204),), 204),
        ((NOBODY,), 204),  # the first was done after the look
        ((BROKEN, NOBODY), 204),
        ((BROKEN, found()), 503),
        ((FORBIDDEN,), 403),
    ],
    ids=str,
)
def test_a_delete_that_was_not_done_is_sent_once_more(
    uncertain: Outcome, second: tuple[Outcome, ...], status: int
) -> None:
    result = _deleted(uncertain, found(), *second)
    assert (result.error.status if result.error else result.response and result.response.status) == status
    assert result.routes == [DELETE, GET, DELETE, *[GET] * (len(second) - 1)]
    assert [each.again for each in result.calls if each.route == DELETE] == [False, True]


@pytest.mark.parametrize("look", [BARE_404, FAILED, found(43), BROKEN], ids=str)
def test_a_look_that_cannot_be_believed_does_not_say_that_the_user_is_gone(look: Outcome) -> None:
    assert isinstance(_deleted(BROKEN, look).error, ScimError)


@pytest.mark.parametrize("user_id", ["", ".", "..", "a/b", "1;x", "042", "*"])
def test_what_cannot_be_an_id_makes_no_call(user_id: str) -> None:
    result = _deleted(user_id=user_id)
    assert type(result.error) is NotFound
    assert result.calls == []


BLIND = mapping(
    top=REPLIES,
    routes={"get": "get: {unsupported: It shows lists only.}", "create": "create: {call: POST /users, record: $}"},
).bound({}, min)


@pytest.mark.parametrize(
    ("outcome", "status"), [(Reply(200, "<html>"), 204), (Reply(500), 502), (BROKEN, 503), (Reply(302), 502)], ids=str
)
def test_where_nobody_can_look_a_success_is_believed_and_a_failure_is_told(outcome: Outcome, status: int) -> None:
    result = played(delete(Delete("u1"), BLIND), outcome)
    assert (result.error.status if result.error else result.response and result.response.status) == status
