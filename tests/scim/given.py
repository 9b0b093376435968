"""What the tests of this room start from: the whole User type of RFC 7643, and any JSON at all."""

from typing import Any

from hypothesis import strategies as st

from adapter.scim.schema import ResourceType
from adapter.scim.user import ENTERPRISE_USER, USER

USER_TYPE = ResourceType("User", "/Users", USER, (ENTERPRISE_USER,))
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

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
