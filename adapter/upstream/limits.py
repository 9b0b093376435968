"""Calls under way at once, limited for each route: N-able counts them so, and answers 429 above its limit."""

import asyncio
from collections import defaultdict


class Limits:
    """A place for each call that may be under way on a route; `async with limits.place(route)` waits for one."""

    def __init__(self, in_flight: int) -> None:
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(in_flight))

    def place(self, route: str) -> asyncio.Semaphore:
        """Return the places of a route; a route is a template of the mapping, so there are few."""
        return self._places[route]
