"""Creating a user: the create call, then a read of what is really there. The create call is never sent twice."""

from collections.abc import Generator

from adapter.errors import BadReply, ScimError, Unavailable, Uniqueness
from adapter.mapping.convert import completed, is_removed, kept, late, new_record, record_id, resource_of, unwritten
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route
from adapter.plan.conversation import Call, Outcome, Plan, Unknown, write_call
from adapter.plan.find import matching
from adapter.plan.outcome import is_success, is_uncertain, refusal, supported
from adapter.plan.read import record_of, the_record
from adapter.plan.scan import everything
from adapter.plan.update import written
from adapter.scim.filter import Compare
from adapter.scim.match import folded
from adapter.scim.messages import Response
from adapter.scim.operation import Create
from adapter.scim.path import Path
from adapter.scim.schema import Resource


def create(operation: Create, mapping: Mapping) -> Plan:
    """Plan a POST: the create call, a read of what was stored, and what the create call does not take."""
    wanted = completed(operation.resource, mapping)
    body = new_record(wanted, mapping)
    outcome = yield write_call(supported(mapping.resource.create), mapping, body)
    if is_uncertain(outcome, mapping):
        raise (yield from _unsettled(wanted, mapping))
    if isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        error = refusal(outcome, mapping, "a user was created")
        if isinstance(error, Uniqueness) and mapping.resource.revive is not None:
            return (yield from _revived(wanted, mapping.resource.revive, mapping, error))
        raise error
    creating = mapping.resource.creating
    if creating.record is not None:
        record = the_record(outcome, creating.record, mapping)
    else:
        found = outcome.new_id(creating.id or "$")
        record = (yield from record_of(str(found), mapping)) if isinstance(found, str | int) else None
    if record is None:
        raise BadReply(
            f"The {mapping.upstream} said that it created the user, but a fresh look does not find it. "
            "Look there for a half-made user; the next provisioning cycle tries again."
        )
    differing = unwritten(record, body, wanted, mapping.resource)
    if differing:
        raise BadReply(
            f"The {mapping.upstream} created the user, but a fresh read shows another {', '.join(differing)} than was "
            "sent. The next provisioning cycle finds the user and corrects it."
        )
    made = resource_of(record, mapping.resource)
    more = late(made, wanted, mapping.resource)
    if more is not None:
        finished = yield from written(made["id"], record, more, mapping)
        return Response(201, finished.content)
    return Response(201, made)


def _revived(wanted: Resource, route: Route, mapping: Mapping, error: Uniqueness) -> Plan:
    """Plan to bring back the removed user whose record has the userName, and to make it the user that is wanted.

    Raises the upstream's refusal when no removed user has it: then it belongs to somebody.
    """
    rule = next(each for each in mapping.resource.rules if str(each) == "userName")
    name = folded(rule.target.leaf, wanted["userName"])
    records = yield from everything({}, mapping, with_removed=True)
    removed = [each for each in records if is_removed(each, mapping.resource)]
    found = next((each for each in removed if folded(rule.target.leaf, rule.from_record(each)) == name), None)
    if found is None:
        raise error
    user_id = record_id(found, mapping.resource)
    outcome = yield write_call(route, mapping, id=user_id)
    if not is_uncertain(outcome, mapping) and not is_success(outcome, mapping):
        raise refusal(outcome, mapping, "a removed user was brought back")
    record = yield from record_of(user_id, mapping)
    if record is None:
        raise Unavailable(
            f"The {mapping.upstream} was asked to bring a removed user back, and has not done it. Try again."
        )
    done = yield from written(user_id, record, kept(record, wanted, mapping.resource), mapping)
    return Response(201, done.content)


def _unsettled(wanted: Resource, mapping: Mapping) -> Generator[Call, Outcome, ScimError]:
    """Return the error for a create of which nobody knows whether it was done, after a fresh look.

    A user who is there now may be ours or somebody's: the client is told that it exists, and its next match query
    finds it. Either way nothing is sent twice.
    """
    there = yield from matching(Compare(Path("userName"), "eq", wanted["userName"]), mapping)
    if there:
        return Uniqueness(
            f"The {mapping.upstream} broke off while the user was created; a fresh look finds a user of this "
            "userName. The next provisioning cycle matches it."
        )
    return Unavailable(
        f"The {mapping.upstream} broke off while the user was created, and a fresh look does not find it. "
        "Nothing was sent twice; the next provisioning cycle tries again."
    )
