"""Where Microsoft Entra ID departs from the RFCs: one function for each departure, named, linked and removable.

The pages meant by "Microsoft" are learn.microsoft.com/entra/identity/app-provisioning:

- use-scim-to-provision-users-and-groups ("Develop a SCIM endpoint")
- application-provisioning-config-problem-scim-compatibility ("Known issues", the two PATCH dialects)

Each function has a conversation under tests/conversations that fails without it. Other clients share some of these
habits, and where one has a habit of its own, the function for it says whose. Departures in values and names are in
`entra_values`.
"""

from typing import Any, get_args

import msgspec

from adapter.errors import InvalidSyntax, InvalidValue, Mutability
from adapter.scim import entra_values, patch
from adapter.scim.filter import And, Compare, Filter, Not, Or, Place, paths, read_place
from adapter.scim.limits import USUAL, Limits
from adapter.scim.patch import Op, PatchOperation, target_of
from adapter.scim.resource import held_element, is_kept, unkept, unknown_parts
from adapter.scim.schema import Attribute, ResourceType, Target


def lowered_body(body: dict[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """Return the body of a POST or PUT with Entra's departures removed."""
    renamed = entra_values.scim_1_extension_renamed(body, resource_type)
    lowered = entra_values.enterprise_attributes_moved(renamed, resource_type)
    result: dict[str, Any] = {}
    for name, value in lowered.items():
        attribute = resource_type.schema.attribute(name)
        extension = resource_type.extension(name) if attribute is None else None
        if attribute is not None:
            result[name] = entra_values.lowered_value(attribute, value)
        elif extension is not None and isinstance(value, dict):
            result[name] = entra_values.lowered_parts(extension.attribute, value)
        else:
            result[name] = value
    return result


def lowered_operations(
    raw: Any, resource_type: ResourceType, limits: Limits = USUAL
) -> tuple[list[PatchOperation], list[str]]:
    """Return the operations of a PATCH with Entra's departures removed, in their order, and what was left out of them.

    Raises InvalidSyntax, InvalidPath, InvalidValue, TooLarge, or Mutability when nothing but read-only attributes is named.
    """
    placed = [part for each in patch.read(raw, operation_name, read_place, limits) for part in pathless_split(each)]
    placed = [part for each in placed for part in extension_split(_found(each, resource_type), resource_type)]
    kept = read_only_dropped(unmapped_dropped(placed, resource_type), resource_type)
    lowered = [_lowered_operation(each, resource_type) for each in kept]
    return lowered, [*_left_out(placed, kept, resource_type), *_parts_left_out(lowered, resource_type)]


def lowered_filter(wanted: Filter, resource_type: ResourceType) -> Filter:
    """Return a filter with Entra's departures in its values removed."""
    return entra_values.lowered_literals(_placed(wanted, resource_type), lambda path: _leaf(resource_type.target(path)))


def lowered_missing(operation: PatchOperation, target: Target) -> PatchOperation:
    """Return what an operation becomes when there is none of the elements that it names."""
    return element_made(operation, target)


def group_unanswered(resource_type: ResourceType) -> bool:
    """A PATCH of a group is answered with 204: Entra asks for it, and never reads the members that a 200 would show.

    Microsoft, use-scim-to-provision-users-and-groups ("The PATCH request of a group should yield an HTTP 204 No
    Content"). RFC 7644 section 3.5.2 allows it as well as a 200; the whole group may be thousands of members.
    """
    return resource_type.name == "Group"


def schemas_unchecked(_: dict[str, Any], __: str) -> None:
    """A message whose `schemas` are misspelt, are those of SCIM 1, or are not there: its method and path say what it is.

    Entra once sent `urn:…:enterprise:2.0User`, and names no URN of an extension that an administrator made up
    (Microsoft, use-scim-to-provision-users-and-groups); OneLogin's templates begin with `urn:scim:schemas:core:1.0`
    (developers.onelogin.com/scim/define-user-schema). RFC 7643 section 3 asks for the right ones.
    """


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
    extension = resource_type.whole(operation.place.path) if operation.place else None
    if extension is None or operation.op == "remove" or not isinstance(operation.value, dict):
        return [operation]
    return [
        PatchOperation(operation.op, read_place(f"{extension.id}:{name}"), value)
        for name, value in operation.value.items()
    ]


def unmapped_dropped(operations: list[PatchOperation], resource_type: ResourceType) -> list[PatchOperation]:
    """An attribute that the mapping does not name is left out of a PATCH, as it is of a POST, not refused.

    Entra's default attribute mapping holds more than most upstreams keep, and one refused operation would hold up
    the disabling that stands beside it. RFC 7644 section 3.5.2 would answer `invalidPath`.
    """
    return [each for each in operations if each.place is None or _is_mapped(each.place, resource_type)]


def read_only_dropped(operations: list[PatchOperation], resource_type: ResourceType) -> list[PatchOperation]:
    """A read-only attribute beside others is left out; alone it is `mutability`, as RFC 7644 section 3.5.2 has it.

    Entra sends `displayName` by default. Refusing the whole PATCH for it would keep a leaver enabled; when nothing
    else is asked, the error tells the administrator which attribute to take out of the mapping.
    """

    def is_read_only(operation: PatchOperation) -> bool:
        target = _target(operation, resource_type)
        return target is not None and "readOnly" in (target.attribute.mutability, target.leaf.mutability)

    kept = [each for each in operations if not is_read_only(each)]
    if operations and not kept:
        refused = _target(operations[0], resource_type)
        raise Mutability(f"'{refused}' is read-only here; remove it from the client's attribute mapping.")
    return kept


def element_made(operation: PatchOperation, target: Target) -> PatchOperation:
    """`replace emails[type eq "work"].value` where there is no such element makes one, whatever the op.

    Entra expects it (wireapp/wire-server pull request 5419, thomaspoignant/scim-patch issue 176); RFC 7644 section
    3.5.2.3 would answer `noTarget`, and the user would never converge.
    """
    place = operation.place
    inner = place.inner if place else None
    if place is None or not isinstance(inner, Compare) or inner.operator != "eq" or operation.value is None:
        return operation
    key = target.attribute.sub(inner.path.name)
    if key is None:
        return operation
    sub = target.sub
    given = {sub.name: operation.value} if sub else held_element(target.attribute, operation.value)
    return PatchOperation("add", Place(place.path), [{key.name: inner.value} | given])


def _is_mapped(place: Place, resource_type: ResourceType) -> bool:
    """Tell whether the mapping names a place, and every part by which it chooses an element."""
    if resource_type.whole(place.path) is not None:
        return True
    target = target_of(place, resource_type)
    if target is None or place.inner is None:
        return target is not None
    parts = [target.attribute.sub(each.name) for each in paths(place.inner)]
    if None in parts:
        return False
    inner, kind = place.inner, parts[0]
    if kind is None or not isinstance(inner, Compare) or inner.operator != "eq":
        return True
    return is_kept(kind, inner.value)


def _placed(wanted: Filter, resource_type: ResourceType) -> Filter:
    """Return a filter whose paths name the extension that they mean."""
    match wanted:
        case And() | Or():
            return type(wanted)(_placed(wanted.left, resource_type), _placed(wanted.right, resource_type))
        case Not():
            return Not(_placed(wanted.inner, resource_type))
        case _:
            path = entra_values.extension_found(wanted.path, resource_type)
            return wanted if path is wanted.path else msgspec.structs.replace(wanted, path=path)


def _lowered_operation(operation: PatchOperation, resource_type: ResourceType) -> PatchOperation:
    place, target = operation.place, _target(operation, resource_type)
    if place is None or target is None:
        return operation
    if place.inner is not None:
        inner = entra_values.lowered_literals(place.inner, lambda path: target.attribute.sub(path.name))
        place = Place(place.path, inner, place.sub)
    # What is removed may be listed where there are many, unless the path chooses it; of a single value nobody asks what it was.
    is_asked = operation.op != "remove" or (target.leaf.multi_valued and place.inner is None)
    value = entra_values.lowered_value(target.leaf, operation.value) if is_asked else None
    return PatchOperation(operation.op, place, value)


def _leaf(target: Target | None) -> Attribute | None:
    return target.leaf if target else None


def _left_out(placed: list[PatchOperation], kept: list[PatchOperation], resource_type: ResourceType) -> list[str]:
    """Return the paths of the operations that were not kept; of a place, the part that nothing here keeps."""
    if len(kept) == len(placed):
        return []
    identities = {id(each) for each in kept}
    names = []
    for place in (each.place for each in placed if id(each) not in identities):
        if place is None:
            continue
        chosen_by = paths(place.inner) if place.inner and target_of(place, resource_type) else ()
        names += [f"{place.path}.{each.name}" for each in chosen_by] or [str(Place(place.path, None, place.sub))]
    return names


def _parts_left_out(operations: list[PatchOperation], resource_type: ResourceType) -> list[str]:
    """Return the paths of the parts that the values of operations hold and nothing here keeps."""
    return [
        f"{target}.{part}"
        for each in operations
        if (target := _target(each, resource_type))
        for part in (*unknown_parts(target.leaf, each.value), *_unkept(target, each))
    ]


def _unkept(target: Target, operation: PatchOperation) -> list[str]:
    whole = operation.place is None or (operation.place.inner is None and target.sub is None)
    return unkept(target.attribute, operation.value) if whole and operation.op != "remove" else []


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
