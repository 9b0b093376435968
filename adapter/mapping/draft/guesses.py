"""Which SCIM attribute a field probably is, by its name: the tables, and the search in them."""

import msgspec

from adapter.mapping.draft.finder import word
from adapter.mapping.draft.spec import Schema, Spec, kind

_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

USER_NAMES = ("username", "loginname", "login", "logon", "logonname", "userprincipalname", "upn", "accountname", "account", "email", "mail", "emailaddress")  # fmt: skip
"""Names of the field that holds the userName, the best first."""

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "name.givenName": ("firstname", "givenname", "forename", "first", "given"),
    "name.familyName": ("lastname", "familyname", "surname", "last", "family"),
    "displayName": ("displayname", "fullname"),
    "nickName": ("nickname",),
    "title": ("jobtitle", "title", "position"),
    "preferredLanguage": ("preferredlanguage", "language"),
    "locale": ("locale",),
    "timezone": ("timezone", "tz"),
    'emails[type eq "work"].value': ("email", "mail", "emailaddress", "workemail", "primaryemail"),
    'phoneNumbers[type eq "work"].value': ("phone", "telephone", "phonenumber", "telephonenumber", "workphone"),
    'phoneNumbers[type eq "mobile"].value': ("mobile", "mobilephone", "cellphone", "mobilenumber", "cell"),
    'addresses[type eq "work"].streetAddress': ("street", "street1", "streetaddress", "address1"),
    'addresses[type eq "work"].locality': ("city", "town", "locality"),
    'addresses[type eq "work"].region': ("state", "region", "province", "stateprov"),
    'addresses[type eq "work"].postalCode': ("postalcode", "zip", "zipcode", "postcode"),
    'addresses[type eq "work"].country': ("country", "countrycode"),
    f"{_ENTERPRISE}:employeeNumber": ("employeenumber", "employeeid", "personnelnumber"),
    f"{_ENTERPRISE}:department": ("department",),
    f"{_ENTERPRISE}:division": ("division",),
    f"{_ENTERPRISE}:costCenter": ("costcenter", "costcentre"),
    f"{_ENTERPRISE}:organization": ("organization", "organisation", "company"),
}
"""Names of fields for each attribute, the best first."""

WHOLE_NAMES = ("name", "fullname", "displayname", "realname")
_ON = ("active", "isactive", "enabled", "isenabled", "accountenabled")
_OFF = ("disabled", "isdisabled", "blocked", "isblocked", "suspended", "issuspended", "inactive", "deactivated")
_STATES = ("status", "userstatus", "accountstatus", "state")
_GOOD = ("active", "enabled", "on")
_BAD = ("inactive", "disabled", "suspended", "blocked", "deactivated", "off")
_WITHIN = ("name", "profile", "contact", "address", "details", "info", "personal", "attributes")
"""Objects whose fields say of the user what they would say outside."""


class Switch(msgspec.Struct, frozen=True):
    """A field that says whether a user is active: its name, what it holds then and otherwise, and if there is more."""

    field: str
    on: str | bool
    off: str | bool
    others: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the field is SCIM's own: true and false."""
        return self.on is True


class Fields:
    """The fields of a record, or of what a call takes, by their paths."""

    def __init__(self, spec: Spec, schema: Schema | None, *, is_sent: bool = False) -> None:
        properties = {name: each for name, each in spec.properties(schema).items() if is_path(name)}
        # What is read-only is not sent, and needed only in what comes back (OpenAPI 3.0.4, Schema Object).
        own = {name: each for name, each in properties.items() if not (is_sent and each.get("readOnly") is True)}
        self.schemas: dict[str, Schema] = {name: each for name, each in own.items() if kind(each) != "object"}
        for outer, schema_ in own.items():
            if word(outer) in _WITHIN and kind(schema_) == "object":
                inner = spec.properties(schema_)
                self.schemas |= {f"{outer}.{name}": each for name, each in inner.items() if is_path(name)}
        named = spec.flat(schema).get("required") if schema else None
        self.required = (
            [name for name in named if isinstance(name, str) and name in own] if isinstance(named, list) else []
        )

    def __contains__(self, field: object) -> bool:
        """Tell whether there is such a field."""
        return field in self.schemas

    def named(self, names: tuple[str, ...], kinds: tuple[str, ...] = ("string",)) -> str | None:
        """Return the field that has the best of these names, and one of these types."""
        fits: dict[str, str] = {}
        for path, schema in self.schemas.items():
            if kind(schema) in kinds:
                fits.setdefault(word(path.rpartition(".")[2]), path)
        return next((fits[each] for each in names if each in fits), None)

    def tells(self) -> bool:
        """Tell whether any field is one that a user would have."""
        return bool(self.named(USER_NAMES) or any(self.named(names) for names in ATTRIBUTES.values()))

    @property
    def switch_field(self) -> str | None:
        """The field that says whether a user is active."""
        found = self.switch()
        return found.field if found else None

    def switch(self) -> Switch | None:
        """Return the field that says whether a user is active."""
        on, off = self.named(_ON, ("boolean",)), self.named(_OFF, ("boolean",))
        if on:
            return Switch(on, on=True, off=False)
        if off:
            return Switch(off, on=False, off=True)
        state = self.named(_STATES)
        values = self.schemas[state].get("enum") if state else None
        if state is None or not isinstance(values, list):
            return None
        good = [each for each in values if isinstance(each, str) and each.lower() in _GOOD]
        bad = [each for each in values if isinstance(each, str) and each.lower() in _BAD]
        return Switch(state, good[0], bad[0], others=len(values) > 2) if good and bad else None  # noqa: PLR2004


def is_path(name: str) -> bool:
    """Tell whether a field's name can stand in a path of the mapping language."""
    return bool(name) and name.isprintable() and not set(name) & set(".[]${}")
