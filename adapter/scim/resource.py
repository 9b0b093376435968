"""A resource as it came in a request, made canonical: one spelling for each name, one form for "no value".

Null, an empty list and an absent attribute are the same (RFC 7643 section 2.5); here all three are absent. What is
read-only is ignored on the way in (RFC 7644 sections 3.3 and 3.5.1), and so is what the resource type does not have.
"""

from typing import Any

from adapter.errors import InvalidSyntax, InvalidValue
from adapter.scim.schema import Attribute, Resource, ResourceType, typed


def received(body: dict[str, Any], resource_type: ResourceType) -> Resource:
    """Return the canonical resource in the body of a POST or PUT.

    Raises InvalidSyntax when a name comes twice, InvalidValue when a value has the wrong type, or when two elements of a
    list are primary (RFC 7643 section 2.4).
    """
    resource: Resource = {}
    for name, value in _once(body).items():
        extension = resource_type.extension(name)
        if extension is not None:
            if value is not None:
                part = _parts(extension.attributes, typed(Attribute(name=extension.id, type="complex"), value))
                _put(resource, extension.id, part)
            continue
        attribute = resource_type.schema.attribute(name)
        if attribute is not None and attribute.mutability != "readOnly":
            _put(resource, attribute.name, held(attribute, value))
    return resource


def held(attribute: Attribute, value: Any) -> Any:
    """Return `value` as a resource holds it, or None when it stands for no value at all."""
    if value is None:
        return None
    if not attribute.multi_valued:
        return _single(attribute, value)
    listed = value if isinstance(value, list) else [value]
    elements = [each for each in (_single(attribute, item) for item in listed) if each is not None]
    if sum(isinstance(each, dict) and each.get("primary") is True for each in elements) > 1:
        raise InvalidValue(f"{attribute.name} has more than one value that is primary; there may be one.")
    return elements or None


def _single(attribute: Attribute, value: Any) -> Any:
    value = typed(attribute, value)
    return (_parts(attribute.sub_attributes, value) or None) if attribute.type == "complex" else value


def _parts(attributes: tuple[Attribute, ...], body: dict[str, Any]) -> dict[str, Any]:
    known = {each.name.lower(): each for each in attributes}
    parts: dict[str, Any] = {}
    for name, value in _once(body).items():
        attribute = known.get(name.lower())
        if attribute is not None and attribute.mutability != "readOnly":
            _put(parts, attribute.name, held(attribute, value))
    return parts


def _put(holder: dict[str, Any], name: str, value: Any) -> None:
    if value is not None and value != {}:
        holder[name] = value


def _once(body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a name that comes twice in different cases: which of the two is meant cannot be known."""
    if len({name.lower() for name in body}) != len(body):
        raise InvalidSyntax("An attribute comes twice, spelled in different cases; send it once.")
    return body
