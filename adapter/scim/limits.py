"""How much one request may hold: bounds that an operator may move, since one upstream's group is another's whole company."""

from typing import Any

import msgspec

from adapter.errors import SettingsError, TooLarge

GREATEST = {"depth": 100, "nesting": 100, "filter": 4096, "url": 60_000}
"""What may be set at the most: readers recurse as deep as a request goes and along a filter's `and` and `or`, and a head has 64 KiB."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one SCIM request may hold; the setting for each is named ADAPTER_MOST_ and then as it is here.

    Raises SettingsError for a depth that the readers of a request could not follow, or a URL that no head can hold.
    """

    body: int = 2_097_152
    """Bytes of a body, a bulk request's too; more is 413."""
    depth: int = 32
    """Objects and lists that may be inside one another in a body; more is 400 invalidSyntax."""
    members: int = 10_000
    """Members of a group, or elements of other lists, in one POST, PUT or PATCH; more are 413."""
    operations: int = 1000
    """Operations of a PATCH; more are 413."""
    bulk: int = 1000
    """Operations of a bulk request; more are 413 (RFC 7644 section 3.7.4)."""
    filter: int = 4096
    """Characters of a filter; more are 400 invalidFilter."""
    nesting: int = 32
    """Parentheses, brackets and `not` that may be open at once in a filter; more are 400 invalidFilter."""
    count: int = 1000
    """Resources on a page: a larger `count` gets this many, as RFC 7644 section 3.4.2.4 allows."""
    url: int = 16_384
    """Bytes of a URL's path and query; more are 414."""

    def __post_init__(self) -> None:
        """Refuse what cannot be served."""
        faults = [
            f"ADAPTER_MOST_{name.upper()} may be {most} at the most"
            for name, most in GREATEST.items()
            if getattr(self, name) > most
        ]
        if faults:
            raise SettingsError(faults)

    def check_members(self, *values: Any) -> None:
        """Raise TooLarge when the lists in the values of one request hold too much between them."""
        count = sum(len(each) for value in values for each in _lists(value))
        if count > self.members:
            raise TooLarge(
                f"A request may hold {self.members} members, or elements of other lists, and this one holds {count} "
                "(ADAPTER_MOST_MEMBERS); send them in several."
            )


USUAL = Limits()
"""What is allowed where the operator says nothing."""


def _lists(value: Any) -> list[list[Any]]:
    if isinstance(value, list):
        return [value]
    return [each for each in value.values() if isinstance(each, list)] if isinstance(value, dict) else []
