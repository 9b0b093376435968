"""Writing one record: only what differs, and a read that shows it.

The record that a write starts from is a fresh one, so what the mapping does not name stays as it is; the read afterwards
makes sure that the upstream did what it said.
"""

from collections.abc import Generator
from typing import Any

from adapter.errors import BadReply, ScimError, Unavailable
from adapter.mapping.convert import changes, is_protected, own_changes, resource_of, unwritten, whole
from adapter.mapping.mapping import Mapping
from adapter.mapping.rules import Rule
from adapter.plan.conversation import Call, Outcome, write_call
from adapter.plan.outcome import is_success, is_uncertain, protected, refusal, supported
from adapter.plan.read import existing, the_record
from adapter.plan.scan import Record
from adapter.scim.schema import Resource


def written(resource_id: str, record: Record, wanted: Resource, mapping: Mapping) -> Generator[Call, Outcome, Resource]:
    """Make a record stand for the wanted resource, and return the resource that it then stands for.

    An attribute with a call of its own goes first when it switches something off and last when it switches it on: where
    the conversation breaks off, nobody has more rights than was meant.
    """
    body = changes(record, wanted, mapping.resource)
    own = own_changes(record, wanted, mapping.resource)
    if not body and not own:
        return resource_of(record, mapping.resource)
    if is_protected(record, mapping.resource):
        raise protected(mapping)
    route = supported(mapping.resource.update) if body else None
    changing = mapping.resource.changing
    sent = whole(record, wanted, mapping.resource) if changing.sends == "record" else body
    outcomes = []
    for rule, value in sorted(own, key=lambda each: (each[1] is not False) + (each[1] is True)):
        if value is not False and route is not None:
            outcomes.append((yield from _done(write_call(route, mapping, sent, id=resource_id), mapping)))
            route = None
        outcomes.append((yield from _done(_own_call(rule, value, resource_id, mapping), mapping)))
    if route is not None:
        outcomes.append((yield from _done(write_call(route, mapping, sent, id=resource_id), mapping)))
    uncertain = any(is_uncertain(each, mapping) for each in outcomes)
    spot = changing.record if not own and not uncertain else None
    shown = the_record(outcomes[-1], spot, mapping, resource_id) if spot else None
    after = (yield from existing(resource_id, mapping)) if shown is None else shown
    differing = unwritten(after, body, wanted, mapping.resource, [str(rule) for rule, _ in own])
    if differing:
        raise _not_done(mapping, differing, uncertain=uncertain)
    return resource_of(after, mapping.resource)


def _own_call(rule: Rule, value: Any, resource_id: str, mapping: Mapping) -> Call:
    assert rule.calls is not None  # noqa: S101 (own_changes returns no others)
    return write_call(rule.calls.route(value, str(rule)), mapping, id=resource_id, value=value)


def _done(one: Call, mapping: Mapping) -> Generator[Call, Outcome, Outcome]:
    """Make a call that changes it; raises what a refusal means, and returns an outcome that may be uncertain."""
    outcome = yield one
    if not is_uncertain(outcome, mapping) and not is_success(outcome, mapping):
        raise refusal(outcome, mapping, f"a {mapping.noun} was changed")
    return outcome


def _not_done(mapping: Mapping, differing: list[str], *, uncertain: bool) -> ScimError:
    shown = f"a fresh read shows another {', '.join(differing)} than was sent"
    if uncertain:
        return Unavailable(
            f"The {mapping.upstream} broke off while the {mapping.noun} was changed, and {shown}. Try again."
        )
    return BadReply(f"The {mapping.upstream} said that it changed the {mapping.noun}, but {shown}.")
