"""How an upstream keeps the members of a group, where no field of the group's own record lists them.

Where one does, no word of this is needed: a rule for `members.value` with `every` reads and writes that field.
"""

from adapter.mapping.document.call import Call, Listed
from adapter.mapping.document.rule import Kept
from adapter.mapping.document.words import Positive, Strict


class MemberList(Listed, frozen=True, kw_only=True):
    """The call that lists the members of a group; `{id}` in it is the group's, `id` is where a row has the user's."""


class MemberChange(Call, frozen=True, kw_only=True):
    """A call that adds or removes members; `{id}` is the group's, and `{member}` a user's, or `{members}` a list of them."""

    most: Positive = 100
    """With `{members}`: how many one call takes."""


class ByCalls(Strict, frozen=True, kw_only=True, tag_field="by", tag="calls"):
    """The members are a collection of their own, with calls that list, add and remove them."""

    list: MemberList
    """The call that lists them."""
    add: MemberChange
    """The call that adds members; adding one who is there already does no harm, or means `uniqueness`."""
    remove: MemberChange
    """The call that removes members; removing one who is not there does no harm, or means `not found`."""
    kept_as: Kept | None = None
    """`number` where the calls take the ids of users as numbers."""


class ByUsers(Strict, frozen=True, kw_only=True, tag_field="by", tag="users"):
    """Each user's record says in which groups the user is: the User's rule for `groups.value` is read and written.

    A rule of the group for `members.value` may show them too, with `mutability: readOnly`; without one they are looked
    for among the users.
    """


Members = ByCalls | ByUsers
