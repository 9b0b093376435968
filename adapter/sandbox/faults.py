"""The faults that a test can order: each goes wrong once, on one call of one route."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

CREATE = "POST /api/org-units/{orgUnitId}/users"
CHANGE = "PATCH /api/users/{userId}"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What all faults have: the route, and which of its next calls it spoils."""

    method: str
    route: str
    nth: Annotated[int, Meta(ge=1)] = 1

    @property
    def name(self) -> str:
        """The name of the route: its method and template."""
        return f"{self.method} {self.route}"

    def fits(self) -> bool:
        """Whether the fault makes sense on its route."""
        return True


class Drop(Fault, frozen=True, tag="drop"):
    """The call is answered as if it had been done, and nothing of it is kept."""

    def fits(self) -> bool:
        """Whether the route writes records."""
        return self.method != "GET" and not self.route.startswith("/api/auth/")


class Double(Fault, frozen=True, tag="double"):
    """The new user is kept twice, under two ids."""

    def fits(self) -> bool:
        """Whether the route makes users."""
        return self.name == CREATE


class Alter(Fault, frozen=True, tag="alter"):
    """The user is kept with another last name than the one written."""

    def fits(self) -> bool:
        """Whether the route writes users."""
        return self.name in {CREATE, CHANGE}


class Fail(Fault, frozen=True, tag="fail"):
    """The call is not done, and answered with an error."""

    status: Annotated[int, Meta(ge=400, le=599)] = 503


class ErrorIn200(Fault, frozen=True, tag="error-in-200"):
    """The call is not done, and answered with status 200 and an error in the body."""


class Stall(Fault, frozen=True, tag="stall"):
    """The call is done, and its reply keeps the caller waiting."""

    seconds: Annotated[float, Meta(ge=0)] = 2


AnyFault: TypeAlias = Drop | Double | Alter | Fail | ErrorIn200 | Stall


class Faults:
    """The faults that are ordered and have not happened yet."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, AnyFault]] = []

    def order(self, fault: AnyFault) -> None:
        """Let the fault happen on the nth call from now."""
        self._waiting.append((fault.nth, fault))

    def clear(self) -> None:
        """Let none of them happen."""
        self._waiting.clear()

    def due(self, route: str) -> AnyFault | None:
        """The fault that spoils this call of the route, if one does; asking counts the call."""
        self._waiting = [(nth - (fault.name == route), fault) for nth, fault in self._waiting]
        for place, (nth, fault) in enumerate(self._waiting):
            if nth <= 0 and fault.name == route:
                del self._waiting[place]
                return fault
        return None
