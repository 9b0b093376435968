"""What a fresh sandbox holds: a few roles and access groups, and as many invented users as are asked for."""

from typing import Any

from adapter.sandbox.org_units import CUSTOMER, SERVICE_ORGANIZATION, SYSTEM
from adapter.sandbox.records import AccessGroup, Role
from adapter.sandbox.store import Store

ROLES = (
    Role(
        role_id=1001,
        org_unit_id=SYSTEM,
        role_name="Default Dashboard Role",
        role_description="Sees the dashboards",
        permission_ids=(1,),
        readonly=True,
    ),
    Role(
        role_id=1002,
        org_unit_id=SYSTEM,
        role_name="Default Technician Role",
        role_description="Works on devices",
        permission_ids=(1, 2, 3),
        readonly=True,
    ),
    Role(
        role_id=1003,
        org_unit_id=SERVICE_ORGANIZATION,
        role_name="User Administrator",
        role_description="Makes users and changes them",
        permission_ids=(1, 4, 5),
    ),
)

GROUPS = (
    AccessGroup(
        group_id=2001,
        org_unit_id=SYSTEM,
        group_name="Default System Access Group",
        group_description="Everything",
        org_unit_ids=(SYSTEM, SERVICE_ORGANIZATION, CUSTOMER),
        auto_include_new_org_units=True,
        readonly=True,
    ),
    AccessGroup(
        group_id=2002,
        org_unit_id=SERVICE_ORGANIZATION,
        group_name="All Customers",
        group_description="Every customer of the service organization",
        org_unit_ids=(CUSTOMER,),
        auto_include_new_org_units=True,
    ),
    AccessGroup(
        group_id=2003,
        org_unit_id=CUSTOMER,
        group_name="Larkspur Dental",
        group_description="One customer only",
        org_unit_ids=(CUSTOMER,),
    ),
)

_FIRST = (
    "Ada",
    "Bela",
    "Carmen",
    "Dmitri",
    "Elif",
    "Femi",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Keiko",
    "Lars",
    "Mina",
    "Noor",
    "Oskar",
    "Priya",
    "Quentin",
)
_LAST = (
    "Abiola",
    "Bergström",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "Gupta",
    "Horváth",
    "Ito",
    "Jansen",
    "Kowalska",
    "Lindqvist",
)
_DEPARTMENTS = ("Service Desk", "Network Operations", "Sales", "Finance")
_ASCII = str.maketrans("öá", "oa")


def seeded(users: int = 0) -> Store:
    """A store with the roles, the access groups and this many users, the same ones every time."""
    store = Store(ROLES, GROUPS)
    for number in range(users):
        store.add_user((SERVICE_ORGANIZATION, CUSTOMER)[number % 2], _invented(number))
    return store


def person(number: int) -> tuple[str, str, str]:
    """The invented person of this number: first name, last name, email; no two have the same email."""
    # The two lists have no common divisor, so that every pair of names comes once before any comes twice.
    first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
    again = number // (len(_FIRST) * len(_LAST))
    name = f"{first}.{last}{again or ''}".lower().translate(_ASCII)
    return first, last, f"{name}@example.com"


def _invented(number: int) -> dict[str, Any]:
    first, last, email = person(number)
    return {
        "email": email,
        "firstName": first,
        "lastName": last,
        "department": _DEPARTMENTS[number % len(_DEPARTMENTS)],
        "telephone": f"+1555{number:07}",
        "roleIds": [ROLES[number % len(ROLES)].role_id],
        "accessGroupIds": [GROUPS[number % len(GROUPS)].group_id],
    }
