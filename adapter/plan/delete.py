"""Removing a user."""

from adapter.errors import Unavailable
from adapter.mapping.convert import is_id
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan, call
from adapter.plan.outcome import is_success, is_uncertain, refusal
from adapter.plan.read import no_such_user, record_of
from adapter.scim.messages import Response
from adapter.scim.operation import Delete


def delete(operation: Delete, mapping: Mapping) -> Plan:
    """Plan a DELETE: one call, and a look when the upstream broke off."""
    if not is_id(operation.id, mapping.user):
        raise no_such_user(mapping)
    outcome = yield call(mapping.user.delete, mapping.texts(id=operation.id))
    if is_uncertain(outcome, mapping):
        if (yield from record_of(operation.id, mapping)) is not None:
            raise Unavailable(f"The {mapping.upstream} broke off while the user was removed; it is still there.")
    elif not is_success(outcome, mapping):
        raise refusal(outcome, mapping, "a user was removed")
    return Response(204)
