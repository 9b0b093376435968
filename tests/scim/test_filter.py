import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidFilter, InvalidPath
from adapter.scim.entra import lowered_filter
from adapter.scim.filter import (
    OPERATORS,
    And,
    Compare,
    Filter,
    Not,
    Or,
    Place,
    Present,
    ValuePath,
    read,
    read_place,
)
from adapter.scim.limits import USUAL, Limits
from adapter.scim.match import predicate
from adapter.scim.path import Path
from tests.scim.given import CORE, ENTERPRISE, USER_TYPE

LONGEST, DEEPEST = USUAL.filter, USUAL.nesting

PRINTED = [
    # Comparisons, as RFC 7644 section 3.4.2.2 shows them.
    ('userName eq "bjensen"', 'userName eq "bjensen"'),
    ('name.familyName co "O\'Malley"', 'name.familyName co "O\'Malley"'),
    (f'{CORE}:userName sw "J"', f'{CORE}:userName sw "J"'),
    (f'{ENTERPRISE}:employeeNumber eq "701984"', f'{ENTERPRISE}:employeeNumber eq "701984"'),
    (f'{ENTERPRISE}:manager.value eq "9"', f'{ENTERPRISE}:manager.value eq "9"'),
    ("title pr", "title pr"),
    ('meta.lastModified gt "2011-05-13T04:42:34Z"', 'meta.lastModified gt "2011-05-13T04:42:34Z"'),
    # Operators, words and literals compare without case; names keep the spelling that they came with.
    ('UserName EQ "x"', 'UserName eq "x"'),
    ('userName Sw "x" AND title PR', 'userName sw "x" and title pr'),
    ("NOT(title pr) Or ACTIVE eq TRUE", "not (title pr) or ACTIVE eq true"),
    # Values as JSON writes them.
    ("a eq true", "a eq true"),
    ("a eq False", "a eq false"),
    ("a ne NULL", "a ne null"),
    ("a eq 0", "a eq 0"),
    ("a gt -12", "a gt -12"),
    ("a le 1.50", "a le 1.5"),
    ("a lt 1e3", "a lt 1000.0"),
    ("a eq 18446744073709551616", "a eq 18446744073709551616"),
    (r'a eq "say \"hi\" \\ \u00e9\/"', r'a eq "say \"hi\" \\ é/"'),
    ('a eq ""', 'a eq ""'),
    ('a eq "and or not (x) [y] pr"', 'a eq "and or not (x) [y] pr"'),
    ('a eq "Zoë 東京"', 'a eq "Zoë 東京"'),
    # Space where it does not matter.
    ('  a   eq\t"x"  ', 'a eq "x"'),
    ('a eq"x"and(b pr)', 'a eq "x" and b pr'),
    ("( ( a pr ) )", "a pr"),
    # `not` binds before `and`, `and` before `or`; equals from left to right.
    ("a pr or b pr and c pr", "a pr or b pr and c pr"),
    ("(a pr or b pr) and c pr", "(a pr or b pr) and c pr"),
    ("a pr and (b pr or c pr)", "a pr and (b pr or c pr)"),
    ("(a pr and b pr) or c pr", "a pr and b pr or c pr"),
    ("(a pr and b pr) and c pr", "a pr and b pr and c pr"),
    ("a pr and (b pr and c pr)", "a pr and (b pr and c pr)"),
    ("a pr or (b pr or c pr)", "a pr or (b pr or c pr)"),
    ("not (a pr) and b pr", "not (a pr) and b pr"),
    ("not (a pr and b pr)", "not (a pr and b pr)"),
    ("not (not (a pr))", "not (not (a pr))"),
    # Value paths.
    ('emails[type eq "work"]', 'emails[type eq "work"]'),
    (
        'emails[type eq "work" and value co "@a"] or ims[type eq "xmpp"]',
        'emails[type eq "work" and value co "@a"] or ims[type eq "xmpp"]',
    ),
    (f"{ENTERPRISE}:manager[value pr]", f"{ENTERPRISE}:manager[value pr]"),
    # What Entra sends and the grammar does not have: a sub-attribute after the bracket, a value without quotes.
    ('emails[type eq "work"].value eq "x"', 'emails[type eq "work" and value eq "x"]'),
    (
        'emails[type eq "work" or primary eq true].value SW "x"',
        'emails[(type eq "work" or primary eq true) and value sw "x"]',
    ),
    ('emails[type eq "work"].value pr', 'emails[type eq "work" and value pr]'),
    ("externalId eq jyoung", 'externalId eq "jyoung"'),
    ("userName eq a+b@example.com", 'userName eq "a+b@example.com"'),
    (
        "id eq 54D382A4-2050-4C03 and manager eq 2819c223-7f76",
        'id eq "54D382A4-2050-4C03" and manager eq "2819c223-7f76"',
    ),
    ("employeeNumber eq 007", 'employeeNumber eq "007"'),
    ("userName eq guest_mail.com#EXT#@x.onmicrosoft.com", 'userName eq "guest_mail.com#EXT#@x.onmicrosoft.com"'),
    ("userName eq O'Neil", 'userName eq "O\'Neil"'),
    # Words of the grammar are names where a name must stand.
    ('not eq "x"', 'not eq "x"'),
    ("and pr and or pr", "and pr and or pr"),
]


