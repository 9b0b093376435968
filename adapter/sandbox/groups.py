"""The calls on access groups."""

from collections.abc import Callable
from typing import Any

from adapter.sandbox import org_units
from adapter.sandbox.call import Call
from adapter.sandbox.fields import ACCESS_GROUP, ACCESS_GROUP_CHANGES
from adapter.sandbox.page import page, shape
from adapter.sandbox.records import AccessGroup
from adapter.sandbox.rules import checked
from adapter.sandbox.world import World

_SHOWN: dict[str, Callable[[AccessGroup], Any]] = {
    "groupId": lambda group: group.group_id,
    "orgUnitId": lambda group: group.org_unit_id,
    "groupName": lambda group: group.group_name,
    "groupDescription": lambda group: group.group_description,
}

SORTS = tuple(_SHOWN)


def links(_world: World, _call: Call) -> dict[str, Any]:
    """Where the access groups are listed; not the access groups."""
    return {"_links": {"access-group-list - GET": "/api/org-units/{orgUnitId}/access-groups"}}


def listed(world: World, call: Call) -> dict[str, Any]:
    """A page of the access groups of an org unit."""
    unit = org_units.asked(call)
    groups = [group for group in world.store.groups.values() if org_units.are_related(group.org_unit_id, unit)]
    return page(groups, call, _SHOWN, _SHOWN)


def found(world: World, call: Call) -> dict[str, Any]:
    """One access group by its id, with the ids of its users."""
    group = world.store.group(call.number("accessGroupId"))
    data = shape(group, _SHOWN) | {
        "orgUnitIds": group.org_unit_ids,
        "deviceIds": [],
        "userIds": [user.user_id for user in world.store.members(group.group_id)],
        "autoIncludeNewOrgUnits": group.auto_include_new_org_units,
        "_extra": {"grouptype": "ORG_UNIT", "readonly": str(group.readonly).lower()},
    }
    return {"data": data}


def created(world: World, call: Call) -> None:
    """Nothing, not even the id: whoever made the access group has to look for it by its name."""
    unit = org_units.asked(call)
    world.store.add_group(unit, checked(call.body, ACCESS_GROUP, world.store.known()))


def changed(world: World, call: Call) -> dict[str, Any]:
    """The id of the changed access group, and nothing else of it."""
    group_id = world.store.group(call.number("accessGroupId")).group_id
    world.store.change_group(group_id, checked(call.body, ACCESS_GROUP_CHANGES, world.store.known(), partial=True))
    return {"status": 200, "message": "Access group updated successfully.", "data": {"groupId": group_id}}


def removed(world: World, call: Call) -> None:
    """Nothing, once the access group is gone, and gone from its users."""
    world.store.remove_group(call.number("accessGroupId"))
