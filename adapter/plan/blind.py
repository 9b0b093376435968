"""A PATCH without a look, where the mapping says `blind`: what is asked for is written as it is, by one call.

It is done so only where what goes to the upstream does not depend on what is there, and it counts only where the upstream
clearly says that it was done. In every other case the way that looks first decides, as if nothing had been tried: it writes
what a fresh read shows to be missing still.
"""

from collections.abc import Generator
from typing import Any

from adapter.errors import NoTarget
from adapter.mapping.convert import is_id, unwritten
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Unsupported
from adapter.mapping.rules import Rule
from adapter.plan.conversation import Asked, Unknown, write_call
from adapter.plan.kept import resource_from
from adapter.plan.moment import Intended, Loss
from adapter.plan.outcome import is_success
from adapter.plan.read import the_record
from adapter.scim.messages import Response
from adapter.scim.operation import Patch
from adapter.scim.patch import PatchOperation, patched, target_of
from adapter.scim.path import parse
from adapter.scim.schema import Resource, ResourceType


def blind(operation: Patch, mapping: Mapping) -> Generator[Asked, Any, tuple[Response | None, bool]]:
    """Carry a PATCH out by its one write, and return the response, None where a look must decide; and whether it was sent."""
    route, kind = mapping.resource.update, mapping.resource.type.name
    wanted = _wanted(operation, mapping)
    body = None if wanted is None else _body(wanted, mapping)
    if isinstance(route, Unsupported) or wanted is None or not body or not is_id(operation.id, mapping.resource):
        return None, False
    if wanted.get("active") is False:
        yield Loss(kind, operation.id)
    yield Intended("update", kind, operation.id, None, wanted)
    outcome = yield write_call(route, mapping, body, id=operation.id)
    if isinstance(outcome, Unknown) or not is_success(outcome, mapping):
        return None, True
    spot = mapping.resource.changing.record
    if spot is None or outcome.status == 204:  # noqa: PLR2004 (it is done, and there is nothing to show)
        return Response(204, {"id": operation.id}), True
    record = the_record(outcome, spot, mapping, operation.id) if isinstance(outcome.at(spot), dict) else None
    if record is None or unwritten(record, body, wanted, mapping.resource):
        return None, True
    return Response(200, (yield from resource_from(record, mapping))), True


def _wanted(operation: Patch, mapping: Mapping) -> Resource | None:
    """Return what the operations say of a resource that nobody has read; None where they say something of what is there."""
    shows = operation.shown is not None and bool(operation.shown.shown)
    kind = mapping.resource.type
    if operation.only_if is not None or shows or mapping.resource.keeps_members:
        return None
    if not all(_says_all(each, kind, mapping.resource.elements) for each in operation.operations):
        return None
    try:
        return patched({}, operation.operations, kind, operation.adapt)
    except NoTarget:
        return None


def _says_all(operation: PatchOperation, kind: ResourceType, elements: frozenset[str]) -> bool:
    """Tell whether an operation says by itself what will be there: it gives single values, and takes nothing away.

    Of the elements of a list it may name those that have a rule of their own, `elements`, as the rule does.
    """
    place, value = operation.place, operation.value
    if operation.op == "remove":
        return False
    if place is not None:
        target = target_of(place, kind)
        is_one = target is None or not target.attribute.multi_valued
        return (is_one or str(place) in elements) and _is_stated(value)
    if not isinstance(value, dict):
        return False
    paths = {name: parse(name) for name in value}
    targets = [kind.target(path) if path else None for path in paths.values()]
    return all(each is not None and not each.attribute.multi_valued for each in targets) and _is_stated(value)


def _is_stated(value: Any) -> bool:
    """Tell whether a value says something; what is empty takes something away."""
    if isinstance(value, dict):
        return bool(value) and all(map(_is_stated, value.values()))
    return value not in (None, "", [])


def _body(wanted: Resource, mapping: Mapping) -> dict[str, Any] | None:
    """Return the fields to write; None where one of them depends on what the record holds."""
    body: dict[str, Any] = {}
    for rule in mapping.resource.rules:
        value = rule.value(wanted)
        if value is None:
            continue
        if not _is_plain(rule) or str(rule) == mapping.resource.naming:
            return None
        rule.write_into(body, value, wanted)
    return body


def _is_plain(rule: Rule) -> bool:
    """Tell whether a rule writes one field by its value alone, at any time."""
    return (
        rule.write is not None
        and rule.calls is None
        and "[" not in rule.write.field
        and rule.write.second is None
        and not (rule.joined or rule.every or rule.is_fixed or rule.is_kept)
        and rule.mutability in ("readWrite", "writeOnly")
        and rule.only != "create"
    )
