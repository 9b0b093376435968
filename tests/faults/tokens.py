"""Who may call the upstream: tokens that a login makes, and what is counted of logins."""

import contextlib
from collections.abc import Iterator
from time import monotonic

from tests.faults.store import Refused


class Tokens:
    """The tokens that are good, each until its time; `life` is in seconds."""

    def __init__(self, life: int) -> None:
        self.life = life
        self.asked = self.granted = self.reboots = self.refused = 0
        """Logins received and granted; times that all tokens died; calls refused for their token."""
        self.at_once = self.most_at_once = 0
        self._good: dict[str, float] = {}

    @contextlib.contextmanager
    def login(self) -> Iterator[None]:
        """Count a login while it is under way."""
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            self.at_once -= 1

    def grant(self) -> str:
        """Return a new token."""
        self.granted += 1
        token = f"token-{self.reboots}-{self.granted}"
        self._good[token] = monotonic() + self.life
        return token

    def check(self, header: str) -> None:
        """Refuse a call whose token is not good."""
        if self._good.get(header.removeprefix("Bearer "), 0.0) <= monotonic():
            self.refused += 1
            raise Refused(401, "bad_token", "This token is not good.")

    def reboot(self) -> None:
        """Let all tokens die."""
        self.reboots += 1
        self._good.clear()
