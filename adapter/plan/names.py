"""The names by which resources are known, a user's userName and a group's displayName, in the form in which they compare."""

from collections.abc import Callable, Generator
from typing import Any

from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked
from adapter.plan.keeping import Folded
from adapter.plan.moment import Noted
from adapter.plan.scan import Everyone, Record
from adapter.scim.match import folded
from adapter.scim.schema import Resource

TakeName = Callable[[str, Folded], None]
"""Takes the id of a resource, and its name."""


def name_of(record: Record, mapping: Mapping) -> Folded | None:
    """Return the name of a record's resource; None when it has none."""
    rule = mapping.resource.rule_of(mapping.resource.naming)
    assert rule is not None  # noqa: S101 (load has checked it)
    name = rule.from_record(record)
    return None if name is None else folded(rule.target.leaf, name)


def name_in(resource: Resource, mapping: Mapping) -> Folded | None:
    """Return the name of a resource; None when it has none."""
    name = resource.get(mapping.resource.naming)
    attribute = mapping.resource.type.schema.attribute(mapping.resource.naming)
    return None if name is None or attribute is None else folded(attribute, name)


def noted(
    resource_id: str, before: Resource | None, after: Resource | None, mapping: Mapping
) -> Generator[Asked, Any, None]:
    """Tell that a resource was made, has another name, or is gone."""
    old = None if before is None else name_in(before, mapping)
    new = None if after is None else name_in(after, mapping)
    if after is None or new != old:
        yield Noted(mapping.resource.type.name, resource_id, new)


def names(mapping: Mapping, take: TakeName) -> Generator[Asked, Any, None]:
    """Hand over the name of every resource that has one, and its id: what an index is made from."""
    scan = Everyone({}, mapping)
    while (page := (yield from scan.page())) is not None:
        for each, record in page.items():
            name = name_of(record, mapping)
            if name is not None:
                take(each, name)