@pytest.mark.parametrize(("text", "printed"), PRINTED)
def test_a_filter_prints_in_one_form(text: str, printed: str) -> None:
    assert str(read(text)) == printed


@pytest.mark.parametrize(("text", "printed"), PRINTED)
def test_the_printed_form_means_the_same(text: str, printed: str) -> None:
    assert read(printed) == read(text)


def test_and_binds_before_or_and_not_before_both() -> None:
    a, b, c = (Present(Path(name)) for name in "abc")
    assert read("a pr or b pr and c pr") == Or(a, And(b, c))
    assert read("a pr and b pr or c pr") == Or(And(a, b), c)
    assert read("not (a pr) and b pr") == And(Not(a), b)
    assert read("a pr and b pr and c pr") == And(And(a, b), c)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_of_the_rfc_reads_in_any_case(operator: str) -> None:
    assert read(f'a {operator.upper()} "x"') == Compare(Path("a"), operator, "x")


def test_a_number_a_boolean_and_a_text_are_kept_apart() -> None:
    values = [read(f"a eq {text}") for text in ("1", "true", '"1"', '"true"', "1.0")]
    kinds = [type(each.value) for each in values if isinstance(each, Compare)]
    assert kinds == [int, bool, str, str, float]


AN_OPERATOR = "an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)"
UNREADABLE = [
    ("", 1, "an attribute name"),
    ("   ", 4, "an attribute name"),
    ("userName", 9, AN_OPERATOR),
    ('userName xx "a"', 10, AN_OPERATOR),
    ('userName "a"', 10, AN_OPERATOR),
    ("not userName pr", 5, AN_OPERATOR),
    ("userName eq", 12, "a value"),
    ("userName eq )", 13, "a value"),
    ("userName eq [a]", 13, "a value"),
    (r'userName eq "\q"', 13, "a string as JSON writes it"),
    ('userName eq "a\nb"', 13, "a string as JSON writes it"),
    (r'userName eq "\ud800"', 13, "a string as JSON writes it"),
    ('userName eq "a" junk', 17, "'and', 'or' or the end"),
    ('userName eq "a" "b"', 17, "'and', 'or' or the end"),
    ('userName eq "a")', 16, "'and', 'or' or the end"),
    ('userName eq "a" and', 20, "an attribute name"),
    ("userName pr or or title pr", 19, AN_OPERATOR),
    ("1name pr", 1, "an attribute name"),
    ("a.b.c pr", 1, "an attribute name"),
    ("http://example.com/x pr", 1, "an attribute name"),
    ('"userName" eq "a"', 1, "an attribute name"),
    (")", 1, "an attribute name"),
    ("()", 2, "an attribute name"),
    ("not ()", 6, "an attribute name"),
    ("(userName pr", 13, "')'"),
    ("(userName pr]", 13, "')'"),
    ("emails[type pr", 15, "']'"),
    ("emails[]", 8, "an attribute name"),
    ("emails[type pr].", 16, "a sub-attribute"),
    ("emails[type pr].a.b eq 1", 16, "a sub-attribute"),
    ("emails[type pr].value", 22, AN_OPERATOR),
    ("emails[type pr] eq 1", 17, "'and', 'or' or the end"),
]


