"""What may be repeated, and when.

A call that was not sent, or that the upstream refused without doing it, may be repeated whatever it is. A call that may
have been done is repeated only if it is a read. A create is therefore never sent twice on a guess.
"""

import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.stop import stop_base

from adapter.plan.conversation import Reply
from adapter.upstream.wire import Failure, Throttled

ATTEMPTS = 3
LEAST_REPEATED, PART_REPEATED = 3, 0.2
"""Calls that may be under repetition at once: three in any case, and a fifth of those under way."""
MOST_DELAY = 10.0
"""Seconds between two attempts, unless the upstream asks for more."""


class Budget:
    """How many calls may be under repetition at once, so that an upstream in trouble does not get more of them."""

    def __init__(self) -> None:
        self.under_way = self.repeated = 0

    @contextmanager
    def call(self) -> Iterator["Place"]:
        """Surround a call with all its repetitions."""
        place = Place(self)
        self.under_way += 1
        try:
            yield place
        finally:
            self.under_way -= 1
            self.repeated -= place.is_taken


class Place(stop_base):
    """Ends the repetitions of a call for which there is no place among those under repetition; else takes one."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self.is_taken = budget, False

    def __call__(self, retry_state: RetryCallState) -> bool:  # noqa: ARG002 (tenacity names it)
        """Tell whether to stop, as tenacity asks after each attempt that may be repeated."""
        places = max(LEAST_REPEATED, PART_REPEATED * self._budget.under_way)
        if not self.is_taken and self._budget.repeated + 1 <= places:
            self._budget.repeated += 1
            self.is_taken = True
        return not self.is_taken


async def repeated(
    attempt: Callable[[], Awaitable[Reply]], *, is_read: bool, first_delay: float, within: float, budget: Budget
) -> Reply:
    """Return what the attempt returns, repeating it where that is safe, there is time (`within` seconds), and room.

    `first_delay` is in seconds; it doubles, and each wait is a random part of it, half of it at least.
    Raises the last attempt's Failure or Throttled.
    """

    def may_repeat(error: BaseException) -> bool:
        return isinstance(error, Throttled) or (isinstance(error, Failure) and (is_read or not error.sent))

    def delay(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        longest: float = min(MOST_DELAY, first_delay * 2 ** (state.attempt_number - 1))
        spread = longest * random.uniform(0.5, 1)  # noqa: S311 (jitter is no secret)
        if isinstance(error, Throttled):
            # N-able advises 2, 5 and 10 seconds where it names no time; four times our own delay comes near.
            return spread * 4 if error.after is None else error.after + spread
        return spread

    with budget.call() as place:
        retrying = AsyncRetrying(
            retry=retry_if_exception(may_repeat),
            stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(within) | place,
            wait=delay,
            reraise=True,
        )
        return await retrying(attempt)
