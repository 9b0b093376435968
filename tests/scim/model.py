"""Filters and sorting once more, as plainly as RFC 7644 says them: what the tests hold the room's own against.

No schema, no predicate made ahead, no line of `adapter.scim.match`, `sort` or `instant`: a table of kinds by hand, and
the sentences of sections 3.4.2.2 and 3.4.2.3 in their order.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from adapter.scim.filter import And, Compare, Filter, Not, Or, Present, ValuePath
from adapter.scim.path import Path
from tests.scim.given import CORE, EVERY, FURTHER

Kinds = dict[str, str]
"""What kind of value each attribute has, by its path with the URN of its extension; complex ones are told by parts."""

KINDS: Kinds = {
    "id": "exact",
    "externalId": "exact",
    "text": "text",
    "exact": "exact",
    "at": "date",
    "size": "number",
    "share": "number",
    "on": "boolean",
    "link": "text",
    "blob": "binary",
    "words": "text",
    "times": "date",
    "name": "complex",
    "name.given": "text",
    "name.born": "date",
    "boss": "complex",
    "boss.value": "text",
    "boss.$ref": "text",
    "mails": "complex",
    "mails.value": "text",
    "mails.type": "exact",
    "mails.primary": "boolean",
    "mails.since": "date",
    "mails.weight": "number",
    "mails.$ref": "text",
    "visits": "complex",
    "visits.value": "date",
    "visits.primary": "boolean",
    f"{FURTHER}:code": "text",
    f"{FURTHER}:sizes": "number",
    f"{FURTHER}:owner": "complex",
    f"{FURTHER}:owner.value": "text",
    f"{FURTHER}:owner.since": "date",
}


def matches(wanted: Filter, resource: dict[str, Any], kinds: Kinds = KINDS) -> bool:
    """Tell whether the resource matches."""
    match wanted:
        case And():
            return matches(wanted.left, resource, kinds) and matches(wanted.right, resource, kinds)
        case Or():
            return matches(wanted.left, resource, kinds) or matches(wanted.right, resource, kinds)
        case Not():
            return not matches(wanted.inner, resource, kinds)
        case ValuePath():
            whole = spelled(wanted.path, kinds)
            inner = {
                name.removeprefix(f"{whole}."): kind for name, kind in kinds.items() if name.startswith(f"{whole}.")
            }
            return any(matches(wanted.inner, element, inner) for element in seen(resource, whole))
        case Present():
            return _is_something(seen(resource, spelled(wanted.path, kinds)))
        case Compare():
            name = spelled(wanted.path, kinds)
            if kinds[name] == "complex":
                name += ".value"
            return _compared(wanted.operator, kinds[name], seen(resource, name), wanted.value)


def ordered(resources: list[dict[str, Any]], sort_by: str, *, descending: bool) -> list[dict[str, Any]]:
    """Return the resources in the order of an attribute that is spelled as in KINDS, by putting in one after another."""
    result: list[dict[str, Any]] = []
    for each in resources:
        place = len(result)
        while place and _is_before(each, result[place - 1], sort_by, descending=descending):
            place -= 1
        result.insert(place, each)
    return result


def spelled(path: Path, kinds: Kinds) -> str:
    """Return the name in the table that a path means, whatever its case and with the core schema's URN or without."""
    text = str(path).lower().removeprefix(EVERY.lower() + ":").removeprefix(CORE.lower() + ":")
    return next(name for name in kinds if name.lower() == text)


def seen(resource: dict[str, Any], name: str) -> list[Any]:
    """Return every value that a name stands for: "only one of the values has to match"."""
    urn, _, rest = name.rpartition(":")
    first, _, sub = rest.partition(".")
    holder = resource.get(urn, {}) if urn else resource
    value = holder.get(first)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [each[sub] for each in values if sub in each] if sub else values


def _is_something(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_something(each) for each in value)
    if isinstance(value, dict):
        return any(_is_something(each) for each in value.values())
    return bool(value != "")


