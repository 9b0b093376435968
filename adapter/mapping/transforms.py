"""The closed list of transforms: named two-way functions between an attribute's value and a field's.

A transform can be undone; what cannot be undone is refused when the mapping is loaded.
"""

from typing import Any

import msgspec

from adapter.errors import BadReply, InvalidValue


class Same(msgspec.Struct, frozen=True):
    """The value as it is."""

    def to_scim(self, value: Any, field: str) -> Any:  # noqa: ARG002 (the table needs it for its error)
        """Return the attribute's value for the field's."""
        return value

    def to_upstream(self, value: Any, attribute: str) -> Any:  # noqa: ARG002 (likewise)
        """Return the field's value for the attribute's."""
        return value


class Table(msgspec.Struct, frozen=True):
    """Pairs of values: SCIM's on the left, the upstream's on the right; no value twice in a column."""

    rows: tuple[tuple[Any, Any], ...]

    def to_scim(self, value: Any, field: str) -> Any:
        """Return the left value of the row; a value that no row has is not guessed at: BadReply."""
        for left, right in self.rows:
            if same(right, value):
                return left
        raise BadReply(f"The upstream's field '{field}' holds a value that the mapping's table does not have.")

    def to_upstream(self, value: Any, attribute: str) -> Any:
        """Return the right value of the row; InvalidValue when no row has this value."""
        for left, right in self.rows:
            if same(left, value):
                return right
        allowed = ", ".join(str(left) for left, _ in self.rows)
        raise InvalidValue(f"{attribute} can be one of {allowed}.")


Transform = Same | Table


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal and of one type: in Python True equals 1, in a table it must not."""
    return type(one) is type(other) and bool(one == other)
