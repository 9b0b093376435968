"""Creating a user: the create call, then a read of what is really there. The create call is never sent twice."""

from collections.abc import Generator

from adapter.errors import BadReply, ScimError, Unavailable, Uniqueness
from adapter.mapping import fields
from adapter.mapping.convert import completed, new_record, resource_of, unwritten
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Plan, Unknown, call
from adapter.plan.find import matching
from adapter.plan.outcome import is_success, is_uncertain, refusal
from adapter.plan.read import record_of
from adapter.scim.filter import Compare
from adapter.scim.messages import Response
from adapter.scim.operation import Create
from adapter.scim.path import Path
from adapter.scim.schema import Resource


def create(operation: Create, mapping: Mapping) -> Plan:
    """Plan a POST: two calls, the second of which shows what was stored."""
    wanted = completed(operation.resource, mapping)
    body = new_record(wanted, mapping)
    outcome = yield call(mapping.user.create, mapping.texts(), body=body)
    if is_uncertain(outcome, mapping):
        raise (yield from _unsettled(wanted, mapping))
    if isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        raise refusal(outcome, mapping, "a user was created")
    made = fields.read(outcome.body, mapping.user.creating.id)
    record = (yield from record_of(str(made), mapping)) if isinstance(made, str | int) else None
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
    return Response(201, resource_of(record, mapping.user))


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
