"""Removing a user."""

from adapter.errors import BadReply, Unavailable
from adapter.mapping.convert import is_id, is_protected
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan, write_call
from adapter.plan.outcome import is_success, is_uncertain, protected, refusal, supported
from adapter.plan.read import existing, no_such_user, record_of
from adapter.scim.messages import Response
from adapter.scim.operation import Delete


def delete(operation: Delete, mapping: Mapping) -> Plan:
    """Plan a DELETE: one call, a look before it where records are protected, and one when the upstream broke off."""
    if not is_id(operation.id, mapping.resource):
        raise no_such_user(mapping)
    route = supported(mapping.resource.delete)
    if mapping.resource.protected:
        # Only a mapping that protects records pays for the look.
        record = yield from existing(operation.id, mapping)
        if is_protected(record, mapping.resource):
            raise protected(mapping)
    outcome = yield write_call(route, mapping, id=operation.id)
    if is_uncertain(outcome, mapping):
        if (yield from record_of(operation.id, mapping)) is not None:
            raise Unavailable(f"The {mapping.upstream} broke off while the user was removed; it is still there.")
    elif not is_success(outcome, mapping):
        error = refusal(outcome, mapping, "a user was removed")
        # An upstream that cannot read one user cannot say "not found" either: the list tells.
        if isinstance(error, BadReply) and mapping.resource.get is None:
            yield from existing(operation.id, mapping)
        raise error
    return Response(204)
