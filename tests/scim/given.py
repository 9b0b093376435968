"""What the tests of this room start from: the whole User and Group types of RFC 7643, and any JSON at all."""

from typing import Any

from hypothesis import strategies as st

from adapter.scim.group import GROUP
from adapter.scim.schema import EXTERNAL_ID, Attribute, ResourceType, Schema
from adapter.scim.user import ENTERPRISE_USER, USER

USER_TYPE = ResourceType("User", "/Users", USER, (ENTERPRISE_USER,))
GROUP_TYPE = ResourceType("Group", "/Groups", GROUP)
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

EVERY = "urn:example:params:scim:schemas:core:2.0:Every"
FURTHER = "urn:example:params:scim:schemas:extension:2.0:Further"


def _complex(name: str, *subs: Attribute, multi_valued: bool = True) -> Attribute:
    return Attribute(name=name, type="complex", multi_valued=multi_valued, sub_attributes=subs)


EVERY_TYPE = ResourceType(
    "Every",
    "/Everything",
    Schema(
        EVERY,
        "Every",
        "Attributes of every type, in every shape.",
        (
            EXTERNAL_ID,
            Attribute(name="text"),
            Attribute(name="exact", case_exact=True),
            Attribute(name="at", type="dateTime"),
            Attribute(name="size", type="integer"),
            Attribute(name="share", type="decimal"),
            Attribute(name="on", type="boolean"),
            Attribute(name="link", type="reference"),
            Attribute(name="blob", type="binary"),
            Attribute(name="words", multi_valued=True),
            Attribute(name="times", type="dateTime", multi_valued=True),
            _complex("name", Attribute(name="given"), Attribute(name="born", type="dateTime"), multi_valued=False),
            _complex("boss", Attribute(name="value"), Attribute(name="$ref", type="reference"), multi_valued=False),
            _complex(
                "mails",
                Attribute(name="value"),
                Attribute(name="type", case_exact=True),
                Attribute(name="primary", type="boolean"),
                Attribute(name="since", type="dateTime"),
                Attribute(name="weight", type="decimal"),
                Attribute(name="$ref", type="reference"),
            ),
            _complex("visits", Attribute(name="value", type="dateTime"), Attribute(name="primary", type="boolean")),
            Attribute(name="secret", mutability="writeOnly", returned="never"),
        ),
    ),
    (
        Schema(
            FURTHER,
            "Further",
            "",
            (
                Attribute(name="code"),
                Attribute(name="sizes", type="integer", multi_valued=True),
                _complex(
                    "owner", Attribute(name="value"), Attribute(name="since", type="dateTime"), multi_valued=False
                ),
            ),
        ),
    ),
)
"""A type wider than any that RFC 7643 defines; `tests.scim.model` says in its own words what its attributes are."""

NAMES = [
    *("userName", "ACTIVE", "name", "emails", "roles", "manager", "department", "displayName", "groups", "id"),
    *("givenName", "value", "type", "primary", "$ref", "password", "schemas", "meta", "unheardOf"),
    *("name.givenName", "emails.value", "groups.value", CORE, ENTERPRISE, ENTERPRISE.upper()),
    *(f"{CORE}:userName", f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager.value", f"{ENTERPRISE}:manager"),
]
"""Names that mean something somewhere in a User, so that random JSON comes near enough to hurt."""

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a", "work", "home", "True", " false ", "a@example.com", "\x00"]),
    st.text(max_size=4),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
PATHS = [
    *NAMES,
    *('emails[type eq "work"].value', 'emails[type eq "work"]', 'emails[primary eq "True"].value', "emails[]"),
    *(
        'roles[primary eq "True"].display',
        'emails[not (type eq "work") or value pr]',
        'name[givenName eq "a"].familyName',
    ),
    *(
        'emails[unheardOf eq "x"].value',
        "emails[value eq 5].type",
        'emails.value[type eq "work"]',
        "emails[type eq null]",
    ),
    *(
        'userName[value eq "a"]',
        'addresses[type eq "work"].streetAddress',
        "a b",
        "1",
        ".",
        "emails[",
        'groups[value eq "x"]',
    ),
    *(f'{ENTERPRISE}:manager[value eq "x"].displayName', f"{ENTERPRISE}:unheardOf", "urn:x:y", "emails.value.more"),
]
"""Paths of PATCH operations: good, senseless and unreadable ones."""
