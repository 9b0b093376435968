"""The Group schema, as RFC 7643 sections 4.2 and 8.7.1 define it.

One thing is told as it is here: a group has users as its members, so `User` is the one type of a member. A member is its
`value`, the id of a user; `$ref` and `type` are made from it, whatever a client sends with it.
"""

from adapter.scim.schema import EXTERNAL_ID, Attribute, Schema

_MEMBERS = Attribute(
    name="members",
    type="complex",
    multi_valued=True,
    description="The users who belong to the group.",
    sub_attributes=(
        Attribute(
            name="value",
            # An id, and ids are caseExact (RFC 7643 section 3.1): two of them may differ in nothing but case.
            case_exact=True,
            mutability="immutable",
            description="The user's id.",
        ),
        Attribute(
            name="$ref",
            type="reference",
            reference_types=("User",),
            case_exact=True,
            mutability="immutable",
            is_made=True,
            description="The user's address.",
        ),
        Attribute(name="display", mutability="readOnly", description="The user's name."),
        Attribute(
            name="type",
            canonical_values=("User",),
            mutability="immutable",
            is_made=True,
            description="What kind of resource the member is.",
        ),
    ),
)

GROUP = Schema(
    "urn:ietf:params:scim:schemas:core:2.0:Group",
    "Group",
    "Group",
    (
        EXTERNAL_ID,
        Attribute(
            name="displayName",
            required=True,
            # RFC 7643 has "none"; two groups of one name could not be told apart by a client that looks for the name.
            uniqueness="server",
            description="The group's name, unique at the upstream, compared without case.",
        ),
        _MEMBERS,
    ),
)
