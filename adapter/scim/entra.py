"""Where Microsoft Entra ID departs from the RFCs: one function for each departure, named, linked and removable.

The pages meant by "Microsoft" are learn.microsoft.com/entra/identity/app-provisioning:

- use-scim-to-provision-users-and-groups ("Develop a SCIM endpoint")
- application-provisioning-config-problem-scim-compatibility ("Known issues", the two PATCH dialects)

Each function has a conversation under tests/conversations that fails without it. Other clients share some of these
habits; Okta, OneLogin and Google send nothing that needs more. Departures in values and names are in `entra_values`.
"""

from typing import Any, get_args

import msgspec

from adapter.errors import InvalidPath, InvalidSyntax, InvalidValue, Mutability
from adapter.scim import entra_values
from adapter.scim.filter import And, Compare, Filter, Not, Or, Place, paths, read_place
from adapter.scim.match import element_predicate
from adapter.scim.patch import Adapt, Op, PatchOperation, target_of
from adapter.scim.resource import held
from adapter.scim.schema import Attribute, Resource, ResourceType, Target

MOST_OPERATIONS = 1000
"""PATCH operations that one request may hold."""


def lowered_body(body: dict[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """Return the body of a POST or PUT with Entra's departures removed."""
    lowered = entra_values.enterprise_attributes_moved(body, resource_type)
    result: dict[str, Any] = {}
    for name, value in lowered.items():
        extension = resource_type.extension(name)
        attribute = resource_type.schema.attribute(name)
        if extension is not None and isinstance(value, dict):
            result[name] = entra_values.lowered_parts(extension.attributes, value)
        else:
            result[name] = entra_values.lowered_value(attribute, value) if attribute else value
    return result


def lowered_operations(raw: Any, resource_type: ResourceType) -> list[PatchOperation]:
    """Return the operations of a PATCH with Entra's departures removed, in their order.

    Raises InvalidSyntax, InvalidPath, InvalidValue, or Mutability when nothing but read-only attributes is named.
    """
    if not isinstance(raw, list) or not raw:
        raise InvalidSyntax("A PATCH needs a list named Operations with at least one operation.")
    if len(raw) > MOST_OPERATIONS:
        raise InvalidSyntax(f"A PATCH may hold {MOST_OPERATIONS} operations, this one holds {len(raw)}.")
    placed = [part for each in raw for part in pathless_split(_operation(each))]
    placed = [part for each in placed for part in extension_split(_found(each, resource_type), resource_type)]
    kept = read_only_dropped(unmapped_dropped(placed, resource_type), resource_type)
    return [_lowered_operation(each, resource_type) for each in kept]


def lowered_filter(wanted: Filter, resource_type: ResourceType) -> Filter:
    """Return a filter with Entra's departures in its values removed."""
    return entra_values.lowered_literals(_placed(wanted, resource_type), lambda path: _leaf(resource_type.target(path)))


def operation_name(text: Any) -> Op:
    """`Replace` for `replace`: Entra capitalises operation names unless the tenant URL carries a feature flag.

    Microsoft, config-problem-scim-compatibility; RFC 7644 section 3.5.2 spells them in lower case.
    """
    name = text.lower() if isinstance(text, str) else None
    for op in get_args(Op):
        if name == op:
            return op  # type: ignore[no-any-return]  # get_args forgets that these are the names of Op
    raise InvalidSyntax("An operation's op must be add, replace or remove.")


def pathless_split(operation: PatchOperation) -> list[PatchOperation]:
    """`{"name.givenName": "A", "urn:…:User:department": "B"}` without a path: one operation for each key.

    With `?aadOptscim062020` on the tenant URL Entra sends such keys, dotted or with their URN; RFC 7644 section
    3.5.2.1 has nested objects. Microsoft, config-problem-scim-compatibility.
    """
    if operation.place is not None or operation.op == "remove":
        return [operation]
    if not isinstance(operation.value, dict):
        raise InvalidValue("An operation without a path needs an object as its value.")
    return [
        PatchOperation(operation.op, read_place(key), value)
        for key, value in operation.value.items()
        if key.lower() not in ("schemas", "id", "meta")
    ]


def extension_split(operation: PatchOperation, resource_type: ResourceType) -> list[PatchOperation]:
    """`{"manager": "2819", "department": "B"}` for the whole of an extension: one operation for each attribute.

    RFC 7644 section 3.5.2.1 has the shape, and the parts do what the whole would. They are taken apart because any of
    Entra's departures may stand inside: a manager as a text, an attribute that the mapping does not name.
    """
    extension = resource_type.extension(str(operation.place.path)) if operation.place else None
    if extension is None or operation.op == "remove" or not isinstance(operation.value, dict):
        return [operation]
    return [
        PatchOperation(operation.op, read_place(f"{extension.id}:{name}"), value)
        for name, value in operation.value.items()
    ]


def unmapped_dropped(operations: list[PatchOperation], resource_type: ResourceType) -> list[PatchOperation]:
    """An attribute that the mapping does not name is left out, as in a POST, not refused.

    Entra's default attribute mapping holds more than most upstreams keep, and one refused operation would hold up
    the disabling that stands beside it. RFC 7644 section 3.5.2 would answer `invalidPath`.
    """
    return [each for each in operations if each.place is None or _is_mapped(each.place, resource_type)]


def read_only_dropped(operations: list[PatchOperation], resource_type: ResourceType) -> list[PatchOperation]:
    """A read-only attribute beside others is left out; alone it is `mutability`, as RFC 7644 section 3.5.2 has it.

    Entra sends `displayName` by default. Refusing the whole PATCH for it would keep a leaver enabled; when nothing
    else is asked, the error tells the administrator which attribute to take out of the mapping.
    """

    def read_only(operation: PatchOperation) -> Target | None:
        target = _target(operation, resource_type)
        return target if target and "readOnly" in (target.attribute.mutability, target.leaf.mutability) else None

    kept = [each for each in operations if not read_only(each)]
    refused = next((target for each in operations if (target := read_only(each))), None)
    if refused is not None and not kept:
        raise Mutability(f"'{refused}' is read-only here; remove it from the client's attribute mapping.")
    return kept


def element_made(resource_type: ResourceType) -> Adapt:
    """`replace emails[type eq "work"].value` where there is no such element makes one, whatever the op.

    Entra expects it (wireapp/wire-server pull request 5419, thomaspoignant/scim-patch issue 176); RFC 7644 section
    3.5.2.3 would answer `noTarget`, and the user would never converge.
    """

    def adapt(resource: Resource, operation: PatchOperation) -> PatchOperation:
        place, target = operation.place, _target(operation, resource_type)
        if place is None or target is None or operation.op == "remove" or operation.value is None:
            return operation
        if not isinstance(place.inner, Compare) or place.inner.operator != "eq" or not target.attribute.multi_valued:
            return operation
        key = target.attribute.sub(place.inner.path.name)
        holder = resource.get(target.extension, {}) if target.extension else resource
        elements = holder.get(target.attribute.name, [])
        if key is None or any(map(element_predicate(place.inner, target.attribute), elements)):
            return operation
        whole = None if target.sub else held(target.attribute, operation.value)
        given = {target.sub.name: operation.value} if target.sub else (whole or [{}])[0]
        return PatchOperation("add", Place(place.path), [{key.name: place.inner.value} | given])

    return adapt


def _is_mapped(place: Place, resource_type: ResourceType) -> bool:
    """Tell whether the mapping names a place, and every part by which it chooses an element."""
    if resource_type.extension(str(place.path)) is not None:
        return True
    target = target_of(place, resource_type)
    return target is not None and (
        place.inner is None or all(target.attribute.sub(each.name) is not None for each in paths(place.inner))
    )


def _placed(wanted: Filter, resource_type: ResourceType) -> Filter:
    """Return a filter whose paths name the extension that they mean."""
    match wanted:
        case And() | Or():
            return type(wanted)(_placed(wanted.left, resource_type), _placed(wanted.right, resource_type))
        case Not():
            return Not(_placed(wanted.inner, resource_type))
        case _:
            return msgspec.structs.replace(wanted, path=entra_values.extension_found(wanted.path, resource_type))


def _lowered_operation(operation: PatchOperation, resource_type: ResourceType) -> PatchOperation:
    place, target = operation.place, _target(operation, resource_type)
    if place is None or target is None:
        return operation
    if place.inner is not None:
        inner = entra_values.lowered_literals(place.inner, lambda path: target.attribute.sub(path.name))
        place = Place(place.path, inner, place.sub)
    return PatchOperation(operation.op, place, entra_values.lowered_value(target.leaf, operation.value))


def _leaf(target: Target | None) -> Attribute | None:
    return target.leaf if target else None


def _operation(raw: Any) -> PatchOperation:
    if not isinstance(raw, dict):
        raise InvalidSyntax("Each of the Operations must be an object.")
    keys = {str(name).lower(): value for name, value in raw.items()}
    path = keys.get("path")
    if path is not None and not isinstance(path, str):
        raise InvalidPath("An operation's path must be a string.")
    return PatchOperation(operation_name(keys.get("op")), read_place(path) if path else None, keys.get("value"))


def _found(operation: PatchOperation, resource_type: ResourceType) -> PatchOperation:
    place = operation.place
    if place is None:
        return operation
    path = entra_values.extension_found(place.path, resource_type)
    return (
        operation
        if path is place.path
        else PatchOperation(operation.op, Place(path, place.inner, place.sub), operation.value)
    )


def _target(operation: PatchOperation, resource_type: ResourceType) -> Target | None:
    return target_of(operation.place, resource_type) if operation.place else None
