"""Removing a resource."""

from collections.abc import Generator
from typing import Any

from adapter.errors import BadReply, NotFound, Unavailable
from adapter.mapping.convert import is_id, is_protected
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route, Unsupported
from adapter.plan.again import looked
from adapter.plan.conversation import Asked, Plan, Reply, write_call
from adapter.plan.kept import forget, resource_from
from adapter.plan.moment import Intended, Loss, Turn, Wished
from adapter.plan.names import noted
from adapter.plan.outcome import is_doubtful, is_success, is_uncertain, protected, refusal, supported
from adapter.plan.read import existing, no_such, record_of
from adapter.plan.update import expected
from adapter.scim.messages import Response
from adapter.scim.operation import Delete


def delete(operation: Delete, mapping: Mapping) -> Plan:
    """Plan a DELETE: one call, a look before it where records are protected, and one after it unless a 204 came.

    A removal that was not done is sent once more.
    """
    kind, before = mapping.resource.type.name, None
    yield Wished("delete", kind, operation.id, ends=True)
    if not is_id(operation.id, mapping.resource):
        raise no_such(mapping)
    route = supported(mapping.resource.delete)
    yield Turn(kind, id=operation.id)
    if mapping.resource.protected or operation.only_if is not None:
        # Only a mapping that protects records, or a client that names a version, pays for the look.
        record = yield from existing(operation.id, mapping)
        if is_protected(record, mapping.resource):
            raise protected(mapping)
        before = yield from resource_from(record, mapping)
        expected(operation.only_if, before, mapping)
    yield Loss(kind, operation.id)
    yield Intended("delete", kind, operation.id, before, None)
    is_gone = yield from _removed(operation.id, route, mapping)
    if not is_gone and not (yield from _removed(operation.id, route, mapping, again=True)):
        raise Unavailable(
            f"The {mapping.upstream} was asked twice to remove the {mapping.noun}, and it is still there."
        )
    yield from _forgotten(operation.id, mapping)
    return Response(204)


def _removed(resource_id: str, route: Route, mapping: Mapping, *, again: bool = False) -> Generator[Asked, Any, bool]:
    """Send the call that removes, and tell whether the resource is gone; raises what a refusal means.

    One that is not there after a call that broke off was removed by it. Where one resource cannot be read at all, nobody can
    look: a success is believed, and what broke off is told.
    """
    outcome = yield write_call(route, mapping, again=again, id=resource_id)
    can_look, is_done = not isinstance(mapping.resource.get, Unsupported), is_success(outcome, mapping)
    # A 204 is nothing but a success, while a page in a 200 may be anything.
    if is_done and (not can_look or (isinstance(outcome, Reply) and outcome.status == 204)):  # noqa: PLR2004
        return True
    if can_look and (is_done or is_uncertain(outcome, mapping)):
        left = yield from looked(lambda: record_of(resource_id, mapping), lambda record: record is None, mapping)
        return left is None
    error = refusal(outcome, mapping, f"a {mapping.noun} was removed")
    # An upstream that cannot read one resource cannot say "not found" either: the list tells. And where a status of success
    # comes with an error, who is still there tells which of the two is true.
    is_open = can_look and (mapping.resource.get is None or is_doubtful(outcome, mapping))
    if isinstance(error, BadReply) and is_open and (yield from record_of(resource_id, mapping)) is None:
        error = no_such(mapping)
    if not isinstance(error, NotFound):
        raise error
    if not again:
        yield from _forgotten(resource_id, mapping)
        raise error
    return True


def _forgotten(resource_id: str, mapping: Mapping) -> Generator[Asked, Any, None]:
    """Forget what is kept of one who is gone, and tell the index."""
    yield from forget(resource_id, mapping)
    yield from noted(resource_id, None, None, mapping)
