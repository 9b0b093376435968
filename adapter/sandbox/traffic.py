"""The traffic: which calls came on each route, what they were answered, and how many were in flight at once."""

from collections import Counter
from typing import Any

import msgspec


class Lane(msgspec.Struct):
    """What came along one route."""

    in_flight: int = 0
    most_in_flight: int = 0
    statuses: Counter[int] = msgspec.field(default_factory=Counter)


class Traffic:
    """The lanes by route, each with room for a few calls at once, as N-central has per route."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lanes: dict[str, Lane] = {}

    def enter(self, route: str) -> bool:
        """Take a place on the route, if one is free."""
        lane = self._lanes.setdefault(route, Lane())
        if lane.in_flight >= self._room:
            return False
        lane.in_flight += 1
        lane.most_in_flight = max(lane.most_in_flight, lane.in_flight)
        return True

    def leave(self, route: str) -> None:
        """Give the place back."""
        self._lanes[route].in_flight -= 1

    def count(self, route: str, status: int) -> None:
        """Note that a call was answered, by the user API or by its limit."""
        self._lanes[route].statuses[status] += 1

    def clear(self) -> None:
        """Forget what has been; what is in flight stays in flight."""
        self._lanes = {
            route: Lane(in_flight=lane.in_flight, most_in_flight=lane.in_flight)
            for route, lane in self._lanes.items()
            if lane.in_flight
        }

    def summary(self) -> dict[str, Any]:
        """The counts, as the control port shows them."""
        return {
            "total": sum(lane.statuses.total() for lane in self._lanes.values()),
            "routes": {
                route: {
                    "calls": lane.statuses.total(),
                    "statuses": {str(status): times for status, times in sorted(lane.statuses.items())},
                    "mostInFlight": lane.most_in_flight,
                }
                for route, lane in sorted(self._lanes.items())
            },
        }
