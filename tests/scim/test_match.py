import unicodedata
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidFilter
from adapter.scim.filter import And, Compare, Filter, Not, Or, Present, ValuePath, read
from adapter.scim.match import element_predicate, folded, predicate
from adapter.scim.path import Path
from adapter.scim.schema import Attribute, Resource, ResourceType, Schema
from adapter.scim.user import USER
from tests.scim.given import CORE, ENTERPRISE, USER_TYPE

ADA: Resource = {
    "id": "aB1",
    "externalId": "X-1",
    "userName": "Ada@Example.com",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "displayName": "",
    "active": True,
    "emails": [
        {"type": "work", "value": "ada@example.com", "primary": True},
        {"type": "home", "value": "ada@home.net"},
    ],
    ENTERPRISE: {"department": "Engines", "manager": {"value": "17"}},
}

VERDICTS = [
    # eq and ne: without case, except where the attribute is caseExact.
    ('userName eq "ada@example.com"', True),
    ('userName eq "ADA@EXAMPLE.COM"', True),
    ('USERNAME EQ "Ada@Example.com"', True),
    (f'{CORE}:userName eq "ada@example.com"', True),
    ('userName eq "ada"', False),
    ('userName ne "ada@example.com"', False),
    ('userName ne "bob"', True),
    ('id eq "aB1"', True),
    ('id eq "ab1"', False),
    ('externalId eq "X-1"', True),
    ('externalId eq "x-1"', False),
    ('externalId ne "x-1"', True),
    # Parts of texts, and their order.
    ('userName co "@EXAMPLE"', True),
    ('userName sw "ada@"', True),
    ('userName sw "da"', False),
    ('userName ew ".COM"', True),
    ('userName ew ".net"', False),
    ('externalId sw "x"', False),
    ('userName co ""', True),
    ('name.givenName gt "Ab"', True),
    ('name.givenName gt "ada"', False),
    ('name.givenName ge "ada"', True),
    ('name.givenName lt "ADB"', True),
    ('name.givenName le "ada"', True),
    ('name.givenName lt "ada"', False),
    # Booleans are booleans.
    ("active eq true", True),
    ("active eq false", False),
    ("active ne false", True),
    # What is absent equals nothing; null and absent are the same (RFC 7643 section 2.5).
    ('title eq "x"', False),
    ('title ne "x"', True),
    ('title co ""', False),
    ("title eq null", True),
    ("title ne null", False),
    ("userName eq null", False),
    ("userName ne null", True),
    ("emails eq null", False),
    ("roles eq null", True),
    # pr: a value that is not empty.
    ("userName pr", True),
    ("title pr", False),
    ("displayName pr", False),
    ("active pr", True),
    ("name pr", True),
    ("name.honorificPrefix pr", False),
    ("emails pr", True),
    ("emails.primary pr", True),
    ("emails.display pr", False),
    ("roles pr", False),
    (f"{ENTERPRISE}:department pr", True),
    (f"{ENTERPRISE}:costCenter pr", False),
    # A multi-valued attribute matches when any of its values does (RFC 7644 section 3.4.2.2).
    ('emails.value eq "ADA@home.net"', True),
    ('emails.type eq "work" and emails.value ew "home.net"', True),
    ('emails[type eq "work" and value ew "home.net"]', False),
    ('emails[type eq "home" and value ew "home.net"]', True),
    ('emails[type eq "work"].value eq "ada@example.com"', True),
    ('emails[type eq "work"].value eq "ada@home.net"', False),
    ("emails[primary eq true]", True),
    ("emails[primary eq false]", False),
    ("emails[not (primary pr)]", True),
    ('emails[type eq "home" or primary eq true].value sw "ada"', True),
    ('roles[value eq "x"]', False),
    ('not (roles[value eq "x"])', True),
    # The name of a complex attribute stands for its `value`.
    ('emails co "home.net"', True),
    ('emails eq "bob@home.net"', False),
    (f'{ENTERPRISE}:manager eq "17"', True),
    (f'{ENTERPRISE}:manager.value eq "18"', False),
    (f'{ENTERPRISE}:department eq "engines"', True),
    # ne is the opposite of eq, for a list too.
    ('emails.value ne "ada@home.net"', False),
    ('emails.value ne "bob@home.net"', True),
    # Words that join.
    ('userName sw "ada" and active eq true', True),
    ('userName sw "bob" and active eq true', False),
    ('userName sw "bob" or active eq true', True),
    ("not (active eq true)", False),
    ('title pr or active eq true and userName sw "ada"', True),
    ('(title pr or active eq true) and userName sw "bob"', False),
]


