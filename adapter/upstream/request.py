"""One SCIM request as it is under way: how much time is left, and whether a write is on its way that must not be cut off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from adapter.errors import TooSlow


class Request:
    """The request's time and place; `seconds` is how long it may take in all."""

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic, *, is_shared: bool = False) -> None:
        self._clock, self._deadline = clock, clock() + seconds
        self.is_shared = is_shared
        """Whether its reads may be answered by those of others that are under way."""
        self.is_begun = False
        """Whether a call was made for it."""
        self.is_writing = False
        """Whether a call that changes something is under way."""
        self.has_written = False
        self.must_settle = False
        """Whether the audit trail is to tell what became of a write, so that the looks that follow it are not cut off."""
        self.attempts = 0
        """How often calls were sent for it."""
        self.is_over = False
        """Whether nobody waits for it any more: what is under way is finished, and nothing else is begun."""

    @property
    def left(self) -> float:
        """The seconds that are left; never less than 0."""
        return max(0.0, self._deadline - self._clock())

    def check(self) -> None:
        """Raise TooSlow once the request is over, before anything else is begun for it; nobody reads the error."""
        if self.is_over:
            raise TooSlow("The request was given up, and nothing else is begun for it.")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Surround what changes something at the upstream."""
        self.is_writing = self.has_written = True
        try:
            yield
        finally:
            self.is_writing = False
