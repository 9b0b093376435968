from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidValue, Sensitive
from adapter.scim.schema import Attribute, Resource, ResourceType, Schema
from adapter.scim.sort import sort_key
from tests.scim import model
from tests.scim.given import CORE, ENTERPRISE, EVERY_TYPE, USER_TYPE

NOTE = "urn:example:Note"
NOTE_TYPE = ResourceType(
    "Note",
    "/Notes",
    Schema(
        NOTE,
        "Note",
        "",
        (
            Attribute(name="title"),
            Attribute(name="code", case_exact=True),
            Attribute(name="at", type="dateTime"),
            Attribute(name="size", type="integer"),
            Attribute(name="share", type="decimal"),
            Attribute(name="done", type="boolean"),
            Attribute(name="words", multi_valued=True),
            Attribute(name="readers", type="complex", multi_valued=True, sub_attributes=(Attribute(name="value"),)),
            Attribute(
                name="keys",
                type="complex",
                multi_valued=True,
                sub_attributes=(Attribute(name="value", returned="never"), Attribute(name="type")),
            ),
        ),
    ),
)


def order(came: list[Resource], sort_by: str, kind: ResourceType, *, descending: bool = False) -> list[Resource]:
    return sorted(came, key=sort_key(sort_by, kind), reverse=descending)


def _ids(resources: list[Resource]) -> str:
    return "".join(each["id"] for each in resources)


# The resources in ascending order, as they come in `a`, `b`, `c`, …: each must be sorted from the reverse.
ORDERS: list[tuple[str, ResourceType, list[Any]]] = [
    # Texts: without case where the attribute is not caseExact, by Unicode and without a locale.
    ("title", NOTE_TYPE, [{"title": each} for each in ("10", "9", "ada", "Bob", "carl", "Zoe", "zoë", "Ärger")]),
    ("code", NOTE_TYPE, [{"code": each} for each in ("A", "B", "a", "b", "é")]),
    ("userName", USER_TYPE, [{"userName": "ada"}, {"userName": "Bob"}, {}]),
    # Numbers as numbers, instants as instants, false before true.
    ("size", NOTE_TYPE, [{"size": each} for each in (-3, 0, 9, 10, 2**70)]),
    ("share", NOTE_TYPE, [{"share": each} for each in (-1.5, 0, 0.5, 3)]),
    ("done", NOTE_TYPE, [{"done": False}, {"done": True}, {}]),
    (
        "at",
        NOTE_TYPE,
        [
            {"at": "2026-01-01T01:00:00+02:00"},
            {"at": "2026-01-01T00:00:00Z"},
            {"at": "2026-01-01T00:00:00.5Z"},
            {"at": "2025-12-31T23:00:01-01:00"},
            {"at": "some day"},
        ],
    ),
    # Parts, URNs and any case.
    ("name.givenName", USER_TYPE, [{"name": {"givenName": "a"}}, {"name": {"givenName": "B"}}, {"name": {}}]),
    ("NAME.GIVENNAME", USER_TYPE, [{"name": {"givenName": "a"}}, {"name": {"givenName": "B"}}]),
    (f"{CORE}:userName", USER_TYPE, [{"userName": "ada"}, {"userName": "Bob"}]),
    (" userName ", USER_TYPE, [{"userName": "ada"}, {"userName": "Bob"}]),
    (f"{ENTERPRISE}:department", USER_TYPE, [{ENTERPRISE: {"department": "a"}}, {ENTERPRISE: {"department": "b"}}, {}]),
    (f"{ENTERPRISE.upper()}:manager", USER_TYPE, [{ENTERPRISE: {"manager": {"value": str(each)}}} for each in (1, 2)]),
    # A list by its primary element, or else by its first one; an element by its value.
    (
        "emails",
        USER_TYPE,
        [
            {"emails": [{"value": "z"}, {"value": "a", "primary": True}]},
            {"emails": [{"value": "b"}, {"value": "a"}]},
            {"emails": [{"value": "c", "primary": False}, {"value": "a", "primary": False}]},
            {"emails": [{"type": "work"}]},
        ],
    ),
    (
        "emails.type",
        USER_TYPE,
        [
            {"emails": [{"type": "work"}, {"type": "a", "primary": True}]},
            {"emails": [{"type": "home"}]},
            {"emails": [{"type": "a"}, {"value": "x", "primary": True}]},
        ],
    ),
    ("words", NOTE_TYPE, [{"words": ["a", "z"]}, {"words": ["b"]}, {}]),
    ("readers", NOTE_TYPE, [{"readers": [{"value": "1"}]}, {"readers": [{"value": "2"}]}, {}]),
    # No value: absent, and what stands for no value.
    ("title", NOTE_TYPE, [{"title": "zz"}, {}]),
    ("title", NOTE_TYPE, [{"title": "zz"}, {"title": ""}]),
    ("words", NOTE_TYPE, [{"words": ["zz"]}, {"words": []}]),
]


