"""The resource type that a mapping offers: the RFC's definitions, cut down to what its rules name.

What discovery promises is what the upstream keeps: nothing that no rule maps, and each characteristic as the rule has it.
"""

import msgspec

from adapter.mapping.rules import Rule
from adapter.scim.schema import Attribute, ResourceType, Schema


def offered(rules: list[Rule], every: ResourceType, gathered: str | None = None) -> ResourceType:
    """Return the type `every` with what the rules name and nothing else: what discovery promises is what is kept.

    `gathered` is an attribute that no rule is about, `members` or `groups`, where calls of their own tell it.
    """
    core = _schema(every.schema, None, rules, gathered)
    extensions = (_schema(each, each.id, rules) for each in every.extensions)
    times = (each.target.sub.name for each in rules if each.target.attribute.name == "meta" and each.target.sub)
    return ResourceType(
        every.name, every.endpoint, core, tuple(each for each in extensions if each.attributes), tuple(times)
    )


def _schema(schema: Schema, extension: str | None, rules: list[Rule], gathered: str | None = None) -> Schema:
    attributes = []
    for attribute in schema.attributes:
        own = [
            each
            for each in rules
            if each.target.extension == extension and each.target.attribute.name == attribute.name
        ]
        if attribute.name == gathered or (own and attribute.name in ("members", "groups")):
            attributes.append(_membership(attribute, own))
        elif own:
            attributes.append(_attribute(attribute, own))
    return msgspec.structs.replace(schema, attributes=tuple(attributes))


def _membership(attribute: Attribute, rules: list[Rule]) -> Attribute:
    """Return `members` or `groups` with the parts that the gateway makes itself, whatever the rules name.

    What a group of a user is called is known only where the groups are read to tell a user's.
    """
    is_members = attribute.name == "members"
    made = {"value", "$ref", "type" if is_members else "" if rules else "display"}
    parts = [
        msgspec.structs.replace(
            each,
            case_exact=each.name in ("value", "$ref"),  # ids are (RFC 7643 section 3.1)
            reference_types=(("User",) if is_members else ("Group",)) if each.name == "$ref" else (),
        )
        for each in attribute.sub_attributes
        if each.name in made
    ]
    return msgspec.structs.replace(attribute, sub_attributes=tuple(parts))


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
            kinds = chosen if sub.type == "string" else ()
            subs.append(msgspec.structs.replace(sub, canonical_values=kinds, is_closed=bool(kinds)))
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
