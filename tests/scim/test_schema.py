from typing import Any

import pytest

from adapter.errors import InvalidValue
from adapter.scim.path import parse
from adapter.scim.schema import Attribute, Type, has_type, typed
from tests.scim.given import CORE, ENTERPRISE, USER_TYPE

MEANT = [
    ("userName", "userName"),
    ("USERNAME", "userName"),
    ("name.GIVENNAME", "name.givenName"),
    ("Emails.Value", "emails.value"),
    ("id", "id"),
    ("meta.Location", "meta.location"),
    (f"{CORE}:userName", "userName"),
    (f"{CORE.upper()}:id", "id"),
    (f"{ENTERPRISE}:department", f"{ENTERPRISE}:department"),
    (f"{ENTERPRISE.lower()}:MANAGER.VALUE", f"{ENTERPRISE}:manager.value"),
]
MEANINGLESS = [
    *("unheardOf", "userName.value", "name.unheardOf", "department", "meta.created"),
    *(f"{CORE}:department", f"{ENTERPRISE}:userName", f"{ENTERPRISE}:id", "urn:example:2.0:Other:userName"),
    *(CORE, ENTERPRISE),
]


@pytest.mark.parametrize(("text", "target"), MEANT)
def test_a_path_of_any_case_means_what_the_schema_spells(text: str, target: str) -> None:
    path = parse(text)
    assert path is not None
    assert str(USER_TYPE.target(path)) == target


@pytest.mark.parametrize("text", MEANINGLESS)
def test_a_path_that_names_nothing_here_means_nothing(text: str) -> None:
    path = parse(text)
    assert path is not None
    assert USER_TYPE.target(path) is None


def test_the_leaf_of_a_target_is_its_sub_attribute_where_it_has_one() -> None:
    leaves = []
    for text in ("name", "name.givenName"):
        path = parse(text)
        target = USER_TYPE.target(path) if path else None
        leaves.append(target.leaf.name if target else None)
    assert leaves == ["name", "givenName"]


def test_an_extension_is_found_by_its_urn_whatever_the_case() -> None:
    found = USER_TYPE.extension(ENTERPRISE.upper())
    assert found is not None
    assert found.id == ENTERPRISE
    assert USER_TYPE.extension(CORE) is None


def test_an_extension_is_meant_as_a_whole_by_its_urn_alone() -> None:
    texts = (ENTERPRISE.upper(), CORE, f"{ENTERPRISE}:department", "department")
    found = [USER_TYPE.whole(path) for text in texts if (path := parse(text))]
    assert [each and each.id for each in found] == [ENTERPRISE, None, None, None]


def test_the_one_type_that_is_kept_is_told_where_there_is_one() -> None:
    def of(*types: str) -> Attribute:
        return Attribute(name="emails", sub_attributes=(Attribute(name="type", canonical_values=types),))

    assert [of("Work").only_type, of("work", "home").only_type, of().only_type] == ["Work", None, None]
    assert Attribute(name="emails").only_type is None


def test_the_core_schema_comes_before_its_extensions() -> None:
    assert [each.id for each in USER_TYPE.schemas] == [CORE, ENTERPRISE]


def test_an_attribute_has_the_default_characteristics_of_the_rfc() -> None:
    # RFC 7643 section 2.2: not required, no canonical values, not caseExact, readWrite, default, none, string.
    plain = Attribute(name="plain")
    assert (plain.required, plain.canonical_values, plain.case_exact) == (False, (), False)
    assert (plain.mutability, plain.returned, plain.uniqueness) == ("readWrite", "default", "none")
    assert (plain.type, plain.multi_valued) == ("string", False)