@pytest.mark.parametrize(("sort_by", "kind", "ascending"), ORDERS)
def test_resources_are_ordered_by_what_is_named(sort_by: str, kind: ResourceType, ascending: list[Any]) -> None:
    came = [each | {"id": chr(ord("a") + place)} for place, each in enumerate(ascending)]
    assert _ids(order(came[::-1], sort_by, kind)) == _ids(came)
    assert _ids(order(came, sort_by, kind, descending=True)) == _ids(came[::-1])


@pytest.mark.parametrize("descending", [False, True])
def test_what_is_equal_stays_as_it_came(descending: bool) -> None:  # noqa: FBT001 (a way to sort)
    came = [{"id": "1", "title": "ADA"}, {"id": "2"}, {"id": "3", "title": "ada"}, {"id": "4", "title": ""}]
    assert _ids(order(came, "title", NOTE_TYPE, descending=descending)) == ("2413" if descending else "1324")


REFUSED = [
    ("", "sortBy: '' is not an attribute that this connection can sort by."),
    ("unheardOf", "sortBy: 'unheardOf' is not an attribute that this connection can sort by."),
    ("user name", "sortBy: 'user name' is not an attribute that this connection can sort by."),
    ("userName.value", "sortBy: 'userName.value' is not an attribute that this connection can sort by."),
    ("department", "sortBy: 'department' is not an attribute that this connection can sort by."),
    ("meta", "sortBy: 'meta' is not an attribute that this connection can sort by."),
    ("meta.location", "sortBy: 'meta.location' is not an attribute that this connection can sort by."),
    ("x" * 200, f"sortBy: '{'x' * 80}' is not an attribute that this connection can sort by."),
    ("name", "sortBy: 'name' has parts; name one of them."),
    ("x509Certificates", "sortBy: 'x509Certificates' is a binary, which has no order."),
    ("x509Certificates.value", "sortBy: 'x509Certificates.value' is a binary, which has no order."),
]


@pytest.mark.parametrize(("sort_by", "detail"), REFUSED)
def test_what_has_no_order_is_refused_by_its_name(sort_by: str, detail: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        sort_key(sort_by, USER_TYPE)
    assert refused.value.detail == detail


@pytest.mark.parametrize(("sort_by", "kind"), [("password", USER_TYPE), ("keys.value", NOTE_TYPE), ("keys", NOTE_TYPE)])
def test_an_order_would_tell_what_is_never_shown(sort_by: str, kind: ResourceType) -> None:
    with pytest.raises(Sensitive, match=rf"^'{sort_by}' can be written but not read"):
        sort_key(sort_by, kind)


def test_resources_of_several_types_have_one_order() -> None:
    users = [({"id": each, "userName": each}, USER_TYPE) for each in "ca"]
    notes = [({"id": each, "title": each}, NOTE_TYPE) for each in "db"]

    def ordered(sort_by: str) -> str:
        keys = {kind.name: sort_key(sort_by, kind, (USER_TYPE, NOTE_TYPE)) for kind in (USER_TYPE, NOTE_TYPE)}
        return _ids([each for each, _ in sorted([*users, *notes], key=lambda pair: keys[pair[1].name](pair[0]))])

    assert ordered("id") == "abcd"
    assert ordered("userName") == "acdb"
    assert ordered("meta.resourceType") == "dbca"
    with pytest.raises(InvalidValue):
        ordered("unheardOf")


# Against a model: the sentences of RFC 7644 section 3.4.2.3.

SORTED_BY = [
    name
    for name, kind in model.KINDS.items()
    if kind != "binary" and (kind != "complex" or f"{name}.value" in model.KINDS)
]


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(SORTED_BY), st.lists(model.RESOURCES, max_size=6), st.booleans(), st.data())
def test_every_order_is_that_of_the_model(
    name: str,
    resources: list[Resource],
    descending: bool,  # noqa: FBT001 (a way to sort)
    data: st.DataObject,
) -> None:
    found = order(resources, str(data.draw(model.spellings(name))), EVERY_TYPE, descending=descending)
    assert [id(each) for each in found] == [id(each) for each in model.ordered(resources, name, descending=descending)]


def test_everything_that_the_model_cannot_sort_by_is_refused() -> None:
    for name in model.KINDS.keys() - set(SORTED_BY) | {"secret"}:
        with pytest.raises((InvalidValue, Sensitive)):
            sort_key(name, EVERY_TYPE)
