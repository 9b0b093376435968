"""Failed authentications, counted by address: who fails too often is told to wait.

Whoever shows right credentials is let in whatever came from the same address before, so nobody can lock a client out.
"""

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from math import ceil
from time import monotonic

from cachetools import LRUCache

MOST = 30
"""Failures that one address may have in the time."""
SECONDS = 60.0
_ADDRESSES = 10_000
"""Addresses that are remembered; the one that was silent longest is forgotten first."""


class Throttle:
    """Counts failures; an IPv6 network of 64 bits, which is one customer's, counts as one address."""

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = MOST) -> None:
        self._clock, self._most = clock, most
        self._failures: LRUCache[str, tuple[float, int]] = LRUCache(_ADDRESSES)

    def failed(self, address: str) -> int:
        """Count a failure; return the seconds that this address should wait, or 0 while it may go on trying."""
        now, who = self._clock(), _who(address)
        began, count = self._failures.get(who, (now, 0))
        if now - began >= SECONDS:
            began, count = now, 0
        self._failures[who] = began, count + 1
        return ceil(began + SECONDS - now) if count >= self._most else 0


def _who(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address  # noqa: PLR2004 (IPv6)
