"""The members of a group, wherever the upstream keeps them: read, and changed without a call for what is as it should be.

Where the group's own record holds them, a rule for `members.value` needs none of this. Here they are a collection with
calls of its own, or each user's record says in which groups the user is. Whoever is taken out goes first, whoever is put
in comes last: where the conversation breaks off nobody has more rights than was meant, and the same request does the rest.
"""

from collections.abc import Generator, Iterable
from typing import Any

from adapter.errors import BadReply, InvalidValue, NotFound, Unavailable
from adapter.mapping import fields
from adapter.mapping.convert import is_id, record_id, resource_of
from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import Collection, MemberCall
from adapter.plan.conversation import Asked, write_call
from adapter.plan.found import made
from adapter.plan.moment import Over, Turn
from adapter.plan.outcome import is_success, is_uncertain, refusal
from adapter.plan.page import Take
from adapter.plan.read import record_of, records_of
from adapter.plan.scan import Everyone, Rows, Scan, all_of
from adapter.plan.search import searches
from adapter.plan.write import written
from adapter.scim.filter import Compare
from adapter.scim.path import Path
from adapter.scim.projection import Projection, shows
from adapter.scim.schema import Resource

_HARMLESS = ("uniqueness", "not found")
"""What an upstream answers to adding a member who is there, or removing one who is not: the list tells afterwards."""


def gathered(resources: list[Resource], mapping: Mapping) -> Generator[Asked, Any, list[Resource]]:
    """Return the resources with the attribute that no record holds: the members of groups, or the groups of users."""
    name = mapping.resource.gathered
    if name is None or not resources:
        return resources
    if name == "groups":
        groups = yield from _groups_of({each["id"] for each in resources}, mapping.about("Group"))
        return [each | ({name: groups[each["id"]]} if each["id"] in groups else {}) for each in resources]
    complete = []
    for each in resources:
        members = yield from members_of(each["id"], mapping)
        complete.append(each | ({name: [{"value": one} for one in members]} if members else {}))
    return complete


def shows_gathered(shown: Projection, mapping: Mapping) -> bool:
    """Tell whether an answer will show the attribute that no record holds."""
    target = mapping.resource.gathered_target
    return target is not None and shows(shown, target, mapping.resource.type)


def members_of(group_id: str, mapping: Mapping) -> Generator[Asked, Any, list[str]]:
    """Return the ids of the users in a group, each once, where no field of its record lists them."""
    collection = mapping.resource.collection
    if collection is None:
        found = yield from _users_with(group_id, mapping.about("User"))
        return found
    rows = _rows(collection, group_id, mapping)
    members = yield from all_of(Scan(rows, mapping, collection.list.query))
    return [rows.id_of(each) for each in members]


def changed(group_id: str, before: Resource, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, None]:
    """Make the members of a group those that are wanted; `check_added` has looked at them.

    Raises InvalidValue for a member that is no user of the upstream, and what a refusal means.
    """
    gone, added = _without(before, wanted), _without(wanted, before)
    collection = mapping.resource.collection
    if collection is None:
        users = mapping.about("User")
        for each in gone:
            yield from _moved(each, group_id, users, is_in=False)
        for each in added:
            yield from _moved(each, group_id, users, is_in=True)
        return
    uncertain = yield from _sent(collection.remove, gone, group_id, mapping)
    uncertain |= yield from _sent(collection.add, added, group_id, mapping)
    if gone or added:
        now = set((yield from members_of(group_id, mapping)))
        _judge(now.intersection(gone), set(added) - now, mapping, uncertain=uncertain)


def check_added(before: Resource, wanted: Resource, mapping: Mapping) -> None:
    """Raise InvalidValue when a member that is to be added cannot be a user: before anything is written."""
    strangers = sum(not _is_member_id(each, mapping) for each in _without(wanted, before))
    if strangers:
        raise _stranger(strangers, mapping)


def member_ids(group: Resource) -> dict[str, None]:
    """Return the ids of the members that a group has, each once."""
    return dict.fromkeys(each["value"] for each in group.get("members", []) if "value" in each)


def _without(group: Resource, other: Resource) -> list[str]:
    """Return the ids of the members that only the first of two has."""
    others = member_ids(other)
    return [each for each in member_ids(group) if each not in others]


def _is_member_id(text: str, mapping: Mapping) -> bool:
    """Tell whether a text can be the id of a user, as the calls for members take it."""
    if not is_id(text, mapping.about("User").resource):
        return False
    collection = mapping.resource.collection
    return collection is None or not collection.as_numbers or (text.isdecimal() and str(int(text)) == text)


def _rows(collection: Collection, group_id: str, mapping: Mapping) -> Rows:
    place = collection.listing.id or ""

    def id_of(row: dict[str, Any]) -> str:
        found = fields.read(row, place)
        text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
        if not _is_member_id(text, mapping):
            raise BadReply(f"The {mapping.upstream} lists a member without a usable id in its field '{place}'.")
        return text

    return Rows(route=collection.list, listing=collection.listing, id_of=id_of, noun="members", values={"id": group_id})


