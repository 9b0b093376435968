"""The rules of a file made ready: every name resolved, every table shown to be reversible, or the error at its line."""

from typing import Any

import msgspec

from adapter.errors import InvalidPath
from adapter.mapping import document
from adapter.mapping.rules import Element, Rule, Way
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.transforms import Same, Table, Transform, same
from adapter.scim.filter import Compare, Place, read_place
from adapter.scim.patch import target_of
from adapter.scim.schema import ResourceType, Target
from adapter.scim.user import ENTERPRISE_USER, USER

_FULL_USER = ResourceType("User", "/Users", USER, (ENTERPRISE_USER,))


class RuleLoader:
    """Judges the rules of one resource, each at its own place in the file."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def rules(self, read: list[document.Attribute], path: Path) -> list[Rule]:
        """Return the rules made ready; raises MappingError at the first that cannot be."""
        rules: list[Rule] = []
        for at, each in enumerate(read):
            rule = self._rule(each, (*path, at))
            if str(rule) in map(str, rules):
                raise self.source.error((*path, at, "scim"), f"'{rule}' has a rule already; keep one of them")
            written = [one.write.field for one in rules if one.write]
            if rule.write and rule.write.field in written:
                raise self.source.error(
                    (*path, at), f"the field '{rule.write.field}' is written twice; keep one of them"
                )
            rules.append(rule)
        for at, each in enumerate(read):
            if isinstance(each.default, document.From) and each.default.attribute not in map(str, rules):
                message = unknown(
                    "attribute", each.default.attribute, list(map(str, rules)), "name one that has a rule"
                )
                raise self.source.error((*path, at, "default", "attribute"), message)
        return rules

    def _rule(self, read: document.Attribute, path: Path) -> Rule:
        target, element = self._target(read.scim, (*path, "scim"))
        sides = self._sides(read, path, target)
        if isinstance(read.default, str | bool | int) and type(read.default) is not _PYTHON[target.leaf.type]:
            raise self.source.error((*path, "default"), f"the default of {read.scim} must be a {target.leaf.type}")
        return Rule(
            target=target,
            element=element,
            read=sides[0],
            write=sides[1],
            mutability=read.mutability,
            required=read.required,
            default=read.default,
            clear=read.clear,
        )

    def _sides(self, read: document.Attribute, path: Path, target: Target) -> tuple[Way | None, Way | None]:
        """Return how the rule reads and how it writes, either of which may be missing if `mutability` says so."""
        if read.field is not None and (read.read or read.write):
            raise self.source.error(path, "give field for both directions, or read and write for one each, not both")
        if read.values is not None and read.field is None:
            raise self.source.error((*path, "values"), "a table beside read and write belongs inside them")
        both = read.field and document.Side(field=read.field, values=read.values)
        reading = self._way(read.read or both, (*path, "read"), path, target)
        writing = self._way(read.write or both, (*path, "write"), path, target)
        if read.mutability == "readOnly":
            if read.write or read.required or read.default is not None:
                raise self.source.error(path, "a readOnly rule has no write, no default and is never required")
            writing = None
        if read.mutability == "writeOnly":
            if read.read:
                raise self.source.error((*path, "read"), "a writeOnly rule is never read; take read out")
            reading = None
        if reading is None and writing is None:
            raise self.source.error(path, "the rule names no field; add field, or read and write")
        if writing is None and read.mutability != "readOnly":
            raise self.source.error(path, "the rule cannot write; add write, or say mutability: readOnly")
        if reading is None and read.mutability != "writeOnly":
            raise self.source.error(path, "the rule cannot read; add read, or say mutability: writeOnly")
        return reading, writing

    def _way(self, side: document.Side | str | None, path: Path, rule: Path, target: Target) -> Way | None:
        if not isinstance(side, document.Side):
            return None
        here = (*path, "values") if path in self.source.places else (*rule, "values")
        return Way(side.field, self._table(side.values, here, target))

    def _table(self, rows: list[tuple[Any, Any]] | None, path: Path, target: Target) -> Transform:
        """Return the transform for a table; what cannot be undone is refused."""
        if rows is None:
            return Same()
        for at, row in enumerate(rows):
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
        if target.leaf.type == "boolean" and len(rows) != 2:  # noqa: PLR2004 (true and false)
            raise self.source.error(path, f"{target} is true or false; the table needs a row for each")
        return Table(tuple(rows))

    def _target(self, text: str, path: Path) -> tuple[Target, Element | None]:
        """Return what a rule's `scim` path means, and which element of a list."""
        place = place_of(text, path, self.source)
        target = target_of(place, _FULL_USER)
        if target is None:
            names = [each.name for schema in _FULL_USER.schemas for each in schema.attributes]
            message = unknown("attribute", text, names, "see RFC 7643 section 4.1 for the attributes of a User")
            raise self.source.error(path, message)
        if target.leaf.type == "complex":
            subs = ", ".join(each.name for each in target.leaf.sub_attributes)
            raise self.source.error(path, f"'{text}' has parts; map one of them: {subs}")
        if target.attribute.name in ("id", "meta", "groups"):
            raise self.source.error(path, f"'{text}' is made by the gateway itself; take this rule out")
        if place.inner is None:
            if target.attribute.multi_valued:
                name = target.attribute.name
                raise self.source.error(path, f"'{text}' is a list; say which element: {name}[type eq \"work\"].value")
            return target, None
        return target, self._element(place, target, path)

    def _element(self, place: Place, target: Target, path: Path) -> Element:
        inner = place.inner
        key = target.attribute.sub(inner.path.name) if isinstance(inner, Compare) and inner.operator == "eq" else None
        if not isinstance(inner, Compare) or key is None or not target.attribute.multi_valued or key == target.sub:
            name = target.attribute.name
            raise self.source.error(path, f'an element is chosen as in {name}[type eq "work"].value')
        return Element(key.name, inner.value)


def place_of(text: str, path: Path, source: Source) -> Place:
    """Return what a SCIM path in the file means; a path that cannot be read is an error at its place."""
    try:
        return read_place(text)
    except InvalidPath as error:
        raise source.error(path, error.detail.replace("The path", f"'{text}'", 1).rstrip(".")) from None


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
