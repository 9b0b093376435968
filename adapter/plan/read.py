"""Reading one record by its id: the conversation that most others begin or end with."""

from collections.abc import Generator, Iterable

from adapter.errors import BadReply, NotFound
from adapter.mapping.convert import is_id, is_removed, record_id
from adapter.mapping.document import Spot
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Unknown, read_call
from adapter.plan.outcome import refusal, supported
from adapter.plan.scan import Record, everything


def existing(resource_id: str, mapping: Mapping) -> Generator[Call, Outcome, Record]:
    """Return the record with this id; raises NotFound when a fresh look finds none."""
    found = yield from record_of(resource_id, mapping)
    if found is None:
        raise no_such(mapping)
    return found


def record_of(resource_id: str, mapping: Mapping) -> Generator[Call, Outcome, Record | None]:
    """Return the record with this id, or None when the upstream says that it has none.

    Raises BadReply when the reply cannot be believed: another record, no record, an error that means nothing here.
    """
    if not is_id(resource_id, mapping.resource):
        return None
    route = mapping.resource.get
    if route is None:
        records = yield from everything({}, mapping)
        return next((each for each in records if record_id(each, mapping.resource) == resource_id), None)
    outcome = yield read_call(supported(route), mapping, id=resource_id)
    return the_record(outcome, mapping.resource.getting.record, mapping, resource_id)


def records_of(ids: Iterable[str], mapping: Mapping) -> Generator[Call, Outcome, list[Record]]:
    """Return the records with these ids, each read by itself; what is gone is left out."""
    records = []
    for each in ids:
        record = yield from record_of(each, mapping)
        records += [] if record is None else [record]
    return records


def the_record(outcome: Outcome, spot: Spot, mapping: Mapping, resource_id: str | None = None) -> Record | None:
    """Return the one record in an outcome, or None when it means that there is none.

    Raises BadReply, or what the outcome means, when it holds no record, or another one than that of `resource_id`.
    """
    if isinstance(outcome, Unknown):
        raise refusal(outcome, mapping, f"a {mapping.noun} was read")
    meaning, _ = mapping.meaning(outcome)
    if meaning == "not found":
        return None
    if meaning != "success":
        raise refusal(outcome, mapping, f"a {mapping.noun} was read")
    record = outcome.at(spot)
    if not isinstance(record, dict):
        raise BadReply(
            f"The {mapping.upstream} answered a read of one {mapping.noun} with something that holds no record."
        )
    if resource_id is not None and record_id(record, mapping.resource) != resource_id:
        raise BadReply(
            f"The {mapping.upstream} answered a read of one {mapping.noun} with another {mapping.noun}'s record."
        )
    return None if is_removed(record, mapping.resource) else record


def no_such(mapping: Mapping) -> NotFound:
    """Return the error for an id that the upstream does not have."""
    return NotFound(f"The {mapping.upstream} has no {mapping.noun} with this id.")
