"""The calls on the members of an access group, which are a list of their own."""

from collections.abc import Callable
from typing import Any

from adapter.sandbox.call import Call
from adapter.sandbox.fields import MEMBERS
from adapter.sandbox.page import page
from adapter.sandbox.records import User
from adapter.sandbox.rules import checked
from adapter.sandbox.world import World

_SHOWN: dict[str, Callable[[User], Any]] = {
    "userId": lambda user: user.user_id,
    "userName": lambda user: user.username,
}

SORTS = tuple(_SHOWN)


def listed(world: World, call: Call) -> dict[str, Any]:
    """A page of the users who are in the access group."""
    group = world.store.group(call.number("accessGroupId"))
    return page(world.store.members(group.group_id), call, _SHOWN, _SHOWN)


def added(world: World, call: Call) -> None:
    """Nothing, once the users are in the access group; who was in it already stays."""
    group = world.store.group(call.number("accessGroupId"))
    world.store.join(group.group_id, checked(call.body, MEMBERS, world.store.known())["userIds"])


def removed(world: World, call: Call) -> None:
    """Nothing, once the user is out of the access group; who was not in it is not found."""
    group = world.store.group(call.number("accessGroupId"))
    world.store.leave(group.group_id, call.number("userId"))
