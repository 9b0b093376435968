"""The rules of a file made ready: every name resolved, every table shown to be reversible, or the error at its line."""

from typing import Any

import msgspec

from adapter.mapping import document, fields
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.faults import Faults
from adapter.mapping.rules import Rule
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.target_loader import TargetLoader
from adapter.mapping.transforms import Table, same
from adapter.mapping.way_loader import PYTHON, WRITTEN, WayLoader
from adapter.scim.match import folded
from adapter.scim.schema import ResourceType, Target


class RuleLoader:
    """Judges the rules of one resource, each at its own place in the file."""

    def __init__(self, source: Source, calls: CallLoader, resource_type: ResourceType) -> None:
        self.source = source
        self.targets, self.ways = TargetLoader(source, resource_type), WayLoader(source, calls)

    def rules(self, read: list[document.Attribute], path: Path) -> list[Rule]:
        """Return the rules made ready; raises MappingError when one cannot be, with the faults of the others."""
        rules, faults = list[Rule](), Faults()
        for at, each in enumerate(read):
            rule = faults.tried(lambda each=each, at=at: self._new(each, rules, (*path, at)))  # type: ignore[misc]
            if rule is not None:
                rules.append(rule)
        faults.told()
        rules = [self._joined(read, rules, at, path) for at in range(len(rules))]
        for at, rule in enumerate(rules):
            faults.tried(lambda rule=rule, at=at: self._default(rule, rules, (*path, at, "default")))  # type: ignore[misc]
        faults.told()
        return rules

    def _new(self, read: document.Attribute, rules: list[Rule], path: Path) -> Rule:
        """Return a rule that stands after others: no attribute and no field may have two."""
        rule = self._rule(read, path)
        if _meant(rule) in map(_meant, rules):
            raise self.source.error((*path, "scim"), f"'{rule}' has a rule already; keep one of them")
        shared = bool(read.part) and any(one.write and one.write.field == read.field and one.joined for one in rules)
        own = rule.write.fields if rule.write and not shared else ()
        written = [field for one in rules if one.write for field in one.write.fields]
        twice = next((field for field in own if any(fields.overlap(field, one) for one in written)), None)
        if twice is not None:
            key = ("fields",) if read.fields else ("write", "field") if read.write else ("field",)
            raise self.source.error((*path, *key), f"the field '{twice}' is written twice; keep one of them")
        return rule

    def _joined(self, read: list[document.Attribute], rules: list[Rule], at: int, path: Path) -> Rule:
        """Return a rule for one part of a field with both of its attributes; both parts must be there."""
        part = read[at].part
        if part is None:
            return rules[at]
        other = [
            each for each in range(len(read)) if read[each].part and read[each].field == read[at].field and each != at
        ]
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
            if type(rule.default) is not PYTHON[kind]:
                raise self.source.error(path, f"the default of {rule} must be {WRITTEN[kind]}")
            table = rule.write.transform if rule.write else None
            if isinstance(table, Table) and not any(same(rule.default, left) for left, _ in table.rows):
                raise self.source.error(
                    path, f"'{rule.default}' is not in the table; add a row, or take another default"
                )

    def _rule(self, read: document.Attribute, path: Path) -> Rule:
        target, element = self.targets.target(read.scim, (*path, "scim"), every=read.every is not None)
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
            every=read.every is not None,
            audit=self._audited(read, target, path),
        )
        if read.keep is not None:
            return self._kept(rule, read, path)
        if read.without_store != "refused":
            raise self.source.error((*path, "without_store"), "nothing is kept here; add keep: here, or take this out")
        if read.value is not None:
            return self._constant(rule, read, path)
        if read.unsupported is not None:
            return self._unchangeable(rule, read, path)
        return self._directed(rule, read, path)

    def _audited(self, read: document.Attribute, target: Target, path: Path) -> document.Audited:
        """Return how the audit trail shows the attribute: what nobody may read there, nobody reads."""
        if read.mutability == "writeOnly":
            if read.audit in ("clear", "hash"):
                message = f"{read.scim} is a secret: the audit trail can mask or drop it; take audit out"
                raise self.source.error((*path, "audit"), message)
            return read.audit or "drop"
        if read.audit is not None:
            return read.audit
        # The trail names whom an event is about by the id, and so it does here.
        is_id = target.extension is None and str(target) in ("members.value", "groups.value")
        return "clear" if target.leaf.type == "boolean" or is_id else "hash"

    def _kept(self, rule: Rule, read: document.Attribute, path: Path) -> Rule:
        """Return a rule whose value the gateway keeps itself; the upstream never hears of it."""
        others = ("field", "fields", "read", "write", "values", "kept_as", "part", "value", "unsupported", "default")
        named = next((name for name in others if getattr(read, name) is not None), None)
        if named is not None or read.required or read.mutability not in ("readWrite", "immutable"):
            message = "what is kept here has no field, no default and no other place; take the rest out of this rule"
            raise self.source.error((*path, "keep"), message)
        if str(rule) in ("userName", "active", "displayName", "members.value", "groups.value"):
            raise self.source.error((*path, "keep"), f"the upstream alone can say what {rule} is; give it a field")
        return msgspec.structs.replace(rule, is_kept=True)

    def _constant(self, rule: Rule, read: document.Attribute, path: Path) -> Rule:
        """Return a rule whose value every record has; it has no field, and nothing is ever written."""
        if read.field or read.read or read.write or read.values or read.fields:
            raise self.source.error(
                (*path, "value"), "a value that every user has needs no field; take one of them out"
            )
        if read.kept_as is not None:
            raise self.source.error((*path, "kept_as"), "a value that every user has is kept nowhere; take kept_as out")
        if type(read.value) is not PYTHON[rule.target.leaf.type]:
            raise self.source.error((*path, "value"), f"the value of {rule} must be {WRITTEN[rule.target.leaf.type]}")
        return msgspec.structs.replace(rule, constant=read.value)

    def _unchangeable(self, rule: Rule, read: document.Attribute, path: Path) -> Rule:
        """Return a rule that reads what the upstream has, and refuses any change with a sentence."""
        reading = self.ways.reading(read, path, rule.target)
        if reading is None or read.write or read.mutability != "readWrite":
            message = (
                "unsupported goes with a value that every user has, or with a field that is read and never written"
            )
            raise self.source.error((*path, "unsupported"), message)
        if read.default is None:
            message = "say which value a new user has: add default; a create with another one is refused"
            raise self.source.error((*path, "unsupported"), message)
        return msgspec.structs.replace(rule, read=reading)

    def _directed(self, rule: Rule, read: document.Attribute, path: Path) -> Rule:
        """Return the rule with how it reads and how it writes; one may be missing if `mutability` says so."""
        self._keys(read, path)
        target = rule.target
        reading, writing, calls = self.ways.reading(read, path, target), None, None
        if read.mutability == "writeOnly":
            reading = None
        if read.mutability != "readOnly" or _is_groups(target):
            writing, calls = self.ways.writing(read, path, target)
        if read.part is not None:
            reading = writing = self.ways.part(read, path, target)
        if read.fields is not None:
            reading = self.ways.pair(read, path, target)
            writing = None if read.mutability == "readOnly" else reading
        if reading is None and writing is None and calls is None:
            raise self.source.error(path, "the rule names no field; add field, or read and write")
        if writing is None and calls is None and read.mutability != "readOnly":
            raise self.source.error(path, "the rule cannot write; add write, or say mutability: readOnly")
        if reading is None and read.mutability != "writeOnly":
            raise self.source.error(path, "the rule cannot read; add read, or say mutability: writeOnly")
        # A new user gets its groups by the members of each group, so no create writes them.
        only = "update" if _is_groups(target) else read.write.only if read.write else None
        joined = (target,) if read.part else ()
        return msgspec.structs.replace(rule, read=reading, write=writing, calls=calls, only=only, joined=joined)

    def _keys(self, read: document.Attribute, path: Path) -> None:
        """Refuse keys that contradict each other."""
        if read.lossy and read.part is None and read.fields is None:
            raise self.source.error((*path, "lossy"), "nothing is lost here; take lossy out")
        if read.field is not None and (read.read or read.write):
            raise self.source.error(path, "give field for both directions, or read and write for one each, not both")
        if read.values is not None and read.field is None:
            raise self.source.error((*path, "values"), "a table beside read and write belongs inside them")
        readable = read.mutability == "readOnly" and not read.scim.lower().startswith("groups.")
        if readable and (read.write or read.required or read.default is not None):
            raise self.source.error(path, "a readOnly rule has no write, no default and is never required")
        if read.mutability == "writeOnly" and read.read:
            raise self.source.error((*path, "read"), "a writeOnly rule is never read; take read out")


def _is_groups(target: Target) -> bool:
    """Tell whether a rule is about a user's groups: read-only in SCIM, and written by the members of the groups."""
    return target.attribute.name == "groups" and target.extension is None


def _meant(rule: Rule) -> tuple[str, Any]:
    """Return what tells two rules apart: `emails[type eq "Work"].value` means the same as with `work`."""
    key = rule.target.attribute.sub(rule.element.key) if rule.element else None
    value = folded(key, rule.element.value) if rule.element and key else None
    return (str(rule.target), rule.element and (rule.element.key, value))
