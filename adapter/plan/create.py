"""Creating a resource: the create call, then a read of what is really there. The create call is never sent twice.

Of two creates of one name the second waits for the first. Where the upstream allows duplicates, a look for the name goes
before the call. After a call that broke off the name is looked for again, as long as the upstream may take to show it: one
who is there now, and whom a fresh look a moment ago did not find, is ours.
"""

from collections.abc import Generator
from typing import Any

from adapter import errors
from adapter.errors import BadReply, ScimError, Unavailable, Uniqueness
from adapter.mapping import fields
from adapter.mapping.convert import completed, late, new_record, record_id, resource_of, unwritten
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Unsupported
from adapter.plan.again import looked
from adapter.plan.conversation import Asked, Outcome, Plan, Reply, Unknown, write_call
from adapter.plan.keeping import Folded
from adapter.plan.kept import forget
from adapter.plan.matches import named
from adapter.plan.members import check_added
from adapter.plan.moment import Intended, Missed, Noted, Turn, Wished
from adapter.plan.names import name_in, noted
from adapter.plan.outcome import is_doubtful, is_success, is_uncertain, refusal, supported
from adapter.plan.read import record_of, the_record
from adapter.plan.scan import Record
from adapter.plan.taken import adopted, answered, taken
from adapter.plan.update import remade
from adapter.scim.operation import Create
from adapter.scim.resource import copied
from adapter.scim.schema import Resource


def create(operation: Create, mapping: Mapping) -> Plan:
    """Plan a POST: the create call, a read of what was stored, and what the create call does not take."""
    kind, creating = mapping.resource.type.name, mapping.resource.creating
    yield Wished("create", kind)
    wanted = completed(operation.resource, mapping)
    yield Turn(kind, name=_name(wanted, mapping))
    if creating.adopts and isinstance(mapping.resource.create, Unsupported):
        error: ScimError = errors.Unsupported(mapping.resource.create.sentence)
        return (yield from adopted(operation, mapping, error))
    if mapping.resource.keeps_members:
        check_added({}, wanted, mapping)
    route, body = supported(mapping.resource.create), new_record(wanted, mapping)
    is_new = yield from _is_new(wanted, mapping)
    if is_new is False:
        return (yield from taken(operation, wanted, mapping, _taken_already(mapping)))
    yield Intended("create", kind, None, None, wanted)
    outcome = yield write_call(route, mapping, body)
    if is_uncertain(outcome, mapping) or is_doubtful(outcome, mapping):
        yield Noted(kind, None, None)
        record = yield from _settled(outcome, wanted, body, mapping, is_new=is_new is True)
    elif isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        error = refusal(outcome, mapping, f"a {mapping.noun} was created")
        if not isinstance(error, Uniqueness):
            raise error
        yield Noted(kind, None, None)  # somebody has the name, whatever the last look has shown
        return (yield from taken(operation, wanted, mapping, error))
    else:
        yield _made(outcome, wanted, mapping)  # before anything else can go wrong: nobody may say that it is not there
        record = yield from _new(outcome, wanted, body, mapping)
    yield from noted(record_id(record, mapping.resource), None, wanted, mapping)
    made = yield from _finished(record, wanted, mapping)
    return (yield from answered(made, operation, mapping))


def _name(wanted: Resource, mapping: Mapping) -> Folded:
    name = name_in(wanted, mapping)
    assert name is not None  # noqa: S101 (the name is required, load has checked it)
    return name


def _is_new(wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, bool | None]:
    """Tell whether nobody has the name; None where the upstream is left to say so, and no fresh look has told."""
    if mapping.resource.creating.duplicates == "allowed":
        if (yield from named(wanted, mapping)):
            return False
        return None if mapping.resource.is_indexed else True
    was_missed = yield Missed(mapping.resource.type.name, _name(wanted, mapping))
    return True if was_missed else None


def _taken_already(mapping: Mapping) -> Uniqueness:
    return Uniqueness(f"The {mapping.upstream} has a {mapping.noun} of this {mapping.resource.naming} already.")