def _compared(operator: str, kind: str, values: list[Any], literal: Any) -> bool:
    if literal is None:
        return (values == []) is (operator == "eq")
    if operator == "ne":
        return not any(_holds("eq", kind, value, literal) for value in values)
    return any(_holds(operator, kind, value, literal) for value in values)


def _holds(operator: str, kind: str, value: Any, literal: Any) -> bool:
    if kind == "boolean":
        return value is literal
    if kind == "number":
        return _in_order(operator, Fraction(value), Fraction(literal))
    if kind == "date" and operator not in ("co", "sw", "ew"):
        one = moment(value)
        other = moment(literal)
        assert other is not None
        return one is not None and _in_order(operator, one, other)
    text, part = form(kind, value), form(kind, literal)
    texts: dict[str, bool] = {
        "co": text.find(part) >= 0,
        "sw": text[: len(part)] == part,
        "ew": text[len(text) - len(part) :] == part and len(text) >= len(part),
    }
    return texts[operator] if operator in texts else _in_order(operator, text, part)


def _in_order(operator: str, one: Any, other: Any) -> bool:
    verdicts: dict[str, bool] = {
        "eq": not one < other and not other < one,
        "gt": other < one,
        "ge": not one < other,
        "lt": one < other,
        "le": not other < one,
    }
    return verdicts[operator]


def form(kind: str, value: Any) -> str:
    """Return a text as it is compared: composed, and in lower case unless case counts."""
    text = unicodedata.normalize("NFC", value)
    return text if kind in ("exact", "binary") else text.lower()


