"""Record to resource and resource to fields, by a mapping's rules."""

import re
from collections.abc import Collection
from typing import Any

from adapter.errors import BadReply, InvalidValue, Mutability, Unsupported
from adapter.mapping import fields
from adapter.mapping.document import From, Generated, OnCreate
from adapter.mapping.mapping import Choose, Mapping
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.rules import Rule
from adapter.mapping.transforms import same
from adapter.scim.match import folded
from adapter.scim.resource import copied
from adapter.scim.schema import Resource

_TEXT_ID = re.compile(r"[A-Za-z0-9_.~-]{1,200}")  # as the reference says it
_PASSWORD = ("abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789")


def resource_of(record: dict[str, Any], mapping: ResourceMapping, without: Collection[str] = ()) -> Resource:
    """Return the resource that a record stands for, `without` the attributes that are not looked for in it.

    Raises BadReply when the record cannot be believed.
    """
    resource: Resource = {"id": record_id(record, mapping)}
    for name, value_in, put in mapping.readers:
        if name in without:
            continue
        value = value_in(record)
        if value is not None:
            put(resource, value)
    return resource


def record_id(record: dict[str, Any], mapping: ResourceMapping) -> str:
    """Return the id of a record as SCIM has ids, a text.

    Raises BadReply when the record has none that the mapping's kind of id allows.
    """
    value = fields.read(record, mapping.id_field)
    text = str(value) if type(value) in (str, int) else ""
    if not is_id(text, mapping):
        raise BadReply(f"The upstream sent a record without a usable id in its field '{mapping.id_field}'.")
    return text


def is_id(text: str, mapping: ResourceMapping) -> bool:
    """Tell whether a text can be the id of a record: anything else is never sent to the upstream."""
    if mapping.id_kind == "number":
        return text.isascii() and text.isdecimal() and len(text) <= 19 and (text == "0" or text[0] != "0")  # noqa: PLR2004 (digits of a 64-bit number)
    return _TEXT_ID.fullmatch(text) is not None and text not in (".", "..")


def completed(resource: Resource, mapping: Mapping) -> Resource:
    """Return the resource of a create with the defaults that the mapping gives.

    Raises InvalidValue when the upstream needs an attribute that is still not there.
    """
    result = resource
    for rule in mapping.resource.owed:
        value = _stated(rule, result)
        if value is None:
            value = _default(rule, resource, mapping.resource)
            if value is not None:
                result = copied(result) if result is resource else result
                rule.put(result, value)
        if value is None and rule.required:
            raise InvalidValue(f"{rule} is required by the {mapping.upstream}; map it in Entra and give it a value.")
        if rule.is_fixed and value is not None and not same(value, rule.default if rule.read else rule.constant):
            raise Unsupported(rule.unsupported or f"{rule} is the same for every user of the {mapping.upstream}.")
    return result


def new_record(resource: Resource, mapping: Mapping) -> dict[str, Any]:
    """Return the fields that a create call sends for a completed resource."""
    record: dict[str, Any] = {}
    for rule in mapping.resource.creatable:
        value = _stated(rule, resource)
        if value is not None:
            rule.write_into(record, value, resource)
    for each in mapping.resource.on_create:
        fields.written(record, each.field, _made(each, mapping))
    return record


def changes(record: dict[str, Any], wanted: Resource, mapping: ResourceMapping) -> dict[str, Any]:
    """Return the fields to write so that the record stands for the wanted resource; empty when it does already.

    Raises Mutability, InvalidValue or Unsupported when an attribute cannot become what is wanted.
    """
    return fields_of(differing(record, wanted, mapping), wanted)


def fields_of(due: list[tuple[Rule, Any]], wanted: Resource) -> dict[str, Any]:
    """Return the fields to write for the rules whose attribute must change, each with the wanted value."""
    changed: dict[str, Any] = {}
    for rule, value in due:
        rule.write_into(changed, value, wanted)
    return changed


def whole(record: dict[str, Any], wanted: Resource, mapping: ResourceMapping) -> dict[str, Any]:
    """Return the record with its changed fields in place, for an upstream that replaces whole records.

    What no rule names goes back as it was; what the mapping leaves out goes back not at all.
    """
    result = copied(record)
    for rule, value in differing(record, wanted, mapping):
        rule.write_into(result, value, wanted)
    for field in mapping.changing.leave_out:
        fields.without(result, field)
    return result


def is_removed(record: dict[str, Any], mapping: ResourceMapping) -> bool:
    """Tell whether the record is that of a removed user, which the upstream keeps."""
    left = mapping.deleting.leaves
    return left is not None and any(same(fields.read(record, left.field), value) for value in left.holds)


def is_protected(record: dict[str, Any], mapping: ResourceMapping) -> bool:
    """Tell whether the mapping forbids to change or remove this record."""
    return any(same(fields.read(record, each.field), value) for each in mapping.protected for value in each.holds)


