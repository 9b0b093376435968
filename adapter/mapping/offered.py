"""The resource type that a mapping offers: the RFC's definitions, cut down to what its rules name.

What discovery promises is what the upstream keeps: nothing that no rule maps, and each characteristic as the rule has it.
"""

import msgspec

from adapter.mapping.rules import Rule
from adapter.scim.schema import Attribute, ResourceType, Schema


def offered(rules: list[Rule], every: ResourceType) -> ResourceType:
    """Return the type `every` with what the rules name and nothing else: what discovery promises is what is kept."""
    core = _schema(every.schema, None, rules)
    extensions = (_schema(each, each.id, rules) for each in every.extensions)
    return ResourceType(every.name, every.endpoint, core, tuple(each for each in extensions if each.attributes))


def _schema(schema: Schema, extension: str | None, rules: list[Rule]) -> Schema:
    attributes = []
    for attribute in schema.attributes:
        own = [
            each
            for each in rules
            if each.target.extension == extension and each.target.attribute.name == attribute.name
        ]
        if own:
            attributes.append(_attribute(attribute, own))
    return msgspec.structs.replace(schema, attributes=tuple(attributes))


def _attribute(attribute: Attribute, rules: list[Rule]) -> Attribute:
    if rules[0].target.sub is None:
        return _characterized(attribute, rules)
    subs = []
    for sub in attribute.sub_attributes:
        own = [each for each in rules if each.target.sub and each.target.sub.name == sub.name]
        chosen = tuple(
            dict.fromkeys(each.element.value for each in rules if each.element and each.element.key == sub.name)
        )
        if own:
            subs.append(_characterized(sub, own))
        elif chosen:
            subs.append(msgspec.structs.replace(sub, canonical_values=chosen if sub.type == "string" else ()))
    read_only = all(each.mutability == "readOnly" for each in rules)
    return msgspec.structs.replace(
        attribute,
        sub_attributes=tuple(subs),
        required=not attribute.multi_valued and any(each.required for each in rules),
        mutability="readOnly" if read_only else attribute.mutability,
    )


def _characterized(attribute: Attribute, rules: list[Rule]) -> Attribute:
    """Return the definition with what its rules say of it; elements of a list may have one each, and may differ."""
    kinds = {each.mutability for each in rules}
    mutability = kinds.pop() if len(kinds) == 1 else "readWrite"
    sentences = [each.unsupported for each in rules if each.unsupported]
    return msgspec.structs.replace(
        attribute,
        description=" ".join([attribute.description, *sentences]).strip(),
        mutability=mutability,
        required=all(each.required for each in rules),
        returned="never" if mutability == "writeOnly" else attribute.returned,
    )