@pytest.mark.parametrize(("text", "verdict"), VERDICTS)
def test_the_filter_tells_whether_the_resource_matches(text: str, verdict: bool) -> None:  # noqa: FBT001 (a verdict)
    assert predicate(read(text), USER_TYPE)(ADA) is verdict


@pytest.mark.parametrize(("text", "verdict"), VERDICTS)
def test_not_turns_every_verdict_around(text: str, verdict: bool) -> None:  # noqa: FBT001 (likewise)
    assert predicate(Not(read(text)), USER_TYPE)(ADA) is not verdict


REFUSED = [
    ("unheardOf pr", "'unheardOf' is not an attribute that this connection can filter on."),
    ('department eq "x"', "'department' is not an attribute that this connection can filter on."),
    ('urn:x:userName eq "x"', "'urn:x:userName' is not an attribute that this connection can filter on."),
    ('userName.value eq "x"', "'userName.value' is not an attribute that this connection can filter on."),
    ('meta.location eq "x"', "'meta.location' is not an attribute that this connection can filter on."),
    ("meta pr", "'meta' is not an attribute that this connection can filter on."),
    ('schemas eq "x"', "'schemas' is not an attribute that this connection can filter on."),
    ("password pr", "'password' can be written but not read, so it cannot be filtered on."),
    ('password eq "x"', "'password' can be written but not read, so it cannot be filtered on."),
    ("password ne null", "'password' can be written but not read, so it cannot be filtered on."),
    ("userName eq 5", "'userName' is compared with a text, not with a number."),
    ("userName eq true", "'userName' is compared with a text, not with a boolean."),
    ('active eq "true"', "'active' is compared with a boolean, not with a text."),
    ("active eq 1", "'active' is compared with a boolean, not with a number."),
    ("active gt false", "'active' is a boolean: it can be compared by eq, ne."),
    ("active co true", "'active' is a boolean: it can be compared by eq, ne."),
    ("userName gt null", "'userName' can be compared with null by eq and ne only."),
    ("userName co null", "'userName' can be compared with null by eq and ne only."),
    ('name eq "x"', "'name' has parts; name one of them."),
    ("emails eq 5", "'emails' is compared with a text, not with a number."),
    ('userName[value eq "x"]', "'userName' has no sub-attributes to filter on."),
    ('emails.value[type eq "x"]', "'emails.value' has no sub-attributes to filter on."),
    ('emails[unheardOf eq "x"]', "'unheardOf' is not a sub-attribute of emails."),
    ('emails[emails.type eq "x"]', "'emails.type' is not a sub-attribute of emails."),
    ('emails[urn:x:type eq "x"]', "'urn:x:type' is not a sub-attribute of emails."),
    ('emails[type[value eq "x"]]', "'type' has no sub-attributes to filter on."),
    ("emails[primary eq 1]", "'primary' is compared with a boolean, not with a number."),
    # RFC 7644 section 3.4.2.2: the order of "Boolean and Binary attributes SHALL cause a failed response".
    (
        'x509Certificates.value gt "x"',
        "'x509Certificates.value' is a binary: it can be compared by eq, ne, co, sw, ew.",
    ),
    # A refusal does not wait until the other side has no verdict.
    ("userName pr or unheardOf pr", "'unheardOf' is not an attribute that this connection can filter on."),
    ("title pr and active gt true", "'active' is a boolean: it can be compared by eq, ne."),
]


@pytest.mark.parametrize(("text", "detail"), REFUSED)
def test_a_filter_that_cannot_be_answered_exactly_is_refused(text: str, detail: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        predicate(read(text), USER_TYPE)
    assert refused.value.detail == detail


COUNTED = ResourceType(
    "Counted",
    "/Counted",
    Schema(
        "urn:example:Counted",
        "Counted",
        "",
        (Attribute(name="count", type="integer"), Attribute(name="share", type="decimal")),
    ),
)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("count eq 3", True),
        ("count eq 3.0", True),
        ("count gt 2", True),
        ("count ge 3", True),
        ("count lt 3", False),
        ("count le 3", True),
        ("count ne 4", True),
        ("share lt 0.5", False),
        ("share le 5e-1", True),
        ("share gt -1", True),
    ],
)
def test_numbers_compare_as_numbers(text: str, verdict: bool) -> None:  # noqa: FBT001 (a verdict)
    assert predicate(read(text), COUNTED)({"count": 3, "share": 0.5}) is verdict


@pytest.mark.parametrize("text", ['count eq "3"', "count eq true", "count co 3", "share sw 0"])
def test_numbers_compare_with_nothing_else(text: str) -> None:
    with pytest.raises(InvalidFilter):
        predicate(read(text), COUNTED)


