"""The routes of the user API: one table, from which the API, its specification and its explorer page are made."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Literal

import msgspec

from adapter.sandbox import auth, groups, members, roles, users
from adapter.sandbox.call import Call
from adapter.sandbox.fields import (
    ACCESS_GROUP,
    ACCESS_GROUP_CHANGES,
    MEMBERS,
    ROLE,
    ROLE_CHANGES,
    USER,
    USER_CHANGES,
)
from adapter.sandbox.page import MORE_ORDERS, ORDERS
from adapter.sandbox.records import USER_SORTS
from adapter.sandbox.rules import Field
from adapter.sandbox.world import World


class Listing(msgspec.Struct, frozen=True):
    """What a listing can be sorted by."""

    sorts: tuple[str, ...]
    orders: tuple[str, ...]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route: who answers it, and what there is to say of it."""

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    handle: Callable[[World, Call], Any]
    says: str
    success: int = HTTPStatus.OK
    token: bool = True  # whether it wants an access token
    assumed: bool = False  # whether N-able does not document it
    lists: Listing | None = None
    headers: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    partial: bool = False  # whether required fields may be missing

    @property
    def name(self) -> str:
        """The method and the template, by which the control port knows the route."""
        return f"{self.method} {self.path}"


_UNIT = "/api/org-units/{orgUnitId}"
_OVERRIDES = (auth.ACCESS_OVERRIDE, auth.REFRESH_OVERRIDE)

ROUTES = (
    Route(
        method="POST",
        path="/api/auth/authenticate",
        handle=auth.authenticate,
        says="Exchange the service account's user API token, sent as Bearer, for an access and a refresh token.",
        token=False,
        headers=_OVERRIDES,
    ),
    Route(
        method="POST",
        path="/api/auth/refresh",
        handle=auth.refresh,
        says="Exchange a refresh token, which is the whole body as text/plain, for a new pair of tokens.",
        token=False,
        headers=_OVERRIDES,
    ),
    Route(
        method="GET",
        path="/api/auth/validate",
        handle=auth.validate,
        says="Say whether the access token lives.",
    ),
    Route(
        method="POST",
        path="/api/auth/logout",
        handle=auth.logout,
        says="End the access token and its refresh token.",
    ),
    Route(
        method="GET",
        path="/api/users",
        handle=users.links,
        says="Say where users are listed. This is not a list of users.",
    ),
    Route(
        method="GET",
        path="/api/users/me",
        handle=users.me,
        says="Show the profile of the service account.",
    ),
    Route(
        method="GET",
        path=f"{_UNIT}/users",
        handle=users.listed,
        says="List the users of an org unit and of those below it.",
        lists=Listing(tuple(USER_SORTS), tuple(ORDERS)),
    ),
    Route(
        method="POST",
        path=f"{_UNIT}/users",
        handle=users.created,
        says="Make a user. Only its id is answered. An email stays taken for ever, even when its user is gone.",
        success=HTTPStatus.CREATED,
        fields=USER,
    ),
    Route(
        method="GET",
        path="/api/users/{userId}",
        handle=users.found,
        says="Show a user.",
        assumed=True,
    ),
    Route(
        method="PATCH",
        path="/api/users/{userId}",
        handle=users.changed,
        says="Change fields of a user; status enables and disables it. Only its id is answered.",
        assumed=True,
        fields=USER_CHANGES,
        partial=True,
    ),
    Route(
        method="DELETE",
        path="/api/users/{userId}",
        handle=users.removed,
        says="Delete a user.",
        success=HTTPStatus.NO_CONTENT,
        assumed=True,
    ),
    Route(
        method="GET",
        path=f"{_UNIT}/user-roles",
        handle=roles.listed,
        says="List roles.",
        lists=Listing(roles.SORTS, tuple(MORE_ORDERS)),
    ),
    Route(
        method="POST",
        path=f"{_UNIT}/user-roles",
        handle=roles.created,
        says="Make a role. Only now can it be given its users by the role.",
        success=HTTPStatus.CREATED,
        fields=ROLE,
    ),
    Route(
        method="GET",
        path=f"{_UNIT}/user-roles/{{userRoleId}}",
        handle=roles.found,
        says="Show a role and its users.",
    ),
    Route(
        method="PATCH",
        path=f"{_UNIT}/user-roles/{{userRoleId}}",
        handle=roles.changed,
        says="Change fields of a role, unless it is read-only. Who has it is changed in the users.",
        assumed=True,
        fields=ROLE_CHANGES,
        partial=True,
    ),
    Route(
        method="DELETE",
        path=f"{_UNIT}/user-roles/{{userRoleId}}",
        handle=roles.removed,
        says="Delete a role, unless it is read-only. Its users lose it.",
        success=HTTPStatus.NO_CONTENT,
        assumed=True,
    ),
    Route(
        method="GET",
        path="/api/access-groups",
        handle=groups.links,
        says="Say where access groups are listed. This is not a list of access groups.",
    ),
    Route(
        method="GET",
        path=f"{_UNIT}/access-groups",
        handle=groups.listed,
        says="List access groups.",
        lists=Listing(groups.SORTS, tuple(MORE_ORDERS)),
    ),
    Route(
        method="POST",
        path=f"{_UNIT}/access-groups",
        handle=groups.created,
        says="Make an access group. Nothing is answered, not even its id.",
        success=HTTPStatus.NO_CONTENT,
        fields=ACCESS_GROUP,
    ),
    Route(
        method="GET",
        path="/api/access-groups/{accessGroupId}",
        handle=groups.found,
        says="Show an access group and its users.",
    ),
    Route(
        method="PATCH",
        path="/api/access-groups/{accessGroupId}",
        handle=groups.changed,
        says="Change an access group; userIds is the whole list of its users, and all that a read-only one can change.",
        assumed=True,
        fields=ACCESS_GROUP_CHANGES,
        partial=True,
    ),
    Route(
        method="DELETE",
        path="/api/access-groups/{accessGroupId}",
        handle=groups.removed,
        says="Delete an access group, unless it is read-only. Its users lose it.",
        success=HTTPStatus.NO_CONTENT,
        assumed=True,
    ),
    Route(
        method="GET",
        path="/api/access-groups/{accessGroupId}/users",
        handle=members.listed,
        says="List the users of an access group.",
        assumed=True,
        lists=Listing(members.SORTS, tuple(MORE_ORDERS)),
    ),
    Route(
        method="POST",
        path="/api/access-groups/{accessGroupId}/users",
        handle=members.added,
        says="Put users into an access group; who is in it already stays.",
        success=HTTPStatus.NO_CONTENT,
        assumed=True,
        fields=MEMBERS,
    ),
    Route(
        method="DELETE",
        path="/api/access-groups/{accessGroupId}/users/{userId}",
        handle=members.removed,
        says="Take a user out of an access group.",
        success=HTTPStatus.NO_CONTENT,
        assumed=True,
    ),
)


def routes(*, stock: bool) -> tuple[Route, ...]:
    """The routes that are served: a stock N-central has none of the assumed ones."""
    return tuple(route for route in ROUTES if not (stock and route.assumed))
