"""The discovery documents of a connection: what it is and does, told by its mapping (RFC 7644 section 4)."""

from typing import Any

from adapter.errors import Forbidden, NotFound
from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.route import Route
from adapter.scim import discovery, messages
from adapter.web.asked import Asked

NAMES = ("ServiceProviderConfig", "ResourceTypes", "Schemas")


def document(mapping: Mapping, base: str, name: str, one: str | None, asked: Asked) -> dict[str, Any]:
    """Return a discovery document, or the list of those under a name; a filter there is 403, as the section demands."""
    if "filter" in asked.parameters:
        raise Forbidden("Discovery documents cannot be filtered.")
    if name == "ServiceProviderConfig":
        if one is not None:
            raise NotFound("There is one ServiceProviderConfig, without an id.")
        lists = any(isinstance(each.list, Route) for each in mapping.resources)
        does = discovery.Abilities(
            patch=any(map(can_change, mapping.resources)),
            filters=lists or any(each.pushed for each in mapping.resources),
            lists=lists,
        )
        return discovery.service_provider_config(base, does, asked.profile.limits, mapping.digest)
    make = discovery.resource_types if name == "ResourceTypes" else discovery.schemas
    documents = make(base, [each.type for each in mapping.resources])
    if one is None:
        return messages.list_body(documents)
    found = next((each for each in documents if each["id"].lower() == one.lower()), None)
    if found is None:
        raise NotFound(f"There is no such document under {name}.")
    return found


def can_change(resource: ResourceMapping) -> bool:
    """Tell whether anything of a resource can be changed: by its update, an attribute's own call, its members or the store."""
    by_rule = any(rule.calls or rule.is_kept for rule in resource.rules)
    return isinstance(resource.update, Route) or resource.keeps_members or by_rule
