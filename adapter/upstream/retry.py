"""What may be repeated, and when: one table for every call.

A call that was not sent, or that the upstream refused without doing it, may be repeated whatever it is. A call that may
have been done is repeated only if it is a read. A create is therefore never sent twice on a guess; what may be done about
another write the plan decides, after a look.
"""

import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Literal

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.stop import stop_base

from adapter.plan.conversation import Call, Reply
from adapter.upstream.wire import Failure, Throttled

Came = Literal["not sent", "throttled", "ambiguous"]
"""What a failure says of the call: the upstream never saw it; saw it and did not do it; or may have done it."""
Kind = Literal["read", "create", "change", "remove", "login"]
Then = Literal["again", "wait", "look"]
"""What follows: it is sent again after a pause; after the pause that the upstream asks for; or not before the plan has
looked what became of it."""

TABLE: dict[Came, dict[Kind, Then]] = {
    "not sent": {"read": "again", "create": "again", "change": "again", "remove": "again", "login": "again"},
    "throttled": {"read": "wait", "create": "wait", "change": "wait", "remove": "wait", "login": "wait"},
    "ambiguous": {"read": "again", "create": "look", "change": "look", "remove": "look", "login": "again"},
}
"""RFC 9110 section 9.2.2, and what the field learned of it. A 401 stands outside: such a call was not done, and goes once
more with a new token; any other reply is told to the plan, which knows what it means. After the look a create is never
sent again, a change is computed anew, and it and a removal go once more where the look shows that they were not done."""

ATTEMPTS = 3
PRICE, A_SECOND, MOST_SAVED = 5, 50, 100
"""A repetition takes five calls, so that a fifth of them is repeated at the most; a second counts as fifty, for ten more in any
case (both as Finagle's RetryBudget has them); of calls that needed none a hundred are saved up, for twenty at once."""
MOST_DELAY = 10.0
"""Seconds between two attempts, unless the upstream asks for more."""


class Spent(Exception):
    """The call was not sent again, because too many have been repeated already."""


class Budget(stop_base):
    """How much may still be repeated, so that an upstream in trouble does not get much more to do for it.

    It is over the last seconds and not over what is under way: where calls are quick, few are under way at once. Ends the
    repetitions of a call, as tenacity asks after each attempt that may be repeated, when nothing is left.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._saved, self._at = float(MOST_SAVED), clock()

    def __call__(self, retry_state: RetryCallState) -> bool:  # noqa: ARG002 (tenacity names it)
        """Tell whether to stop; if not, one repetition is taken."""
        return not self.take()

    def called(self) -> None:
        """Note a call."""
        self._saved += 1

    def take(self) -> bool:
        """Take one repetition, and tell whether there was one."""
        now = self._clock()
        self._saved = min(MOST_SAVED, self._saved + A_SECOND * (now - self._at))
        self._at = now
        if self._saved < PRICE:
            return False
        self._saved -= PRICE
        return True


def came(error: Failure | Throttled) -> Came:
    """Return which row of the table a failure belongs to."""
    if isinstance(error, Throttled):
        return "throttled"
    return "ambiguous" if error.sent else "not sent"


def kind_of(call: Call) -> Kind:
    """Return which column of the table a call belongs to."""
    if call.is_read:
        return "read"
    return "create" if call.doing == "create" else "remove" if call.doing == "delete" else "change"


async def repeated(  # noqa: PLR0913 (each has its part in the decision)
    attempt: Callable[[], Awaitable[Reply]],
    kind: Kind,
    *,
    first_delay: float,
    within: float,
    budget: Budget,
    again: bool = False,
    attempts: int = ATTEMPTS,
    repeats: Callable[[], None] | None = None,
) -> Reply:
    """Return what the attempt returns, repeating it where the table says so, there is time (`within` seconds), and room.

    `first_delay` is in seconds; it doubles, and each wait is a random part of it, half of it at least. `again` says that the
    call is a repetition as a whole: without room it is not sent, and Spent is raised. `repeats` is told of each repetition
    before its wait. Raises the last attempt's Failure or Throttled.
    """

    def may_repeat(error: BaseException) -> bool:
        return isinstance(error, Throttled | Failure) and TABLE[came(error)][kind] in ("again", "wait")

    def delay(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        longest: float = min(MOST_DELAY, first_delay * 2 ** (state.attempt_number - 1))
        spread = longest * random.uniform(0.5, 1)  # noqa: S311 (jitter is no secret)
        if isinstance(error, Throttled):
            # N-able advises 2, 5 and 10 seconds where it names no time; four times our own delay comes near.
            return spread * 4 if error.after is None else error.after + spread
        return spread

    if again and not budget.take():
        raise Spent
    budget.called()
    # Most calls succeed at once, and tenacity would take longer than they do: it is asked only after a failure, which
    # it then sees as that of its own first attempt.
    began = monotonic()
    try:
        return await attempt()
    except (Failure, Throttled) as error:
        if not may_repeat(error):
            raise
        made: list[Failure | Throttled] = [error]

    async def next_attempt() -> Reply:
        if made:
            raise made.pop()
        return await attempt()

    retrying = AsyncRetrying(
        retry=retry_if_exception(may_repeat),
        stop=stop_after_attempt(attempts) | stop_before_delay(within - (monotonic() - began)) | budget,
        wait=delay,
        before_sleep=(lambda _: repeats()) if repeats else None,
        reraise=True,
    )
    return await retrying(next_attempt)
