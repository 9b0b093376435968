"""The rules of a file made ready: every name resolved, every table shown to be reversible, or the error at its line."""

from typing import Any

import msgspec

from adapter.errors import InvalidPath
from adapter.mapping import document, fields
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.rules import Calls, Element, Rule, Way
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.transforms import Number, Part, Same, Table, Transform, same
from adapter.scim.filter import Compare, Place, read_place
from adapter.scim.match import folded
from adapter.scim.patch import target_of
from adapter.scim.schema import ResourceType, Target, has_type
from adapter.scim.user import ENTERPRISE_USER, USER

_FULL_USER = ResourceType("User", "/Users", USER, (ENTERPRISE_USER,))


class RuleLoader:
    """Judges the rules of one resource, each at its own place in the file."""

    def __init__(self, source: Source, calls: CallLoader) -> None:
        self.source, self.calls = source, calls

    def rules(self, read: list[document.Attribute], path: Path) -> list[Rule]:
        """Return the rules made ready; raises MappingError at the first that cannot be."""
        rules: list[Rule] = []
        for at, each in enumerate(read):
            rule = self._rule(each, (*path, at))
            if _meant(rule) in map(_meant, rules):
                raise self.source.error((*path, at, "scim"), f"'{rule}' has a rule already; keep one of them")
            written = [one.write.field for one in rules if one.write]
            shared = bool(each.part) and any(
                one.write and one.write.field == each.field and one.joined for one in rules
            )
            if rule.write and not shared and any(fields.overlap(rule.write.field, one) for one in written):
                here = (*path, at, "write", "field") if each.write else (*path, at, "field")
                raise self.source.error(here, f"the field '{rule.write.field}' is written twice; keep one of them")
            rules.append(rule)
        rules = [self._joined(read, rules, at, path) for at in range(len(rules))]
        for at, rule in enumerate(rules):
            self._default(rule, rules, (*path, at, "default"))
        return rules

    def _joined(self, read: list[document.Attribute], rules: list[Rule], at: int, path: Path) -> Rule:
        """Return a rule for one part of a field with both of its attributes; both parts must be there."""
        part = read[at].part
        if part is None:
            return rules[at]
        other = [each for each in range(len(read)) if read[each].field == read[at].field and each != at]
        if [read[each].part for each in other] != ["last" if part == "first" else "first"]:
            message = "a field with parts needs two rules: one with part: first and one with part: last"
            raise self.source.error((*path, at, "part"), message)
        both = (rules[at].target, rules[other[0]].target)
        return msgspec.structs.replace(rules[at], joined=both if part == "first" else both[::-1])

    def _default(self, rule: Rule, rules: list[Rule], path: Path) -> None:
        """Refuse a default that a create could not write."""
        kind = rule.target.leaf.type
        if isinstance(rule.default, document.From):
            name = rule.default.attribute
            source = next((each for each in rules if str(each) == name), None)
            if source is None:
                known = [str(each) for each in rules]
                raise self.source.error((*path, "attribute"), unknown("attribute", name, known, "name one with a rule"))
            if source.target.leaf.type != kind:
                raise self.source.error((*path, "attribute"), f"{rule} is a {kind}, and {name} is none")
        elif rule.default is not None:
            if type(rule.default) is not _PYTHON[kind]:
                raise self.source.error(path, f"the default of {rule} must be a {kind}")
            table = rule.write.transform if rule.write else None
            if isinstance(table, Table) and not any(same(rule.default, left) for left, _ in table.rows):
                raise self.source.error(
                    path, f"'{rule.default}' is not in the table; add a row, or take another default"
                )

    def _rule(self, read: document.Attribute, path: Path) -> Rule:
        target, element = self._target(read.scim, (*path, "scim"))
        own = target.leaf.mutability
        if own in ("readOnly", "writeOnly") and read.mutability != own:
            raise self.source.error(path, f"{read.scim} is {own} in SCIM; say mutability: {own}")
        rule = Rule(
            target=target,
            element=element,
            read=None,
            write=None,
            mutability=read.mutability,
            required=read.required,
            default=read.default,
            clear=read.clear or "null",  # unquoted, the word null is nothing
            unsupported=read.unsupported,
        )
        if read.value is not None:
            return self._constant(rule, read, path)
        return self._directed(rule, read, path)

    def _constant(self, rule: Rule, read: document.Attribute, path: Path) -> Rule:
        """Return a rule whose value every record has; it has no field, and nothing is ever written."""
        if read.field or read.read or read.write or read.values:
            raise self.source.error(
                (*path, "value"), "a value that every user has needs no field; take one of them out"
            )
        if read.kept_as is not None:
            raise self.source.error((*path, "kept_as"), "a value that every user has is kept nowhere; take kept_as out")
        if type(read.value) is not _PYTHON[rule.target.leaf.type]:
            raise self.source.error((*path, "value"), f"the value of {rule} must be a {rule.target.leaf.type}")
        return msgspec.structs.replace(rule, constant=read.value)

    def _directed(self, rule: Rule, read: document.Attribute, path: Path) -> Rule:
        """Return the rule with how it reads and how it writes; one may be missing if `mutability` says so."""
        self._keys(read, path)
        target = rule.target
        reading, writing, calls = self._reading(read, path, target), None, None
        if read.mutability == "writeOnly":
            reading = None
        if read.mutability != "readOnly":
            writing, calls = self._writing(read, path, target)
        if reading is None and writing is None and calls is None:
            raise self.source.error(path, "the rule names no field; add field, or read and write")
        if writing is None and calls is None and read.mutability != "readOnly":
            raise self.source.error(path, "the rule cannot write; add write, or say mutability: readOnly")
        if reading is None and read.mutability != "writeOnly":
            raise self.source.error(path, "the rule cannot read; add read, or say mutability: writeOnly")
        if read.kept_as is not None:
            reading, writing = (self._number(way, read, path, target) for way in (reading, writing))
        if read.part is not None:
            reading, writing = self._part(read, path, target)
        only = read.write.only if read.write else None
        joined = (target,) if read.part else ()
        return msgspec.structs.replace(rule, read=reading, write=writing, calls=calls, only=only, joined=joined)

    def _number(self, way: Way | None, read: document.Attribute, path: Path, target: Target) -> Way | None:
        if target.leaf.type != "string" or not all(each is None or each.transform == Same() for each in (way,)):
            raise self.source.error((*path, "kept_as"), f"{read.scim} is no text without a table; take kept_as out")
        return way and Way(way.field, Number())

    def _part(self, read: document.Attribute, path: Path, target: Target) -> tuple[Way, Way]:
        if read.field is None or read.values or read.kept_as or read.mutability != "readWrite":
            raise self.source.error((*path, "part"), "a part goes with field, and with no table and no mutability")
        if target.leaf.type != "string" or target.attribute.multi_valued:
            raise self.source.error((*path, "part"), f"{read.scim} is no text, so it is no part of one")
        if not read.lossy:
            message = "two attributes in one field lose where a name of three words divides; say lossy: true if it may"
            raise self.source.error((*path, "part"), message)
        way = Way(read.field, Part(read.part or "first"))
        return way, way

    def _keys(self, read: document.Attribute, path: Path) -> None:
        """Refuse keys that contradict each other."""
        if read.unsupported is not None:
            raise self.source.error((*path, "unsupported"), "unsupported goes with a value that every user has")
        if read.field is not None and (read.read or read.write):
            raise self.source.error(path, "give field for both directions, or read and write for one each, not both")
        if read.values is not None and read.field is None:
            raise self.source.error((*path, "values"), "a table beside read and write belongs inside them")
        if read.mutability == "readOnly" and (read.write or read.required or read.default is not None):
            raise self.source.error(path, "a readOnly rule has no write, no default and is never required")
        if read.mutability == "writeOnly" and read.read:
            raise self.source.error((*path, "read"), "a writeOnly rule is never read; take read out")

    def _reading(self, read: document.Attribute, path: Path, target: Target) -> Way | None:
        if read.read is not None:
            side, here = read.read, (*path, "read")
            if side.otherwise is not None and side.values is None:
                raise self.source.error((*here, "otherwise"), "otherwise goes with a table; add values")
            if side.otherwise is not None and type(side.otherwise) is not _PYTHON[target.leaf.type]:
                raise self.source.error((*here, "otherwise"), f"otherwise must be a {target.leaf.type}")
            table = self._table(side.values, (*here, "values"), target, otherwise=side.otherwise)
            return Way(side.field, table)
        return Way(read.field, self._table(read.values, (*path, "values"), target)) if read.field else None

    def _writing(self, read: document.Attribute, path: Path, target: Target) -> tuple[Way | None, Calls | None]:
        side, here = read.write, (*path, "write")
        if side is None:
            table = self._table(read.values, (*path, "values"), target)
            return (Way(read.field, table) if read.field else None), None
        if (side.field is None) == (side.calls is None):
            raise self.source.error(here, "a rule writes into a field or by calls; give one of the two")
        if side.calls is None:
            return Way(side.field or "", self._table(side.values, (*here, "values"), target)), None
        if side.values is not None or side.only is not None:
            raise self.source.error(here, "a table and only go with a field; each call has its own value")
        return None, self._calls(side.calls, (*here, "calls"), target)

    def _calls(self, read: list[document.OwnCall], path: Path, target: Target) -> Calls:
        routes: list[tuple[Any, Any]] = []
        for at, each in enumerate(read):
            if each.value is not None and type(each.value) is not _PYTHON[target.leaf.type]:
                raise self.source.error((*path, at, "value"), f"the value must be a {target.leaf.type}")
            if any(own is None or same(own, each.value) for own, _ in routes):
                raise self.source.error((*path, at), "an earlier call takes this value already; keep one of them")
            routes.append(
                (each.value, self.calls.route(each, (*path, at), ("POST", "PUT", "PATCH", "DELETE"), "id", "value"))
            )
        if target.leaf.type == "boolean" and len(routes) == 1 and routes[0][0] is not None:
            raise self.source.error(path, f"{target} is true or false; add a call for the other")
        return Calls(tuple(routes))

    def _table(
        self, rows: list[tuple[Any, Any]] | None, path: Path, target: Target, *, otherwise: Any = None
    ) -> Transform:
        """Return the transform for a table; what cannot be undone is refused."""
        if rows is None:
            return Same()
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value in ("", None) or isinstance(value, list | dict):
                    message = "a table holds single values; an empty one means no value, and needs no row"
                    raise self.source.error((*path, at, column), message)
            for column, side in enumerate(("SCIM value", "upstream value")):
                if any(same(row[column], before[column]) for before in rows[:at]):
                    raise self.source.error(
                        (*path, at, column),
                        f"{side} '{_shown(row[column])}' is in the table twice: it cannot be undone",
                    )
            if type(row[0]) is not _PYTHON[target.leaf.type]:
                raise self.source.error(
                    (*path, at, 0), f"'{_shown(row[0])}' is not a {target.leaf.type}, and {target} is one"
                )
        whole = len(rows) + (otherwise is not None)
        if target.leaf.type == "boolean" and whole != 2:  # noqa: PLR2004 (true and false)
            raise self.source.error(path, f"{target} is true or false; the table needs a row for each")
        return Table(tuple(rows), otherwise)

    def _target(self, text: str, path: Path) -> tuple[Target, Element | None]:
        """Return what a rule's `scim` path means, and which element of a list."""
        place = place_of(text, path, self.source)
        target = target_of(place, _FULL_USER)
        if target is None:
            raise self.source.error(path, _unknown_attribute(text, place))
        if target.attribute.name in ("id", "meta", "groups"):
            raise self.source.error(path, f"'{text}' is made by the gateway itself; take this rule out")
        name = target.attribute.name
        if place.inner is None and target.attribute.multi_valued:
            raise self.source.error(path, f"'{text}' is a list; say which element: {name}[type eq \"work\"].value")
        if place.inner is not None and not target.attribute.multi_valued:
            raise self.source.error(path, f"'{name}' is no list, so no element can be chosen; take the brackets out")
        if target.leaf.type == "complex":
            subs = ", ".join(each.name for each in target.leaf.sub_attributes)
            raise self.source.error(path, f"'{text}' has parts; map one of them: {subs}")
        return target, None if place.inner is None else self._element(place, target, path)

    def _element(self, place: Place, target: Target, path: Path) -> Element:
        inner = place.inner
        key = target.attribute.sub(inner.path.name) if isinstance(inner, Compare) and inner.operator == "eq" else None
        if not isinstance(inner, Compare) or key is None or key == target.sub:
            name = target.attribute.name
            raise self.source.error(path, f'an element is chosen as in {name}[type eq "work"].value')
        if not has_type(key, inner.value):
            raise self.source.error(path, f"{key.name} is a {key.type}, and '{_shown(inner.value)}' is none")
        return Element(key.name, inner.value)


