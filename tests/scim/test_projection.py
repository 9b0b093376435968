import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidValue
from adapter.scim.path import Path, parse
from adapter.scim.projection import Projection, projector, read, shows
from adapter.scim.schema import Attribute, Resource, ResourceType, Schema
from tests.scim.given import CORE, ENTERPRISE, NAMES, USER_TYPE

ADA: Resource = {
    "schemas": [CORE, ENTERPRISE],
    "id": "1",
    "userName": "ada",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [{"type": "work", "value": "a"}, {"value": "b", "primary": True}],
    ENTERPRISE: {"department": "Engines", "manager": {"value": "17"}},
    "meta": {"resourceType": "User", "location": "https://x/Users/1"},
}
KEPT = {"schemas": ADA["schemas"], "id": "1"}


def projected(body: Resource, projection: Projection, kind: ResourceType) -> Resource:
    return projector(projection, kind)(body)


def _without(name: str, /, **others: Any) -> Resource:
    return {key: value for key, value in ADA.items() if key != name} | others


SHOWN: list[tuple[str, Resource]] = [
    ("userName", {"userName": "ada"}),
    ("USERNAME, Name.GivenName", {"userName": "ada", "name": {"givenName": "Ada"}}),
    ("name", {"name": ADA["name"]}),
    ("name.givenName,name.familyName", {"name": ADA["name"]}),
    ("name,name.givenName", {"name": ADA["name"]}),
    ("name.givenName,name", {"name": ADA["name"]}),
    ("emails", {"emails": ADA["emails"]}),
    ("emails.value", {"emails": [{"value": "a"}, {"value": "b"}]}),
    ("emails.value,emails.primary", {"emails": [{"value": "a"}, {"value": "b", "primary": True}]}),
    ("emails,emails.value", {"emails": ADA["emails"]}),
    ("emails.type", {"emails": [{"type": "work"}]}),
    ("emails.primary,emails.type", {"emails": [{"type": "work"}, {"primary": True}]}),
    ("emails.display", {}),
    ("meta", {"meta": ADA["meta"]}),
    ("meta.location", {"meta": {"location": "https://x/Users/1"}}),
    (f"{CORE}:userName", {"userName": "ada"}),
    (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "Engines"}}),
    (f"{ENTERPRISE.lower()}:manager.value", {ENTERPRISE: {"manager": {"value": "17"}}}),
    (f"{ENTERPRISE}:manager.displayName", {}),
    (f"{ENTERPRISE}:costCenter", {}),
    (ENTERPRISE, {ENTERPRISE: ADA[ENTERPRISE]}),
    (f"{ENTERPRISE}:department,{ENTERPRISE}", {ENTERPRISE: ADA[ENTERPRISE]}),
    # What is always returned comes without being asked for; what is not there is passed over.
    ("id", {}),
    ("schemas", {}),
    ("title", {}),
    ("unheardOf", {}),
    ("unheardOf,userName", {"userName": "ada"}),
    ("userName.value", {}),
    ("department", {}),
]


@pytest.mark.parametrize(("attributes", "shown"), SHOWN)
def test_what_is_asked_for_is_shown_beside_what_is_always_shown(attributes: str, shown: Resource) -> None:
    assert projected(ADA, read(attributes, ""), USER_TYPE) == KEPT | shown


EXCLUDED: list[tuple[str, Resource]] = [
    ("userName", _without("userName")),
    ("USERNAME", _without("userName")),
    ("name", _without("name")),
    ("name.givenName", _without("name", name={"familyName": "Lovelace"})),
    ("name.givenName,name.familyName", _without("name")),
    ("emails", _without("emails")),
    ("emails.value", _without("emails", emails=[{"type": "work"}, {"primary": True}])),
    ("emails.value,emails.type", _without("emails", emails=[{"primary": True}])),
    ("emails.value,emails.type,emails.primary", _without("emails")),
    ("meta", _without("meta")),
    ("meta.location", _without("meta", meta={"resourceType": "User"})),
    (f"{ENTERPRISE}:department", _without(ENTERPRISE, **{ENTERPRISE: {"manager": {"value": "17"}}})),
    (f"{ENTERPRISE}:manager.value", _without(ENTERPRISE, **{ENTERPRISE: {"department": "Engines"}})),
    (f"{ENTERPRISE}:department,{ENTERPRISE}:manager", _without(ENTERPRISE)),
    (ENTERPRISE, _without(ENTERPRISE)),
    # RFC 7644 section 3.9: what is always returned cannot be excluded.
    ("id", ADA),
    ("ID,schemas", ADA),
    # Entra asks so for groups; here nothing is called that.
    ("members", ADA),
    ("title,unheardOf,name.middleName,department", ADA),
    (f"{ENTERPRISE}:costCenter", ADA),
]


