"""Filters: the grammar of RFC 7644 section 3.4.2.2, read into a tree and printed back.

From the ABNF of figure 1 (operators and attribute names compare without case; `not` binds before `and`, `and`
before `or`)::

    FILTER    = attrExp / logExp / valuePath / *1"not" "(" FILTER ")"
    valuePath = attrPath "[" valFilter "]"
    attrExp   = (attrPath SP "pr") / (attrPath SP compareOp SP compValue)
    compValue = false / null / true / number / string        ; as JSON writes them
    compareOp = "eq" / "ne" / "co" / "sw" / "ew" / "gt" / "lt" / "ge" / "le"

Three things that Entra sends are not in that grammar, and could mean nothing else. A value without quotes
(`externalId eq jyoung`) is read as a string, `True` as `true`. `emails[type eq "work"].value eq "a@b.c"` is read as
`emails[type eq "work" and value eq "a@b.c"]`. A reader that is not lenient refuses all three.

Written here rather than taken from a library: the packages that exist name no place in their errors, or cost a
hundred times more for each request.
"""

import re
from collections.abc import Iterator

import msgspec

from adapter.errors import InvalidFilter, InvalidPath
from adapter.scim.limits import USUAL, Limits
from adapter.scim.path import Path, parse

OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")


class Compare(msgspec.Struct, frozen=True):
    """`attrPath op value`."""

    path: Path
    operator: str
    value: str | float | bool | None

    def __str__(self) -> str:
        """The comparison as RFC 7644 writes it."""
        return f"{self.path} {self.operator} {msgspec.json.encode(self.value).decode()}"


class Present(msgspec.Struct, frozen=True):
    """`attrPath pr`."""

    path: Path

    def __str__(self) -> str:
        """The test as RFC 7644 writes it."""
        return f"{self.path} pr"


class ValuePath(msgspec.Struct, frozen=True):
    """`attrPath[filter]`: some element of a multi-valued attribute matches the whole inner filter."""

    path: Path
    inner: "Filter"

    def __str__(self) -> str:
        """The value path as RFC 7644 writes it."""
        return f"{self.path}[{self.inner}]"


class Not(msgspec.Struct, frozen=True):
    """`not (filter)`."""

    inner: "Filter"

    def __str__(self) -> str:
        """The negation as RFC 7644 writes it."""
        return f"not ({self.inner})"


class And(msgspec.Struct, frozen=True):
    """`left and right`."""

    left: "Filter"
    right: "Filter"

    def __str__(self) -> str:
        """The conjunction, with parentheses where an `or` stands inside, or an `and` to the right."""
        return " and ".join(f"({each})" if isinstance(each, And | Or) else str(each) for each in _chain(self))


class Or(msgspec.Struct, frozen=True):
    """`left or right`."""

    left: "Filter"
    right: "Filter"

    def __str__(self) -> str:
        """The disjunction; `and` binds before it, so only an `or` to the right needs parentheses."""
        return " or ".join(f"({each})" if isinstance(each, Or) else str(each) for each in _chain(self))


Filter = Compare | Present | ValuePath | Not | And | Or


def paths(wanted: Filter) -> Iterator[Path]:
    """Return every attribute that a filter names; inside a value path, the attribute before the brackets."""
    left: list[Filter] = [wanted]
    while left:
        one = left.pop()
        if isinstance(one, And | Or):
            left += [one.left, one.right]
        elif isinstance(one, Not):
            left.append(one.inner)
        else:
            yield one.path


def _chain(top: And | Or) -> list[Filter]:
    """Return what one word joins, from left to right: hundreds of terms, so not by recursion."""
    parts = [top.right]
    left = top.left
    while type(left) is type(top):
        parts.append(left.right)
        left = left.left
    return [left, *reversed(parts)]


