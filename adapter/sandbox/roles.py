"""The calls on roles."""

from collections.abc import Callable
from typing import Any

from adapter.sandbox import org_units
from adapter.sandbox.call import Call
from adapter.sandbox.fields import ROLE, ROLE_CHANGES
from adapter.sandbox.page import page, shape
from adapter.sandbox.records import Role, User
from adapter.sandbox.refusal import not_found
from adapter.sandbox.rules import checked
from adapter.sandbox.world import World

PERMISSIONS = {
    1: "DASHBOARDS_VIEW",
    2: "DEVICES_VIEW",
    3: "DEVICES_EDIT",
    4: "USERS_VIEW",
    5: "USERS_EDIT",
}

_SHOWN: dict[str, Callable[[Role], Any]] = {
    "roleId": lambda role: role.role_id,
    "roleName": lambda role: role.role_name,
    "roleDescription": lambda role: role.role_description,
}

_TIMES: dict[str, Callable[[Role], Any]] = {
    "createdOn": lambda role: role.created_on,
    "modifiedOn": lambda role: role.modified_on,
}

SORTS = tuple(_SHOWN)


def listed(world: World, call: Call) -> dict[str, Any]:
    """A page of the roles of an org unit."""
    unit = org_units.asked(call)
    roles = [role for role in world.store.roles.values() if org_units.are_related(role.org_unit_id, unit)]
    shown = _SHOWN | ({} if world.stock else _TIMES) | {"_extra": lambda role: _extra(world, role)}
    return page(roles, call, shown, _SHOWN)


def found(world: World, call: Call) -> dict[str, Any]:
    """One role by its id, with the ids of its users."""
    role = _asked(world, call)
    data = {
        "roleId": role.role_id,
        "orgUnitId": role.org_unit_id,
        "roleName": role.role_name,
        "roleDescription": role.role_description,
        "userIds": [user.user_id for user in _users(world, role)],
        "_extra": _extra(world, role),
    }
    return {"data": data | ({} if world.stock else shape(role, _TIMES)), "_links": {}}


def created(world: World, call: Call) -> dict[str, Any]:
    """The id of the new role; `_links` is a list here, and an object everywhere else."""
    unit = org_units.asked(call)
    written = checked(call.body, ROLE, world.store.known() | {"permission": PERMISSIONS})
    return {"data": {"roleId": world.store.add_role(unit, written)}, "_links": []}


def changed(world: World, call: Call) -> dict[str, Any]:
    """The id of the changed role, and nothing else of it."""
    role_id = _asked(world, call).role_id
    world.store.change_role(role_id, checked(call.body, ROLE_CHANGES, {"permission": PERMISSIONS}, partial=True))
    return {"status": 200, "message": "User role updated successfully.", "data": {"roleId": role_id}}


def removed(world: World, call: Call) -> None:
    """Nothing, once the role is gone, and gone from its users."""
    world.store.remove_role(_asked(world, call).role_id)


def _asked(world: World, call: Call) -> Role:
    unit, role_id = org_units.asked(call), call.number("userRoleId")
    role = world.store.roles.get(role_id)
    if role is None or not org_units.are_related(role.org_unit_id, unit):
        raise not_found("User Role", role_id)
    return role


def _users(world: World, role: Role) -> list[User]:
    return [user for user in world.store.users.values() if role.role_id in user.role_ids]


def _extra(world: World, role: Role) -> dict[str, Any]:
    return {
        "cloneable": True,
        "readonly": role.readonly,
        "usernames": [user.full_name for user in _users(world, role)],  # full names, whatever the field says
        "permissions": [PERMISSIONS[permission] for permission in role.permission_ids],
    }
