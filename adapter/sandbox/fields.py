"""The fields of the request bodies, one table for each thing that can be made."""

from adapter.sandbox.rules import Field

_EMAIL = r"^[^@\s]+(@[^@\s]+)?$"

USER = (
    Field(
        name="email",
        required=True,
        pattern=_EMAIL,
        says="must be an email address",
        example="user@example.com",
    ),
    Field(
        name="password",
        required=True,
        pattern=r"^(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*[^A-Za-z0-9]).{8,}$",
        says="must have at least 8 characters, among them an upper-case letter, a lower-case letter, "
        "a digit and a special character",
        example="SecurePassword123!",
    ),
    Field(name="firstName", required=True, most=50, example="John"),
    Field(name="lastName", required=True, most=50, example="Doe"),
    Field(name="username", most=50, pattern=r"^.*\S.*$", says="must not be blank", example="johndoe"),
    Field(name="country", example="US"),
    Field(name="postalCode", pattern=r"^[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){1,11}$", example="12345"),
    Field(name="street1", most=100, example="123 Main St"),
    Field(name="street2", most=100, example="Apt 4B"),
    Field(name="city", most=50, example="Anytown"),
    Field(name="state", most=50, example="CA"),
    Field(
        name="telephone",
        pattern=r"^\+?(?=(?:[^0-9]*[0-9]){7,15}[^0-9]*$)[0-9(][0-9\s().-]*[0-9]$",
        example="+1234567890",
    ),
    Field(name="ext", pattern=r"^\d{1,6}$", example="123"),
    Field(name="department", most=50, example="IT"),
    Field(
        name="notificationEmail",
        pattern=_EMAIL,
        says="must be an email address",
        example="notify@example.com",
    ),
    Field(name="status", choices=("enabled", "disabled"), example="enabled"),
    Field(name="roleIds", kind="ids", required=True, ids_of="role", least=1, example=["1001"]),
    Field(name="accessGroupIds", kind="ids", required=True, ids_of="access group", least=1, example=["2001"]),
    Field(name="apiOnlyUser", kind="flag", example=False),
)

# A password is written once, when the user is made.
USER_CHANGES = tuple(field for field in USER if field.name != "password")

ROLE = (
    Field(name="roleName", required=True, example="Help desk"),
    Field(name="description", required=True, most=255, example="Sees devices, changes nothing"),
    Field(name="permissionIds", kind="ids", required=True, ids_of="permission", example=["1"]),
    Field(name="userIds", kind="ids", ids_of="user", example=[]),
)

# Who has a role is changed in the users.
ROLE_CHANGES = tuple(field for field in ROLE if field.name != "userIds")

ACCESS_GROUP = (
    Field(name="groupName", required=True, example="North region"),
    Field(name="groupDescription", required=True, example="The customers of the north region"),
    Field(name="orgUnitIds", kind="ids", ids_of="org unit", example=["101"]),
    Field(name="userIds", kind="ids", ids_of="user", example=[]),
    # Text, and not a boolean: whatever is not "true" means false.
    Field(name="autoIncludeNewOrgUnits", example="true"),
)

# `userIds` is the whole list: who is not in it leaves the group.
ACCESS_GROUP_CHANGES = tuple(
    field for field in ACCESS_GROUP if field.name in {"groupName", "groupDescription", "userIds"}
)

MEMBERS = (Field(name="userIds", kind="ids", required=True, ids_of="user", least=1, example=["10001"]),)