def _users_with(group_id: str, users: Mapping) -> Generator[Asked, Any, list[str]]:
    """Return the ids of the users whose own records say that they are in a group."""
    members: list[str] = []

    def take(user: Resource) -> None:
        if any(each["value"] == group_id for each in user.get("groups", [])):
            members.append(user["id"])

    yield from _candidates(Compare(Path("groups", "value"), "eq", group_id), users, take)
    return members


def _groups_of(user_ids: set[str], groups: Mapping) -> Generator[Asked, Any, dict[str, list[dict[str, str]]]]:
    """Return the groups of users by the users' ids, told from the members of every group."""
    found: dict[str, list[dict[str, str]]] = {}

    def take(group: Resource) -> None:
        for each in member_ids(group):
            if each in user_ids:
                name = {"display": group["displayName"]} if "displayName" in group else {}
                found.setdefault(each, []).append({"value": group["id"], **name})

    alone = Compare(Path("members", "value"), "eq", *user_ids) if len(user_ids) == 1 else None
    yield from _candidates(alone, groups, take)
    return found


def _candidates(wanted: Compare | None, mapping: Mapping, take: Take) -> Generator[Asked, Any, None]:
    """Hand over the users with their groups, or the groups with their members, that may match: all where no search can tell."""
    for search in (searches(wanted, mapping) if wanted is not None else None) or []:
        found = yield from made(search, mapping)
        if found is not None:
            for each in (yield from _related(found[0], mapping, are_rows=found[1])):
                take(each)
            return
    scan = Everyone({}, mapping)
    while (page := (yield from scan.page())) is not None:
        for each in (yield from _related(list(page.values()), mapping, are_rows=True)):
            take(each)


def _related(
    records: list[dict[str, Any]], mapping: Mapping, *, are_rows: bool
) -> Generator[Asked, Any, list[Resource]]:
    """Return users with their groups, or groups with their members; what the rows of the list lack is read one by one."""
    resource = mapping.resource
    rule = resource.rule_of("members" if resource.type.name == "Group" else "groups")
    lacks = resource.listing.lacks if are_rows else ()
    if rule is not None and str(rule) in lacks:
        records = yield from records_of([record_id(each, resource) for each in records], mapping)
        lacks = ()
    related = [resource_of(each, resource, lacks) for each in records]
    return related if rule is not None else (yield from gathered(related, mapping))


def _moved(user_id: str, group_id: str, users: Mapping, *, is_in: bool) -> Generator[Asked, Any, None]:
    """Write into a user's own record that it is in a group, or no longer."""
    turn = Turn(users.resource.type.name, id=user_id)
    yield turn
    yield from _joined(user_id, group_id, users, is_in=is_in)
    yield Over(turn)


def _joined(user_id: str, group_id: str, users: Mapping, *, is_in: bool) -> Generator[Asked, Any, None]:
    record = yield from record_of(user_id, users)
    if record is None:
        if is_in:
            raise _stranger(1, users)
        return  # gone, and so no member of anything
    user = resource_of(record, users.resource)
    others = [each for each in user.get("groups", []) if each["value"] != group_id]
    wanted = user | {"groups": [*others, *([{"value": group_id}] if is_in else [])]}
    try:
        yield from written(user_id, record, wanted, users)
    except NotFound:
        # It is the user who has gone meanwhile: passed on, this would tell the client that the group has.
        if is_in:
            raise _stranger(1, users) from None


def _sent(change: MemberCall, ids: Iterable[str], group_id: str, mapping: Mapping) -> Generator[Asked, Any, bool]:
    """Send the calls that add or remove these members, and tell whether one of them may not have been done."""
    collection = mapping.resource.collection
    listed = [int(each) if collection and collection.as_numbers else each for each in ids]
    uncertain = False
    for at in range(0, len(listed), change.most):
        some = listed[at : at + change.most]
        outcome = yield write_call(change.route, mapping, id=group_id, member=some[0], members=some)
        if is_uncertain(outcome, mapping):
            uncertain = True
        elif not is_success(outcome, mapping):
            error = refusal(outcome, mapping, "members were changed")
            if mapping.meaning(outcome)[0] not in _HARMLESS:
                raise error
    return uncertain


def _judge(left: set[str], missing: set[str], mapping: Mapping, *, uncertain: bool) -> None:
    """Raise when a fresh look shows other members than were asked for."""
    if not left and not missing:
        return
    if uncertain:
        raise Unavailable(
            f"The {mapping.upstream} broke off while members were changed, and a fresh read shows that "
            f"{len(left) + len(missing)} of the changes are not done. Try again: what is done is not done twice."
        )
    if missing:
        raise _stranger(len(missing), mapping)
    raise BadReply(f"The {mapping.upstream} said that it removed members, but {len(left)} of them are still there.")


def _stranger(count: int, mapping: Mapping) -> InvalidValue:
    return InvalidValue(
        f"{count} of the members cannot be added: the {mapping.upstream} has no such user. "
        "Provision the users before the groups, and let no group be a member of another."
    )
