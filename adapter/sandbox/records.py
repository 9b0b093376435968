"""The records that the sandbox keeps: users, roles and access groups."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from adapter.sandbox.org_units import tree


class User(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A user with everything that was written, except the password, which is never kept."""

    user_id: int
    org_unit_id: int
    email: str
    first_name: str
    last_name: str
    username: str
    role_ids: tuple[int, ...]
    access_group_ids: tuple[int, ...]
    status: Literal["enabled", "disabled"] = "enabled"
    api_only_user: bool = False
    country: str | None = None
    postal_code: str | None = None
    street1: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    telephone: str | None = None
    ext: str | None = None
    department: str | None = None
    notification_email: str | None = None
    created_on: str = ""
    modified_on: str = ""

    @property
    def full_name(self) -> str:
        """The first name and the last name."""
        return f"{self.first_name} {self.last_name}"


class Role(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A role: what its users may do. Who has it stands in the users."""

    role_id: int
    org_unit_id: int
    role_name: str
    role_description: str
    permission_ids: tuple[int, ...] = ()
    readonly: bool = False
    created_on: str = "2026-01-05T08:00:00Z"
    modified_on: str = "2026-01-05T08:00:00Z"


class AccessGroup(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An access group: what its users may see. Who is in it stands in the users."""

    group_id: int
    org_unit_id: int
    group_name: str
    group_description: str
    org_unit_ids: tuple[int, ...] = ()
    auto_include_new_org_units: bool = False
    readonly: bool = False


UserFields = dict[str, Callable[[User], Any]]

# What N-central shows of a user. Telephone, address and department are not among it: they can be written, not read.
STOCK_FIELDS: UserFields = {
    "userId": lambda user: user.user_id,
    "userName": lambda user: user.username,
    "firstName": lambda user: user.first_name,
    "lastName": lambda user: user.last_name,
    "fullName": lambda user: user.full_name,
    "description": lambda _: "",
    "isEnabled": lambda user: user.status == "enabled",
    "isLocked": lambda _: False,
    "isLdap": lambda _: False,
    "readOnly": lambda _: False,
    "supportUser": lambda _: False,
    "loggedInUser": lambda _: False,
    "apiOnlyUser": lambda user: user.api_only_user,
    "twoFactorEnabled": lambda _: False,
    "currentSsoProvider": lambda _: "None",
    "roleIds": lambda user: user.role_ids,
    "accessGroupIds": lambda user: user.access_group_ids,
    "customerTree": lambda user: tree(user.org_unit_id),
}

FIELDS: UserFields = STOCK_FIELDS | {
    "email": lambda user: user.email,
    "createdOn": lambda user: user.created_on,
    "modifiedOn": lambda user: user.modified_on,
}


def _level(depth: int) -> Callable[[User], str]:
    """The name of the user's org unit at a depth of the tree, or nothing."""
    return lambda user: (tree(user.org_unit_id)[depth : depth + 1] or [""])[0]


# The names by which users can be sorted, which are not quite the names of their fields.
USER_SORTS: UserFields = {
    "lastName": STOCK_FIELDS["lastName"],
    "name": STOCK_FIELDS["fullName"],
    "username": STOCK_FIELDS["userName"],
    "description": STOCK_FIELDS["description"],
    "accountstatus": STOCK_FIELDS["isEnabled"],
    "enabled": STOCK_FIELDS["isEnabled"],
    "isenabled": STOCK_FIELDS["isEnabled"],
    "locked": STOCK_FIELDS["isLocked"],
    "isLocked": STOCK_FIELDS["isLocked"],
    "currentssoprovider": STOCK_FIELDS["currentSsoProvider"],
    "ssoproviders": STOCK_FIELDS["currentSsoProvider"],
    "ldap": STOCK_FIELDS["isLdap"],
    "isldap": STOCK_FIELDS["isLdap"],
    "accessgroups": STOCK_FIELDS["accessGroupIds"],
    "roles": STOCK_FIELDS["roleIds"],
    "twofactorenabled": STOCK_FIELDS["twoFactorEnabled"],
    "apionlyuser": STOCK_FIELDS["apiOnlyUser"],
    "soname": _level(1),
    "customername": _level(2),
    "sitename": _level(3),
}
