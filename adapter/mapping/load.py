"""From the text of a mapping file to a `Mapping`, or the error at its line. Nothing about a mapping fails later.

Three steps: YAML with places (`source`), the shape (`document`, checked by msgspec), and here what the shape cannot say:
that names exist, that tables can be undone, that no field is written twice.
"""

import msgspec

from adapter.mapping import document, shape
from adapter.mapping.mapping import Exchange, Mapping, Pushed, ResourceMapping
from adapter.mapping.offered import offered
from adapter.mapping.rule_loader import RuleLoader, place_of
from adapter.mapping.rules import Rule
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.template import CallTemplate, Method, Template, read_call
from adapter.scim.patch import target_of
from adapter.scim.schema import ResourceType
from adapter.scim.user import ENTERPRISE_USER, USER

_FULL_USER = ResourceType("User", "/Users", USER, (ENTERPRISE_USER,))


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
        secrets = [f"secret:{name}" for name in self.secrets]
        headers = []
        for name, text in read.headers.items():
            self._placeholders(text, (*path, "headers", name), [*self._text_settings(), *secrets])
            headers.append((name, Template(text)))
        call = self._call(read.call, (*path, "call"), ("GET", "POST", "PUT"), needs_id=False)
        return Exchange(call, tuple(headers), read.token, read.lifetime)

    def _resource(self, read: document.Resource, path: Path) -> ResourceMapping:
        routes, way = read.routes, (*path, "routes")
        rules = RuleLoader(self.source).rules(read.attributes, (*path, "attributes"))
        self._on_create(read, path, rules)
        resource_type = offered(rules)
        if resource_type.schema.attribute("userName") is None:
            raise self.source.error((*path, "attributes"), "no rule maps userName; every user needs one (RFC 7643 4.1)")
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

    def _listing(self, read: document.Listing, path: Path) -> document.Listing:
        for name, text in read.query.items():
            if name in (read.page.number, read.page.size):
                raise self.source.error((*path, "query"), f"'{name}' is set by page; take it out here", at_key=name)
            self._placeholders(text, (*path, "query", name), self._text_settings())
        return read

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
        for name, text in read.query.items():
            self._placeholders(text, (*path, "query", name), [*self._text_settings(), "value"])
        if not any("value" in Template(text).names for text in read.query.values()):
            raise self.source.error((*path, "query"), "no part of the query holds {value}, so every user would match")
        return Pushed(target, read)

    def _on_create(self, read: document.Resource, path: Path, rules: list[Rule]) -> None:
        taken = {rule.write.field for rule in rules if rule.write}
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
            if each.field in taken:
                raise self.source.error(
                    (*here, "field"), f"the field '{each.field}' is written twice; keep one of them"
                )
            taken.add(each.field)

    def _call(self, text: str, path: Path, methods: tuple[Method, ...], *, needs_id: bool) -> CallTemplate:
        call = read_call(text)
        if call is None or call.method not in methods:
            raise self.source.error(
                path, f"'{text}' is no call; write {_english(methods)} and a path: {methods[0]} /users"
            )
        self._placeholders(text, path, [*self._text_settings(), *(["id"] if needs_id else [])])
        if needs_id and "id" not in call.path.names:
            raise self.source.error(path, f"'{text}' must hold {{id}}: it is about one record")
        return call

    def _placeholders(self, text: str, path: Path, known: list[str]) -> None:
        for name in Template(text).names:
            if name not in known:
                raise self.source.error(path, unknown("placeholder", f"{{{name}}}", [f"{{{each}}}" for each in known]))

    def _text_settings(self) -> list[str]:
        return [f"setting:{each.name}" for each in self.read.settings if each.kind == "text"]


def _english(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
