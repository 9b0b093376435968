"""PATCH: what a resource becomes when operations are applied to it, in order, all or none (RFC 7644 section 3.5.2).

Nothing is written here: the final resource is computed in memory, and a plan then writes what differs. So an operation
that fails leaves nothing half done.
"""

import copy
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from adapter.errors import InvalidPath, InvalidValue, Mutability, NoTarget
from adapter.scim.filter import Place
from adapter.scim.match import element_predicate
from adapter.scim.path import Path, parse
from adapter.scim.resource import held
from adapter.scim.schema import Attribute, Resource, ResourceType, Target

Op = Literal["add", "replace", "remove"]


class PatchOperation(msgspec.Struct, frozen=True):
    """One step of a PATCH: what to do, where (nowhere means the resource itself), and with which value."""

    op: Op
    place: Place | None = None
    value: Any = None


Adapt = Callable[[Resource, PatchOperation], PatchOperation]
"""Rewrites an operation just before it is applied, seeing the resource as it stands (`entra.element_made`)."""


def patched(
    resource: Resource, operations: list[PatchOperation], resource_type: ResourceType, adapt: Adapt
) -> Resource:
    """Return the resource after all operations; the one given stays as it is.

    Raises InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, Mutability or NoTarget; then nothing of the PATCH
    is done.
    """
    result = copy.deepcopy(resource)
    for operation in operations:
        _apply(result, adapt(result, operation), resource_type)
    return result


def target_of(place: Place, resource_type: ResourceType) -> Target | None:
    """Return what a place means for the type, or None when it names nothing there."""
    target = resource_type.target(place.path)
    if target is None or place.sub is None:
        return target
    sub = target.attribute.sub(place.sub)
    return Target(target.attribute, sub, target.extension) if sub else None


def _apply(resource: Resource, operation: PatchOperation, resource_type: ResourceType) -> None:
    place = operation.place
    if place is None:
        _apply_whole(resource, operation, resource_type)
        return
    extension = resource_type.extension(str(place.path))
    if extension is not None:
        _apply_extension(resource, operation, extension.id, resource_type)
        return
    target = target_of(place, resource_type)
    if target is None:
        raise InvalidPath(f"'{place}' is not an attribute of this {resource_type.name}.")
    if "readOnly" in (target.attribute.mutability, target.leaf.mutability):
        raise Mutability(f"'{target}' is read-only here; remove it from the client's attribute mapping.")
    if place.inner is not None and (place.path.sub is not None or not target.attribute.multi_valued):
        raise InvalidPath(f"'{place.path}' has no elements to choose from; leave the brackets out of the path.")
    holder = resource.setdefault(target.extension, {}) if target.extension else resource
    if target.attribute.multi_valued:
        _apply_multi(holder, operation, target, place)
    else:
        _apply_single(holder, operation, target)
    if target.extension and not holder:
        del resource[target.extension]


def _apply_whole(resource: Resource, operation: PatchOperation, resource_type: ResourceType) -> None:
    """Apply an operation without a path: its value holds attributes, each with its own value."""
    if operation.op == "remove":
        raise NoTarget("A remove operation needs a path.")
    if not isinstance(operation.value, dict):
        raise InvalidValue("An operation without a path needs an object as its value.")
    for name, value in operation.value.items():
        path = Path(name) if resource_type.extension(name) is None else parse(name)
        if path is not None:
            _apply(resource, PatchOperation(operation.op, Place(path), value), resource_type)


def _apply_extension(resource: Resource, operation: PatchOperation, urn: str, resource_type: ResourceType) -> None:
    """Apply an operation to the whole of an extension; null is no value (RFC 7643 section 2.5)."""
    if operation.op == "remove" or operation.value is None:
        resource.pop(urn, None)
        return
    if not isinstance(operation.value, dict):
        raise InvalidValue(f"'{urn}' needs an object as its value.")
    for name, value in operation.value.items():
        _apply(resource, PatchOperation(operation.op, Place(Path(name, None, urn)), value), resource_type)


