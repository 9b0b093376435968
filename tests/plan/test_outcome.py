import pytest

from adapter.errors import (
    BadReply,
    Forbidden,
    InvalidValue,
    NotFound,
    ScimError,
    Unavailable,
    Uniqueness,
)
from adapter.plan.conversation import Outcome, Reply
from adapter.plan.outcome import is_success, is_uncertain, refusal
from tests.plan.by_hand import BARE_404, BROKEN, DONE, FAILED, FORBIDDEN, MAPPING, NOBODY, REFUSED, TAKEN

HIDDEN_ERROR = Reply(200, {"error message": "Something went wrong."})

# The outcome, whether it is a success, whether a write may have been done all the same, and what a refusal becomes.
OUTCOMES: list[tuple[Outcome, bool, bool, type[ScimError]]] = [
    (DONE, True, False, BadReply),
    (Reply(201, {"data": {"userId": 42}}), True, False, BadReply),
    (Reply(204), True, False, BadReply),
    (HIDDEN_ERROR, False, False, BadReply),
    (Reply(302, ""), False, False, BadReply),
    (Reply(400, "<html>"), False, False, BadReply),
    (REFUSED, False, False, InvalidValue),
    (Reply(401), False, False, BadReply),
    (FORBIDDEN, False, False, Forbidden),
    (NOBODY, False, False, NotFound),
    (BARE_404, False, False, BadReply),
    (TAKEN, False, False, Uniqueness),
    (Reply(418), False, False, BadReply),
    (FAILED, False, True, BadReply),
    (Reply(503), False, True, BadReply),
    (BROKEN, False, True, Unavailable),
]


@pytest.mark.parametrize(("outcome", "success", "uncertain", "error"), OUTCOMES, ids=lambda each: str(each)[:40])
def test_an_outcome_means_one_thing(
    outcome: Outcome,
    success: bool,  # noqa: FBT001
    uncertain: bool,  # noqa: FBT001
    error: type[ScimError],
) -> None:
    assert is_success(outcome, MAPPING) is success
    assert is_uncertain(outcome, MAPPING) is uncertain
    assert type(refusal(outcome, MAPPING, "a user was changed")) is error


@pytest.mark.parametrize(
    ("outcome", "detail"),
    [
        (NOBODY, "The N-able user API has no such user."),
        (REFUSED, "The N-able user API refuses a value: The email is not valid."),
        (Reply(400, {"errors": []}), "The N-able user API refuses a value: it does not say which."),
        (
            TAKEN,
            (
                "The N-able user API has this user name or email already; it keeps those of deleted users for ever. "
                "CONFLICT: User already exists."
            ),
        ),
        (FAILED, "The N-able user API answered 500 while a user was changed."),
        (BARE_404, "The N-able user API answered 404 while a user was changed."),
        (BROKEN, "The N-able user API gave no answer while a user was changed (the connection broke: ReadError)."),
        (
            FORBIDDEN,
            "The service account lacks a right at the N-able user API; give its role USERS_VIEW and USERS_EDIT.",
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_refusal_says_what_failed_and_what_to_do(outcome: Outcome, detail: str) -> None:
    assert refusal(outcome, MAPPING, "a user was changed").detail == detail


def test_a_page_of_html_is_not_passed_on_to_the_administrator() -> None:
    assert "html" not in refusal(Reply(500, "<html>secret</html>"), MAPPING, "a user was read").detail
