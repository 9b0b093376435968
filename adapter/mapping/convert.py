"""Record to resource and resource to fields, by a mapping's rules."""

import copy
from typing import Any

from adapter.errors import BadReply, InvalidValue, Mutability
from adapter.mapping import fields
from adapter.mapping.document import From, OnCreate
from adapter.mapping.mapping import Choose, Mapping, ResourceMapping
from adapter.mapping.rules import Rule
from adapter.mapping.transforms import same
from adapter.scim.match import folded
from adapter.scim.schema import Resource

_PASSWORD = ("abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!#%+-=?@_")


def resource_of(record: dict[str, Any], mapping: ResourceMapping) -> Resource:
    """Return the resource that a record stands for.

    Raises BadReply when the record cannot be believed.
    """
    resource: Resource = {"id": record_id(record, mapping)}
    for rule in mapping.rules:
        value = rule.from_record(record)
        if value is not None:
            rule.put(resource, value)
    return resource


def record_id(record: dict[str, Any], mapping: ResourceMapping) -> str:
    """Return the id of a record as SCIM has ids, a text.

    Raises BadReply when the record has none that the mapping's kind of id allows.
    """
    value = fields.read(record, mapping.id_field)
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not is_id(text, mapping):
        raise BadReply(f"The upstream sent a record without a usable id in its field '{mapping.id_field}'.")
    return text


def is_id(text: str, mapping: ResourceMapping) -> bool:
    """Tell whether a text can be the id of a record: anything else is never sent to the upstream."""
    if mapping.id_kind == "number":
        return text.isascii() and text.isdecimal() and len(text) <= 19 and (text == "0" or text[0] != "0")  # noqa: PLR2004 (digits of a 64-bit number)
    kept = all(each.isascii() and (each.isalnum() or each in "_-.~") for each in text)
    return kept and 0 < len(text) <= 200 and text not in (".", "..")  # noqa: PLR2004 (said in the reference)


def completed(resource: Resource, mapping: Mapping) -> Resource:
    """Return the resource of a create with the defaults that the mapping gives.

    Raises InvalidValue when the upstream needs an attribute that is still not there.
    """
    result = copy.deepcopy(resource)
    for rule in mapping.user.rules:
        value = _stated(rule, result)
        if value is None:
            value = _default(rule, resource, mapping.user)
            if value is not None:
                rule.put(result, value)
        if value is None and rule.required:
            raise InvalidValue(f"{rule} is required by the {mapping.upstream}; map it in Entra and give it a value.")
    return result


def new_record(resource: Resource, mapping: Mapping) -> dict[str, Any]:
    """Return the fields that a create call sends for a completed resource."""
    record: dict[str, Any] = {}
    for rule in mapping.user.rules:
        value = _stated(rule, resource)
        if value is not None and rule.write is not None:
            fields.written(record, rule.write.field, rule.to_field(value))
    for each in mapping.user.on_create:
        fields.written(record, each.field, _made(each, mapping))
    return record


def changes(record: dict[str, Any], wanted: Resource, mapping: ResourceMapping) -> dict[str, Any]:
    """Return the fields to write so that the record stands for the wanted resource; empty when it does already.

    Raises Mutability or InvalidValue when an attribute cannot become what is wanted.
    """
    changed: dict[str, Any] = {}
    for rule in mapping.rules:
        if rule.write is None:
            continue
        value, before = _stated(rule, wanted), rule.from_record(record)
        if same(value, before):
            continue
        if rule.mutability == "immutable" and before is not None:
            raise Mutability(f"{rule} can be set at creation only.")
        if value is None and (rule.required or rule.clear == "refused"):
            raise Mutability(f"{rule} cannot be removed: the upstream needs it.")
        fields.written(changed, rule.write.field, rule.to_field(value))
    return changed


def kept(record: dict[str, Any], replacement: Resource, mapping: ResourceMapping) -> Resource:
    """Return the replacement of a PUT with what it leaves out and the upstream cannot clear.

    RFC 7644 section 3.5.1 lets the server decide what happens to an attribute that a PUT does not name. Required
    attributes are not kept: a PUT without them is refused.
    """
    result = copy.deepcopy(replacement)
    for rule in mapping.rules:
        if _stated(rule, replacement) is None and rule.write is not None:
            if rule.required:
                raise InvalidValue(f"{rule} is required; send it with the PUT.")
            before = rule.from_record(record)
            if rule.clear == "refused" and before is not None:
                rule.put(result, before)
    return result


def unwritten(record: dict[str, Any], sent: dict[str, Any], wanted: Resource, mapping: ResourceMapping) -> list[str]:
    """Return the attributes that were sent and that a freshly read record does not show as wanted.

    What cannot be read back is not judged, nor is case where SCIM ignores it.
    """
    return [
        str(rule)
        for rule in mapping.rules
        if rule.read is not None
        and rule.write is not None
        and fields.read(sent, rule.write.field) is not fields.ABSENT
        and folded(rule.target.leaf, rule.from_record(record)) != folded(rule.target.leaf, _stated(rule, wanted))
    ]


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
        return _password(each.password.length, mapping.choose)
    return each.value


def _password(length: int, choose: Choose) -> str:
    """Return a random password with a character of each class; none that is easily mistaken for another."""
    while True:
        made = "".join(choose("".join(_PASSWORD)) for _ in range(length))
        if all(any(each in kind for each in made) for kind in _PASSWORD):
            return made