def place_of(text: str, path: Path, source: Source) -> Place:
    """Return what a SCIM path in the file means; a path that cannot be read is an error at its place."""
    try:
        return read_place(text)
    except InvalidPath as error:
        raise source.error(path, error.detail.replace("The path", f"'{text}'", 1).rstrip(".")) from None


def _unknown_attribute(text: str, place: Place) -> str:
    """Return the message for a path that names nothing: the nearest attribute, or part of one, that there is."""
    whole = _FULL_USER.target(msgspec.structs.replace(place.path, sub=None))
    if whole is not None:
        parts = [each.name for each in whole.attribute.sub_attributes]
        return unknown(f"part of {whole}", place.path.sub or place.sub or "", parts, "" if parts else "it has none")
    extension = next((each for each in _FULL_USER.extensions if each.attribute(text)), None)
    if extension is not None:
        return f"unknown attribute '{text}': did you mean '{extension.id}:{text}'?"
    names = [each.name for each in USER.attributes]
    return unknown("attribute", text, names, "see RFC 7643 section 4.1 for the attributes of a User")


def _meant(rule: Rule) -> tuple[str, Any]:
    """Return what tells two rules apart: `emails[type eq "Work"].value` means the same as with `work`."""
    key = rule.target.attribute.sub(rule.element.key) if rule.element else None
    value = folded(key, rule.element.value) if rule.element and key else None
    return (str(rule.target), rule.element and (rule.element.key, value))


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode().strip('"')


_PYTHON: dict[str, type] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "reference": str,
    "dateTime": str,
    "binary": str,
}
