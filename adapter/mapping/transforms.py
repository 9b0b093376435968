"""The closed list of transforms: named two-way functions between an attribute's value and a field's.

A transform can be undone; what cannot be undone is refused when the mapping is loaded.
"""

from typing import Any, Literal

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
    otherwise: Any = None
    """What reading makes of a value that no row has; None means that such a value is not guessed at."""

    def to_scim(self, value: Any, field: str) -> Any:
        """Return the left value of the row; for a value that no row has `otherwise`, or without it BadReply."""
        for left, right in self.rows:
            if same(right, value):
                return left
        if self.otherwise is not None:
            return self.otherwise
        raise BadReply(f"The upstream's field '{field}' holds a value that the mapping's table does not have.")

    def to_upstream(self, value: Any, attribute: str) -> Any:
        """Return the right value of the row; InvalidValue when no row has this value."""
        for left, right in self.rows:
            if same(left, value):
                return right
        allowed = ", ".join(str(left) for left, _ in self.rows)
        raise InvalidValue(f"{attribute} can be one of {allowed}.")


class Number(msgspec.Struct, frozen=True):
    """A text of SCIM that the upstream keeps as a whole number."""

    def to_scim(self, value: Any, field: str) -> Any:
        """Return the number as a text; anything else is BadReply."""
        if type(value) is not int:
            raise BadReply(f"The upstream's field '{field}' does not hold a whole number, as the mapping says.")
        return str(value)

    def to_upstream(self, value: Any, attribute: str) -> Any:
        """Return the text as a number; InvalidValue unless it is written as the number is: `007` would not read back."""
        text = str(value)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18) or str(int(text)) != text:  # noqa: PLR2004
            raise InvalidValue(f"{attribute} must be a whole number without leading zeros, such as 42.")
        return int(text)


class Part(msgspec.Struct, frozen=True):
    """One of two parts of a text: the last word, or what stands before it. The whole is written, so it is lossy."""

    part: Literal["first", "last"]

    def to_scim(self, value: Any, field: str) -> Any:  # noqa: ARG002 (the table needs it for its error)
        """Return the part; a text of one word is all first and has no last."""
        words = value.split() if isinstance(value, str) else []
        if self.part == "last":
            return words[-1] if len(words) > 1 else None
        return " ".join(words[:-1] if len(words) > 1 else words) or None

    def to_upstream(self, value: Any, attribute: str) -> Any:  # noqa: ARG002 (likewise)
        """Return the part as it is; `Rule.to_field` joins the two."""
        return value


class Items(msgspec.Struct, frozen=True):
    """All the values of a list in one field: a list of single values, or a text with something between them."""

    each: Same | Table | Number
    """What becomes of each value."""
    by: str | None = None
    """What stands between two values of a text; None for a list."""

    def to_scim(self, value: Any, field: str) -> Any:
        """Return the values, each once; None for none. BadReply when the field holds something else."""
        if self.by is None and isinstance(value, list):
            items = value
        elif self.by is not None and isinstance(value, str):
            items = [each.strip() for each in value.split(self.by)]
        else:
            kind = "a list" if self.by is None else "a text"
            raise BadReply(f"The upstream's field '{field}' does not hold {kind}, as the mapping says.")
        if any(isinstance(each, list | dict) for each in items):
            raise BadReply(f"The upstream's field '{field}' does not hold single values, as the mapping says.")
        made = [self.each.to_scim(each, field) for each in items if each not in ("", None)]
        return list(dict.fromkeys(made)) or None

    def to_upstream(self, value: Any, attribute: str) -> Any:
        """Return the list or the text; InvalidValue for a value that could not be told apart in it."""
        made = [self.each.to_upstream(each, attribute) for each in value]
        if self.by is None:
            return made
        if any(self.by in str(each) or str(each) != str(each).strip() for each in made):
            raise InvalidValue(f"A value of {attribute} cannot hold '{self.by}' or blanks at its ends.")
        return self.by.join(map(str, made))


Transform = Same | Table | Number | Part | Items


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal and of one type: in Python True equals 1, in a table it must not.

    The values of a list have no order (RFC 7643 section 2.4).
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and {(type(each), each) for each in one} == {(type(each), each) for each in other}
    return bool(one == other)
