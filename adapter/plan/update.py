"""Changing a user, by PATCH or PUT: read, compute what is wanted, write only what differs, read again.

The read is the fresh look that a write must start from, so what the mapping does not name stays as it is; the second
one makes sure that the upstream did what it said.
"""

from collections.abc import Generator
from typing import Any

from adapter.errors import BadReply, ScimError, Unavailable
from adapter.mapping.convert import changes, is_protected, kept, own_changes, resource_of, unwritten, whole
from adapter.mapping.mapping import Mapping
from adapter.mapping.rules import Rule
from adapter.plan.conversation import Call, Outcome, Plan, write_call
from adapter.plan.outcome import is_success, is_uncertain, protected, refusal, supported
from adapter.plan.read import Record, existing, the_record
from adapter.scim import entra
from adapter.scim.messages import Response
from adapter.scim.operation import Patch, Replace
from adapter.scim.patch import patched
from adapter.scim.schema import Resource


def patch(operation: Patch, mapping: Mapping) -> Plan:
    """Plan a PATCH: three calls, or one when nothing changes."""
    record = yield from existing(operation.id, mapping)
    resource_type = mapping.resource.type
    before = resource_of(record, mapping.resource)
    wanted = patched(before, operation.operations, resource_type, entra.element_made(resource_type))
    return (yield from written(operation.id, record, wanted, mapping))


def replace(operation: Replace, mapping: Mapping) -> Plan:
    """Plan a PUT: three calls, or one when nothing changes."""
    record = yield from existing(operation.id, mapping)
    wanted = kept(record, operation.resource, mapping.resource)
    return (yield from written(operation.id, record, wanted, mapping))


def written(user_id: str, record: Record, wanted: Resource, mapping: Mapping) -> Plan:
    """Plan the calls that make a record stand for the wanted resource, and the read that shows it.

    An attribute with a call of its own goes first when it switches something off and last when it switches it on: where
    the conversation breaks off, nobody has more rights than was meant.
    """
    body = changes(record, wanted, mapping.resource)
    own = own_changes(record, wanted, mapping.resource)
    if not body and not own:
        return Response(200, resource_of(record, mapping.resource))
    if is_protected(record, mapping.resource):
        raise protected(mapping)
    route = supported(mapping.resource.update) if body else None
    changing = mapping.resource.changing
    sent = whole(record, wanted, mapping.resource) if changing.sends == "record" else body
    outcomes = []
    for rule, value in sorted(own, key=lambda each: each[1] is not False):
        if value is not False and route is not None:
            outcomes.append((yield from _done(write_call(route, mapping, sent, id=user_id), mapping)))
            route = None
        outcomes.append((yield from _done(_own_call(rule, value, user_id, mapping), mapping)))
    if route is not None:
        outcomes.append((yield from _done(write_call(route, mapping, sent, id=user_id), mapping)))
    uncertain = any(is_uncertain(each, mapping) for each in outcomes)
    spot = changing.record if not own and not uncertain else None
    shown = the_record(outcomes[-1], spot, mapping, user_id) if spot else None
    after = (yield from existing(user_id, mapping)) if shown is None else shown
    differing = unwritten(after, body, wanted, mapping.resource, [str(rule) for rule, _ in own])
    if differing:
        raise _not_done(mapping, differing, uncertain=uncertain)
    return Response(200, resource_of(after, mapping.resource))


def _own_call(rule: Rule, value: Any, user_id: str, mapping: Mapping) -> Call:
    assert rule.calls is not None  # noqa: S101 (own_changes returns no others)
    return write_call(rule.calls.route(value, str(rule)), mapping, id=user_id, value=value)


def _done(one: Call, mapping: Mapping) -> Generator[Call, Outcome, Outcome]:
    """Make a call that changes the user; raises what a refusal means, and returns an outcome that may be uncertain."""
    outcome = yield one
    if not is_uncertain(outcome, mapping) and not is_success(outcome, mapping):
        raise refusal(outcome, mapping, "a user was changed")
    return outcome


def _not_done(mapping: Mapping, differing: list[str], *, uncertain: bool) -> ScimError:
    shown = f"a fresh read shows another {', '.join(differing)} than was sent"
    if uncertain:
        return Unavailable(f"The {mapping.upstream} broke off while the user was changed, and {shown}. Try again.")
    return BadReply(f"The {mapping.upstream} said that it changed the user, but {shown}.")
