"""What may be repeated, and when.

A call that was not sent, or that the upstream refused without doing it, may be repeated whatever it is. A call that may
have been done is repeated only if it is a read. A create is therefore never sent twice on a guess.
"""

import random
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay

from adapter.plan.conversation import Reply
from adapter.upstream.wire import Failure, Throttled

ATTEMPTS = 3
MOST_DELAY = 10.0
"""Seconds between two attempts, unless the upstream asks for more."""


async def repeated(
    attempt: Callable[[], Awaitable[Reply]], *, is_read: bool, first_delay: float, within: float
) -> Reply:
    """Return what the attempt returns, repeating it where that is safe and there is time (`within` seconds).

    `first_delay` is in seconds; it doubles, and each wait is a random part of it (full jitter).
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

    retrying = AsyncRetrying(
        retry=retry_if_exception(may_repeat),
        stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(within),
        wait=delay,
        reraise=True,
    )
    return await retrying(attempt)
