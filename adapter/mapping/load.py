"""From the text of a mapping file to a `Mapping`, or the error at its line. Nothing about a mapping fails later.

Three steps: YAML with places (`source`), the shape (`document`, checked by msgspec), and here what the shape cannot say:
that names exist, that tables can be undone, that no field is written twice.
"""

import re
from urllib.parse import unquote

import msgspec

from adapter.mapping import document, fields, shape
from adapter.mapping.mapping import Exchange, Mapping, Pushed, ResourceMapping
from adapter.mapping.offered import offered
from adapter.mapping.rule_loader import RuleLoader, place_of
from adapter.mapping.rules import Rule
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.template import CallTemplate, Method, Template, read_call
from adapter.scim.patch import target_of
from adapter.scim.schema import ResourceType

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header field's name (RFC 9110 section 5.6.2)."""


def load(text: str, file: str) -> Mapping:
    """Return the mapping that a file's text describes.

    Raises MappingError with the place of the first fault and the way out.
    """
    source = Source(file, text)
    if not isinstance(source.data, dict):
        raise source.error((), "a mapping file holds keys such as version and upstream, and this one holds none")
    return _Loader(source, shape.read(source)).mapping()


class _Loader:
    """Judges a document and makes it ready; every method knows the way to the part that it judges."""

    def __init__(self, source: Source, read: document.Document) -> None:
        self.source, self.read = source, read
        self.settings = {each.name: each for each in read.settings}
        self.secrets = {each.name for each in read.secrets}

    def mapping(self) -> Mapping:
        read = self.read
        self._names_once("settings", [each.name for each in read.settings])
        self._names_once("secrets", [each.name for each in read.secrets])
        for at, setting in enumerate(read.settings):
            wanted = list if setting.kind == "list" else str
            if setting.default is not None and not isinstance(setting.default, wanted):
                raise self.source.error(
                    ("settings", at, "default"),
                    f"the default of a setting of kind {setting.kind} is a {setting.kind}",
                )
        for at, reply in enumerate(read.replies):
            if reply.contains is not None and reply.field is None:
                raise self.source.error(("replies", at, "contains"), "contains looks into a field; add field")
        return Mapping(
            upstream=read.upstream,
            settings=tuple(read.settings),
            secrets=tuple(read.secrets),
            exchange=self._exchange(),
            in_flight=read.limits.in_flight,
            replies=tuple(read.replies),
            user=self._resource(read.resources[0], ("resources", 0)),
        )

    def _names_once(self, key: str, names: list[str]) -> None:
        for at, name in enumerate(names):
            if name in names[:at]:
                raise self.source.error((key, at, "name"), f"'{name}' is declared twice; keep one of them")

    def _exchange(self) -> Exchange:
        read, path = self.read.credential, ("credential",)
        if "kind" not in self.source.data["credential"]:
            raise self.source.error(path, "the key 'kind' is missing here; add it")
        secrets = [f"secret:{name}" for name in self.secrets]
        headers = []
        for name, text in read.headers.items():
            if not _HEADER.fullmatch(name) or not (text.isascii() and text.isprintable()):
                message = "a header has a name of letters, digits and -, and a text on one line in ASCII"
                raise self.source.error((*path, "headers"), message, at_key=name)
            self._placeholders(text, (*path, "headers", name), [*self._text_settings(), *secrets])
            headers.append((name, Template(text)))
        call = self._call(read.call, (*path, "call"), ("GET", "POST", "PUT"), needs_id=False)
        return Exchange(call, tuple(headers), read.token, read.lifetime)

    def _resource(self, read: document.Resource, path: Path) -> ResourceMapping:
        routes, way = read.routes, (*path, "routes")
        rules = RuleLoader(self.source).rules(read.attributes, (*path, "attributes"))
        self._on_create(read, path, rules)
        resource_type = offered(rules)
        self._user_name(rules, (*path, "attributes"))
        return ResourceMapping(
            type=resource_type,
            id_field=read.id.field,
            id_kind=read.id.kind,
            rules=tuple(rules),
            on_create=tuple(read.on_create),
            listing=self._listing(routes.list, (*way, "list")),
            pushed=tuple(self._pushed(each, (*way, "find", at), resource_type) for at, each in enumerate(routes.find)),
            creating=routes.create,
            record=routes.get.record,
            list=self._call(routes.list.call, (*way, "list", "call"), ("GET",), needs_id=False),
            get=self._call(routes.get.call, (*way, "get", "call"), ("GET",), needs_id=True),
            create=self._call(routes.create.call, (*way, "create", "call"), ("POST", "PUT"), needs_id=False),
            update=self._call(routes.update.call, (*way, "update", "call"), ("PATCH", "PUT", "POST"), needs_id=True),
            delete=self._call(routes.delete.call, (*way, "delete", "call"), ("DELETE", "POST"), needs_id=True),
        )

    def _user_name(self, rules: list[Rule], path: Path) -> None:
        """Refuse a mapping under which a user could be without a userName, or could not be found by it."""
        at = next((at for at, rule in enumerate(rules) if str(rule) == "userName"), None)
        if at is None:
            raise self.source.error(path, "no rule maps userName; every user needs one (RFC 7643 section 4.1)")
        if not rules[at].required or rules[at].read is None:
            message = "userName must be read, written and required: true (RFC 7643 section 4.1)"
            raise self.source.error((*path, at), message)

    def _listing(self, read: document.Listing, path: Path) -> document.Listing:
        self._query(read.query, (*path, "query"), self._text_settings(), read.page)
        return read

    def _query(self, query: dict[str, str], path: Path, known: list[str], page: document.Page) -> None:
        for name, text in query.items():
            if name in (page.number, page.size):
                raise self.source.error(path, f"'{name}' is set by page; take it out here", at_key=name)
            self._placeholders(text, (*path, name), known)

    def _pushed(self, read: document.Find, path: Path, resource_type: ResourceType) -> Pushed:
        attribute, _, operator = read.filter.rpartition(" ")
        if operator != "eq":
            raise self.source.error(
                (*path, "filter"), f"'{read.filter}' must be an attribute and the operator eq: userName eq"
            )
        place = place_of(attribute, (*path, "filter"), self.source)
        target = target_of(place, resource_type) if place.inner is None else None
        if target is None:
            raise self.source.error((*path, "filter"), f"no rule maps '{attribute}'; add one, or take this filter out")
        page = self.read.resources[0].routes.list.page
        self._query(read.query, (*path, "query"), [*self._text_settings(), "value"], page)
        if not any("value" in Template(text).names for text in read.query.values()):
            raise self.source.error((*path, "query"), "no part of the query holds {value}, so every user would match")
        return Pushed(target, read)

    def _on_create(self, read: document.Resource, path: Path, rules: list[Rule]) -> None:
        taken = [rule.write.field for rule in rules if rule.write]
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

    def _call(self, text: str, path: Path, methods: tuple[Method, ...], *, needs_id: bool) -> CallTemplate:
        call = read_call(text)
        if "?" in text:
            raise self.source.error(path, f"'{text}' must end before the '?'; a list call has query for the rest")
        if call is None or call.method not in methods:
            example = f"{methods[0]} /users/{{id}}" if needs_id else f"{methods[0]} /users"
            raise self.source.error(path, f"'{text}' is no call; write {_english(methods)} and a path: {example}")
        if any(unquote(each) in (".", "..") for each in call.path.text.split("/")):
            raise self.source.error(path, f"'{text}' holds a step to another path; write out where it leads")
        self._placeholders(text, path, [*self._text_settings(), *(["id"] if needs_id else [])])
        if needs_id and "id" not in call.path.names:
            raise self.source.error(path, f"'{text}' must hold {{id}}: it is about one record")
        return call

    def _placeholders(self, text: str, path: Path, known: list[str]) -> None:
        if Template(text).has_stray_brace:
            raise self.source.error(path, f"a brace in '{text}' has no partner; a placeholder is {{name}}")
        for name in Template(text).names:
            kind, _, own = name.partition(":")
            if name in known:
                continue
            if kind == "secret" and own in self.secrets:
                message = "a secret can stand in the credential's headers only: paths and queries are logged"
            elif kind == "setting" and own in self.settings:
                message = f"the setting '{own}' is a list; only a text can stand here"
            else:
                way_out = f"declare it in {kind}s" if kind in ("setting", "secret") else ""
                message = unknown("placeholder", f"{{{name}}}", [f"{{{each}}}" for each in known], way_out)
            raise self.source.error(path, message)

    def _text_settings(self) -> list[str]:
        return [f"setting:{each.name}" for each in self.read.settings if each.kind == "text"]


def _english(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
