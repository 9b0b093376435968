"""The calls on users."""

from typing import Any

from adapter.sandbox import org_units
from adapter.sandbox.call import Call
from adapter.sandbox.fields import USER, USER_CHANGES
from adapter.sandbox.page import ORDERS, page, shape
from adapter.sandbox.records import USER_SORTS
from adapter.sandbox.rules import checked
from adapter.sandbox.world import World

# The service account, as N-central's own names have it: not those of the list, nor those of the create request.
SERVICE_ACCOUNT = {
    "userId": 900,
    "customerId": 50,
    "username": "gateway@fernhill.example",
    "title": "",
    "firstName": "Provisioning",
    "lastName": "Gateway",
    "email": "gateway@fernhill.example",
    "phone": "",
    "extension": "",
    "department": "",
    "street1": "",
    "street2": "",
    "city": "",
    "stateProv": "",
    "country": "",
    "postalCode": "",
    "isEnabled": True,
    "isLocked": False,
    "isPasswordExpired": False,
    "isPasswordResetRequired": False,
    "autoSOPower": False,
    "autoSOUser": False,
    "isLDAP": False,
    "ncompassEnabled": False,
    "twoFactorType": "NONE",
    "previousTwoFactorType": "NONE",
    "externallyProvisioned": False,
    "generation": 1,
}


def links(_world: World, _call: Call) -> dict[str, Any]:
    """Where the users are listed; not the users."""
    return {"_links": {"user-list - GET": "/api/org-units/{orgUnitId}/users"}}


def listed(world: World, call: Call) -> dict[str, Any]:
    """A page of the users of an org unit and of those below it."""
    unit = org_units.asked(call)
    users = [user for user in world.store.users.values() if org_units.is_within(user.org_unit_id, unit)]
    return page(users, call, world.user_fields(), USER_SORTS, ORDERS)


def created(world: World, call: Call) -> dict[str, Any]:
    """The id of the new user, and nothing else of it."""
    unit = org_units.asked(call)
    written = checked(call.body, USER, world.store.known())
    del written["password"]
    user_id = world.store.add_user(unit, written)
    return {"status": 201, "message": "User created successfully.", "data": {"userId": user_id}}


def me(_world: World, _call: Call) -> dict[str, Any]:
    """The profile of the service account."""
    return {"status": 200, "message": "User profile retrieved successfully.", "data": SERVICE_ACCOUNT}


def found(world: World, call: Call) -> dict[str, Any]:
    """One user by its id."""
    return {"data": shape(world.store.user(call.number("userId")), world.user_fields()), "_links": {}}


def changed(world: World, call: Call) -> dict[str, Any]:
    """The id of the changed user, and nothing else of it."""
    user_id = world.store.user(call.number("userId")).user_id
    world.store.change_user(user_id, checked(call.body, USER_CHANGES, world.store.known(), partial=True))
    return {"status": 200, "message": "User updated successfully.", "data": {"userId": user_id}}


def removed(world: World, call: Call) -> None:
    """Nothing, once the user is gone."""
    world.store.remove_user(call.number("userId"))
