"""RFC 7644 to the letter: what a request is read as when nothing of it is guessed, and nothing of it is passed over.

For clients that keep the RFC and would rather hear of a fault than have it mended. What is refused here is what `entra`
mends, with the error that the RFC has for it; the types of values are held by `resource` and `patch` for everyone.
"""

from typing import Any, get_args

from adapter.errors import InvalidPath, InvalidSyntax, InvalidValue
from adapter.scim import filter as filters
from adapter.scim import patch
from adapter.scim.filter import Filter, Place
from adapter.scim.limits import USUAL, Limits
from adapter.scim.patch import Op, PatchOperation, target_of
from adapter.scim.resource import unkept_kinds, unknown, unknown_parts
from adapter.scim.schema import ResourceType, Target


def named(message: dict[str, Any], urn: str) -> None:
    """Refuse a message whose `schemas` does not name what it is (RFC 7644 section 3.1, RFC 7643 section 3)."""
    schemas = next((value for name, value in message.items() if name.lower() == "schemas"), None)
    listed = schemas if isinstance(schemas, list) else []
    if urn.lower() not in [each.lower() for each in listed if isinstance(each, str)]:
        raise InvalidSyntax(f"The body's schemas must be a list that names {urn}.")


def operations(raw: Any, resource_type: ResourceType, limits: Limits = USUAL) -> list[PatchOperation]:
    """Return the operations of a PATCH as they came.

    Raises InvalidSyntax, TooLarge, or InvalidPath when they name an attribute that the resource type does not have.
    """
    read = [_without_schemas(each) for each in patch.read(raw, _operation_name, _place, limits)]
    for each in read:
        for name in _unknown(each, resource_type):
            raise InvalidPath(f"'{name[:80]}' is not an attribute of this {resource_type.name}.")
        for name in _kinds(each, resource_type):
            raise _unkept(name)
    return read


def wanted(text: str, limits: Limits = USUAL) -> Filter:
    """Return the filter that a query asks for, by the grammar of RFC 7644 section 3.4.2.2 alone."""
    return filters.read(text, lenient=False, limits=limits)


def missing(operation: PatchOperation, _: Target) -> PatchOperation:
    """Return an operation on elements of which there is none as it is: it then fails (RFC 7644 section 3.5.2.3)."""
    return operation


def _kinds(operation: PatchOperation, resource_type: ResourceType) -> list[str]:
    """Return the paths by which what an operation writes is of a kind that nothing here keeps."""
    place, value = operation.place, operation.value
    if operation.op == "remove" or (place is not None and (place.inner is not None or place.path.sub is not None)):
        return []
    written = value if place is None else {str(place.path): value}
    return unkept_kinds(written, resource_type) if isinstance(written, dict) else []


def _unkept(name: str) -> InvalidValue:
    return InvalidValue(
        f"{name} has a value that nothing here keeps; its canonicalValues in /Schemas are those that are."
    )


def _place(text: str) -> Place:
    return filters.read_place(text, lenient=False)


def _operation_name(text: Any) -> Op:
    """Read the name of an operation, which RFC 7644 section 3.5.2 spells in lower case."""
    for op in get_args(Op):
        if text == op:
            return op  # type: ignore[no-any-return]  # get_args forgets that these are the names of Op
    raise InvalidSyntax("An operation's op must be add, replace or remove, in lower case.")


def _without_schemas(operation: PatchOperation) -> PatchOperation:
    """Return an operation without the `schemas` that a value may have where it is a part of a resource.

    RFC 7643 section 3 has it in every resource; what it says is known already.
    """
    if operation.place is not None or not isinstance(operation.value, dict):
        return operation
    kept = {name: value for name, value in operation.value.items() if name.lower() != "schemas"}
    return PatchOperation(operation.op, None, kept)


def _unknown(operation: PatchOperation, resource_type: ResourceType) -> list[str]:
    """Return the paths of what an operation names and the resource type does not have."""
    place, value = operation.place, operation.value
    if place is None:
        return unknown(value, resource_type) if isinstance(value, dict) and operation.op != "remove" else []
    extension = resource_type.whole(place.path)
    if extension is not None:
        return unknown({extension.id: value}, resource_type)
    target = target_of(place, resource_type)
    return [str(place)] if target is None else [f"{target}.{each}" for each in unknown_parts(target.leaf, value)]
