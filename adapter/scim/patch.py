"""PATCH: what a resource becomes when operations are applied to it, in order, all or none (RFC 7644 section 3.5.2).

Nothing is written here: the final resource is computed in memory, and a plan then writes what differs. So an operation
that fails leaves nothing half done.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from adapter.errors import InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget, TooLarge
from adapter.scim.elements import Elements
from adapter.scim.filter import Place
from adapter.scim.limits import Limits
from adapter.scim.path import Path, parse
from adapter.scim.resource import held, held_element, held_list
from adapter.scim.schema import Attribute, Resource, ResourceType, Target

Op = Literal["add", "replace", "remove"]


class PatchOperation(msgspec.Struct, frozen=True):
    """One step of a PATCH: what to do, where (nowhere means the resource itself), and with which value."""

    op: Op
    place: Place | None = None
    value: Any = None


Adapt = Callable[[PatchOperation, Target], PatchOperation]
"""Rewrites an operation on elements of which there is none; as it is, it fails (`entra.element_made`)."""


MOST_PATHS = 131_072
"""Characters of the paths of one PATCH, and of the names that stand for paths, between them: reading them takes longest."""


def read(raw: Any, name: Callable[[Any], Op], place: Callable[[str], Place], limits: Limits) -> list[PatchOperation]:
    """Return the operations that the list `Operations` of a PATCH holds; `name` and `place` read its words and paths.

    Raises InvalidSyntax or InvalidPath, TooLarge when they are more than a request may hold.
    """
    if not isinstance(raw, list) or not raw:
        raise InvalidSyntax("A PATCH needs a list named Operations with at least one operation.")
    if len(raw) > limits.operations:
        may = f"A PATCH may hold {limits.operations} operations (ADAPTER_MOST_OPERATIONS)"
        raise TooLarge(f"{may}, this one holds {len(raw)}; send them in several.")
    every = []
    for each in raw:
        if not isinstance(each, dict):
            raise InvalidSyntax("Each of the Operations must be an object.")
        keys = {key.lower(): value for key, value in each.items()}
        path = keys.get("path")
        if path is not None and not isinstance(path, str):
            raise InvalidPath("An operation's path must be a string.")
        every.append((keys.get("op"), path or "", keys.get("value")))
    limits.check_members(*(value for _, _, value in every))
    if sum(len(path) + _length_of_names(value) for _, path, value in every) > MOST_PATHS:
        raise TooLarge(f"The paths of a PATCH may have {MOST_PATHS} characters between them; send it in several.")
    return [PatchOperation(name(op), place(path) if path else None, value) for op, path, value in every]


def _length_of_names(value: Any) -> int:
    """Return how many characters the names in an object have, and in the objects in it: they may be read as paths."""
    inside = [value, *value.values()] if isinstance(value, dict) else []
    return sum(len(name) for each in inside if isinstance(each, dict) for name in each)


def patched(
    resource: Resource, operations: list[PatchOperation], resource_type: ResourceType, adapt: Adapt
) -> Resource:
    """Return the resource after all operations; the one given stays as it is.

    Raises InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget or Sensitive; then nothing of
    the PATCH is done.
    """
    result: Resource = _copied(resource)
    for operation in operations:
        _apply(result, operation, resource_type, adapt)
    return _listed(result)


def target_of(place: Place, resource_type: ResourceType) -> Target | None:
    """Return what a place means for the type, or None when it names nothing there."""
    target = resource_type.target(place.path)
    if target is None or place.sub is None:
        return target
    sub = target.attribute.sub(place.sub)
    return Target(target.attribute, sub, target.extension) if sub else None


def _apply(resource: Resource, operation: PatchOperation, resource_type: ResourceType, adapt: Adapt) -> None:
    place = operation.place
    if place is None:
        _apply_whole(resource, operation, resource_type, adapt)
        return
    extension = resource_type.whole(place.path)
    if extension is not None:
        _apply_extension(resource, operation, extension.id, resource_type, adapt)
        return
    target = target_of(place, resource_type)
    if target is None:
        raise InvalidPath(f"'{place}' is not an attribute of this {resource_type.name}.")
    if "readOnly" in (target.attribute.mutability, target.leaf.mutability) or target.leaf.is_made:
        raise Mutability(f"'{target}' is read-only here; remove it from the client's attribute mapping.")
    if place.inner is not None and (place.path.sub is not None or not target.attribute.multi_valued):
        raise InvalidPath(f"'{place.path}' has no elements to choose from; leave the brackets out of the path.")
    holder = resource.setdefault(target.extension, {}) if target.extension else resource
    if target.attribute.multi_valued:
        _apply_multi(holder, operation, target, place, adapt)
    else:
        _apply_single(holder, operation, target)
    if target.extension and not holder:
        del resource[target.extension]


def _apply_whole(resource: Resource, operation: PatchOperation, resource_type: ResourceType, adapt: Adapt) -> None:
    """Apply an operation without a path: its value holds attributes, each with its own value."""
    if operation.op == "remove":
        raise NoTarget("A remove operation needs a path.")
    if not isinstance(operation.value, dict):
        raise InvalidValue("An operation without a path needs an object as its value.")
    for name, value in operation.value.items():
        path = Path(name) if resource_type.extension(name) is None else parse(name)
        if path is not None:
            _apply(resource, PatchOperation(operation.op, Place(path), value), resource_type, adapt)


def _apply_extension(
    resource: Resource, operation: PatchOperation, urn: str, resource_type: ResourceType, adapt: Adapt
) -> None:
    """Apply an operation to the whole of an extension; null is no value (RFC 7643 section 2.5)."""
    if operation.op == "remove" or operation.value is None:
        resource.pop(urn, None)
        return
    if not isinstance(operation.value, dict):
        raise InvalidValue(f"'{urn}' needs an object as its value.")
    for name, value in operation.value.items():
        _apply(resource, PatchOperation(operation.op, Place(Path(name, None, urn)), value), resource_type, adapt)


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
    read_only = {each.name for each in attribute.sub_attributes if each.mutability == "readOnly" or each.is_made}
    return {name: value for name, value in before.items() if name in read_only or name.lower() not in gone}


def _apply_multi(holder: dict[str, Any], operation: PatchOperation, target: Target, place: Place, adapt: Adapt) -> None:
    name = target.attribute.name
    elements = holder.get(name)
    if not isinstance(elements, Elements):
        elements = Elements(target.attribute, elements or [])
    if place.inner is None and target.sub is None:
        _change_list(elements, target.attribute, operation)
    else:
        chosen = elements.chosen(place.inner)
        if chosen or operation.op == "remove":
            _change_elements(elements, chosen, target, operation)
        else:
            adapted = adapt(operation, target)
            if adapted is operation:
                raise NoTarget(f"No element of {name} matches '{place}'.")
            _change_list(elements, target.attribute, adapted)
    _set(holder, name, elements if len(elements) else None)


def _change_list(elements: Elements, attribute: Attribute, operation: PatchOperation) -> None:
    """Apply an operation to a multi-valued attribute as a whole."""
    given = held_list(attribute, operation.value)
    if operation.op == "remove" and operation.value is not None:
        # RFC 7644 removes all of them when the path has no filter; a client that lists values means those only.
        for number in [number for each in given for number in elements.same(each)]:
            elements.remove(number)
        return
    if operation.op != "add":
        # What stays keeps its read-only parts, so that a list put in the place of itself changes nothing.
        given = [elements[alike[0]] if (alike := elements.alike(each)) else each for each in given]
        for number in elements.chosen(None):
            elements.remove(number)
    for each in given:
        if not elements.alike(each):
            number = elements.add(each)
            if isinstance(each, dict) and each.get("primary") is True:
                _clear_other_primaries(elements, number)


def _change_elements(elements: Elements, chosen: list[int], target: Target, operation: PatchOperation) -> None:
    """Apply an operation to the chosen elements of a multi-valued attribute, or to one part of each."""
    attribute, sub = target.attribute, target.sub
    replaces = operation.op == "replace" and sub is None
    if sub is None and (operation.op == "remove" or (replaces and operation.value in (None, []))):
        for number in chosen:
            elements.remove(number)
        return
    if sub is None:
        given = held_element(attribute, operation.value)
    else:
        given = {sub.name: None if operation.op == "remove" else held(sub, operation.value)}
    if given.get("primary") is True and len(chosen) > 1:
        raise InvalidValue(f"{attribute.name} has more than one value that would be primary; there may be one.")
    stays = {
        each.name for each in attribute.sub_attributes if not (replaces and given) or each.mutability != "readWrite"
    }
    for number in chosen:
        before = elements[number]
        _refuse_new_identity(attribute, before, given)
        both = {name: part for name, part in before.items() if name in stays} | given
        elements.put(number, {name: part for name, part in both.items() if part is not None})
        if given.get("primary") is True:
            _clear_other_primaries(elements, number)


def _refuse_new_identity(attribute: Attribute, before: dict[str, Any], given: dict[str, Any]) -> None:
    """Refuse another value for an immutable part: it makes the element what it is (RFC 7643 section 7)."""
    for each in attribute.sub_attributes:
        if (
            each.mutability == "immutable"
            and each.name in given
            and before.get(each.name) not in (None, given[each.name])
        ):
            raise Mutability(f"'{attribute.name}.{each.name}' cannot be changed; remove the one and add the other.")


def _clear_other_primaries(elements: Elements, number: int) -> None:
    """Clear `primary` elsewhere when an element gets it (RFC 7644 section 3.5.2)."""
    for other in elements.chosen(None):
        if other != number and elements[other].get("primary") is True:
            elements.put(other, elements[other] | {"primary": False})


def _copied(holder: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of objects within objects; lists need none, as an operation puts another in their place."""
    return {name: _copied(each) if isinstance(each, dict) else each for name, each in holder.items()}


def _listed(holder: dict[str, Any]) -> dict[str, Any]:
    """Return an object, and the objects in it, with lists in place of what operations worked on."""
    return {
        name: each.listed() if isinstance(each, Elements) else _listed(each) if isinstance(each, dict) else each
        for name, each in holder.items()
    }


def _set(holder: dict[str, Any], name: str, value: Any) -> None:
    if value is None or value == {}:
        holder.pop(name, None)
    else:
        holder[name] = value
