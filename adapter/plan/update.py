"""Changing a user, by PATCH or PUT: read, compute what is wanted, write only what differs, read again.

The read is the fresh look that a write must start from, so what the mapping does not name stays as it is; the second
one makes sure that the upstream did what it said.
"""

from adapter.errors import BadReply, ScimError, Unavailable
from adapter.mapping.convert import changes, kept, resource_of, unwritten
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan, call
from adapter.plan.outcome import is_success, is_uncertain, refusal
from adapter.plan.read import Record, existing
from adapter.scim import entra
from adapter.scim.messages import Response
from adapter.scim.operation import Patch, Replace
from adapter.scim.patch import patched
from adapter.scim.schema import Resource


def patch(operation: Patch, mapping: Mapping) -> Plan:
    """Plan a PATCH: three calls, or one when nothing changes."""
    record = yield from existing(operation.id, mapping)
    resource_type = mapping.user.type
    before = resource_of(record, mapping.user)
    wanted = patched(before, operation.operations, resource_type, entra.element_made(resource_type))
    return (yield from _write(operation.id, record, wanted, mapping))


def replace(operation: Replace, mapping: Mapping) -> Plan:
    """Plan a PUT: three calls, or one when nothing changes."""
    record = yield from existing(operation.id, mapping)
    wanted = kept(record, operation.resource, mapping.user)
    return (yield from _write(operation.id, record, wanted, mapping))


def _write(user_id: str, record: Record, wanted: Resource, mapping: Mapping) -> Plan:
    body = changes(record, wanted, mapping.user)
    if not body:
        return Response(200, resource_of(record, mapping.user))
    outcome = yield call(mapping.user.update, mapping.texts(id=user_id), body=body)
    uncertain = is_uncertain(outcome, mapping)
    if not uncertain and not is_success(outcome, mapping):
        raise refusal(outcome, mapping, "a user was changed")
    after = yield from existing(user_id, mapping)
    differing = unwritten(after, body, wanted, mapping.user)
    if differing:
        raise _not_done(mapping, differing, uncertain=uncertain)
    return Response(200, resource_of(after, mapping.user))


def _not_done(mapping: Mapping, differing: list[str], *, uncertain: bool) -> ScimError:
    shown = f"a fresh read shows another {', '.join(differing)} than was sent"
    if uncertain:
        return Unavailable(f"The {mapping.upstream} broke off while the user was changed, and {shown}. Try again.")
    return BadReply(f"The {mapping.upstream} said that it changed the user, but {shown}.")
