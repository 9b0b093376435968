"""The two directions of a rule made ready: which field, and what happens to the value on the way."""

from typing import Any

from adapter.mapping import document
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.rules import Calls, Way
from adapter.mapping.source import Path, Source
from adapter.mapping.target_loader import shown
from adapter.mapping.template import Method
from adapter.mapping.transforms import Items, Number, Part, Same, Table, Transform, same
from adapter.scim.schema import Target

PYTHON: dict[str, type] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "reference": str,
    "dateTime": str,
    "binary": str,
}
"""What a value of each SCIM type is in Python."""
WRITTEN = dict.fromkeys(PYTHON, "a text, in quotes") | {
    "boolean": "true or false, without quotes",
    "integer": "a whole number, without quotes",
}
"""How a value of each SCIM type is written in a mapping file."""
_WRITING: tuple[Method, ...] = ("POST", "PUT", "PATCH", "DELETE")


class WayLoader:
    """Judges how a rule reads and how it writes, each part at its place in the file."""

    def __init__(self, source: Source, calls: CallLoader) -> None:
        self.source, self.calls = source, calls

    def reading(self, read: document.Attribute, path: Path, target: Target) -> Way | None:
        """Return how a rule reads, if it does."""
        if read.read is not None:
            side, here = read.read, (*path, "read")
            if side.otherwise is not None and side.values is None:
                raise self.source.error((*here, "otherwise"), "otherwise goes with a table; add values")
            if side.otherwise is not None and type(side.otherwise) is not PYTHON[target.leaf.type]:
                raise self.source.error((*here, "otherwise"), f"otherwise must be {WRITTEN[target.leaf.type]}")
            return Way(side.field, self._transform(side, read, here, target))
        return Way(read.field, self._transform(read, read, path, target)) if read.field else None

    def writing(self, read: document.Attribute, path: Path, target: Target) -> tuple[Way | None, Calls | None]:
        """Return how a rule writes: into a field, or by calls of its own."""
        side, here = read.write, (*path, "write")
        if side is None:
            return (Way(read.field, self._transform(read, read, path, target)) if read.field else None), None
        if (side.field is None) == (side.calls is None):
            raise self.source.error(here, "a rule writes into a field or by calls; give one of the two")
        if side.calls is None:
            return Way(side.field or "", self._transform(side, read, here, target)), None
        if side.values is not None or side.only is not None:
            raise self.source.error(here, "a table and only go with a field; each call has its own value")
        return None, self._calls(side.calls, (*here, "calls"), target)

    def part(self, read: document.Attribute, path: Path, target: Target) -> Way:
        """Return both directions of a rule for one part of a field."""
        if read.field is None or read.values or read.kept_as or read.mutability != "readWrite":
            raise self.source.error((*path, "part"), "a part goes with field, and with no table and no mutability")
        if target.leaf.type != "string" or target.attribute.multi_valued:
            raise self.source.error((*path, "part"), f"{read.scim} is no text, so it is no part of one")
        if not read.lossy:
            message = "two attributes in one field lose where a name of three words divides; say lossy: true if it may"
            raise self.source.error((*path, "part"), message)
        return Way(read.field, Part(read.part or "first"))

    def pair(self, read: document.Attribute, path: Path, target: Target) -> Way:
        """Return both directions of a rule for two fields."""
        first, second = read.fields or ("", "")
        if read.field or read.read or read.write or read.values or read.kept_as or read.every:
            raise self.source.error((*path, "fields"), "fields takes the place of every other field; keep one of them")
        if target.leaf.type != "string":
            raise self.source.error((*path, "fields"), f"{read.scim} is no text, so two fields cannot make it up")
        if not read.lossy and read.mutability != "readOnly":
            message = (
                "one attribute in two fields loses where a name of three words divides; say lossy: true if it may, or "
                "mutability: readOnly"
            )
            raise self.source.error((*path, "fields"), message)
        return Way(first, Same(), second)

    def _transform(
        self,
        side: document.Side | document.Writing | document.Attribute,
        rule: document.Attribute,
        path: Path,
        target: Target,
    ) -> Transform:
        """Return what happens to a value in one direction."""
        kept_as = side.kept_as or rule.kept_as
        made: Same | Table | Number
        if kept_as is not None:
            if target.leaf.type != "string" or side.values is not None:
                place = path if side.kept_as else (*path[:-1],)
                raise self.source.error(
                    (*place, "kept_as"), f"{rule.scim} is no text without a table; take kept_as out"
                )
            made = Number()
        else:
            otherwise = side.otherwise if isinstance(side, document.Side) else None
            made = self._table(side.values, (*path, "values"), target, otherwise=otherwise)
        if rule.every is None:
            return made
        return Items(made, None if rule.every == "list" else rule.every.by)

    def _calls(self, read: list[document.OwnCall], path: Path, target: Target) -> Calls:
        routes: list[tuple[Any, Any]] = []
        for at, each in enumerate(read):
            if each.value is not None and type(each.value) is not PYTHON[target.leaf.type]:
                raise self.source.error((*path, at, "value"), f"the value must be {WRITTEN[target.leaf.type]}")
            if any(own is None or same(own, each.value) for own, _ in routes):
                raise self.source.error((*path, at), "an earlier call takes this value already; keep one of them")
            routes.append((each.value, self.calls.route(each, (*path, at), _WRITING, "own", "id", "value")))
        if target.leaf.type == "boolean" and len(routes) == 1 and routes[0][0] is not None:
            raise self.source.error(path, f"{target} is true or false; add a call for the other")
        return Calls(tuple(routes))

    def _table(
        self, rows: list[tuple[Any, Any]] | None, path: Path, target: Target, *, otherwise: Any = None
    ) -> Same | Table:
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
                        f"{side} '{shown(row[column])}' is in the table twice: it cannot be undone",
                    )
            if type(row[0]) is not PYTHON[target.leaf.type]:
                raise self.source.error(
                    (*path, at, 0),
                    f"'{shown(row[0])}' cannot be on the left, where {target} stands: write {WRITTEN[target.leaf.type]}",
                )
        whole = len(rows) + (otherwise is not None)
        if target.leaf.type == "boolean" and whole != 2:  # noqa: PLR2004 (true and false)
            raise self.source.error(path, f"{target} is true or false; the table needs a row for each")
        return Table(tuple(rows), otherwise)