def _apply_single(holder: dict[str, Any], operation: PatchOperation, target: Target) -> None:
    attribute = target.attribute
    value = None if operation.op == "remove" else held(target.leaf, operation.value)
    if target.sub is not None:
        whole = holder.setdefault(attribute.name, {})
        _set(whole, target.sub.name, value)
        if not whole:
            del holder[attribute.name]
    elif operation.op != "remove" and isinstance(operation.value, dict):
        _set(holder, attribute.name, _kept(attribute, holder.get(attribute.name, {}), operation.value) | (value or {}))
    else:
        _set(holder, attribute.name, value)


def _kept(attribute: Attribute, before: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the sub-attributes that stay when a complex value is given: all but those that are given as null.

    RFC 7644 section 3.5.2.3: "Sub-attributes that are not specified in the "value" parameter are left unchanged."
    """
    gone = {name.lower() for name, value in given.items() if value is None}
    read_only = {each.name for each in attribute.sub_attributes if each.mutability == "readOnly"}
    return {name: value for name, value in before.items() if name in read_only or name.lower() not in gone}


def _apply_multi(holder: dict[str, Any], operation: PatchOperation, target: Target, place: Place) -> None:
    attribute = target.attribute
    elements: list[Any] = holder.get(attribute.name, [])
    if place.inner is None and target.sub is None:
        changed = _whole_list(attribute, operation, elements)
    else:
        chosen = _chosen(attribute, elements, place)
        if not chosen and operation.op != "remove":
            raise NoTarget(f"No element of {attribute.name} matches '{place}'.")
        changed = _elements(target, operation, elements, chosen)
    _set(holder, attribute.name, changed or None)


def _chosen(attribute: Attribute, elements: list[Any], place: Place) -> list[Any]:
    if place.inner is None:
        return list(elements)
    matches = element_predicate(place.inner, attribute)
    return [each for each in elements if matches(each)]


def _whole_list(attribute: Attribute, operation: PatchOperation, elements: list[Any]) -> list[Any]:
    """Apply an operation to a multi-valued attribute as a whole."""
    given = held(attribute, operation.value) or []
    if operation.op == "replace":
        return list(given)
    if operation.op == "remove":
        # RFC 7644 removes all of them when the path has no filter; a client that lists values means those only.
        listed = operation.value is not None
        return [each for each in elements if listed and not any(_same(each, one) for one in given)]
    added = [each for each in given if each not in elements]
    return _one_primary([*elements, *added], added)


def _elements(target: Target, operation: PatchOperation, elements: list[Any], chosen: list[Any]) -> list[Any]:
    """Apply an operation to the chosen elements of a multi-valued attribute, or to one part of each."""
    if target.sub is not None:
        part = None if operation.op == "remove" else held(target.sub, operation.value)
        for element in chosen:
            _set(element, target.sub.name, part)
    elif operation.op == "remove":
        return [each for each in elements if not any(each is one for one in chosen)]
    else:
        whole = (held(target.attribute, operation.value) or [{}])[0]
        for element in chosen:
            if operation.op == "replace":
                element.clear()
            element.update(whole)
    return _one_primary([each for each in elements if each], chosen)


def _same(element: Any, given: Any) -> bool:
    """Tell whether a listed value means this element: by its `value` where there is one (RFC 7643 section 2.4)."""
    if isinstance(element, dict) and isinstance(given, dict) and "value" in given:
        return bool(element.get("value") == given["value"])
    return bool(element == given)


def _one_primary(elements: list[Any], touched: list[Any]) -> list[Any]:
    """Clear `primary` elsewhere when a touched element has it (RFC 7644 section 3.5.2)."""
    if any(isinstance(each, dict) and each.get("primary") is True for each in touched):
        for each in elements:
            if each.get("primary") is True and not any(each is one for one in touched):
                each["primary"] = False
    return elements


def _set(holder: dict[str, Any], name: str, value: Any) -> None:
    if value is None or value == {}:
        holder.pop(name, None)
    else:
        holder[name] = value
