"""From an operation to its plan."""

from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan
from adapter.plan.create import create
from adapter.plan.delete import delete
from adapter.plan.find import get, query
from adapter.plan.update import patch, replace
from adapter.scim.operation import Create, Delete, Get, Operation, Patch, Query, Replace


def plan(operation: Operation, mapping: Mapping) -> Plan:
    """Return the conversation with the upstream that carries out the operation."""
    match operation:
        case Get():
            return get(operation, mapping)
        case Query():
            return query(operation, mapping)
        case Create():
            return create(operation, mapping)
        case Replace():
            return replace(operation, mapping)
        case Patch():
            return patch(operation, mapping)
        case Delete():
            return delete(operation, mapping)
