"""Users as Microsoft's SCIM validator makes them up: each attribute by the path that it is patched by, with a value.

`trimmed` takes away what the gateway's own /Schemas does not offer for writing, as the validator does when it is told to
discover the schema.
"""

import random
import re
import string
from collections.abc import Callable
from typing import Any

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MANAGER = f"{ENTERPRISE}:manager"

Values = dict[str, Any]
"""Values by their paths, spelled as the validator spells them."""

_PATH = re.compile(
    r'(?:(?P<urn>urn:.+:User):)?(?P<name>\w+)(?:\[(?P<key>\w+) eq "(?P<literal>\w+)"\])?(?:\.(?P<part>\w+))?'
)


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_uppercase, k=12))


def _name(chance: random.Random) -> str:
    """Return a name of a person, now and then one that a naive system stumbles over."""
    return (
        chance.choice(("Sadye", "O'Keefe", "Zoë", "de la Cruz", "Łukasz", "Keaton-Torp", "李"))
        + _word(chance)[:4].lower()
    )


def _email(chance: random.Random) -> str:
    return f"{_word(chance).lower()}{chance.choice(('', '+', '_', '-', chr(39)))}{chance.randint(1, 99)}@bauch.co.uk"


def _phone(chance: random.Random) -> str:
    return f"{chance.randint(10, 99)}-{chance.randint(100, 999)}-{chance.randint(1000, 9999)}"


def _yes(_: random.Random) -> bool:
    return True


def _either(chance: random.Random) -> bool:
    return chance.random() < 0.5


ATTRIBUTES: dict[str, Callable[[random.Random], Any]] = {
    'emails[type eq "work"].value': _email,
    'emails[type eq "work"].primary': _yes,
    'addresses[type eq "work"].formatted': _word,
    'addresses[type eq "work"].streetAddress': lambda chance: f"{chance.randint(1, 9999)} {_name(chance)} Loaf",
    'addresses[type eq "work"].locality': _word,
    'addresses[type eq "work"].region': _word,
    'addresses[type eq "work"].postalCode': lambda chance: f"ru{chance.randint(10, 99)} {chance.randint(0, 9)}et",
    'addresses[type eq "work"].primary': _yes,
    'addresses[type eq "work"].country': _word,
    'phoneNumbers[type eq "work"].value': _phone,
    'phoneNumbers[type eq "work"].primary': _yes,
    'phoneNumbers[type eq "mobile"].value': _phone,
    'phoneNumbers[type eq "fax"].value': _phone,
    'roles[primary eq "True"].display': _word,
    'roles[primary eq "True"].value': _word,
    'roles[primary eq "True"].type': _word,
    "active": _either,
    "displayName": _word,
    "title": _word,
    "preferredLanguage": lambda chance: chance.choice(("nb-SJ", "en-GB", "zh-Hant-TW")),
    "name.givenName": _name,
    "name.familyName": _name,
    "name.formatted": _name,
    "name.middleName": _name,
    "name.honorificPrefix": _name,
    "name.honorificSuffix": _name,
    f"{ENTERPRISE}:employeeNumber": _word,
    f"{ENTERPRISE}:department": _word,
    f"{ENTERPRISE}:costCenter": _word,
    f"{ENTERPRISE}:organization": _word,
    f"{ENTERPRISE}:division": _word,
    "userType": _word,
    "nickName": _word,
    "locale": _word,
    "timezone": lambda chance: chance.choice(("Africa/Djibouti", "America/Los_Angeles", "UTC")),
    "profileUrl": _word,  # no URL: the validator does not ask what kind of text a reference is
}
"""What the validator patches: 36 attributes, in its order."""


class People:
    """Makes people up, each of them another one; what comes depends on nothing but the seed."""

    def __init__(self, seed: str, schemas: list[dict[str, Any]]) -> None:
        self._chance = random.Random(seed)  # noqa: S311 (nothing secret)
        self._schemas = {each["id"]: each["attributes"] for each in schemas}

    def values(self) -> Values:
        """Return values for every attribute that is patched."""
        return self.trimmed({path: made(self._chance) for path, made in ATTRIBUTES.items()})

    def whole(self) -> Values:
        """Return values for a user as the validator makes one."""
        others = {"userName": self.name(), "externalId": self.word(), f"{MANAGER}.value": self.word()}
        return self.trimmed(others) | self.values() | {"active": True}

    def least(self) -> Values:
        """Return values for the smallest user that the schema lets be made."""
        return {
            path: value for path, value in self.whole().items() if path == "userName" or self._offer(path)["required"]
        }

    def name(self) -> str:
        """Return a userName that nobody has."""
        return _email(self._chance)

    def word(self) -> str:
        """Return a text of no meaning."""
        return _word(self._chance)

    def trimmed(self, values: Values, core: str = CORE) -> Values:
        """Return what may be written of the values, by the schemas that the gateway shows."""
        return {path: value for path, value in values.items() if self._offer(path, core)}

    def _offer(self, path: str, core: str = CORE) -> dict[str, Any]:
        """Return the characteristics of what a path leads to; none where it cannot be written."""
        found = _found(path)
        whole = _named(self._schemas.get(found["urn"] or core, []), found["name"])
        part = _named(whole.get("subAttributes", []), found["part"]) if found["part"] else whole
        if "readOnly" in (whole.get("mutability", "readOnly"), part.get("mutability", "readOnly")):
            return {}
        if found["key"]:
            key = _named(whole["subAttributes"], found["key"])
            if not key or found["literal"] not in key.get("canonicalValues", [found["literal"]]):
                return {}
        return part


def body(values: Values) -> dict[str, Any]:
    """Return the body of a POST with these values; the validator writes roles[0].primary as a text."""
    result: dict[str, Any] = {"schemas": [CORE, ENTERPRISE]}
    for path, value in values.items():
        found = _found(path)
        holder = result.setdefault(found["urn"], {}) if found["urn"] else result
        if found["key"]:
            elements = holder.setdefault(found["name"], [])
            chosen = [each for each in elements if each[found["key"]] == found["literal"]]
            if not chosen:
                elements.append({found["key"]: found["literal"]})
            (chosen or elements)[-1][found["part"]] = value
        elif found["part"]:
            holder.setdefault(found["name"], {})[found["part"]] = value
        else:
            holder[found["name"]] = value
    return result


def seen(resource: dict[str, Any], path: str) -> Any:
    """Return what a resource holds at a path, or None."""
    found = _found(path)
    value = (resource.get(found["urn"], {}) if found["urn"] else resource).get(found["name"])
    if found["key"]:
        literal = True if found["literal"] == "True" else found["literal"]
        chosen = [each for each in value or [] if each.get(found["key"]) == literal]
        assert len(chosen) <= 1, f"{path} means several of {value}"
        value = chosen[0] if chosen else None
    return (value or {}).get(found["part"]) if found["part"] else value


def differing(resource: dict[str, Any], values: Values) -> dict[str, tuple[Any, Any]]:
    """Return where a resource is not as the values say: what was sent, and what came back."""
    both = {path: (value, seen(resource, path)) for path, value in values.items()}
    return {path: pair for path, pair in both.items() if (type(pair[0]), pair[0]) != (type(pair[1]), pair[1])}


def _found(path: str) -> re.Match[str]:
    found = _PATH.fullmatch(path)
    assert found, path
    return found


def _named(attributes: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next((each for each in attributes if each["name"] == name), {})