@pytest.mark.parametrize(("excluded", "shown"), EXCLUDED)
def test_what_is_excluded_is_left_out(excluded: str, shown: Resource) -> None:
    assert projected(ADA, read("", excluded), USER_TYPE) == shown


def test_an_extension_that_is_not_there_is_neither_shown_nor_excluded() -> None:
    bare = {"schemas": [CORE], "id": "1", "userName": "ada"}
    for text in (ENTERPRISE, f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager.value"):
        assert projected(bare, read(text, ""), USER_TYPE) == {"schemas": [CORE], "id": "1"}
        assert projected(bare, read("", text), USER_TYPE) == bare


@pytest.mark.parametrize("attributes", ["", ",", " , "])
def test_nothing_asked_for_is_everything(attributes: str) -> None:
    assert projected(ADA, read(attributes, ""), USER_TYPE) == ADA
    assert projected(ADA, read("", attributes), USER_TYPE) == ADA


def test_a_list_is_read_with_its_spaces() -> None:
    paths = (Path("userName"), Path("name", "givenName"), Path("department", None, ENTERPRISE))
    assert read(f" userName ,name.givenName,, {ENTERPRISE}:department", "") == Projection(paths)
    assert read("", "emails") == Projection((), (Path("emails"),))


def test_both_parameters_at_once_are_refused() -> None:
    # RFC 7644 section 3.9: "the parameter[s] are mutually exclusive".
    with pytest.raises(InvalidValue) as refused:
        read("userName", "emails")
    assert refused.value.detail == "attributes and excludedAttributes exclude each other; send one of them."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("user name", "user name"),
        ("userName,1", "1"),
        ('emails[type eq "work"]', 'emails[type eq "work"]'),
        ("userName;emails", "userName;emails"),
        ("*", "*"),
        ("x" * 100 + "!", "x" * 80),
    ],
)
def test_a_name_that_cannot_be_read_is_refused(text: str, name: str) -> None:
    for arguments in ((text, ""), ("", text)):
        with pytest.raises(InvalidValue) as refused:
            read(*arguments)
        assert refused.value.detail == f"'{name}' is not an attribute name."


# RFC 7643 section 7: `returned`. The name of each attribute says how it is returned; `d` is for default.

THING = "urn:example:Thing"
MORE = "urn:example:More"


def _complex(name: str, returned: Any) -> Attribute:
    subs = tuple(Attribute(name=each, returned=each) for each in ("always", "never", "request", "default"))
    return Attribute(name=name, type="complex", multi_valued=True, returned=returned, sub_attributes=subs)


_EVERY = tuple(_complex(each, each) for each in ("always", "never", "request", "default"))
THING_TYPE = ResourceType("Thing", "/Things", Schema(THING, "Thing", "", _EVERY), (Schema(MORE, "More", "", _EVERY),))
PART = {"always": 1, "never": 2, "request": 3, "default": 4}
HOLDER = {name: [PART] for name in PART}
WHOLE: Resource = {"schemas": [THING, MORE], "id": "1", **HOLDER, MORE: HOLDER, "meta": {"resourceType": "Thing"}}
AD = {"always": 1, "default": 4}


def _told(body: Resource) -> dict[str, str]:
    """Tell what is shown in the initials of each attribute's parts."""
    assert (body["schemas"], body["id"]) == (WHOLE["schemas"], "1")
    both = {name: value for name, value in body.items() if name in PART} | {
        f"more.{name}": value for name, value in body.get(MORE, {}).items()
    }
    return {name: "".join(part[0] for part in value[0]) for name, value in both.items()} | (
        {"meta": ""} if "meta" in body else {}
    )


