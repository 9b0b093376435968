"""Creating a resource: the create call, then a read of what is really there. The create call is never sent twice."""

import copy
from collections.abc import Generator
from typing import Any

from adapter import errors
from adapter.errors import BadReply, ScimError, Unavailable, Uniqueness
from adapter.mapping.convert import completed, is_removed, kept, late, new_record, record_id, resource_of, unwritten
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Unsupported
from adapter.plan.conversation import Asked, Plan, Reply, Unknown, write_call
from adapter.plan.kept import forget, resource_from
from adapter.plan.matches import named
from adapter.plan.members import check_added, gathered, member_ids
from adapter.plan.outcome import is_success, is_uncertain, refusal, supported
from adapter.plan.read import record_of, the_record
from adapter.plan.scan import Record, everything
from adapter.plan.update import changed_to, remade
from adapter.scim.match import folded
from adapter.scim.messages import Response
from adapter.scim.operation import Create
from adapter.scim.schema import Resource

_STAYS = ("userName", "displayName", "emails", "members")
"""What one who is taken over keeps: how people know it, and who is in it; members that are sent are added to those."""


def create(operation: Create, mapping: Mapping) -> Plan:
    """Plan a POST: the create call, a read of what was stored, and what the create call does not take."""
    wanted = completed(operation.resource, mapping)
    creating = mapping.resource.creating
    if creating.adopts and isinstance(mapping.resource.create, Unsupported):
        error: ScimError = errors.Unsupported(mapping.resource.create.sentence)
        return (yield from _adopted(operation, mapping, error))
    if mapping.resource.keeps_members:
        check_added({}, wanted, mapping)
    body = new_record(wanted, mapping)
    outcome = yield write_call(supported(mapping.resource.create), mapping, body)
    if is_uncertain(outcome, mapping):
        raise (yield from _unsettled(wanted, mapping))
    if isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        error = refusal(outcome, mapping, f"a {mapping.noun} was created")
        if not isinstance(error, Uniqueness):
            raise error
        removed = None if mapping.resource.revive is None else (yield from _removed(wanted, mapping))
        if removed is not None:
            return (yield from _revived(removed, operation, wanted, mapping))
        if creating.adopts:
            return (yield from _adopted(operation, mapping, error))
        raise error
    record = yield from _new(outcome, wanted, mapping)
    if record is None:
        raise BadReply(
            f"The {mapping.upstream} said that it created the {mapping.noun}, but a fresh look does not find it. "
            f"Look there for a half-made {mapping.noun}; the next provisioning cycle tries again."
        )
    differing = unwritten(record, body, wanted, mapping.resource, own=None)
    if differing:
        raise BadReply(
            f"The {mapping.upstream} created the {mapping.noun}, but a fresh read shows another {', '.join(differing)} "
            f"than was sent. The next provisioning cycle finds the {mapping.noun} and corrects it."
        )
    made = yield from _finished(record, wanted, mapping)
    return (yield from _answered(made, operation, mapping))


def _answered(made: Resource, operation: Create, mapping: Mapping, remark: str = "") -> Plan:
    """Return the answer to a create; a new group's members are known, the groups of a user are not."""
    response = yield from changed_to(made, operation.shown, mapping, is_whole=not remark)
    return Response(201, response.content, remark)


def _new(outcome: Reply, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, Record | None]:
    """Return the record that a create call made: from its reply, or by the id or the name that it got."""
    creating = mapping.resource.creating
    if creating.record is not None:
        return the_record(outcome, creating.record, mapping)
    if creating.by_name:
        there = yield from named(wanted, mapping)
        return (yield from record_of(there[0]["id"], mapping)) if len(there) == 1 else None
    found = outcome.new_id(creating.id or "$")
    return (yield from record_of(str(found), mapping)) if isinstance(found, str | int) else None