@pytest.mark.parametrize(("text", "place", "expected"), UNREADABLE)
def test_an_unreadable_filter_names_the_place_and_what_was_expected(text: str, place: int, expected: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        read(text)
    assert refused.value.detail == f"The filter cannot be read at character {place}: expected {expected}."


@pytest.mark.parametrize(
    ("text", "place"), [('"', 1), ('a eq "x', 6), (r'a eq    "x\"', 9), ('a eq "x" and b eq "', 19)]
)
def test_a_quote_that_is_not_closed_is_named_by_its_place(text: str, place: int) -> None:
    with pytest.raises(InvalidFilter) as refused:
        read(text)
    assert refused.value.detail == f"The filter cannot be read at character {place}: a quote is not closed."


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_that_no_machine_holds_is_refused(number: str) -> None:
    with pytest.raises(InvalidFilter, match=r"^A number in the filter is out of range\.$"):
        read(f"a eq {number}")


# Strictly: the grammar of RFC 7644 and nothing beside it. RFC 8259 section 3 has its literals in lower case.

A_STRICT_VALUE = "a string in double quotes, a number, true, false or null"
INSIDE = "'and', 'or' or the end; a comparison of an element stands inside the brackets"
BESIDE_THE_GRAMMAR = [
    ("externalId eq jyoung", 15, A_STRICT_VALUE),
    ("externalId eq 007", 15, A_STRICT_VALUE),
    ("externalId eq 'x'", 15, A_STRICT_VALUE),
    ("active eq True", 11, A_STRICT_VALUE),
    ("title ne NULL", 10, A_STRICT_VALUE),
    ("emails[type eq work]", 16, A_STRICT_VALUE),
    ('emails[type eq "work"].value eq "x"', 23, INSIDE),
    ('userName pr and emails[type eq "work"].value pr', 39, INSIDE),
]


@pytest.mark.parametrize(("text", "place", "expected"), BESIDE_THE_GRAMMAR)
def test_what_is_beside_the_grammar_is_read_leniently_only(text: str, place: int, expected: str) -> None:
    read(text)
    with pytest.raises(InvalidFilter) as refused:
        read(text, lenient=False)
    assert refused.value.detail == f"The filter cannot be read at character {place}: expected {expected}."


@pytest.mark.parametrize("text", [text for text, printed in PRINTED if text == printed])
def test_what_prints_as_it_came_is_read_strictly_too(text: str) -> None:
    assert read(text, lenient=False) == read(text)


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("emails[type eq work].value", 16, A_STRICT_VALUE),
        ("roles[primary eq True].value", 18, A_STRICT_VALUE),
    ],
)
def test_a_place_with_a_value_beside_the_grammar_is_read_leniently_only(text: str, place: int, expected: str) -> None:
    read_place(text)
    with pytest.raises(InvalidPath) as refused:
        read_place(text, lenient=False)
    assert refused.value.detail == f"The path cannot be read at character {place}: expected {expected}."


@pytest.mark.parametrize(
    "text", ["active", f"{ENTERPRISE}:manager", 'emails[type eq "work" and primary eq true].value']
)
def test_a_place_of_the_grammar_is_read_strictly_too(text: str) -> None:
    assert str(read_place(text, lenient=False)) == text


PLACES = [
    ("active", "active"),
    ("name.givenName", "name.givenName"),
    (f"{ENTERPRISE}:employeeNumber", f"{ENTERPRISE}:employeeNumber"),
    (ENTERPRISE, ENTERPRISE),
    ('emails[type EQ "work"]', 'emails[type eq "work"]'),
    ('emails[type eq "work"].value', 'emails[type eq "work"].value'),
    ("emails[type eq work].Value", 'emails[type eq "work"].Value'),
    ('roles[primary eq "True"].value', 'roles[primary eq "True"].value'),
    ("members[value eq 7f4bc1a3-285e].display", 'members[value eq "7f4bc1a3-285e"].display'),
    ("emails[not (type pr) or primary eq true].value", "emails[not (type pr) or primary eq true].value"),
    (f'{ENTERPRISE}:manager[value eq "x"].$ref', f'{ENTERPRISE}:manager[value eq "x"].$ref'),
]


@pytest.mark.parametrize(("text", "printed"), PLACES)
def test_the_place_of_a_patch_operation_prints_in_one_form(text: str, printed: str) -> None:
    place = read_place(text)
    assert str(place) == printed
    assert read_place(printed) == place


UNREADABLE_PLACES = [
    ("", 1, "an attribute name"),
    ("a b", 3, "the end"),
    ('emails eq "x"', 8, "the end"),
    ('emails[type eq "work"]value', 23, "the end"),
    ('emails[type eq "work"].value.more', 23, "a sub-attribute"),
    ('emails[type eq "work"].value[a pr]', 29, "the end"),
    ("emails[type", 12, AN_OPERATOR),
    ("emails[", 8, "an attribute name"),
    ("(emails)", 1, "an attribute name"),
]


