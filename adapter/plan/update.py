"""Changing a resource, by PATCH or PUT: read, compute what is wanted, write only what differs, read again."""

from collections.abc import Generator
from typing import Any

from adapter.errors import PreconditionFailed, Uniqueness
from adapter.mapping.convert import differing, is_protected, kept
from adapter.mapping.mapping import Mapping
from adapter.plan.blind import blind
from adapter.plan.conversation import Asked, Plan
from adapter.plan.kept import check_kept, keep, resource_from
from adapter.plan.matches import named
from adapter.plan.members import changed, check_added, gathered, member_ids, shows_gathered
from adapter.plan.moment import Intended, Noted, Turn, Wished
from adapter.plan.names import name_in, noted
from adapter.plan.outcome import protected
from adapter.plan.read import existing
from adapter.plan.scan import Record
from adapter.plan.write import Due, written
from adapter.scim.messages import Response
from adapter.scim.operation import Patch, Replace
from adapter.scim.patch import patched
from adapter.scim.projection import Projection
from adapter.scim.schema import Resource
from adapter.scim.version import Condition, version


def patch(operation: Patch, mapping: Mapping) -> Plan:
    """Plan a PATCH: three calls, two where the reply to the write shows the record, one when nothing changes or `blind` is said.

    Members that the record does not hold are calls of their own.
    """
    kind = mapping.resource.type.name
    yield Wished("update", kind, operation.id, ends=_disables(operation))
    yield Turn(kind, id=operation.id)
    was_sent = False
    if mapping.resource.changing.blind:
        done, was_sent = yield from blind(operation, mapping)
        if done is not None:
            return done
    record = yield from existing(operation.id, mapping)
    before = yield from resource_from(record, mapping)
    expected(operation.only_if, before, mapping)
    if mapping.resource.keeps_members and "members" in operation.names:
        [before] = yield from gathered([before], mapping)
    wanted = patched(before, operation.operations, mapping.resource.type, operation.adapt)
    due = yield from _intended(record, before, wanted, mapping)
    after = yield from remade(operation.id, record, before, wanted, mapping, due=due, again=was_sent)
    return (yield from changed_to(after, operation.shown, mapping, is_whole="members" in operation.names))


def replace(operation: Replace, mapping: Mapping) -> Plan:
    """Plan a PUT: three calls, two where the reply to the write shows the record, one when nothing changes."""
    kind = mapping.resource.type.name
    yield Wished("update", kind, operation.id, ends=operation.resource.get("active") is False)
    yield Turn(kind, id=operation.id)
    record = yield from existing(operation.id, mapping)
    before = yield from resource_from(record, mapping)
    expected(operation.only_if, before, mapping)
    wanted = kept(record, operation.resource, mapping.resource)
    if mapping.resource.keeps_members and "members" in operation.resource:
        [before] = yield from gathered([before], mapping)
    elif mapping.resource.keeps_members and "members" in before:
        wanted["members"] = before["members"]
    due = yield from _intended(record, before, wanted, mapping)
    after = yield from remade(operation.id, record, before, wanted, mapping, due=due)
    return (yield from changed_to(after, operation.shown, mapping, is_whole="members" in operation.resource))


def remade(  # noqa: PLR0913 (each is a part of one change)
    resource_id: str,
    record: Record,
    before: Resource,
    wanted: Resource,
    mapping: Mapping,
    *,
    due: Due | None = None,
    again: bool = False,
) -> Generator[Asked, Any, Resource]:
    """Make the record, the members and what is kept here what is wanted, and return the resource.

    `due` is what differs, where that is known already. `again` says that it was tried before, to no certain effect.
    """
    moves = mapping.resource.keeps_members and member_ids(before) != member_ids(wanted)
    if moves:
        check_added(before, wanted, mapping)
        if is_protected(record, mapping.resource):
            raise protected(mapping)
    check_kept(before, wanted, mapping)
    if name_in(wanted, mapping) != name_in(before, mapping):
        yield from _renaming(resource_id, wanted, mapping)
    after = yield from written(resource_id, record, wanted, mapping, due=due, again=again)
    yield from noted(resource_id, before, after, mapping)
    if moves:
        yield from changed(resource_id, before, wanted, mapping)
    if mapping.resource.keeps_members:
        after = {name: value for name, value in after.items() if name != "members"}
        after |= {"members": wanted["members"]} if wanted.get("members") else {}
    return (yield from keep(before, wanted, after, mapping))


def _disables(operation: Patch) -> bool:
    """Tell whether a PATCH asks for a disabling, as far as it can be told before the user is read."""
    for each in operation.operations:
        value = each.value if each.place is None else {each.place.path.name: each.value}
        if isinstance(value, dict) and any(name.lower() == "active" and one is False for name, one in value.items()):
            return True
    return False


def _intended(record: Record, before: Resource, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, Due]:
    """Tell the audit trail what is about to be changed, nothing where nothing is, and return what differs in the record."""
    user = mapping.resource
    moves = user.keeps_members and member_ids(before) != member_ids(wanted)
    is_kept = all(rule.value(before) == rule.value(wanted) for rule in user.kept)
    due = differing(record, wanted, user)
    if due or moves or not is_kept:
        yield Intended("update", user.type.name, before["id"], before, wanted)
    return due


def _renaming(resource_id: str, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, None]:
    """Get ready to give a resource another name, which nobody may miss from now on, however the write ends.

    Raises Uniqueness where another has the name, and the upstream would allow it.
    """
    kind, name = mapping.resource.type.name, name_in(wanted, mapping)
    if mapping.resource.creating.duplicates == "allowed" and name is not None:
        yield Turn(kind, name=name)
        if any(each["id"] != resource_id for each in (yield from named(wanted, mapping))):
            raise Uniqueness(
                f"Another {mapping.noun} of the {mapping.upstream} has this {mapping.resource.naming} already."
            )
    yield Noted(kind, None, None)


def changed_to(after: Resource, shown: Projection | None, mapping: Mapping, *, is_whole: bool) -> Plan:
    """Return the answer to a change; unless the resource `is_whole`, with what no record holds where it is shown."""
    is_members = mapping.resource.gathered == "members"
    if shown is not None and shows_gathered(shown, mapping) and not (is_members and is_whole):
        [after] = yield from gathered([after], mapping)
    return Response(200, after)


def expected(only_if: Condition | None, found: Resource, mapping: Mapping) -> None:
    """Raise PreconditionFailed when the resource is another version than the client expects."""
    if only_if is not None and not only_if.holds(version_of(found, mapping)):
        raise PreconditionFailed(
            f"The {mapping.noun} has changed since the version that If-Match names; read it again and decide anew."
        )


def version_of(resource: Resource, mapping: Mapping) -> str:
    """Return the version of a resource: of what its record and the store say, since what is gathered is not always read."""
    gathered_name = mapping.resource.gathered
    if gathered_name in resource:
        resource = {name: value for name, value in resource.items() if name != gathered_name}
    return version(resource)