def _made(outcome: Reply, wanted: Resource, mapping: Mapping) -> Noted:
    """Return what to note of a create that was done: who has the name now, as far as the reply tells the id."""
    creating, kind = mapping.resource.creating, mapping.resource.type.name
    found: Any = None
    if creating.record is not None:
        record = outcome.at(creating.record)
        found = fields.read(record, mapping.resource.id_field) if isinstance(record, dict) else None
    elif not creating.by_name:
        found = outcome.new_id(creating.id or "$")
    new_id = _id(found)
    return Noted(kind, None, None) if new_id is None else Noted(kind, new_id, _name(wanted, mapping))


def _id(found: Any) -> str | None:
    """Return what a reply says of a new id as a text; None where it is none."""
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def _new(outcome: Reply, wanted: Resource, body: Record, mapping: Mapping) -> Generator[Asked, Any, Record]:
    """Return the record that a create call made: from its reply, or by the id or the name that it got.

    Raises BadReply when a fresh look shows none, or another one than was sent.
    """

    def differing(record: Record | None) -> list[str]:
        return [] if record is None else unwritten(record, body, wanted, mapping.resource, own=None)

    creating = mapping.resource.creating
    if creating.record is not None:
        record = the_record(outcome, creating.record, mapping)
    else:
        record = yield from looked(
            lambda: _found(outcome, wanted, mapping), lambda each: each is not None and not differing(each), mapping
        )
    wrong = differing(record)
    if record is None or wrong:
        yield Noted(mapping.resource.type.name, None, None)
    if record is None:
        raise BadReply(
            f"The {mapping.upstream} said that it created the {mapping.noun}, but a fresh look does not find it. "
            f"Look there for a half-made {mapping.noun}; the next provisioning cycle tries again."
        )
    if wrong:
        raise BadReply(
            f"The {mapping.upstream} created the {mapping.noun}, but a fresh read shows another "
            f"{', '.join(wrong)} than was sent. The next provisioning cycle finds the {mapping.noun} and "
            "corrects it."
        )
    return record


def _found(outcome: Reply, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, Record | None]:
    """Look for the record that a create call made, by the id that its reply names, or by the name."""
    creating = mapping.resource.creating
    if creating.by_name:
        there = yield from named(wanted, mapping.without_index())
        return (yield from record_of(there[0]["id"], mapping)) if len(there) == 1 else None
    new_id = _id(outcome.new_id(creating.id or "$"))
    return None if new_id is None else (yield from record_of(new_id, mapping))


def _finished(record: Record, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, Resource]:
    """Give a new resource what the create call does not take, and return it."""
    made = resource_of(record, mapping.resource)
    yield from forget(made["id"], mapping)  # of whoever had this id before
    lacking = late(made, wanted, mapping.resource)
    if lacking is None and not mapping.resource.kept and not mapping.resource.keeps_members:
        return made
    whole = lacking or copied(made)
    for rule in mapping.resource.kept:
        if rule.value(wanted) is not None:
            rule.put(whole, rule.value(wanted))
    if mapping.resource.keeps_members and "members" in wanted:
        whole = whole | {"members": wanted["members"]}
    return (yield from remade(made["id"], record, made, whole, mapping))


def _settled(
    outcome: Outcome, wanted: Resource, body: Record, mapping: Mapping, *, is_new: bool
) -> Generator[Asked, Any, Record]:
    """Return the record of a create of which nobody knows whether it was done, after a fresh look; nothing is sent twice.

    One who is there now is ours where nobody was there before (`is_new`) and the record is as it was sent. Raises
    Uniqueness where it may be somebody else's: the client's next match query finds it. Raises Unavailable when nobody is
    there, as long as the upstream may take to show one; BadReply where it said that it failed.
    """
    there = yield from looked(lambda: named(wanted, mapping.without_index()), bool, mapping)
    if not there and is_doubtful(outcome, mapping):
        raise refusal(outcome, mapping, f"a {mapping.noun} was created")
    if not there:
        raise Unavailable(
            f"The {mapping.upstream} broke off while the {mapping.noun} was created, and a fresh look does not find it. "
            "Nothing was sent twice; the next provisioning cycle tries again."
        )
    record = (yield from record_of(there[0]["id"], mapping)) if is_new and len(there) == 1 else None
    if record is None or unwritten(record, body, wanted, mapping.resource, own=None):
        raise Uniqueness(
            f"The {mapping.upstream} broke off while the {mapping.noun} was created; a fresh look finds a "
            f"{mapping.noun} of this {mapping.resource.naming}. The next provisioning cycle matches it."
        )
    return record
