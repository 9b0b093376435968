"""Creating one whose name is taken: a removed one is brought back, one who is there is taken over, as the mapping says."""

import copy
from collections.abc import Generator
from typing import Any

from adapter.errors import ScimError, Unavailable, Uniqueness
from adapter.mapping.convert import is_removed, kept, record_id
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked, Plan, write_call
from adapter.plan.kept import resource_from
from adapter.plan.matches import named
from adapter.plan.members import gathered, member_ids
from adapter.plan.moment import Intended, Turn
from adapter.plan.names import name_in, name_of, noted
from adapter.plan.outcome import is_success, is_uncertain, refusal
from adapter.plan.read import record_of
from adapter.plan.scan import Record, everything
from adapter.plan.update import changed_to, remade
from adapter.scim.messages import Response
from adapter.scim.operation import Create
from adapter.scim.schema import Resource

_STAYS = ("userName", "displayName", "emails", "members")
"""What one who is taken over keeps: how people know it, and who is in it; members that are sent are added to those."""


def taken(operation: Create, wanted: Resource, mapping: Mapping, error: Uniqueness) -> Plan:
    """Plan what the mapping says of a name that is taken: a removed one is brought back, one who is there is adopted."""
    removed = None if mapping.resource.revive is None else (yield from _removed(wanted, mapping))
    if removed is not None:
        return (yield from _revived(removed, operation, wanted, mapping))
    if mapping.resource.creating.adopts:
        return (yield from adopted(operation, mapping, error))
    raise error


def adopted(operation: Create, mapping: Mapping, error: ScimError) -> Plan:
    """Plan to take over the one who is there already: what was sent is written to it, but for its names and its emails.

    Members that were sent are added to those of a group. Raises the error when nobody has the name, or more than one.
    """
    sent = operation.resource
    there = yield from named(sent, mapping.without_index())
    if len(there) != 1:
        raise error
    yield Turn(mapping.resource.type.name, id=there[0]["id"])
    record = yield from record_of(there[0]["id"], mapping)
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
    # Also where nothing is written: from now on the client takes it for its own.
    yield Intended("adopt", mapping.resource.type.name, before["id"], before, wanted)
    made = yield from remade(before["id"], record, before, wanted, mapping)
    return (yield from answered(made, operation, mapping, f"adopted a {mapping.noun}"))


def _removed(wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, Record | None]:
    """Return the record of the removed one that has the name, or None when none that was removed has it."""
    records = yield from everything({}, mapping, with_removed=True)
    removed = [each for each in records if is_removed(each, mapping.resource)]
    return next((each for each in removed if name_of(each, mapping) == name_in(wanted, mapping)), None)


def _revived(removed: Record, operation: Create, wanted: Resource, mapping: Mapping) -> Plan:
    """Plan to bring back the removed one whose record has the name, and to make it what is wanted."""
    route = mapping.resource.revive
    assert route is not None  # noqa: S101 (it was asked whether there is one)
    resource_id = record_id(removed, mapping.resource)
    yield Turn(mapping.resource.type.name, id=resource_id)
    yield Intended("revive", mapping.resource.type.name, resource_id, None, wanted)
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
    yield from noted(resource_id, None, done, mapping)
    return (yield from answered(done, operation, mapping))


def answered(made: Resource, operation: Create, mapping: Mapping, remark: str = "") -> Plan:
    """Return the answer to a create; a new group's members are known, the groups of a user are not."""
    response = yield from changed_to(made, operation.shown, mapping, is_whole=not remark)
    return Response(201, response.content, remark)
