"""Creating a user: the create call, then a read of what is really there. The create call is never sent twice."""

from collections.abc import Generator

from adapter.errors import BadReply, ScimError, Unavailable, Uniqueness
from adapter.mapping.convert import completed, late, new_record, resource_of, unwritten
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import new_id
from adapter.plan.conversation import Call, Outcome, Plan, Unknown, write_call
from adapter.plan.find import matching
from adapter.plan.outcome import is_success, is_uncertain, refusal, supported
from adapter.plan.read import record_of, the_record
from adapter.plan.update import written
from adapter.scim.filter import Compare
from adapter.scim.messages import Response
from adapter.scim.operation import Create
from adapter.scim.path import Path
from adapter.scim.schema import Resource


def create(operation: Create, mapping: Mapping) -> Plan:
    """Plan a POST: the create call, a read of what was stored, and what the create call does not take."""
    wanted = completed(operation.resource, mapping)
    body = new_record(wanted, mapping)
    outcome = yield write_call(supported(mapping.user.create), mapping, body)
    if is_uncertain(outcome, mapping):
        raise (yield from _unsettled(wanted, mapping))
    if isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        raise refusal(outcome, mapping, "a user was created")
    creating = mapping.user.creating
    if creating.record is not None:
        record = the_record(outcome, creating.record, mapping)
    else:
        found = new_id(creating.id or "$", outcome.body, outcome.headers)
        record = (yield from record_of(str(found), mapping)) if isinstance(found, str | int) else None
    if record is None:
        raise BadReply(
            f"The {mapping.upstream} said that it created the user, but a fresh look does not find it. "
            "Look there for a half-made user; the next provisioning cycle tries again."
        )
    differing = unwritten(record, body, wanted, mapping.user)
    if differing:
        raise BadReply(
            f"The {mapping.upstream} created the user, but a fresh read shows another {', '.join(differing)} than was "
            "sent. The next provisioning cycle finds the user and corrects it."
        )
    made = resource_of(record, mapping.user)
    more = late(made, wanted, mapping.user)
    if more is not None:
        finished = yield from written(made["id"], record, more, mapping)
        return Response(201, finished.content)
    return Response(201, made)


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
