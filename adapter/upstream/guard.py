"""The guard against mass loss: more disables and removals in a time than are usual are held until an operator lets them go.

A mistake in Entra's scope can take everybody out of it at once, and nothing in a single request shows that.
"""

import logging
from collections.abc import Callable
from time import monotonic

from adapter.errors import Unavailable

_LOG = logging.getLogger("adapter.guard")

RETRY_AFTER = 600
"""Seconds until a held request should come again: an operator has to look first."""


class Guard:
    """Counts the resources that are disabled or removed; `most` in `seconds` are let through."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._lost: dict[tuple[str, str], float] = {}
        self.is_holding = False
        """Whether every further disable and removal is held."""

    def check(self, kind: str, resource_id: str) -> None:
        """Let a disable or removal through, or raise Unavailable; the same resource again counts once.

        Losses are counted before they are done: one that fails afterwards counts, too.
        """
        now = self._clock()
        self._lost = {each: when for each, when in self._lost.items() if now - when < self._seconds}
        is_new = (kind, resource_id) not in self._lost
        if is_new and len(self._lost) >= self._most and not self.is_holding:
            self.is_holding = True
            _LOG.error(
                "mass loss: %d disables and removals in %g s; all further ones are held. Look at the scope of provisioning; "
                "then send SIGUSR1 to this process to let them go",
                self._most,
                self._seconds,
            )
        if is_new and self.is_holding:
            raise Unavailable(
                f"The gateway holds this: {self._most} users or groups were disabled or removed within {self._seconds:g} seconds. "
                "If that is meant, an operator of the gateway releases it, and the next provisioning cycle goes on.",
                RETRY_AFTER,
            )
        self._lost.setdefault((kind, resource_id), now)

    @property
    def trouble(self) -> str:
        """What an operator should know, in a few words; empty while everything goes through."""
        return "mass loss: disables and removals are held" if self.is_holding else ""

    def release(self) -> None:
        """Let disables and removals go again; the count begins anew."""
        if self.is_holding:
            _LOG.warning("disables and removals are let go again")
        self.is_holding, self._lost = False, {}