def differing(record: dict[str, Any], wanted: Resource, mapping: ResourceMapping) -> list[tuple[Rule, Any]]:
    """Return the rules whose attribute must change, each with the wanted value, None to clear it.

    Raises Mutability, InvalidValue or Unsupported when an attribute cannot become what is wanted.
    """
    found = []
    for rule in mapping.changeable:
        value, before = _stated(rule, wanted), rule.from_record(record)
        if rule.is_as_wanted(record, before, value, wanted):
            continue
        if rule.is_fixed and value is not None:
            raise Unsupported(rule.unsupported or f"{rule} is the same for every user of the upstream.")
        if rule.write is None and rule.calls is None:
            continue
        if rule.mutability == "readOnly" and rule.target.attribute.name not in wanted:
            continue  # what clients cannot write is cleared by none of them: only members write a user's groups
        if (rule.mutability == "immutable" or rule.only == "create") and before is not None:
            raise Mutability(f"{rule} can be set at creation only.")
        if value is None and (rule.required or rule.clear == "refused" or rule.calls is not None):
            raise Mutability(f"{rule} cannot be removed: the upstream needs it.")
        found.append((rule, value))
    return found


def kept(record: dict[str, Any], replacement: Resource, mapping: ResourceMapping) -> Resource:
    """Return the replacement of a PUT with what it leaves out and the upstream cannot clear.

    RFC 7644 section 3.5.1 lets the server decide what happens to an attribute that a PUT does not name. Required
    attributes are not kept: a PUT without them is refused. The members of a group stay where a PUT does not name them,
    because a client that leaves a list of thousands out seldom means to empty it.
    """
    result = copied(replacement)
    for rule in mapping.rules:
        if _stated(rule, replacement) is None and (rule.write is not None or rule.calls is not None):
            if rule.required and rule.default is None:
                raise InvalidValue(f"{rule} is required; send it with the PUT.")
            before = rule.from_record(record)
            # A default is for new resources: a PUT that says nothing of `active` enables nobody.
            stays = rule.clear == "refused" or rule.default is not None
            stays = stays or rule.calls is not None or rule.mutability == "readOnly"
            if (stays or _is_unnamed_list(rule, replacement)) and before is not None:
                rule.put(result, before)
    return result


def _is_unnamed_list(rule: Rule, replacement: Resource) -> bool:
    """Tell whether a rule is about the members of a group that a PUT says nothing of; an empty list says: none."""
    name = rule.target.attribute.name
    return name == "members" and rule.target.extension is None and name not in replacement


def unwritten(
    record: dict[str, Any],
    sent: dict[str, Any],
    wanted: Resource,
    mapping: ResourceMapping,
    own: Collection[str] | None = (),
) -> list[str]:
    """Return the attributes that were sent and that a freshly read record does not show as wanted.

    `own` names those that went by a call of their own; None stands for a new resource, which gets some of them later. What
    cannot be read back is not judged, nor is case where SCIM ignores it.
    """
    return [
        str(rule)
        for rule in mapping.changeable
        if (rule.sent_in(sent) is not fields.ABSENT or (own and str(rule) in own))
        and rule.read is not None
        and not (own is None and rule.is_late)
        and not _is_shown(rule, record, wanted)
    ]


def _is_shown(rule: Rule, record: dict[str, Any], wanted: Resource) -> bool:
    value, shown = _stated(rule, wanted), rule.from_record(record)
    if rule.is_as_wanted(record, shown, value, wanted):
        return True
    leaf = rule.target.leaf
    if rule.every:
        return {folded(leaf, each) for each in shown or []} == {folded(leaf, each) for each in value or []}
    return bool(folded(leaf, shown) == folded(leaf, value))


def late(resource: Resource, wanted: Resource, mapping: ResourceMapping) -> Resource | None:
    """Return what a new user must still become by calls after the one that made it, or None when nothing is left."""
    if not any(rule.is_late for rule in mapping.rules):
        return None
    result = copied(resource)
    for rule in mapping.rules:
        value = _stated(rule, wanted)
        if rule.is_late and value is not None:
            rule.put(result, value)
    return None if result == resource else result


def _stated(rule: Rule, resource: Resource) -> Any:
    """Return the attribute's value, or None for no value; an empty text states nothing, as when it is read."""
    value = rule.value(resource)
    return None if value == "" else value


def _default(rule: Rule, resource: Resource, mapping: ResourceMapping) -> Any:
    if isinstance(rule.default, From):
        source = next(each for each in mapping.rules if str(each) == rule.default.attribute)
        return source.value(resource)
    return rule.default


def _made(each: OnCreate, mapping: Mapping) -> Any:
    if each.setting is not None:
        return mapping.values[each.setting]
    if each.password is not None:
        assert mapping.choose is not None  # noqa: S101 (a mapping is bound before it is used)
        return _password(each.password, mapping.choose)
    return each.value


def _password(rules: Generated, choose: Choose) -> str:
    """Return a random password with a character of each class; no letter that is easily mistaken for another."""
    kinds = (*_PASSWORD, rules.punctuation)
    while True:
        made = "".join(choose("".join(kinds)) for _ in range(rules.length))
        if all(any(each in kind for each in made) for kind in kinds):
            return made
