"""The org units of the sandbox: a small tree in which every user, role and access group has its place."""

import msgspec

from adapter.sandbox.call import Call
from adapter.sandbox.refusal import not_found


class OrgUnit(msgspec.Struct, frozen=True):
    """One org unit; the system alone has no parent."""

    name: str
    parent: int | None


SYSTEM, SERVICE_ORGANIZATION, CUSTOMER = 1, 50, 101

ORG_UNITS = {
    SYSTEM: OrgUnit("System", None),
    SERVICE_ORGANIZATION: OrgUnit("Fernhill Managed Services", SYSTEM),
    CUSTOMER: OrgUnit("Larkspur Dental", SERVICE_ORGANIZATION),
}


def asked(call: Call) -> int:
    """The id of the org unit in the call's path; one that does not exist is refused."""
    unit = call.number("orgUnitId")
    if unit not in ORG_UNITS:
        raise not_found("Org Unit", unit)
    return unit


def chain(unit: int) -> list[int]:
    """The ids from the system down to the org unit."""
    parent = ORG_UNITS[unit].parent
    return [*(chain(parent) if parent is not None else []), unit]


def tree(unit: int) -> list[str]:
    """The names from the system down to the org unit, which a record calls its customer tree."""
    return [ORG_UNITS[step].name for step in chain(unit)]


def is_within(unit: int, whole: int) -> bool:
    """Whether the org unit is the whole or lies below it."""
    return whole in chain(unit)


def are_related(one: int, other: int) -> bool:
    """Whether one of the org units lies within the other."""
    return is_within(one, other) or is_within(other, one)