# A value that can be written and not read, in each place where one may stand: "no match" would be a guess.


def _hiding(name: str, sub: str | None = None) -> ResourceType:
    def hidden(attribute: Attribute) -> Attribute:
        if attribute.name != name:
            return attribute
        if sub is None:
            return msgspec.structs.replace(attribute, mutability="writeOnly")
        subs = tuple(
            msgspec.structs.replace(each, returned="never") if each.name == sub else each
            for each in attribute.sub_attributes
        )
        return msgspec.structs.replace(attribute, sub_attributes=subs)

    schema = msgspec.structs.replace(USER, attributes=tuple(hidden(each) for each in USER.attributes))
    return ResourceType("User", "/Users", schema)


@pytest.mark.parametrize(
    ("text", "hiding"),
    [
        ('emails.value eq "x"', _hiding("emails", "value")),
        ('emails eq "x"', _hiding("emails", "value")),
        ('emails[value eq "x"]', _hiding("emails", "value")),
        ("emails[not (value pr)]", _hiding("emails", "value")),
        ('emails[type eq "work"].value eq "x"', _hiding("emails", "value")),
        ("name pr", _hiding("name")),
        ('name.givenName eq "x"', _hiding("name")),
        ('name[givenName eq "x"]', _hiding("name")),
    ],
)
def test_what_can_be_written_and_not_read_cannot_be_filtered_on(text: str, hiding: ResourceType) -> None:
    with pytest.raises(InvalidFilter, match="can be written but not read, so it cannot be filtered on"):
        predicate(read(text), hiding)


