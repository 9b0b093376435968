"""SCIM requests as Entra sends them, as bytes: made before the clock runs."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

import msgspec

from bench.load import Journey
from bench.stage import TOKEN
from bench.thin import message

_HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    "Accept": "application/scim+json",
    "Content-Type": "application/scim+json; charset=utf-8",
    "User-Agent": "Microsoft-SCIM-Client",
}
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_NEW = count(1)


def asked(method: str, path: str, body: Any = None, root: str = "/scim/v2") -> bytes:
    """Return a SCIM request."""
    return message(method, f"{root}{path}", b"" if body is None else msgspec.json.encode(body), **_HEADERS)


def get(number: int, root: str = "/scim/v2") -> bytes:
    """Return a GET by id."""
    return asked("GET", f"/Users/{number}", root=root)


def match(name: str) -> bytes:
    """Return the query by which Entra looks for somebody."""
    sought = f'userName eq "{name}"'
    return asked("GET", f"/Users?filter={quote(sought)}")


def post(name: str) -> bytes:
    """Return a create."""
    return asked("POST", "/Users", person(name))


def person(name: str) -> dict[str, Any]:
    """Return a user as Entra sends one."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", _ENTERPRISE],
        "externalId": name,
        "userName": name,
        "active": True,
        "displayName": "Ada Lovelace",
        "emails": [{"primary": True, "type": "work", "value": name}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
        "title": "Engineer",
        "preferredLanguage": "en-GB",
        "phoneNumbers": [{"type": "work", "value": "+44 20 7946 0100"}, {"type": "mobile", "value": "+44 7700 900100"}],
        "addresses": [
            {
                "type": "work",
                "streetAddress": "1 Example Street",
                "locality": "London",
                "postalCode": "N1",
                "country": "GB",
            }
        ],
        _ENTERPRISE: {"employeeNumber": "E1", "department": "Research and Development"},
    }


def patch(number: int, **values: Any) -> bytes:
    """Return a PATCH that replaces attributes."""
    operations = [{"op": "Replace", "path": path, "value": value} for path, value in values.items()]
    return asked("PATCH", f"/Users/{number}", {"schemas": [_PATCH], "Operations": operations})


def changed(number: int) -> bytes:
    """Return a PATCH that changes something, whatever was there."""
    return patch(number, title=f"Title {next(_NEW)}", **{"name.givenName": "Grace"})


def members(group: int, added: list[int]) -> bytes:
    """Return a PATCH that adds members to a group."""
    value = [{"value": str(each)} for each in added]
    body = {"schemas": [_PATCH], "Operations": [{"op": "Add", "path": "members", "value": value}]}
    return asked("PATCH", f"/Groups/{group}", body)


def new_name() -> str:
    """Return a name that nobody has."""
    return f"new-{next(_NEW)}@example.org"


BLIND = "PATCH blind"
"""The same request as PATCH, to a gateway whose mapping lets it write what it has not read."""
OPERATIONS: dict[str, Callable[[int], Journey]] = {
    "GET": lambda number: (get(number),),
    "match": lambda number: (match(f"user{number}@example.com"),),
    "POST": lambda _: (post(new_name()),),
    "PATCH": lambda number: (changed(number),),
    BLIND: lambda number: (changed(number),),
}
"""What is measured, each by the number of a user that it is about."""


def journeys(operation: str, requests: int, users: int) -> Iterator[Journey]:
    """Return so many requests of an operation, about one user after the other."""
    return iter([OPERATIONS[operation](1 + at % users) for at in range(requests)])