RETURNED: list[tuple[str, str, dict[str, str]]] = [
    # What is always shown is, what is never shown is not, what is shown on request is not.
    ("", "", {"always": "ad", "default": "ad", "more.always": "ad", "more.default": "ad", "meta": ""}),
    ("unheardOf", "", {"always": "ad", "more.always": "ad"}),
    ("default", "", {"always": "ad", "default": "ad", "more.always": "ad"}),
    ("default.default", "", {"always": "ad", "default": "ad", "more.always": "ad"}),
    ("default.always", "", {"always": "ad", "default": "a", "more.always": "ad"}),
    ("default.request", "", {"always": "ad", "default": "ar", "more.always": "ad"}),
    ("default.never", "", {"always": "ad", "default": "a", "more.always": "ad"}),
    ("default,default.request", "", {"always": "ad", "default": "ard", "more.always": "ad"}),
    ("always.request", "", {"always": "ard", "more.always": "ad"}),
    ("request", "", {"always": "ad", "request": "ad", "more.always": "ad"}),
    ("request.default", "", {"always": "ad", "request": "ad", "more.always": "ad"}),
    ("request.request", "", {"always": "ad", "request": "ar", "more.always": "ad"}),
    ("never", "", {"always": "ad", "more.always": "ad"}),
    ("never.default,never.always", "", {"always": "ad", "more.always": "ad"}),
    ("meta", "", {"always": "ad", "more.always": "ad", "meta": ""}),
    # What holds it is not its name.
    (MORE, "", {"always": "ad", "more.always": "ad", "more.default": "ad"}),
    (f"{MORE}:request", "", {"always": "ad", "more.always": "ad", "more.request": "ad"}),
    (
        f"{MORE},{MORE}:request.request",
        "",
        {"always": "ad", "more.always": "ad", "more.default": "ad", "more.request": "ar"},
    ),
    # Excluded.
    ("", "default", {"always": "ad", "more.always": "ad", "more.default": "ad", "meta": ""}),
    ("", "default.default", {"always": "ad", "default": "a", "more.always": "ad", "more.default": "ad", "meta": ""}),
    ("", "default.always", {"always": "ad", "default": "ad", "more.always": "ad", "more.default": "ad", "meta": ""}),
    ("", "always", {"always": "ad", "default": "ad", "more.always": "ad", "more.default": "ad", "meta": ""}),
    ("", "always.default", {"always": "a", "default": "ad", "more.always": "ad", "more.default": "ad", "meta": ""}),
    ("", "request,never", {"always": "ad", "default": "ad", "more.always": "ad", "more.default": "ad", "meta": ""}),
    ("", MORE, {"always": "ad", "default": "ad", "more.always": "ad", "meta": ""}),
    ("", f"{MORE}:default.always,{MORE}", {"always": "ad", "default": "ad", "more.always": "ad", "meta": ""}),
    ("", f"default,default.always,{MORE}", {"always": "ad", "more.always": "ad", "meta": ""}),
    ("", "meta", {"always": "ad", "default": "ad", "more.always": "ad", "more.default": "ad"}),
]


@pytest.mark.parametrize(("attributes", "excluded", "told"), RETURNED)
def test_an_attribute_is_shown_as_it_is_returned(attributes: str, excluded: str, told: dict[str, str]) -> None:
    assert _told(projected(WHOLE, read(attributes, excluded), THING_TYPE)) == told


@pytest.mark.parametrize(("attributes", "excluded", "told"), RETURNED)
def test_a_plan_is_told_what_will_be_shown(attributes: str, excluded: str, told: dict[str, str]) -> None:
    asked = read(attributes, excluded)
    for name in PART:
        for path, key in ((name, name), (f"{MORE}:{name}", f"more.{name}")):
            assert shows(asked, path, THING_TYPE) is (key in told)
            for sub in PART:
                target = THING_TYPE.target(_path(f"{path}.{sub}"))
                assert target is not None
                assert shows(asked, target, THING_TYPE) is (sub[0] in told.get(key, ""))
                assert shows(asked, str(target), THING_TYPE) is (sub[0] in told.get(key, ""))


def _path(text: str) -> Path:
    found = parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["unheardOf", "default.unheardOf", "a b", ""])
def test_what_there_is_not_is_not_shown(name: str) -> None:
    for asked in (read("", ""), read("", "default"), read("default", "")):
        assert not shows(asked, name, THING_TYPE)