@pytest.mark.parametrize(("text", "place", "expected"), UNREADABLE_PLACES)
def test_an_unreadable_place_is_an_invalid_path(text: str, place: int, expected: str) -> None:
    with pytest.raises(InvalidPath) as refused:
        read_place(text)
    assert refused.value.detail == f"The path cannot be read at character {place}: expected {expected}."


def test_an_overlong_path_is_an_invalid_path() -> None:
    with pytest.raises(InvalidPath, match=rf"^The path is longer than {LONGEST} characters\.$"):
        read_place("a" * (LONGEST + 1))


# The limits. Whatever the text, the answer is a filter or InvalidFilter, never a RecursionError: that would be a 500.


def _from_within(frames: int, act: Callable[[], Any]) -> Any:
    """Act as deep in the stack as a web server is when it calls us."""
    return act() if frames == 0 else _from_within(frames - 1, act)


def test_a_filter_of_the_greatest_length_reads() -> None:
    text = 'a eq "' + "x" * (LONGEST - 7) + '"'
    assert str(read(text)) == text


def test_a_longer_filter_is_refused() -> None:
    with pytest.raises(
        InvalidFilter, match=rf"^The filter is longer than {LONGEST} characters \(ADAPTER_MOST_FILTER\)\.$"
    ):
        read('a eq "' + "x" * (LONGEST - 6) + '"')


def test_the_bounds_of_a_filter_are_those_that_are_set() -> None:
    limits = Limits(filter=20, nesting=2)
    with pytest.raises(InvalidFilter, match="longer than 20 characters"):
        read('a eq "' + "x" * 20 + '"', limits=limits)
    with pytest.raises(InvalidFilter, match="deeper than 2 levels"):
        read("(((a pr)))", limits=limits)
    assert str(read("((a pr))", limits=limits)) == "a pr"


@pytest.mark.parametrize("count", [10_000, 1_000_000])
def test_ten_thousand_terms_are_longer_than_a_filter_may_be(count: int) -> None:
    with pytest.raises(InvalidFilter):
        read(" or ".join(["id pr"] * count))