_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()\[\]])|(?P<word>[^\s()\[\]"]+))')
_LITERALS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Place(msgspec.Struct, frozen=True):
    """Where a PATCH operation works: `path`, `path[inner]` or `path[inner].sub` (RFC 7644 section 3.5.2)."""

    path: Path
    inner: Filter | None = None
    sub: str | None = None

    def __str__(self) -> str:
        """The place as RFC 7644 writes it."""
        return str(self.path) + (f"[{self.inner}]" if self.inner else "") + (f".{self.sub}" if self.sub else "")


def read(text: str, *, lenient: bool = True, limits: Limits = USUAL) -> Filter:
    """Return the filter that `text` spells; leniently, with what Entra sends beside the grammar.

    Raises InvalidFilter with the place (counted from 1) and what was expected there.
    """
    reader = _Reader(text, limits, lenient=lenient)
    found = reader.either(0)
    reader.end("'and', 'or' or the end")
    return found


_SETTING = re.compile(r" \(ADAPTER_[A-Z_]+\)")
"""What a detail says of a limit: those of a path are the usual ones, whatever is set for filters."""


def read_place(text: str, *, lenient: bool = True) -> Place:
    """Return the place that a PATCH path spells; leniently, its brackets may hold values without quotes.

    Raises InvalidPath with the place (counted from 1) and what was expected there.
    """
    path = parse(text) if len(text) <= USUAL.filter else None
    if path is not None:  # as most are: nothing is chosen
        return Place(path)
    try:
        reader = _Reader(text, USUAL, lenient=lenient)
        path = reader.path()
        inner = reader.until("]", 0) if reader.taken("mark", "[") else None
        sub = reader.sub() if inner else None
        reader.end("the end")
    except InvalidFilter as error:
        raise InvalidPath(_SETTING.sub("", error.detail.replace("The filter", "The path", 1))) from None
    return Place(path, inner, sub)


class _Reader:
    """A recursive-descent reader: one method for each level of precedence."""

    def __init__(self, text: str, limits: Limits, *, lenient: bool) -> None:
        if len(text) > limits.filter:
            raise InvalidFilter(f"The filter is longer than {limits.filter} characters (ADAPTER_MOST_FILTER).")
        self.deepest = limits.nesting
        self.lenient = lenient
        self.tokens = list(_tokens(text))
        self.next = 0
        self.place_after = len(text) + 1

    def either(self, depth: int) -> Filter:
        left = self.both(depth)
        while self.taken("word", "or"):
            left = Or(left, self.both(depth))
        return left

    def both(self, depth: int) -> Filter:
        left = self.one(depth)
        while self.taken("word", "and"):
            left = And(left, self.one(depth))
        return left

    def one(self, depth: int) -> Filter:
        if depth > self.deepest:
            raise InvalidFilter(f"The filter is nested deeper than {self.deepest} levels (ADAPTER_MOST_NESTING).")
        if self.taken("mark", "("):
            return self.until(")", depth)
        if self.peek() == ("word", "not") and self.peek(1) == ("mark", "("):
            self.next += 2
            return Not(self.until(")", depth))
        path = self.path()
        if self.taken("mark", "["):
            inner = self.until("]", depth)
            if not self.lenient and self.token()[1].startswith("."):
                raise self.expected("'and', 'or' or the end; a comparison of an element stands inside the brackets")
            sub = self.sub()
            return ValuePath(path, And(inner, self.test(Path(sub))) if sub else inner)
        return self.test(path)

    def sub(self) -> str | None:
        """Take the `.name` that may follow a closing bracket."""
        kind, text, _ = self.token()
        if kind != "word" or not text.startswith("."):
            return None
        path = parse(text[1:])
        if path is None or path.urn or path.sub:
            raise self.expected("a sub-attribute")
        self.next += 1
        return path.name

    def test(self, path: Path) -> Present | Compare:
        if self.taken("word", "pr"):
            return Present(path)
        operator = self.peek()[1]
        if operator not in OPERATORS:
            raise self.expected("an operator (" + ", ".join(OPERATORS) + " or pr)")
        self.next += 1
        return Compare(path, operator, self.value())

    def until(self, mark: str, depth: int) -> Filter:
        inner = self.either(depth + 1)
        if not self.taken("mark", mark):
            raise self.expected(f"'{mark}'")
        return inner

    def path(self) -> Path:
        kind, text, _ = self.token()
        path = parse(text) if kind == "word" else None
        if path is None:
            raise self.expected("an attribute name")
        self.next += 1
        return path

    def value(self) -> str | float | bool | None:
        kind, text, _ = self.token()
        if kind == "text":
            try:
                value: str = msgspec.json.decode(text, type=str)
            except (msgspec.DecodeError, UnicodeError):
                raise self.expected("a string as JSON writes it") from None
            self.next += 1
            return value
        if kind != "word":
            raise self.expected("a value")
        word = text.lower() if self.lenient else text
        if not self.lenient and word not in _LITERALS and not _NUMBER.fullmatch(text):
            raise self.expected("a string in double quotes, a number, true, false or null")
        self.next += 1
        if word in _LITERALS:
            return _LITERALS[word]
        if _NUMBER.fullmatch(text):
            try:
                number: float = msgspec.json.decode(text, type=float | int)
            except msgspec.DecodeError:
                raise InvalidFilter("A number in the filter is out of range.") from None
            return number
        return text

    def end(self, expected: str) -> None:
        if self.next < len(self.tokens):
            raise self.expected(expected)

    def token(self, ahead: int = 0) -> tuple[str, str, int]:
        at = self.next + ahead
        return self.tokens[at] if at < len(self.tokens) else ("end", "", self.place_after)

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        kind, text, _ = self.token(ahead)
        return kind, text.lower()

    def taken(self, kind: str, text: str) -> bool:
        found, spelled, _ = self.token()
        if found != kind or spelled.lower() != text:
            return False
        self.next += 1
        return True

    def expected(self, what: str) -> InvalidFilter:
        return InvalidFilter(f"The filter cannot be read at character {self.token()[2]}: expected {what}.")


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            place = text.index('"', at) + 1
            raise InvalidFilter(f"The filter cannot be read at character {place}: a quote is not closed.")
        kind = found.lastgroup or ""
        yield kind, found[kind], found.start(kind) + 1
        at = found.end()