def _finished(record: Record, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, Resource]:
    """Give a new resource what the create call does not take, and return it."""
    made = resource_of(record, mapping.resource)
    yield from forget(made["id"], mapping)  # of whoever had this id before
    whole = late(made, wanted, mapping.resource) or copy.deepcopy(made)
    for rule in mapping.resource.kept:
        if rule.value(wanted) is not None:
            rule.put(whole, rule.value(wanted))
    if mapping.resource.keeps_members and "members" in wanted:
        whole = whole | {"members": wanted["members"]}
    return (yield from remade(made["id"], record, made, whole, mapping))


def _adopted(operation: Create, mapping: Mapping, error: ScimError) -> Plan:
    """Plan to take over the one who is there already: what was sent is written to it, but for its names and its emails.

    Members that were sent are added to those of a group. Raises the error when nobody has the name, or more than one.
    """
    sent = operation.resource
    there = yield from named(sent, mapping)
    record = (yield from record_of(there[0]["id"], mapping)) if len(there) == 1 else None
    if record is None:
        raise error
    before = yield from resource_from(record, mapping)
    if mapping.resource.keeps_members and "members" in sent:
        [before] = yield from gathered([before], mapping)
    wanted = copy.deepcopy(before)
    for rule in mapping.resource.rules:
        value = rule.value(sent)
        if value is not None and (rule.target.extension or rule.target.attribute.name not in _STAYS):
            rule.put(wanted, value)
    if "members" in sent:
        members = {**member_ids(before), **member_ids(sent)}
        wanted["members"] = [{"value": each} for each in members]
    made = yield from remade(before["id"], record, before, wanted, mapping)
    return (yield from _answered(made, operation, mapping, f"adopted a {mapping.noun}"))


def _removed(wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, Record | None]:
    """Return the record of the removed one that has the name, or None when none that was removed has it."""
    rule = mapping.resource.rule_of(mapping.resource.naming)
    assert rule is not None  # noqa: S101 (load has checked it)
    name = folded(rule.target.leaf, wanted[mapping.resource.naming])
    records = yield from everything({}, mapping, with_removed=True)
    removed = [each for each in records if is_removed(each, mapping.resource)]
    return next((each for each in removed if folded(rule.target.leaf, rule.from_record(each)) == name), None)


def _revived(removed: Record, operation: Create, wanted: Resource, mapping: Mapping) -> Plan:
    """Plan to bring back the removed one whose record has the name, and to make it what is wanted."""
    route = mapping.resource.revive
    assert route is not None  # noqa: S101 (it was asked whether there is one)
    resource_id = record_id(removed, mapping.resource)
    outcome = yield write_call(route, mapping, id=resource_id)
    if not is_uncertain(outcome, mapping) and not is_success(outcome, mapping):
        raise refusal(outcome, mapping, f"a removed {mapping.noun} was brought back")
    record = yield from record_of(resource_id, mapping)
    if record is None:
        raise Unavailable(
            f"The {mapping.upstream} was asked to bring a removed {mapping.noun} back, and has not done it. Try again."
        )
    before = yield from resource_from(record, mapping)
    if mapping.resource.type.name == "Group":
        # Those who were in it before it was removed are in it no more, unless they are sent again.
        wanted = {"members": []} | wanted
        [before] = yield from gathered([before], mapping)
    whole = kept(record, wanted, mapping.resource)
    done = yield from remade(resource_id, record, before, whole, mapping)
    return (yield from _answered(done, operation, mapping))


def _unsettled(wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, ScimError]:
    """Return the error for a create of which nobody knows whether it was done, after a fresh look.

    One who is there now may be ours or somebody's: the client is told that it exists, and its next match query finds it.
    Either way nothing is sent twice.
    """
    if (yield from named(wanted, mapping)):
        return Uniqueness(
            f"The {mapping.upstream} broke off while the {mapping.noun} was created; a fresh look finds a "
            f"{mapping.noun} of this {mapping.resource.naming}. The next provisioning cycle matches it."
        )
    return Unavailable(
        f"The {mapping.upstream} broke off while the {mapping.noun} was created, and a fresh look does not find it. "
        "Nothing was sent twice; the next provisioning cycle tries again."
    )
