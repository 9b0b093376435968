"""Reading one record by its id: the conversation that most others begin or end with."""

from collections.abc import Generator
from typing import Any

from adapter.errors import BadReply, NotFound
from adapter.mapping import fields
from adapter.mapping.convert import is_id, record_id, resource_of
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Plan, Unknown, call
from adapter.plan.outcome import is_success, refusal
from adapter.scim.messages import Response
from adapter.scim.operation import Get

Record = dict[str, Any]


def get(operation: Get, mapping: Mapping) -> Plan:
    """Plan a GET of one user: one call."""
    record = yield from existing(operation.id, mapping)
    return Response(200, resource_of(record, mapping.user))


def existing(user_id: str, mapping: Mapping) -> Generator[Call, Outcome, Record]:
    """Return the record with this id; raises NotFound when a fresh look finds none."""
    found = yield from record_of(user_id, mapping)
    if found is None:
        raise no_such_user(mapping)
    return found


def record_of(user_id: str, mapping: Mapping) -> Generator[Call, Outcome, Record | None]:
    """Return the record with this id, or None when the upstream says that it has none.

    Raises BadReply when the reply cannot be believed: another record, no record, an error that means nothing here.
    """
    if not is_id(user_id, mapping.user):
        return None
    outcome = yield call(mapping.user.get, mapping.texts(id=user_id))
    if isinstance(outcome, Unknown):
        raise refusal(outcome, mapping, "a user was read")
    if mapping.meaning(outcome.status, outcome.body)[0] == "not found":
        return None
    if not is_success(outcome, mapping):
        raise refusal(outcome, mapping, "a user was read")
    record = fields.read(outcome.body, mapping.user.record) if mapping.user.record else outcome.body
    if not isinstance(record, dict):
        raise BadReply(f"The {mapping.upstream} answered a read of one user with something that holds no record.")
    if record_id(record, mapping.user) != user_id:
        raise BadReply(f"The {mapping.upstream} answered a read of one user with another user's record.")
    return record


def no_such_user(mapping: Mapping) -> NotFound:
    """Return the error for an id that the upstream does not have."""
    return NotFound(f"The {mapping.upstream} has no user with this id.")