def moment(text: str) -> Fraction | None:
    """Return the seconds since the year 2000 of a date-time; None for another text."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", text)
    if found is None:
        return None
    whole = datetime.fromisoformat(found[1] + (found[3] or "Z"))
    return Fraction((whole - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)) + Fraction(
        "0" + (found[2] or "")
    )


def _is_before(one: dict[str, Any], other: dict[str, Any], sort_by: str, *, descending: bool) -> bool:
    first, second = _of_primary(one, sort_by), _of_primary(other, sort_by)
    if first is None or second is None:
        # "they are ordered last if ascending and first if descending"
        return (first is None and second is not None) if descending else (first is not None and second is None)
    return bool(second < first if descending else first < second)


def _of_primary(resource: dict[str, Any], sort_by: str) -> Any:
    """Return the value of "the primary attribute, if any, or else the first value in the list, if any"."""
    whole, _, sub = sort_by.rpartition(":")[2].partition(".")
    urn = sort_by.rpartition(":")[0]
    values = seen(resource, f"{urn}:{whole}" if urn else whole)
    chosen = [each for each in values if isinstance(each, dict) and each.get("primary") is True] or values
    value = chosen[0] if chosen else None
    name = f"{sort_by}.value" if KINDS[sort_by] == "complex" else sort_by
    if isinstance(value, dict):
        value = value.get(sub or "value")
    if value is None or value == "":
        return None
    kind = KINDS[name]
    return value if kind in ("boolean", "number") else moment(value) if kind == "date" else form(kind, value)


# Resources and filters to try them on: few values, so that they meet.

TEXTS = ["", "a", "A", "b", "ab", "é", "e\u0301", "ß", "ss"]
TIMES = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00.5Z",
    "2025-12-31T23:00:00.50-01:00",
    "2026-01-01T00:00:00.05Z",
    "2024-02-29T12:00:00-11:30",
    "2026-01-01T00:00:00.500000000000000000000000001Z",
]
PARTS_OF_TIMES = ["", "2026", "Z", "0Z", "t0", "+"]
POOLS: dict[str, list[Any]] = {
    "text": TEXTS,
    "exact": TEXTS,
    "binary": ["", "YQ==", "yq==", "YWI="],
    "date": TIMES,
    "number": [-1, 0, 1, 2, 10, 2**70],
    "boolean": [True, False],
}
HELD = POOLS | {"date": [*TIMES, "some day", ""]}
"""What resources hold: a date-time may be none there."""
OPERATORS = {
    "text": ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
    "exact": ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
    "binary": ["eq", "ne", "co", "sw", "ew"],
    "date": ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
    "number": ["eq", "ne", "gt", "ge", "lt", "le"],
    "boolean": ["eq", "ne"],
}


def literals(kind: str, operator: str) -> list[Any]:
    """Return what attributes of a kind are compared with."""
    return PARTS_OF_TIMES if kind == "date" and operator in ("co", "sw", "ew") else POOLS[kind]


def _held(kind: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(HELD[kind])


def _object(**parts: str) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {}, optional={name.replace("ref", "$ref"): _held(kind) for name, kind in parts.items()}
    )


_MAIL = _object(value="text", type="exact", primary="boolean", since="date", weight="number", ref="text")
_LISTED = {"words": "text", "times": "date"}
RESOURCES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        **{name: _held(kind) for name, kind in KINDS.items() if name.isalpha() and kind != "complex"},
        **{name: st.lists(_held(kind), max_size=3) for name, kind in _LISTED.items()},
        "name": _object(given="text", born="date"),
        "boss": _object(value="text", ref="text"),
        "mails": st.lists(_MAIL, max_size=3),
        "visits": st.lists(_object(value="date", primary="boolean"), max_size=3),
        FURTHER: st.fixed_dictionaries(
            {},
            optional={
                "code": _held("text"),
                "sizes": st.lists(_held("number"), max_size=3),
                "owner": _object(value="text", since="date"),
            },
        ),
    },
)


def path_of(name: str) -> Path:
    """Return the path that a name in the table spells."""
    urn, _, rest = name.rpartition(":")
    first, _, sub = rest.partition(".")
    return Path(first, sub or None, urn or None)


def spellings(name: str, *, is_element: bool = False) -> st.SearchStrategy[Path]:
    """Return the ways to write a name: in any case, those of the core schema with its URN too."""
    prefixes = [""] if is_element or ":" in name else ["", f"{EVERY}:"]
    cases = [str, str.upper, str.lower, str.title]
    return st.builds(
        lambda prefix, case: path_of(case(prefix + name)), st.sampled_from(prefixes), st.sampled_from(cases)
    )


def filters(kinds: Kinds = KINDS, *, most: int = 6, is_element: bool = False) -> st.SearchStrategy[Filter]:
    """Return filters of every operator over the attributes of a table."""

    def comparisons(name: str) -> st.SearchStrategy[Filter]:
        kind = kinds[f"{name}.value"] if kinds[name] == "complex" else kinds[name]
        path = spellings(name, is_element=is_element)

        def of(operator: str) -> st.SearchStrategy[Filter]:
            return st.builds(Compare, path, st.just(operator), st.sampled_from(literals(kind, operator)))

        return st.sampled_from(OPERATORS[kind]).flatmap(of)

    def null(name: str) -> st.SearchStrategy[Filter]:
        return st.builds(Compare, spellings(name, is_element=is_element), st.sampled_from(["eq", "ne"]), st.none())

    def present(name: str) -> st.SearchStrategy[Filter]:
        return st.builds(Present, spellings(name, is_element=is_element))

    def within(name: str) -> st.SearchStrategy[Filter]:
        parts = {each.removeprefix(f"{name}."): kind for each, kind in kinds.items() if each.startswith(f"{name}.")}
        return st.builds(ValuePath, spellings(name), filters(parts, most=3, is_element=True))

    wholes = [name for name, kind in kinds.items() if kind == "complex"]
    compared = [name for name in kinds if kinds[name] != "complex" or f"{name}.value" in kinds]
    leaves = (
        st.sampled_from(compared).flatmap(comparisons)
        | st.sampled_from(compared).flatmap(null)
        | st.sampled_from(list(kinds)).flatmap(present)
    )
    if wholes:
        leaves |= st.sampled_from(wholes).flatmap(within)
    return st.recursive(
        leaves,
        lambda inner: st.builds(And, inner, inner) | st.builds(Or, inner, inner) | st.builds(Not, inner),
        max_leaves=most,
    )
