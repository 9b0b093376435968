"""Removing a resource."""

from adapter.errors import BadReply, NotFound, Unavailable
from adapter.mapping.convert import is_id, is_protected
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan, write_call
from adapter.plan.kept import forget, resource_from
from adapter.plan.outcome import is_success, is_uncertain, protected, refusal, supported
from adapter.plan.read import existing, no_such, record_of
from adapter.plan.update import expected
from adapter.scim.messages import Response
from adapter.scim.operation import Delete


def delete(operation: Delete, mapping: Mapping) -> Plan:
    """Plan a DELETE: one call, a look before it where records are protected, and one when the upstream broke off."""
    if not is_id(operation.id, mapping.resource):
        raise no_such(mapping)
    route = supported(mapping.resource.delete)
    if mapping.resource.protected or operation.only_if is not None:
        # Only a mapping that protects records, or a client that names a version, pays for the look.
        record = yield from existing(operation.id, mapping)
        if is_protected(record, mapping.resource):
            raise protected(mapping)
        expected(operation.only_if, (yield from resource_from(record, mapping)), mapping)
    outcome = yield write_call(route, mapping, id=operation.id)
    if is_uncertain(outcome, mapping):
        if (yield from record_of(operation.id, mapping)) is not None:
            raise Unavailable(
                f"The {mapping.upstream} broke off while the {mapping.noun} was removed; it is still there."
            )
    elif not is_success(outcome, mapping):
        error = refusal(outcome, mapping, f"a {mapping.noun} was removed")
        # An upstream that cannot read one resource cannot say "not found" either: the list tells.
        if isinstance(error, BadReply) and mapping.resource.get is None:
            yield from existing(operation.id, mapping)
        if isinstance(error, NotFound):
            yield from forget(operation.id, mapping)
        raise error
    yield from forget(operation.id, mapping)
    return Response(204)
