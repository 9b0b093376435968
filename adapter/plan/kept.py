"""The attributes that the gateway's own store keeps, beside those of the records: recalled, kept and forgotten.

The upstream is asked first and the store follows it, so that nothing is kept of a resource that is not there. A
conversation that breaks off between the two leaves an attribute as it was, and the client's next look finds the difference.
"""

from collections.abc import Collection, Generator
from typing import Any

from adapter.errors import Mutability
from adapter.mapping.convert import resource_of
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked
from adapter.plan.keeping import Forget, Keep, Recall, foldings
from adapter.scim.schema import Resource


def resources_of(
    records: list[dict[str, Any]], mapping: Mapping, without: Collection[str] = ()
) -> Generator[Asked, Any, list[Resource]]:
    """Return the resources that records stand for, with what is kept of them; `without` some attributes of the records."""
    resources = [resource_of(each, mapping.resource, without) for each in records]
    rules = mapping.resource.kept
    if not rules or not resources:
        return resources
    kept = yield Recall(mapping.resource.type.name, tuple(each["id"] for each in resources))
    for each in resources:
        values = kept.get(each["id"], {})
        for rule in rules:
            if str(rule) in values:
                rule.put(each, values[str(rule)])
    return resources


def resource_from(record: dict[str, Any], mapping: Mapping) -> Generator[Asked, Any, Resource]:
    """Return the resource that a record stands for, with what is kept of it."""
    [resource] = yield from resources_of([record], mapping)
    return resource


def check_kept(before: Resource, wanted: Resource, mapping: Mapping) -> None:
    """Raise Mutability when what is kept can be set at creation only and would change: before anything is written."""
    for rule in mapping.resource.kept:
        if rule.mutability == "immutable" and rule.value(before) not in (None, rule.value(wanted)):
            raise Mutability(f"{rule} can be set at creation only.")


def keep(before: Resource, wanted: Resource, after: Resource, mapping: Mapping) -> Generator[Asked, Any, Resource]:
    """Keep what is wanted where it differs from `before`, and return the resource `after` a write with it."""
    rules = mapping.resource.kept
    values = {str(rule): rule.value(wanted) for rule in rules if rule.value(wanted) != rule.value(before)}
    if values:
        folded = {str(rule): foldings(rule.target.leaf, rule.value(wanted)) for rule in rules if str(rule) in values}
        yield Keep(mapping.resource.type.name, after["id"], values, folded)
    for rule in rules:
        value = rule.value(wanted)
        if value is not None:
            rule.put(after, value)
    return after


def forget(resource_id: str, mapping: Mapping) -> Generator[Asked, Any, None]:
    """Forget a resource that is no more."""
    if mapping.resource.kept:
        yield Forget(mapping.resource.type.name, resource_id)
