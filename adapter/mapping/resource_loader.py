"""A resource of a file made ready: its routes, its rules and what ties them together, or the errors at their lines."""

from typing import Any

import msgspec

from adapter.mapping import document, fields
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.faults import Faults
from adapter.mapping.find_loader import FindLoader
from adapter.mapping.members_loader import MembersLoader
from adapter.mapping.offered import offered
from adapter.mapping.resource import NAMING, ResourceMapping
from adapter.mapping.route import Route, Unsupported
from adapter.mapping.rule_loader import RuleLoader
from adapter.mapping.rules import Rule
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.target_loader import type_of
from adapter.mapping.transforms import same
from adapter.scim.group import GROUP
from adapter.scim.user import ENTERPRISE_USER, USER

_TAKEN = (USER.id, ENTERPRISE_USER.id, GROUP.id)


class ResourceLoader:
    """Judges the resource; every method knows the way to the part that it judges."""

    def __init__(self, source: Source, read: document.Document, calls: CallLoader, at: int) -> None:
        self.source, self.calls, self.at = source, calls, at
        self.settings = {each.name: each for each in read.settings}
        self.read = read.resources[at]
        self.naming = NAMING[self.read.resource]
        self.has_members = any(_has_members(each) for each in read.resources)
        self.finds = FindLoader(source, calls, self.read.routes)

    def resource(self, before: tuple[ResourceMapping, ...]) -> ResourceMapping:
        """Return the resource made ready, `before` it the users if it is the groups.

        Raises MappingError when it cannot be, with all its faults.
        """
        read, path = self.read, ("resources", self.at)
        faults, routes, way = Faults(), read.routes, (*path, "routes")
        self._extensions(read.extensions, (*path, "extensions"))
        every = type_of(read.resource, read.extensions)
        rules = faults.tried(
            lambda: RuleLoader(self.source, self.calls, every).rules(read.attributes, (*path, "attributes"))
        )
        calls = self.calls
        listing = faults.tried(lambda: calls.offered(routes.list, (*way, "list"), ("GET", "POST"), "list"))
        get = faults.tried(lambda: self._getting(routes.get, (*way, "get")))
        creating = faults.tried(lambda: self._creating(routes.create, (*way, "create")))
        create = faults.tried(lambda: calls.offered(routes.create, (*way, "create"), ("POST", "PUT"), "create"))
        update = faults.tried(
            lambda: calls.offered(routes.update, (*way, "update"), ("PATCH", "PUT", "POST"), "update", "id")
        )
        delete = faults.tried(
            lambda: calls.offered(routes.delete, (*way, "delete"), ("DELETE", "POST", "PATCH", "PUT"), "delete", "id")
        )
        if rules is None or listing is None:
            faults.told()
        assert rules is not None and listing is not None  # noqa: S101, PT018 (else there was a fault)
        faults.tried(lambda: self._on_create(read, path, rules))
        users = before[0] if before else None
        # Without a rule of their own, members and groups are read by calls of the Group.
        gathered = "groups" if users is None and self.has_members else "members" if read.members else None
        resource_type = offered(rules, every, gathered)
        faults.tried(lambda: self._naming(rules, (*path, "attributes")))
        faults.tried(lambda: self._disabling(read, (*path, "attributes")))
        faults.tried(lambda: self._blind(read, (*way, "update", "blind")))
        faults.tried(lambda: self.finds.listing(routes.list, (*way, "list"), rules))
        members = MembersLoader(self.source, self.calls, self.finds)
        collection = faults.tried(lambda: members.collection(read.members, (*path, "members"), rules, users))
        revive = faults.tried(lambda: self._revive(routes.delete, (*way, "delete"), rules))
        pushed = [
            faults.tried(lambda each=each, at=at: self.finds.pushed(each, (*way, "find", at), resource_type, rules))  # type: ignore[misc]
            for at, each in enumerate(routes.find)
        ]
        faults.told()
        assert creating is not None and create is not None and update is not None and delete is not None  # noqa: S101, PT018
        return ResourceMapping(
            type=resource_type,
            id_field=read.id.field,
            id_kind=read.id.kind,
            rules=tuple(rules),
            on_create=tuple(read.on_create),
            listing=routes.list,
            getting=routes.get,
            creating=creating,
            changing=routes.update,
            deleting=routes.delete,
            revive=revive,
            pushed=tuple(each for each in pushed if each is not None),
            protected=tuple(read.protected),
            visible_within=read.visible_within,
            collection=collection,
            by_users=isinstance(read.members, document.ByUsers),
            list=listing,
            get=get,
            create=create,
            update=update,
            delete=delete,
        )

    def _getting(self, read: document.Getting, path: Path) -> Route | Unsupported | None:
        if read.by == "call":
            return self.calls.offered(read, path, ("GET", "POST"), "get", "id")
        if self.read.routes.list.unsupported is not None:
            raise self.source.error(path, "a get by list needs a list, and there is none; give get a call of its own")
        if read.call is not None:
            raise self.source.error((*path, "call"), "a get by list makes no call of its own; take call out")
        return None

    def _blind(self, read: document.Resource, path: Path) -> None:
        changing = read.routes.update
        if changing.blind and changing.sends == "record":
            raise self.source.error(path, "a whole record cannot be sent without reading it first; take blind out")
        if changing.blind and read.routes.delete.leaves is not None:
            raise self.source.error(
                path, "who is removed is told by the record, which blind does not read; keep one of them"
            )
        if changing.blind and read.protected:
            raise self.source.error(
                path, "who is protected is told by the record, which blind does not read; keep one of them"
            )

    def _creating(self, read: document.Creating, path: Path) -> document.Creating:
        if read.call is not None and read.id is None and read.record is None and not read.by_name:
            raise self.source.error(path, "say where the reply has the new record's id, or the whole record: add id")
        routes, noun = self.read.routes, self.read.resource.lower()
        if read.call is not None and read.record is None and routes.get.by == "call" and routes.get.call is None:
            raise self.source.error(path, f"a new {noun} is read again by get, and there is no such call; add record")
        if (
            read.call is not None
            and routes.list.call is None
            and not any(_settles(each, self.naming) for each in routes.find)
        ):
            message = (
                f"after a create that breaks off nothing could tell whether the {noun} is there; add a list, or a find "
                f"for '{self.naming} eq' with case: ignored"
            )
            raise self.source.error(path, message)
        return read

    def _revive(self, read: document.Deleting, path: Path, rules: list[Rule]) -> Route | None:
        """Return the call that brings a removed user back; refuses a removal that could pass for a disabling."""
        if (read.leaves is None) != (read.again is None):
            message = "leaves and again belong together: what tells a removed user, and what a create of its name does"
            raise self.source.error(path, message)
        if read.leaves is None:
            return None
        for rule in rules:
            if str(rule) == "active" and any(
                _reads_as_a_value(rule, read.leaves.field, each) for each in read.leaves.holds
            ):
                message = (
                    "a user who is only disabled has this too, so a disabled user would not be found; find another"
                )
                raise self.source.error((*path, "leaves"), message)
        if read.again == "new user" or read.again is None:
            return None
        return self.calls.route(read.again, (*path, "again"), ("POST", "PUT", "PATCH"), "own", "id")

    def _disabling(self, read: document.Resource, path: Path) -> None:
        """Refuse an attribute whose own call removes the user: it would be disabled in SCIM, and gone upstream."""
        calls = [each.call for each in (read.routes.get, read.routes.update) if each.call is not None]
        removals = [f"DELETE {each.partition(' ')[2]}" for each in calls]
        for at, rule in enumerate(read.attributes):
            for number, own in enumerate(rule.write.calls or [] if rule.write else []):
                here = (*path, at, "write", "calls", number)
                if _is_removal(own, read.routes.delete) or own.call in removals:
                    message = (
                        f"this call removes the user, and {rule.scim} does not mean that; where the upstream cannot "
                        "do it, say unsupported: and a sentence"
                    )
                    raise self.source.error(here, message)

    def _extensions(self, read: list[document.Extension], path: Path) -> None:
        for at, each in enumerate(read):
            if each.urn.lower() in [one.lower() for one in (*(other.urn for other in read[:at]), *_TAKEN)]:
                raise self.source.error((*path, at, "urn"), f"'{each.urn}' is the name of another schema")
            names = [one.name.lower() for one in each.attributes]
            for number, name in enumerate(names):
                if name in names[:number]:
                    message = f"'{each.attributes[number].name}' is declared twice; keep one of them"
                    raise self.source.error((*path, at, "attributes", number, "name"), message)

    def _naming(self, rules: list[Rule], path: Path) -> None:
        """Refuse a mapping under which a user could be without a userName, a group without a displayName, or not be found."""
        name, section = self.naming, "4.1" if self.read.resource == "User" else "4.2"
        at = next((at for at, rule in enumerate(rules) if str(rule) == name), None)
        if at is None:
            noun = self.read.resource.lower()
            raise self.source.error(path, f"no rule maps {name}; every {noun} needs one (RFC 7643 section {section})")
        if not rules[at].required or rules[at].read is None:
            message = f"{name} must be read, written and required: true (RFC 7643 section {section})"
            raise self.source.error((*path, at), message)

    def _on_create(self, read: document.Resource, path: Path, rules: list[Rule]) -> None:
        taken = [field for rule in rules if rule.write and rule.only != "update" for field in rule.write.fields]
        for at, each in enumerate(read.on_create):
            here = (*path, "on_create", at)
            given = [each.value is not msgspec.UNSET, each.setting is not None, each.password is not None]
            if sum(given) != 1:
                raise self.source.error(here, "give exactly one of value, setting and password")
            if each.setting is not None and each.setting not in self.settings:
                raise self.source.error(
                    (*here, "setting"),
                    unknown("setting", each.setting, list(self.settings), "declare it in settings"),
                )
            if any(fields.overlap(each.field, one) for one in taken):
                raise self.source.error(
                    (*here, "field"), f"the field '{each.field}' is written twice; keep one of them"
                )
            taken.append(each.field)


def _has_members(read: document.Resource) -> bool:
    """Tell whether the groups of a file have members at all."""
    ruled = any(each.scim.lower().startswith("members.") for each in read.attributes)
    return read.resource == "Group" and (ruled or read.members is not None)


def _settles(find: document.Find, naming: str) -> bool:
    """Tell whether a search says for certain whether a resource of some name is there."""
    return find.filter.lower() == f"{naming} eq".lower() and find.case == "ignored" and find.misses == "believed"


def _is_removal(own: document.OwnCall, removal: document.Deleting) -> bool:
    return (own.call, own.query, own.body) == (removal.call, removal.query, removal.body)


def _reads_as_a_value(rule: Rule, field: str, value: Any) -> bool:
    """Tell whether a rule that disables a user would leave this value in this field."""
    if rule.write is None or rule.write.field != field:
        return False
    disabled: Any = False
    return same(rule.write.transform.to_upstream(disabled, str(rule)), value)