def test_a_body_of_which_everything_is_shown_by_default_is_left_as_it_is() -> None:
    assert projected(ADA, Projection(), USER_TYPE) is ADA
    assert [str(each) for each in USER_TYPE.withheld] == ["password", "groups"]
    shown = {"id": "1", "default": [AD], MORE: {"always": [AD]}}
    assert projected(shown, Projection(), THING_TYPE) is shown


def test_one_way_to_show_serves_many_bodies() -> None:
    show = projector(read("userName,emails.value", ""), USER_TYPE)
    for body in (ADA, {"id": "2", "schemas": [CORE]}, ADA):
        assert show(body) == projected(body, read("userName,emails.value", ""), USER_TYPE)


# The laws.

ASKED = st.lists(st.sampled_from([each for each in NAMES if each != "$ref"]), min_size=1, max_size=4).map(",".join)
_SUBS = [f"{name}.{sub}" for name in PART for sub in PART]
OF_THING = st.lists(
    st.sampled_from([*PART, *_SUBS, "meta", "id", "schemas", MORE, *(f"{MORE}:{each}" for each in [*PART, *_SUBS])]),
    max_size=5,
).map(",".join)
PROJECTIONS = OF_THING.map(lambda text: read(text, "")) | OF_THING.map(lambda text: read("", text))
_parts = st.fixed_dictionaries({}, optional={name: st.integers(0, 2) for name in PART})
_held = st.fixed_dictionaries(
    {}, optional={name: st.lists(_parts.filter(bool), min_size=1, max_size=2) for name in PART}
)
THINGS = st.builds(
    lambda own, more: {"schemas": [THING], "id": "1", **own, **({MORE: more} if more else {})}, _held, _held
)


@settings(max_examples=300, deadline=None)
@given(THINGS, PROJECTIONS)
def test_what_is_shown_is_shown_again_and_is_what_was_said(body: Resource, asked: Projection) -> None:
    before = copy.deepcopy(body)
    shown = projected(body, asked, THING_TYPE)
    assert body == before
    assert projected(shown, asked, THING_TYPE) == shown
    for prefix, whole, part in (("", body, shown), (f"{MORE}:", body.get(MORE, {}), shown.get(MORE, {}))):
        for name in PART.keys() & whole.keys():
            said = shows(asked, prefix + name, THING_TYPE)
            for place, element in enumerate(_kept(whole[name], prefix + name, asked)):
                assert said
                assert part[name][place] == element
            assert len(part.get(name, [])) == len(_kept(whole[name], prefix + name, asked))


def _kept(elements: list[Any], path: str, asked: Projection) -> list[Any]:
    """Return the elements with the parts that will be shown, as `shows` says of each."""
    kept = [
        {sub: value for sub, value in each.items() if shows(asked, f"{path}.{sub}", THING_TYPE)} for each in elements
    ]
    return [each for each in kept if each]


@settings(max_examples=300, deadline=None)
@given(THINGS, OF_THING)
def test_always_and_never_are_as_they_say_whatever_is_asked(body: Resource, text: str) -> None:
    for asked in (read(text, ""), read("", text)):
        shown = projected(body, asked, THING_TYPE)
        assert {name: shown[name] for name in ("schemas", "id")} == {"schemas": [THING], "id": "1"}
        for whole, part in ((body, shown), (body.get(MORE, {}), shown.get(MORE, {}))):
            assert "never" not in part
            assert [each["always"] for each in whole.get("always", []) if "always" in each] == [
                each["always"] for each in part.get("always", []) if "always" in each
            ]
            for name in PART.keys() & part.keys():
                assert not any("never" in each for each in part[name])
                if text == "":
                    assert name != "request"


@settings(max_examples=200, deadline=None)
@given(ASKED)
def test_what_is_shown_and_what_is_left_out_come_to_the_whole(asked: str) -> None:
    before = copy.deepcopy(ADA)
    shown, left = (projected(ADA, each, USER_TYPE) for each in (read(asked, ""), read("", asked)))
    assert before == ADA
    for part in (shown, left):
        assert {name: part[name] for name in KEPT} == KEPT
    assert shown.keys() | left.keys() == ADA.keys()
    for name in shown.keys() & left.keys() - KEPT.keys():
        if isinstance(ADA[name], dict):
            assert shown[name].keys() | left[name].keys() == ADA[name].keys()
