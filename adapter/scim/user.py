"""The User schema and its enterprise extension, as RFC 7643 sections 4.1, 4.3 and 8.7.1 define them.

These are the definitions to choose from: what a gateway offers is the part that its mapping names.
"""

from adapter.scim.schema import EXTERNAL_ID, Attribute, Schema, Type


def _multi(name: str, description: str, value: Type = "string", *canonical: str) -> Attribute:
    """Return a multi-valued attribute with the sub-attributes of RFC 7643 section 2.4."""
    return Attribute(
        name=name,
        type="complex",
        multi_valued=True,
        description=description,
        sub_attributes=(
            Attribute(
                name="value",
                type=value,
                is_sought=name == "emails",
                reference_types=("external",) if value == "reference" else (),
                description="The value itself.",
            ),
            Attribute(name="display", description="A name for display."),
            Attribute(name="type", canonical_values=canonical, description="What the value is for."),
            Attribute(
                name="primary",
                type="boolean",
                description="Whether it is the preferred one; one at the most.",
            ),
        ),
    )


_NAME = Attribute(
    name="name",
    type="complex",
    description="The parts of the user's real name.",
    sub_attributes=(
        Attribute(name="formatted", description="The full name, formatted for display."),
        Attribute(name="familyName", description="The family name, or last name."),
        Attribute(name="givenName", description="The given name, or first name."),
        Attribute(name="middleName", description="The middle name or names."),
        Attribute(name="honorificPrefix", description="The honorific prefix, or title."),
        Attribute(name="honorificSuffix", description="The honorific suffix, or suffix."),
    ),
)

_ADDRESSES = Attribute(
    name="addresses",
    type="complex",
    multi_valued=True,
    description="Postal addresses.",
    sub_attributes=(
        Attribute(name="formatted", description="The full address, formatted for a label."),
        Attribute(name="streetAddress", description="The street, with number."),
        Attribute(name="locality", description="The city."),
        Attribute(name="region", description="The state or region."),
        Attribute(name="postalCode", description="The zip or postal code."),
        Attribute(name="country", description="The country, as ISO 3166-1 alpha-2."),
        Attribute(name="type", canonical_values=("work", "home", "other"), description="What the address is for."),
        Attribute(name="primary", type="boolean", description="Whether it is the preferred one; one at the most."),
    ),
)

_GROUPS = Attribute(
    name="groups",
    type="complex",
    multi_valued=True,
    description="The groups that the user belongs to; shown when they are asked for, as each costs calls.",
    mutability="readOnly",
    returned="request",
    sub_attributes=(
        Attribute(name="value", mutability="readOnly", description="The group's id."),
        Attribute(
            name="$ref",
            type="reference",
            reference_types=("User", "Group"),
            mutability="readOnly",
            description="The group's address.",
        ),
        Attribute(name="display", mutability="readOnly", description="The group's name."),
        Attribute(
            name="type",
            canonical_values=("direct", "indirect"),
            mutability="readOnly",
            description="Whether the membership is direct.",
        ),
    ),
)

USER = Schema(
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "User",
    "User Account",
    (
        EXTERNAL_ID,
        Attribute(
            name="userName",
            required=True,
            uniqueness="server",
            description="The name that the user signs in with, unique at the upstream, compared without case.",
        ),
        _NAME,
        Attribute(name="displayName", description="The name to show for the user."),
        Attribute(name="nickName", description="A casual name."),
        Attribute(
            name="profileUrl",
            type="reference",
            reference_types=("external",),
            description="The address of the user's profile.",
        ),
        Attribute(name="title", description="The title, such as Vice President."),
        Attribute(name="userType", description="The relation to the organization, such as Employee."),
        Attribute(name="preferredLanguage", description="The preferred written or spoken language."),
        Attribute(name="locale", description="The default location, for dates, numbers and currency."),
        Attribute(name="timezone", description="The time zone, as in the IANA database."),
        Attribute(name="active", type="boolean", description="Whether the user may sign in."),
        Attribute(
            name="password",
            mutability="writeOnly",
            returned="never",
            case_exact=True,
            description="The clear-text password, for setting it only.",
        ),
        _multi("emails", "E-mail addresses.", "string", "work", "home", "other"),
        _multi("phoneNumbers", "Phone numbers.", "string", "work", "home", "mobile", "fax", "pager", "other"),
        _multi("ims", "Instant-messaging addresses."),
        _multi("photos", "Addresses of photos.", "reference", "photo", "thumbnail"),
        _ADDRESSES,
        _GROUPS,
        _multi("entitlements", "Entitlements."),
        _multi("roles", "Roles."),
        _multi("x509Certificates", "Certificates issued to the user.", "binary"),
    ),
)

ENTERPRISE_USER = Schema(
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "EnterpriseUser",
    "Enterprise User",
    (
        Attribute(name="employeeNumber", description="The number that the organization gave the user."),
        Attribute(name="costCenter", description="The cost center."),
        Attribute(name="organization", description="The organization."),
        Attribute(name="division", description="The division."),
        Attribute(name="department", description="The department."),
        Attribute(
            name="manager",
            type="complex",
            description="The user's manager.",
            sub_attributes=(
                Attribute(name="value", description="The manager's id."),
                Attribute(
                    name="$ref",
                    type="reference",
                    reference_types=("User",),
                    description="The manager's address.",
                ),
                Attribute(name="displayName", mutability="readOnly", description="The manager's name."),
            ),
        ),
    ),
)
