"""What keeps calls from an upstream that is down: after some failures in a row it is left alone for a while.

Ours because of what ends a pause: one safe read, and a write only where nothing was read before.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from adapter.upstream.wire import Failure, Throttled

MOST_FAILURES = 5
"""Calls in a row that may fail before the upstream is left alone."""
PAUSE = 5.0
"""Seconds for which it is left alone before one read tries it; always as long, so that it is soon seen to be back."""


class Open(Exception):
    """The call was not sent, because the upstream is left alone; in `after` seconds it will be tried again."""

    def __init__(self, after: float, failures: int, reason: str) -> None:
        super().__init__("the upstream is left alone")
        self.after, self.failures, self.reason = after, failures, reason


class Breaker:
    """Counts failures in a row; `with breaker.call()` surrounds each call that is sent."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures, self._reason = 0, ""
        self._until = clock()
        self._trying = False

    @property
    def is_down(self) -> bool:
        """Whether the upstream was down when it was last asked."""
        return self._failures >= MOST_FAILURES

    def check(self) -> None:
        """Raise Open while the upstream is left alone, or while one call tries whether it is back."""
        now = self._clock()
        if self.is_down and (self._trying or now < self._until):
            raise Open(max(self._until - now, 1.0), self._failures, self._reason)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Learn from a call; raises Open instead of letting it be sent.

        An answer of any kind, a refusal too, shows that the upstream is there. What ends the call in another way, such as
        a client that gives up, shows nothing.
        """
        self.check()
        self._trying = tries = self.is_down
        try:
            yield
        except Failure as error:
            self._answered() if error.is_answer else self._failed(error.reason, tries=tries)
            raise
        except Throttled:
            self._answered()
            raise
        else:
            self._answered()
        finally:
            if tries:
                self._trying = False

    def _answered(self) -> None:
        self._failures = 0

    def _failed(self, reason: str, *, tries: bool) -> None:
        self._failures, self._reason = self._failures + 1, reason
        if tries or self._failures == MOST_FAILURES:
            self._until = self._clock() + PAUSE
