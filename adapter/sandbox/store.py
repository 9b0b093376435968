"""The store: the users, roles and access groups that exist while the sandbox runs."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from typing import Any

import msgspec

from adapter.sandbox.org_units import ORG_UNITS
from adapter.sandbox.records import AccessGroup, Role, User
from adapter.sandbox.refusal import Refusal, not_found

ALTERED = "Altered"  # the last name of a record that the `alter` fault has touched


class Store:
    """The records by id, and which emails and user names are taken. It knows nothing of HTTP."""

    def __init__(self, roles: Iterable[Role] = (), groups: Iterable[AccessGroup] = ()) -> None:
        self.users: dict[int, User] = {}
        self.roles = {role.role_id: role for role in roles}
        self.groups = {group.group_id: group for group in groups}
        # An email keeps its entry when its user goes: N-central never gives it out again.
        self._emails: dict[str, int] = {}
        self._usernames: dict[str, int] = {}
        self._user_ids = count(10_001)
        self._role_ids = count(max(self.roles, default=1000) + 1)
        self._group_ids = count(max(self.groups, default=2000) + 1)

    def copy(self) -> "Store":
        """A store with the same records whose changes are nobody's; ids given out there are not given out here."""
        twin = Store()
        twin.__dict__ = {
            name: value.copy() if isinstance(value, dict) else value for name, value in self.__dict__.items()
        }
        return twin

    def known(self) -> dict[str, Collection[int]]:
        """The ids that a request may name."""
        return {"user": self.users, "role": self.roles, "access group": self.groups, "org unit": ORG_UNITS}

    def user(self, user_id: int) -> User:
        """The user with this id; one that does not exist is refused."""
        if user_id not in self.users:
            raise not_found("User", user_id)
        return self.users[user_id]

    def add_user(self, org_unit_id: int, written: dict[str, Any]) -> int:
        """Keep a new user and say its id; a taken email or user name is refused."""
        written = {"username": written["email"]} | written
        self._refuse_taken(written)
        user_id = next(self._user_ids)
        made = {"userId": user_id, "orgUnitId": org_unit_id, "createdOn": _now(), "modifiedOn": _now()}
        self._keep(msgspec.convert(written | made, User))
        return user_id

    def change_user(self, user_id: int, changes: dict[str, Any]) -> None:
        """Change fields of a user; a taken email or user name is refused."""
        before = self.user(user_id)
        self._refuse_taken(changes, besides=user_id)
        self._release(before)
        self._keep(msgspec.convert(msgspec.to_builtins(before) | changes | {"modifiedOn": _now()}, User))

    def remove_user(self, user_id: int) -> None:
        """Forget a user, but not the email."""
        gone = self.user(user_id)
        self._release(gone)
        self._emails[gone.email.casefold()] = user_id
        del self.users[user_id]

    def double_user(self, user_id: int) -> None:
        """Keep a second record of the user under another id, as a fault of the user API would."""
        second = next(self._user_ids)
        self.users[second] = msgspec.structs.replace(self.users[user_id], user_id=second)

    def alter_user(self, user_id: int) -> None:
        """Keep something else than what was written, as a fault of the user API would."""
        self.users[user_id] = msgspec.structs.replace(self.users[user_id], last_name=ALTERED)

    def add_role(self, org_unit_id: int, written: dict[str, Any]) -> int:
        """Keep a new role, give it to the users it names, and say its id; a taken name is refused."""
        _refuse_twin("Role", written["roleName"], self._role_names(org_unit_id))
        role_id = next(self._role_ids)
        self.roles[role_id] = Role(
            role_id=role_id,
            org_unit_id=org_unit_id,
            role_name=written["roleName"],
            role_description=written["description"],
            permission_ids=tuple(written["permissionIds"]),
            created_on=_now(),
            modified_on=_now(),
        )
        for user_id in written.get("userIds", ()):
            user = self.users[user_id]
            self.users[user_id] = msgspec.structs.replace(user, role_ids=(*user.role_ids, role_id))
        return role_id

    def change_role(self, role_id: int, changes: dict[str, Any]) -> None:
        """Change fields of a role; a taken name is refused, and any change of a read-only role."""
        before = self.roles[role_id]
        if before.readonly:
            raise _readonly("Role", before.role_name)
        _refuse_twin("Role", changes.get("roleName"), self._role_names(before.org_unit_id), besides=role_id)
        renamed = {"roleDescription" if name == "description" else name: value for name, value in changes.items()}
        self.roles[role_id] = msgspec.convert(msgspec.to_builtins(before) | renamed | {"modifiedOn": _now()}, Role)

    def remove_role(self, role_id: int) -> None:
        """Forget a role, and take it from its users; a read-only one is refused."""
        gone = self.roles[role_id]
        if gone.readonly:
            raise _readonly("Role", gone.role_name)
        del self.roles[role_id]
        for user in list(self.users.values()):
            role_ids = tuple(each for each in user.role_ids if each != role_id)
            self.users[user.user_id] = msgspec.structs.replace(user, role_ids=role_ids)

    def group(self, group_id: int) -> AccessGroup:
        """The access group with this id; one that does not exist is refused."""
        if group_id not in self.groups:
            raise not_found("Access Group", group_id)
        return self.groups[group_id]

    def members(self, group_id: int) -> list[User]:
        """The users who are in the access group."""
        return [user for user in self.users.values() if group_id in user.access_group_ids]

    def add_group(self, org_unit_id: int, written: dict[str, Any]) -> int:
        """Keep a new access group, put the users it names into it, and say its id; a taken name is refused."""
        _refuse_twin("Access Group", written["groupName"], self._group_names(org_unit_id))
        group_id = next(self._group_ids)
        self.groups[group_id] = AccessGroup(
            group_id=group_id,
            org_unit_id=org_unit_id,
            group_name=written["groupName"],
            group_description=written["groupDescription"],
            org_unit_ids=tuple(written.get("orgUnitIds", ())),
            auto_include_new_org_units=written.get("autoIncludeNewOrgUnits", "").casefold() == "true",
        )
        self.join(group_id, written.get("userIds", ()))
        return group_id

    def change_group(self, group_id: int, changes: dict[str, Any]) -> None:
        """Change fields of an access group and who is in it; of a read-only one only the users can be changed."""
        before = self.group(group_id)
        own = {name: value for name, value in changes.items() if name != "userIds"}
        if before.readonly and own:
            raise _readonly("Access Group", before.group_name)
        _refuse_twin("Access Group", own.get("groupName"), self._group_names(before.org_unit_id), besides=group_id)
        self.groups[group_id] = msgspec.convert(msgspec.to_builtins(before) | own, AccessGroup)
        if "userIds" in changes:
            for user in self.members(group_id):
                if user.user_id not in changes["userIds"]:
                    self.leave(group_id, user.user_id)
            self.join(group_id, changes["userIds"])

    def remove_group(self, group_id: int) -> None:
        """Forget an access group, and take it from its users; a read-only one is refused."""
        gone = self.group(group_id)
        if gone.readonly:
            raise _readonly("Access Group", gone.group_name)
        for user in self.members(group_id):
            self.leave(group_id, user.user_id)
        del self.groups[group_id]

    def join(self, group_id: int, user_ids: Iterable[int]) -> None:
        """Put users into an access group, unless they are in it."""
        for user_id in user_ids:
            user = self.users[user_id]
            groups = tuple(dict.fromkeys((*user.access_group_ids, group_id)))
            self.users[user_id] = msgspec.structs.replace(user, access_group_ids=groups)

    def leave(self, group_id: int, user_id: int) -> None:
        """Take a user out of an access group; one who is not in it is refused."""
        user = self.users.get(user_id)
        if user is None or group_id not in user.access_group_ids:
            raise not_found("Access Group Member", user_id)
        groups = tuple(each for each in user.access_group_ids if each != group_id)
        self.users[user_id] = msgspec.structs.replace(user, access_group_ids=groups)

    def _refuse_taken(self, written: dict[str, Any], besides: int | None = None) -> None:
        for field, what, taken in (
            ("email", "Email", self._emails),
            ("username", "Username", self._usernames),
        ):
            value = written.get(field)
            if value is not None and taken.get(value.casefold(), besides) != besides:
                raise _taken(what, value)

    def _role_names(self, org_unit_id: int) -> dict[str, int]:
        roles = self.roles.values()
        return {each.role_name.casefold(): each.role_id for each in roles if each.org_unit_id == org_unit_id}

    def _group_names(self, org_unit_id: int) -> dict[str, int]:
        groups = self.groups.values()
        return {each.group_name.casefold(): each.group_id for each in groups if each.org_unit_id == org_unit_id}

    def _keep(self, user: User) -> None:
        self.users[user.user_id] = user
        self._emails[user.email.casefold()] = user.user_id
        self._usernames[user.username.casefold()] = user.user_id

    def _release(self, user: User) -> None:
        for taken, name in ((self._emails, user.email), (self._usernames, user.username)):
            if taken.get(name.casefold()) == user.user_id:  # a doubled record holds no name of its own
                del taken[name.casefold()]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refuse_twin(what: str, name: str | None, taken: dict[str, int], besides: int | None = None) -> None:
    """Refuse a name that another one in the org unit has, without regard to case."""
    if name is not None and taken.get(name.casefold(), besides) != besides:
        raise _taken(what, name)


def _taken(what: str, name: str) -> Refusal:
    return Refusal(HTTPStatus.CONFLICT, "ResourceAlreadyExistsException", f"{what} already exists: '{name}'.")


def _readonly(what: str, name: str) -> Refusal:
    return Refusal(HTTPStatus.CONFLICT, "ReadOnlyResourceException", f"{what} is read-only: '{name}'.")
