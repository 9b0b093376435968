"""A resource as it came in a request, made canonical: one spelling for each name, one form for "no value".

Null, an empty list and an absent attribute are the same (RFC 7643 section 2.5); here all three are absent. What is
read-only is ignored on the way in (RFC 7644 sections 3.3 and 3.5.1), and so is what the resource type does not have.
"""

from collections.abc import Callable
from typing import Any

from adapter.errors import InvalidSyntax, InvalidValue
from adapter.scim.schema import Attribute, Resource, ResourceType, typed

# Attributes of every resource that say something about it (RFC 7643 section 3.1): read-only, and so ignored.
_ABOUT = {"schemas", "id", "meta"}


def received(body: dict[str, Any], resource_type: ResourceType) -> Resource:
    """Return the canonical resource in the body of a POST or PUT.

    Raises InvalidSyntax when a name comes twice, InvalidValue when a value has the wrong type, or when two elements of a
    list are primary (RFC 7643 section 2.4).
    """
    resource: Resource = {}
    for name, value in _once(body).items():
        attribute = resource_type.schema.attribute(name)
        if attribute is not None:
            if attribute.mutability != "readOnly" and (kept := held(attribute, value)) is not None:
                resource[attribute.name] = kept
            continue
        extension = resource_type.extension(name)
        if extension is not None and value is not None:
            parts = _parts(extension.attribute, typed(Attribute(name=extension.id, type="complex"), value))
            if parts:
                resource[extension.id] = parts
    return resource


def copied(resource: Resource) -> Resource:
    """Return a copy, all the way down; `copy.deepcopy`, which knows of more than JSON, takes many times as long."""
    return {name: _copied(each) if isinstance(each, dict | list) else each for name, each in resource.items()}


def unknown(body: dict[str, Any], resource_type: ResourceType) -> list[str]:
    """Return the paths of what a body holds and the resource type does not have, each once."""
    names: list[str] = []
    for name, value in body.items():
        attribute = resource_type.schema.attribute(name)
        extension = resource_type.extension(name) if attribute is None else None
        if extension is not None:
            found = _unknown(extension.attribute, value) if isinstance(value, dict) else []
            names += [f"{extension.id}:{each}" for each in found]
        elif attribute is not None or name.lower() not in _ABOUT:
            names += _unknown_of(name, attribute, value)
    return names


def left_out(body: dict[str, Any], resource_type: ResourceType) -> list[str]:
    """Return the paths of what a POST or PUT holds and nothing here keeps, each once: it is ignored, for any client.

    RFC 7644 does not say what becomes of it; refusing the whole for it would keep a joiner out.
    """
    return [*unknown(body, resource_type), *unkept_kinds(body, resource_type)]


def unkept_kinds(body: dict[str, Any], resource_type: ResourceType) -> list[str]:
    """Return the paths by which elements in a body are of a kind that nothing here keeps, each once."""
    return [
        f"{attribute.name}.{part}"
        for name, value in body.items()
        if (attribute := resource_type.schema.attribute(name)) is not None
        for part in unkept(attribute, value)
    ]


def unknown_parts(attribute: Attribute, value: Any) -> list[str]:
    """Return the names of the parts that a value of the attribute holds and its definition does not have, each once."""
    if attribute.type != "complex":
        return []
    listed = value if isinstance(value, list) else [value]
    parts = {name: None for each in listed if isinstance(each, dict) for name in each}
    return [each for each in parts if each not in attribute.spelled and attribute.sub(each) is None]


def unkept(attribute: Attribute, value: Any) -> list[str]:
    """Return the names of the parts by which elements are of a kind that nothing here keeps, each once."""
    if not attribute.multi_valued:
        return []
    listed = value if isinstance(value, list) else [value]
    return [
        part.name
        for part in attribute.closed
        if any(isinstance(each, dict) and not is_kept(part, _part(each, part.name)) for each in listed)
    ]


def is_kept(part: Attribute, value: Any) -> bool:
    """Tell whether an element with this value of a part is of a kind that is kept; no value may be of any."""
    if not part.is_closed or not isinstance(value, str):
        return True
    return value.lower() in part.kinds


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return copied(value)
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _part(element: dict[str, Any], name: str) -> Any:
    if name in element:
        return element[name]
    return next((value for each, value in element.items() if each.lower() == name.lower()), None)


def held(attribute: Attribute, value: Any) -> Any:
    """Return `value` as a resource holds it, or None when it stands for no value at all."""
    if value is None:
        return None
    if not attribute.multi_valued:
        return _single(attribute, value)
    if not isinstance(value, list):
        raise InvalidValue(f"{attribute.name} has many values; send a list of them.")
    elements = [each for item in value if (each := _single(attribute, item)) is not None]
    if len(elements) > 1 and sum(isinstance(each, dict) and each.get("primary") is True for each in elements) > 1:
        raise InvalidValue(f"{attribute.name} has more than one value that is primary; there may be one.")
    return elements or None


def held_list(attribute: Attribute, value: Any) -> list[Any]:
    """Return the elements that a PATCH adds to a list, replaces it by, or takes from it.

    RFC 7644 section 3.5.2.1 speaks of "a new value" that is added: one stands there for a list of one.
    """
    return held(attribute, value if value is None or isinstance(value, list) else [value]) or []


def held_element(attribute: Attribute, value: Any) -> dict[str, Any]:
    """Return the parts of the one element that `value` is, for a path that chooses elements; none for no value.

    Raises InvalidValue when there are several: which of them is meant cannot be known.
    """
    elements = held_list(attribute, value) or [{}]
    if len(elements) > 1:
        raise InvalidValue(f"The path chooses values of {attribute.name}; send one value for it, not {len(elements)}.")
    parts: dict[str, Any] = elements[0]
    return parts


def _single(attribute: Attribute, value: Any) -> Any:
    value = typed(attribute, value)
    if attribute.type != "complex":
        return value
    _refuse_another_kind(attribute, value)
    return _parts(attribute.sub, value) or None


def _refuse_another_kind(attribute: Attribute, value: dict[str, Any]) -> None:
    """Refuse a type that no value has here: a group named as a member, read as a user, would be another resource.

    What a `$ref` points at is made by the gateway, and a client's own is passed over; this is what it must not pass over.
    """
    kind = attribute.sub("type") if attribute.sub("$ref") is not None else None
    if kind is None or not kind.kinds:
        return
    for name, given in value.items():
        if name.lower() == "type" and isinstance(given, str) and given.lower() not in kind.kinds:
            types = " or ".join(kind.canonical_values)
            raise InvalidValue(
                f"groups have users as {attribute.name} here; leave out what is of another type than {types}."
            )


def _parts(named: Callable[[str], Attribute | None], body: dict[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, value in _once(body).items():
        attribute = named(name)
        if attribute is None or attribute.mutability == "readOnly" or attribute.is_made:
            continue
        if (kept := held(attribute, value)) is not None:
            parts[attribute.name] = kept
    return parts


def _unknown(named: Callable[[str], Attribute | None], body: dict[str, Any]) -> list[str]:
    return [each for name, value in body.items() for each in _unknown_of(name, named(name), value)]


def _unknown_of(name: str, attribute: Attribute | None, value: Any) -> list[str]:
    if attribute is None:
        return [name]
    if attribute.is_text:
        return []
    return [f"{attribute.name}.{each}" for each in unknown_parts(attribute, value)]


def _once(body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a name that comes twice in different cases: which of the two is meant cannot be known."""
    if len(set(map(str.lower, body))) != len(body):
        raise InvalidSyntax("An attribute comes twice, spelled in different cases; send it once.")
    return body