# For each type of RFC 7643 section 2.3: what JSON it takes. To Python True is 1; to JSON it is not.
JSON: dict[str, Any] = {
    "text": "x",
    "true": True,
    "zero": 0,
    "whole": 7,
    "fraction": 1.5,
    "object": {},
    "list": [],
    "null": None,
}
TAKES: list[tuple[Type, set[str]]] = [
    ("string", {"text"}),
    ("boolean", {"true"}),
    ("decimal", {"zero", "whole", "fraction"}),
    ("integer", {"zero", "whole"}),
    ("dateTime", {"text"}),
    ("binary", {"text"}),
    ("reference", {"text"}),
    ("complex", {"object"}),
]


@pytest.mark.parametrize(("kind", "taken"), TAKES)
def test_a_type_takes_its_own_json_and_no_other(kind: Type, taken: set[str]) -> None:
    attribute = Attribute(name="it", type=kind)
    assert {name for name, value in JSON.items() if has_type(attribute, value)} == taken


REFUSALS: list[tuple[Type, Any, str]] = [
    ("string", 5, "it must be a string, not a number."),
    ("string", None, "it must be a string, not null."),
    ("boolean", "true", "it must be a boolean, not a string."),
    ("boolean", 1, "it must be a boolean, not a number."),
    ("decimal", True, "it must be a number, not a boolean."),
    ("integer", 1.5, "it must be a whole number, not a number."),
    ("dateTime", [], "it must be a date-time string, not a list."),
    ("binary", {}, "it must be a base64 string, not an object."),
    ("reference", 1, "it must be a URI string, not a number."),
    ("complex", "x", "it must be an object, not a string."),
    ("string", "a\x00b", "it holds a control character; remove it at the source."),
    ("string", "a\x9b", "it holds a control character; remove it at the source."),
    ("reference", "a\x7f", "it holds a control character; remove it at the source."),
]


@pytest.mark.parametrize(("kind", "value", "detail"), REFUSALS)
def test_a_value_of_the_wrong_kind_is_refused_by_its_attribute(kind: Type, value: Any, detail: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        typed(Attribute(name="it", type=kind), value)
    assert refused.value.detail == detail


@pytest.mark.parametrize("value", ["", "Ada", "line one\r\nline two\tend", "Łódź 東京 👩\u200d🔬", "\u00a0"])
def test_a_text_stays_as_it_came(value: str) -> None:
    assert typed(Attribute(name="it"), value) == value


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2003", "\u3000", "\u200a"])
def test_a_name_that_must_be_unique_has_no_blanks_around_it(blank: str) -> None:
    name = Attribute(name="userName", uniqueness="server")
    for text in (f"{blank}ada", f"ada{blank}", blank):
        with pytest.raises(InvalidValue, match=r"^userName begins or ends with a blank"):
            typed(name, text)
        for other in (Attribute(name="title"), Attribute(name="externalId", is_sought=True)):
            assert typed(other, text) == text
    assert typed(name, f"ada{blank}lovelace") == f"ada{blank}lovelace"


def test_a_name_that_must_be_unique_holds_nothing_that_nobody_sees() -> None:
    name = Attribute(name="userName", uniqueness="server")
    for unseen in "\t\n\r\x1b\x85\u00ad\u061c\u200b\u200d\u200e\u202e\u2028\u2060\u2066\u2069\u3164\ufeff\U000e0041":
        with pytest.raises(InvalidValue, match=f"^userName holds (U\\+{ord(unseen):04X}|a control character)"):
            typed(name, f"ada{unseen}")
        with pytest.raises(InvalidValue):
            typed(Attribute(name="externalId", is_sought=True), f"ada{unseen}")
        assert typed(Attribute(name="title"), f"ada{unseen}x".replace("\x1b", "").replace("\x85", "")) is not None
    for seen in (
        "ada",
        "Zoë",
        "Zoe\u0308",
        "\u0430da",
        "a\u00a0b",
        "\u6771\u4eac",
        "\U0001f469",
        "a#EXT#@b+c",
    ):
        assert typed(name, seen) == seen


def test_a_refusal_never_shows_the_value() -> None:
    with pytest.raises(InvalidValue) as refused:
        typed(Attribute(name="password"), "secret\x00")
    assert "secret" not in str(refused.value)