@pytest.mark.parametrize("word", ["or", "and"])
def test_as_many_terms_as_the_length_allows_are_read_lowered_printed_and_answered(word: str) -> None:
    text = f" {word} ".join(["id pr"] * ((LONGEST + 4) // len(f"id pr {word} ")))
    assert len(text) > LONGEST - 20

    def through() -> None:
        tree = lowered_filter(read(text), USER_TYPE)
        assert str(tree) == text
        assert read(str(tree)) == tree
        matches = predicate(tree, USER_TYPE)
        assert matches({"id": "1"})
        assert not matches({})

    _from_within(200, through)


NESTED = [("(", ")"), ("not (", ")"), ("a[", "]"), ("a pr or (", ")"), ("a pr and not(", ")")]


@pytest.mark.parametrize(("opened", "closed"), NESTED)
def test_the_greatest_depth_reads(opened: str, closed: str) -> None:
    tree = read(opened * DEEPEST + "a pr" + closed * DEEPEST)
    assert read(str(tree)) == tree


@pytest.mark.parametrize(("opened", "closed"), NESTED)
@pytest.mark.parametrize("more", [1, 2, 400])
def test_what_is_nested_deeper_is_refused(opened: str, closed: str, more: int) -> None:
    depth = min(DEEPEST + more, LONGEST // (len(opened) + 2))
    with pytest.raises(
        InvalidFilter, match=rf"^The filter is nested deeper than {DEEPEST} levels \(ADAPTER_MOST_NESTING\)\.$"
    ):
        read(opened * depth + "a pr" + closed * depth)


def test_a_deep_path_is_refused_as_a_path() -> None:
    with pytest.raises(InvalidPath, match=rf"^The path is nested deeper than {DEEPEST} levels\.$"):
        read_place("a[" * 60 + "a pr" + "]" * 60)


# The laws.

NAMES = st.from_regex(r"[A-Za-z$][A-Za-z0-9_-]{0,5}", fullmatch=True) | st.sampled_from(
    ["not", "and", "or", "pr", "eq", "$ref", "true", "null"]
)
PATHS = st.builds(
    Path,
    NAMES,
    st.none() | NAMES,
    st.none() | st.sampled_from([CORE, ENTERPRISE, "urn:x", "URN:a:1.0", "urn:x:a-b.c/d%20"]),
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ['"', "\\", '\\"', "/", "\b\f\n\r\t", "\x00\x1f\x7f", "\u2028", "é東\U0001f600", ") or (", "a] eq"]
    )
)
TREES: st.SearchStrategy[Filter] = st.recursive(
    st.builds(Present, PATHS) | st.builds(Compare, PATHS, st.sampled_from(OPERATORS), VALUES),
    lambda inner: st.one_of(
        st.builds(And, inner, inner),
        st.builds(Or, inner, inner),
        st.builds(Not, inner),
        st.builds(ValuePath, PATHS, inner),
    ),
    max_leaves=8,
)
WORDS = [
    *(
        "a",
        "emails",
        "name.givenName",
        "not",
        "and",
        "or",
        "pr",
        "eq",
        "EQ",
        "co",
        "(",
        ")",
        "[",
        "]",
        ".value",
        ".",
        '"',
    ),
    *('"x"', "true", "null", "1", "-1.5e3", "x@y", "urn:a:b", "urn:", r'"\u0041"', "\u00a0", "\x00", "é"),
]
TEXTS = st.text(max_size=30) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
TEXTS |= st.lists(st.sampled_from(WORDS), max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_every_tree_prints_and_reads_back_equal(tree: Filter) -> None:
    for again in (read(str(tree)), read(str(tree), lenient=False)):
        assert again == tree
        assert repr(again) == repr(tree)  # 1, 1.0 and True are equal to Python


def _spelled(tree: Filter, draw: Callable[[list[str]], str]) -> str:
    """Spell a tree in another way than it prints: words in any case, space and parentheses where they do not matter."""

    def word(text: str) -> str:
        return draw([text, text.upper(), text.title()])

    def space() -> str:
        return draw([" ", "  ", "\t"])

    def grouped(each: Filter) -> str:
        return f"({draw(['', ' '])}{_spelled(each, draw)}{draw(['', ' '])})"

    match tree:
        case And():
            return f"{grouped(tree.left)}{draw(['', ' '])}{word('and')}{draw(['', ' '])}{grouped(tree.right)}"
        case Or():
            return f"{grouped(tree.left)}{space()}{word('or')}{space()}{grouped(tree.right)}"
        case Not():
            return f"{word('not')}{draw(['', ' '])}{grouped(tree.inner)}"
        case ValuePath():
            return f"{tree.path}{draw(['', ' '])}[{_spelled(tree.inner, draw)}]"
        case Present():
            return f"{tree.path}{space()}{word('pr')}"
        case Compare():
            return f"{tree.path}{space()}{word(tree.operator)}{space()}{_json(tree.value, draw)}"


def _json(value: str | float | bool | None, draw: Callable[[list[str]], str]) -> str:  # noqa: FBT001 (a literal)
    """Write a value as JSON, a string with escapes where it needs none (RFC 8259 section 7)."""
    ascii_only = draw(["", "x"]) != ""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return text.replace("/", r"\/") if draw(["", "x"]) else text


@settings(max_examples=300, deadline=None)
@given(TREES, st.data())
def test_every_spelling_of_a_tree_reads_as_the_tree(tree: Filter, data: st.DataObject) -> None:
    text = _spelled(tree, lambda choices: data.draw(st.sampled_from(choices)))
    assume(len(text) <= LONGEST)
    for lenient in (True, False):
        assert repr(read(text, lenient=lenient)) == repr(tree)


@settings(max_examples=200, deadline=None)
@given(PATHS, TREES, st.none() | NAMES)
def test_every_place_prints_and_reads_back_equal(path: Path, inner: Filter, sub: str | None) -> None:
    for place in (Place(path), Place(path, inner, sub)):
        assert read_place(str(place)) == place


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_any_text_is_a_filter_that_prints_to_itself_or_an_invalid_filter(text: str) -> None:
    try:
        tree = read(text)
    except InvalidFilter:
        return
    assert read(str(tree)) == tree
    assert str(read(str(tree))) == str(tree)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text_is_a_place_that_prints_to_itself_or_an_invalid_path(text: str) -> None:
    try:
        place = read_place(text)
    except InvalidPath:
        return
    assert read_place(str(place)) == place
