"""A resource of a file made ready: its routes, its rules and what ties them together, or the errors at their lines."""

from typing import Any

import msgspec

from adapter.mapping import document, fields
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.faults import Faults
from adapter.mapping.mapping import Pushed, ResourceMapping
from adapter.mapping.offered import offered
from adapter.mapping.route import Route, Unsupported
from adapter.mapping.rule_loader import RuleLoader
from adapter.mapping.rules import Element, Rule
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.target_loader import TargetLoader, place_of, user_type
from adapter.mapping.template import Method, Template
from adapter.mapping.transforms import same
from adapter.scim.patch import target_of
from adapter.scim.schema import ResourceType, Target
from adapter.scim.user import ENTERPRISE_USER, USER

_TAKEN = (USER.id, ENTERPRISE_USER.id)


class ResourceLoader:
    """Judges the resource; every method knows the way to the part that it judges."""

    def __init__(self, source: Source, read: document.Document, calls: CallLoader) -> None:
        self.source, self.read, self.calls = source, read, calls
        self.settings = {each.name: each for each in read.settings}

    def resource(self) -> ResourceMapping:
        """Return the resource made ready; raises MappingError when it cannot be, with all its faults."""
        read, path = self.read.resources[0], ("resources", 0)
        faults, routes, way = Faults(), read.routes, (*path, "routes")
        self._extensions(read.extensions, (*path, "extensions"))
        every = user_type(read.extensions)
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
        removing: tuple[Method, ...] = ("DELETE", "POST", "PATCH", "PUT")
        delete = faults.tried(lambda: calls.offered(routes.delete, (*way, "delete"), removing, "delete", "id"))
        if rules is None or listing is None:
            faults.told()
        assert rules is not None and listing is not None  # noqa: S101, PT018 (else there was a fault)
        faults.tried(lambda: self._on_create(read, path, rules))
        resource_type = offered(rules, every)
        faults.tried(lambda: self._user_name(rules, (*path, "attributes")))
        faults.tried(lambda: self._disabling(read, (*path, "attributes")))
        faults.tried(lambda: self._listing(routes.list, (*way, "list"), rules))
        revive = faults.tried(lambda: self._revive(routes.delete, (*way, "delete"), rules))
        pushed = [
            faults.tried(lambda each=each, at=at: self._pushed(each, (*way, "find", at), resource_type, rules))  # type: ignore[misc]
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
            list=listing,
            get=get,
            create=create,
            update=update,
            delete=delete,
        )

    def _getting(self, read: document.Getting, path: Path) -> Route | Unsupported | None:
        if read.by == "call":
            return self.calls.offered(read, path, ("GET", "POST"), "get", "id")
        if self.read.resources[0].routes.list.unsupported is not None:
            raise self.source.error(path, "a get by list needs a list, and there is none; give get a call of its own")
        if read.call is not None:
            raise self.source.error((*path, "call"), "a get by list makes no call of its own; take call out")
        return None

    def _creating(self, read: document.Creating, path: Path) -> document.Creating:
        if read.call is not None and read.id is None and read.record is None:
            raise self.source.error(path, "say where the reply has the new record's id, or the whole record: add id")
        routes = self.read.resources[0].routes
        if read.call is not None and read.record is None and routes.get.by == "call" and routes.get.call is None:
            raise self.source.error(path, "a new user is read again by get, and there is no such call; add record")
        if read.call is not None and routes.list.call is None and not any(map(_settles, routes.find)):
            message = (
                "after a create that breaks off nothing could tell whether the user is there; add a list, or a find "
                "for 'userName eq' with case: ignored"
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

    def _user_name(self, rules: list[Rule], path: Path) -> None:
        """Refuse a mapping under which a user could be without a userName, or could not be found by it."""
        at = next((at for at, rule in enumerate(rules) if str(rule) == "userName"), None)
        if at is None:
            raise self.source.error(path, "no rule maps userName; every user needs one (RFC 7643 section 4.1)")
        if not rules[at].required or rules[at].read is None:
            message = "userName must be read, written and required: true (RFC 7643 section 4.1)"
            raise self.source.error((*path, at), message)

    def _listing(self, read: document.Listing, path: Path, rules: list[Rule]) -> None:
        missing = next((name for name in ("records", "page") if getattr(read, name) is None), None)
        if read.call is not None and missing is not None:
            raise self.source.error(path, f"the key '{missing}' is missing here; add it")
        known = [str(each) for each in rules]
        for at, name in enumerate(read.lacks):
            if name not in known:
                raise self.source.error((*path, "lacks", at), unknown("attribute", name, known, "name one with a rule"))
        if read.lacks and self.read.resources[0].routes.get.by == "list":
            raise self.source.error((*path, "lacks"), "a get by list cannot show what the list lacks; give get a call")
        self._not_paged(read.query, (*path, "query"), read.page)
        for at, also in enumerate(read.also):
            self._not_paged(also, (*path, "also", at), read.page)
            for name, text in also.items():
                self.calls.placeholders(text, (*path, "also", at, name), [])

    def _not_paged(self, query: dict[str, str], path: Path, page: document.Page | None) -> None:
        """Refuse a query parameter that the paging sets."""
        for name in query:
            if name in [getattr(page, each, None) for each in ("number", "size", "offset", "cursor")]:
                raise self.source.error(path, f"'{name}' is set by page; take it out here", at_key=name)

    def _pushed(self, read: document.Find, path: Path, resource_type: ResourceType, rules: list[Rule]) -> Pushed:
        attribute, _, operator = read.filter.rpartition(" ")
        if operator != "eq":
            raise self.source.error(
                (*path, "filter"), f"'{read.filter}' must be an attribute and the operator eq: userName eq"
            )
        place = place_of(attribute, (*path, "filter"), self.source)
        target = target_of(place, resource_type)
        element = None
        if target is not None and place.inner is not None:
            _, element = TargetLoader(self.source, resource_type).target(attribute, (*path, "filter"), every=False)
        if target is None or not _is_mapped(target, element, rules):
            raise self.source.error((*path, "filter"), f"no rule maps '{attribute}'; add one, or take this filter out")
        if read.call is not None:
            if read.record is None:
                raise self.source.error(path, "say where the reply of this call has the record: add record")
            return Pushed(target, read, self.calls.route(read, path, ("GET", "POST"), "find", "value"), element)
        if self.read.resources[0].routes.list.call is None:
            raise self.source.error(path, "this query goes by the list call, and there is none; add a call of its own")
        self._not_paged(read.query, (*path, "query"), self.read.resources[0].routes.list.page)
        for name, text in read.query.items():
            self.calls.placeholders(text, (*path, "query", name), ["value"])
        if not any("value" in Template(text).names for text in read.query.values()):
            raise self.source.error((*path, "query"), "no part of the query holds {value}, so every user would match")
        return Pushed(target, read, element=element)

    def _on_create(self, read: document.Resource, path: Path, rules: list[Rule]) -> None:
        taken = [field for rule in rules if rule.write for field in rule.write.fields]
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


def _settles(find: document.Find) -> bool:
    """Tell whether a search says for certain whether a user of some userName is there."""
    return find.filter.lower() == "username eq" and find.case == "ignored" and find.misses == "believed"


def _is_mapped(target: Target, element: Element | None, rules: list[Rule]) -> bool:
    """Tell whether a rule is about this attribute; for one element of a list, about this element."""
    own = [each for each in rules if str(each.target) == str(target)]
    return bool(own) if element is None else any(each.element == element for each in own)


def _is_removal(own: document.OwnCall, removal: document.Deleting) -> bool:
    return (own.call, own.query, own.body) == (removal.call, removal.query, removal.body)


def _reads_as_a_value(rule: Rule, field: str, value: Any) -> bool:
    """Tell whether a rule that disables a user would leave this value in this field."""
    if rule.write is None or rule.write.field != field:
        return False
    disabled: Any = False
    return same(rule.write.transform.to_upstream(disabled, str(rule)), value)