# Look-alikes are different people. Full case folding, or a comparison that strips marks, would make them one.
DIFFERENT = [
    ("straße", "strasse"),
    ("STRASSE", "straße"),
    ("\u0131lker", "ilker"),
    ("İlker", "ilker"),
    ("IRMAK", "\u0131rmak"),
    ("ﬁona", "fiona"),  # a ligature
    ("zoe", "zoë"),
    ("\u0430da", "ada"),  # a Cyrillic a
    ("ada", "ada "),
    ("ada", "ada\u200b"),
    ("\uff41da", "ada"),  # a full-width a
    ("1", "¹"),
]
# One person, however the name is composed or capitalized.
SAME = [
    ("zoë", "zoe\u0308"),
    ("ZOË", "zoe\u0308"),
    ("ŁUKASZ", "łukasz"),
    ("ΟΔΟΣ", "οδος"),
    ("\u212bngström", "ångström"),  # the sign of the ångström unit
    ("e\u0323\u0301", "e\u0301\u0323"),  # two marks, in either order
    ("한국", unicodedata.normalize("NFD", "한국")),
    ("İlker", "i\u0307lker"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_look_alikes_do_not_match(one: str, other: str) -> None:
    path = Path("userName")
    assert not predicate(Compare(path, "eq", one), USER_TYPE)({"userName": other})
    assert not predicate(Compare(path, "eq", other), USER_TYPE)({"userName": one})


@pytest.mark.parametrize(("one", "other"), SAME)
def test_forms_of_one_name_match(one: str, other: str) -> None:
    path = Path("userName")
    assert predicate(Compare(path, "eq", one), USER_TYPE)({"userName": other})
    assert predicate(Compare(path, "eq", other), USER_TYPE)({"userName": one})


def test_a_case_exact_value_is_composed_but_keeps_its_case() -> None:
    exact = Attribute(name="it", case_exact=True)
    assert folded(exact, "Zoe\u0308") == "Zoë"
    assert folded(exact, "Zoë") != folded(exact, "zoë")


@pytest.mark.parametrize("value", [True, 5, 1.5, None])
def test_what_is_no_text_is_its_own_form(value: Any) -> None:
    assert folded(Attribute(name="it"), value) is value


def test_an_element_matches_by_its_own_parts() -> None:
    emails = USER.attribute("emails")
    assert emails is not None
    work = element_predicate(read('type eq "work" and not (primary eq true)'), emails)
    assert [work(each) for each in ({"type": "Work"}, {"type": "work", "primary": True}, {})] == [True, False, False]


# Against a model: the sentences of RFC 7644 section 3.4.2.2, without a schema, a predicate or a line of the above.

KINDS: dict[str, tuple[str, ...]] = {
    "text": ("userName", "name.givenName", "emails.value", "emails.type", "emails", f"{ENTERPRISE}:department"),
    "exact": ("id", "externalId"),
    "boolean": ("active", "emails.primary"),
}
TEXTS = ["", "a", "A", "b", "ab", "é", "e\u0301", "ß", "ss"]
KIND = {name: kind for kind, names in KINDS.items() for name in names} | {
    "value": "text",
    "type": "text",
    "primary": "boolean",
}

_text = st.sampled_from(TEXTS)
_element = st.fixed_dictionaries({}, optional={"value": _text, "type": _text, "primary": st.booleans()}).filter(bool)
RESOURCES = st.fixed_dictionaries(
    {},
    optional={
        "id": _text,
        "externalId": _text,
        "userName": _text,
        "active": st.booleans(),
        "name": st.just({}) | st.fixed_dictionaries({"givenName": _text}),
        "emails": st.lists(_element, min_size=1, max_size=2),
        ENTERPRISE: st.fixed_dictionaries({"department": _text}),
    },
)


def _path(name: str) -> Path:
    urn, _, rest = name.rpartition(":")
    first, _, sub = rest.partition(".")
    return Path(first, sub or None, urn or None)


def _leaves(names: list[str]) -> st.SearchStrategy[Filter]:
    def comparison(name: str) -> st.SearchStrategy[Filter]:
        if KIND[name] == "boolean":
            return st.builds(Compare, st.just(_path(name)), st.sampled_from(["eq", "ne"]), st.booleans())
        operators = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
        return st.builds(Compare, st.just(_path(name)), operators, _text)

    chosen = st.sampled_from(names)
    return st.one_of(
        chosen.flatmap(comparison),
        st.builds(Present, chosen.map(_path)),
        st.builds(Compare, chosen.map(_path), st.sampled_from(["eq", "ne"]), st.none()),
    )


def _joined(leaves: st.SearchStrategy[Filter], most: int) -> st.SearchStrategy[Filter]:
    return st.recursive(
        leaves,
        lambda inner: st.builds(And, inner, inner) | st.builds(Or, inner, inner) | st.builds(Not, inner),
        max_leaves=most,
    )


_inside = _joined(_leaves(["value", "type", "primary"]), 3)
_leaf = _leaves(list({name for names in KINDS.values() for name in names}))
FILTERS = _joined(_leaf | st.builds(ValuePath, st.just(Path("emails")), _inside), 5)


def _seen(resource: dict[str, Any], path: Path) -> list[Any]:
    holder = resource.get(path.urn, {}) if path.urn else resource
    value = holder.get(path.name)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [each[path.sub] for each in values if path.sub in each] if path.sub else values


def _in_model(wanted: Filter, resource: dict[str, Any]) -> bool:
    match wanted:
        case And():
            return _in_model(wanted.left, resource) and _in_model(wanted.right, resource)
        case Or():
            return _in_model(wanted.left, resource) or _in_model(wanted.right, resource)
        case Not():
            return not _in_model(wanted.inner, resource)
        case ValuePath():
            return any(_in_model(wanted.inner, element) for element in _seen(resource, wanted.path))
        case Present():
            return any(value not in ("", {}) for value in _seen(resource, wanted.path))
        case Compare():
            return _compared(wanted, _seen(resource, wanted.path))


def _compared(wanted: Compare, values: list[Any]) -> bool:
    if str(wanted.path) == "emails":
        values = [each["value"] for each in values if "value" in each]
    if wanted.value is None:
        return (values == []) is (wanted.operator == "eq")
    if wanted.operator == "ne":
        return not any(_holds(KIND[str(wanted.path)], "eq", value, wanted.value) for value in values)
    return any(_holds(KIND[str(wanted.path)], wanted.operator, value, wanted.value) for value in values)


def _holds(kind: str, operator: str, value: Any, literal: Any) -> bool:
    if kind == "boolean":
        return value is literal
    one, other = unicodedata.normalize("NFC", value), unicodedata.normalize("NFC", literal)
    if kind == "text":
        one, other = one.lower(), other.lower()
    verdicts = {
        "eq": one == other,
        "co": one.find(other) >= 0,
        "sw": one[: len(other)] == other,
        "ew": one[len(one) - len(other) :] == other and len(one) >= len(other),
        "gt": one > other,
        "ge": not one < other,
        "lt": one < other,
        "le": not one > other,
    }
    return verdicts[operator]


@settings(max_examples=500, deadline=None)
@given(FILTERS, RESOURCES)
@example(read("name pr"), {"name": {}})
@example(read('emails ne "a"'), {"emails": [{"value": "a"}]})
@example(read('emails.value ne "a"'), {"emails": [{"value": "a"}, {"value": "b"}]})
def test_every_verdict_is_that_of_the_model(wanted: Filter, resource: Resource) -> None:
    assert predicate(wanted, USER_TYPE)(resource) is _in_model(wanted, resource)
