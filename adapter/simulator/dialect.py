"""What Entra writes: the bodies of its POST and PATCH, in the forms that gateways are sent in practice."""

import uuid
from collections.abc import Mapping
from enum import Enum
from typing import Any

from adapter.simulator.people import Person

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MAIL = 'emails[type eq "work"].value'

# A source attribute without a value, as some tenants' jobs send it.
NULLS = dict.fromkeys(("addresses", "phoneNumbers", "preferredLanguage", "title", "department", "manager"))

Values = Mapping[str, str | bool]  # by attribute path, the way Entra's attribute mapping names them


class Dialect(Enum):
    """The two ways in which Entra writes a PATCH; a customer's gateway is sent both."""

    DEFAULT = ""  # one operation for each attribute, capitalised, booleans as strings
    FLAG = "?aadOptscim062020"  # one operation without a path for all but the mail; the flag stays in the URL

    @classmethod
    def for_person(cls, person: Person) -> "Dialect":
        """The dialect in which the changes of that person are written: they alternate."""
        return cls.FLAG if person.number % 2 else cls.DEFAULT


def values(person: Person) -> Values:
    """The attributes Entra keeps in step: the N-able gallery app's, and the mail of who has one: null is never sent."""
    mail = {MAIL: person.mailbox} if person.mailbox else {}
    return mail | {
        "userName": person.user_name,
        "active": person.active,
        "name.givenName": person.given_name,
        "name.familyName": person.family_name,
    }


def shown(resource: Any, path: str) -> Any:
    """The value a resource shows at a path, None if it shows none."""
    if path == MAIL:
        emails = shown(resource, "emails")
        work = [one for one in emails if shown(one, "type") == "work"] if isinstance(emails, list) else []
        return shown(work[0], "value") if len(work) == 1 else None
    for name in path.split("."):
        resource = resource.get(name) if isinstance(resource, dict) else None
    return resource


def differences(person: Person, resource: Any) -> Values:
    """What a resource shows otherwise than the source directory has it; "True" is not true."""
    return {path: value for path, value in values(person).items() if shown(resource, path) != value}


def creation(person: Person) -> dict[str, Any]:
    """The body of a POST in its modern form; every third active is a string, every fourth body has nulls."""
    body: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE],
        "externalId": str(uuid.uuid5(uuid.NAMESPACE_URL, person.user_name)),
        "userName": person.user_name,
        "active": str(person.active) if person.number % 3 == 0 else person.active,
        "meta": {"resourceType": "User"},
        "name": {
            "formatted": f"{person.given_name} {person.family_name}",
            "familyName": person.family_name,
            "givenName": person.given_name,
        },
        "roles": [],
    }
    if person.mailbox:
        body["emails"] = [{"primary": True, "type": "work", "value": person.mailbox}]
    if person.number % 4 == 0:
        body |= NULLS
    return body


def change(new: Values, resource: Any, dialect: Dialect) -> dict[str, Any]:
    """The body of a PATCH that gives a resource those values."""
    operations = together(new) if dialect is Dialect.FLAG else one_by_one(new, resource)
    return {"schemas": [PATCH], "Operations": operations}


def one_by_one(new: Values, resource: Any) -> list[dict[str, Any]]:
    """The operations of the default dialect: "Add" what the resource does not show yet."""
    return [
        {
            "op": "Add" if shown(resource, path) is None else "Replace",
            "path": path,
            "value": str(value) if isinstance(value, bool) else value,
        }
        for path, value in new.items()
    ]


def together(new: Values) -> list[dict[str, Any]]:
    """The operations of the flag's dialect: what has a filter in its path cannot be a key, and stands apart."""
    plain = {path: value for path, value in new.items() if path != MAIL}
    apart = [{"op": "replace", "path": path, "value": value} for path, value in new.items() if path == MAIL]
    return [*apart, *([{"op": "replace", "value": plain}] if plain else [])]
