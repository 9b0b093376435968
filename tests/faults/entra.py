"""A client that speaks as Entra does, and keeps in mind what it asked and what it was told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from tests.faults.caller import Answer, Caller
from tests.faults.store import MORE

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PATHS = {
    "login": "userName",
    "given": "name.givenName",
    "family": "name.familyName",
    "mail": 'emails[type eq "work"].value',
    "enabled": "active",
}
"""The upstream's fields and the paths that they are changed by."""
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
_ADDRESS = ("formatted", "streetAddress", "locality", "region", "postalCode", "country")
MORE_PATHS = dict(
    zip(
        MORE,
        (
            "displayName",
            "nickName",
            "title",
            "userType",
            'phoneNumbers[type eq "work"].value',
            'phoneNumbers[type eq "mobile"].value',
            *(f'addresses[type eq "work"].{each}' for each in _ADDRESS),
            *(ENTERPRISE + each for each in ("employeeNumber", "department", "division", "costCenter", "organization")),
        ),
        strict=True,
    )
)
"""The fields that nobody has at first, and their paths."""
Fields = dict[str, Any]
"""What somebody shall be, by the upstream's fields."""


@dataclass(slots=True)
class Asked:
    """One SCIM request and its answer; `fields` is what it would make of the user."""

    kind: str
    login: str
    fields: Fields
    answer: Answer


def person(login: str, **fields: Any) -> Fields:
    """Return somebody of the source."""
    return {
        "login": login,
        "given": f"G {login}",
        "family": f"F {login}",
        "mail": f"{login}@example.com",
        "enabled": True,
    } | fields


def resource(fields: Fields) -> dict[str, Any]:
    """Return the user as Entra creates it."""
    return {
        "schemas": [USER],
        "userName": fields["login"],
        "active": fields["enabled"],
        "name": {"givenName": fields["given"], "familyName": fields["family"]},
        "emails": [{"primary": True, "type": "work", "value": fields["mail"]}],
        "meta": {"resourceType": "User"},
        "roles": [],
    }


def fields_of(shown: Any) -> Fields:
    """Return what a resource says of the upstream's fields; what it lacks is None."""
    found = shown if isinstance(shown, dict) else {}
    name, mails = found.get("name") or {}, found.get("emails") or [{}]
    return {
        "login": found.get("userName"),
        "given": name.get("givenName"),
        "family": name.get("familyName"),
        "mail": mails[0].get("value"),
        "enabled": found.get("active"),
    }


def operations(fields: Fields) -> dict[str, Any]:
    """Return a PATCH in Entra's own dialect: capitals, and booleans as texts."""
    return {
        "schemas": [PATCH],
        "Operations": [
            {
                "op": "Replace",
                "path": (PATHS | MORE_PATHS)[name],
                "value": str(value) if isinstance(value, bool) else value,
            }
            for name, value in fields.items()
        ],
    }


@dataclass(slots=True)
class Entra:
    """The client; `heard` is called with each request as soon as its answer is there."""

    caller: Caller
    asked: list[Asked] = field(default_factory=list)
    heard: Callable[[Asked], None] = lambda _: None

    async def find(self, login: str) -> Answer:
        """Ask who has a login: the match query."""
        query = quote_plus(f'userName eq "{login}"')
        return await self._ask("find", login, {}, "GET", f"/Users?filter={query}")

    async def list(self) -> Answer:
        """Ask for everybody."""
        return await self._ask("list", "", {}, "GET", "/Users?startIndex=1&count=100")

    async def get(self, login: str, user_id: str) -> Answer:
        """Read a user."""
        return await self._ask("get", login, {}, "GET", f"/Users/{user_id}")

    async def create(self, fields: Fields) -> Answer:
        """Make a user."""
        return await self._ask("create", fields["login"], fields, "POST", "/Users", resource(fields))

    async def patch(self, login: str, user_id: str, fields: Fields) -> Answer:
        """Change some attributes."""
        return await self._ask("patch", login, fields, "PATCH", f"/Users/{user_id}", operations(fields))

    async def put(self, user_id: str, fields: Fields) -> Answer:
        """Change the whole user."""
        return await self._ask("put", fields["login"], fields, "PUT", f"/Users/{user_id}", resource(fields))

    async def delete(self, login: str, user_id: str) -> Answer:
        """Remove a user."""
        return await self._ask("delete", login, {}, "DELETE", f"/Users/{user_id}")

    async def _ask(self, kind: str, login: str, fields: Fields, method: str, path: str, body: Any = None) -> Answer:  # noqa: PLR0913, PLR0917
        answer = await self.caller.call(method, self.caller.root + path, body)
        asked = Asked(kind, login, fields, answer)
        self.asked.append(asked)
        self.heard(asked)
        return answer
