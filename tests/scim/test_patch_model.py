"""Any PATCH comes to what a second, naive implementation of RFC 7644 section 3.5.2 makes of it, for either profile."""

import copy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapter.errors import ScimError
from adapter.scim import patch
from adapter.scim.limits import USUAL
from adapter.scim.profile import ENTRA, STRICT, Profile
from tests.scim import patch_model
from tests.scim.given import USER_TYPE
from tests.scim.patch_model import ENTRA_DEPARTS, EXTENSION, KINDS, Refused, Step

TEXTS = st.sampled_from(["a", "b", "A", "a", "b", "work", ""])
FLAGS = st.booleans()
WRONG = st.sampled_from(
    [None, 5, "True", "false", ["a"], ["a", "b"], [], [None], {}, [{"value": "a"}], {"value": ""}, "a", True]
)


def _of(kind: Any) -> st.SearchStrategy[Any]:
    """A value of a kind, as a client may send it."""
    if isinstance(kind, list):
        return st.lists(_of(kind[0]), max_size=3) | _of(kind[0])
    if isinstance(kind, dict):
        own = {name: _value_of(part) for name, part in kind.items()}
        return st.fixed_dictionaries({}, optional=own) | st.fixed_dictionaries({}, optional=own | {"unheardOf": TEXTS})
    return FLAGS if kind == patch_model.FLAG else TEXTS


def _value_of(kind: Any) -> st.SearchStrategy[Any]:
    """A value that is mostly right: `WRONG` once in eight."""
    return st.integers(0, 7).flatmap(lambda number: WRONG if number == 0 else _of(kind))


def _held(kind: Any) -> st.SearchStrategy[Any]:
    """A value as a resource holds it."""
    if isinstance(kind, list):
        listed = st.lists(_held(kind[0]), min_size=1, max_size=4)
        return listed.filter(lambda each: [one.get("primary") for one in each].count(True) <= 1)
    if isinstance(kind, dict):
        return st.fixed_dictionaries({}, optional={name: _held(part) for name, part in kind.items()}).filter(bool)
    return _of(kind)


CORE_KINDS = {name: kind for name, kind in KINDS.items() if name not in patch_model.EXTENDED}
OWN_KINDS = {name: KINDS[name] for name in sorted(patch_model.EXTENDED)}
RESOURCES = st.fixed_dictionaries(
    {"id": st.just("1")},
    optional={name: _held(kind) for name, kind in CORE_KINDS.items()}
    | {
        EXTENSION: st.fixed_dictionaries({}, optional={name: _held(kind) for name, kind in OWN_KINDS.items()}).filter(
            bool
        )
    },
)
OPS = st.sampled_from(["add", "replace", "remove", "add", "replace", "remove", "Add", "Replace", "test"])
KEYS = {
    **CORE_KINDS,
    **{f"{EXTENSION}:{name}": kind for name, kind in OWN_KINDS.items()},
    "name.givenName": patch_model.TEXT,
    "name.unheardOf": patch_model.TEXT,
    f"{EXTENSION}:manager.value": patch_model.TEXT,
    "department": patch_model.TEXT,
    "unheardOf": patch_model.TEXT,
    "id": patch_model.TEXT,
    "schemas": patch_model.TEXT,
}


# Lists are where most can go wrong: elements that are alike in part, and one of them primary.
ALIKE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"value": st.sampled_from(["a", "A", "b"])}, optional={"type": st.sampled_from(["a", "b"]), "primary": FLAGS}
)
LISTS = st.lists(ALIKE, min_size=1, max_size=4).filter(
    lambda each: [one.get("primary") for one in each].count(True) <= 1
)
WITH_LISTS = st.fixed_dictionaries({"id": st.just("1"), "emails": LISTS}, optional={"name": _held(KINDS["name"])})


@st.composite
def list_steps(draw: st.DrawFn) -> Step:
    """One operation on a list, and now and then on parts of a name; every value is right."""
    op = draw(st.sampled_from(["add", "replace", "remove"]))
    if draw(st.integers(0, 7)) == 0:
        parts = st.fixed_dictionaries({}, optional={"givenName": TEXTS | st.none(), "familyName": TEXTS | st.none()})
        return Step(op, "name", value=draw(parts))
    chosen = draw(st.none() | st.sampled_from(["value", "value", "type", "primary"]))
    literal = draw(FLAGS if chosen == "primary" else st.sampled_from(["a", "A", "b"])) if chosen else None
    sub = draw(st.none() | st.sampled_from(["value", "primary", "type"]))
    value: Any = draw(
        FLAGS if sub == "primary" else TEXTS if sub else ALIKE | LISTS | st.lists(ALIKE, max_size=3) | st.none()
    )
    return Step(op, "emails", sub, chosen, literal, value=draw(st.none() | st.just(value)) if op == "remove" else value)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """One operation: without a path once in six."""
    op = draw(OPS)
    if draw(st.integers(0, 5)) == 0:
        own = st.fixed_dictionaries({}, optional={name: _value_of(kind) for name, kind in OWN_KINDS.items()})
        wanted = st.lists(st.sampled_from([*KEYS, EXTENSION]), max_size=3, unique=True)
        parts = {name: draw(own | WRONG if name == EXTENSION else _value_of(KEYS[name])) for name in draw(wanted)}
        return Step(op, value=parts if draw(st.integers(0, 9)) else draw(WRONG))
    attribute = draw(st.sampled_from([*KINDS, "emails", "emails", "roles", "name", "unheardOf"]))
    kind = KINDS.get(attribute, patch_model.TEXT)
    parts = kind[0] if isinstance(kind, list) else kind if isinstance(kind, dict) else {}
    sub = draw(st.none() | st.sampled_from([*parts, *parts, "unheardOf"])) if parts else None
    chosen = draw(st.none() | st.sampled_from([*parts, *parts, "unheardOf"])) if isinstance(kind, list) else None
    literal = draw(FLAGS | st.sampled_from(["True", "a"]) if chosen == "primary" else TEXTS) if chosen else None
    value = draw(_value_of(parts.get(sub, patch_model.TEXT) if sub else kind))
    bare = draw(st.booleans()) if attribute in patch_model.EXTENDED else False
    return Step(
        op, attribute, sub, chosen, literal, bare, draw(st.none() | st.just(value)) if op == "remove" else value
    )


def _ours(resource: dict[str, Any], asked: list[Step], profile: Profile) -> dict[str, Any] | str:
    try:
        operations, _ = profile.operations([each.json() for each in asked], USER_TYPE, USUAL)
        return patch.patched(resource, operations, USER_TYPE, profile.adapt)
    except ScimError as error:
        return error.scim_type or ""


def _theirs(resource: dict[str, Any], asked: list[Step], departs: frozenset[str]) -> dict[str, Any] | str:
    try:
        return patch_model.patched(resource, asked, departs)
    except Refused as refused:
        return str(refused)


TWO_FAULTS = {"invalidFilter", "invalidPath", "invalidValue", "mutability"}
BOTH = {"resource": RESOURCES, "asked": st.lists(steps(), min_size=2, max_size=5)}
OF_LISTS = {"resource": WITH_LISTS, "asked": st.lists(list_steps(), min_size=1, max_size=6)}
PROFILES = [(ENTRA, ENTRA_DEPARTS), (STRICT, frozenset[str]())]


@pytest.mark.parametrize(("profile", "departs"), PROFILES, ids=["entra", "strict"])
@settings(max_examples=300, deadline=None)
@given(resource=RESOURCES, step=steps())
@example(  # what a path chooses is removed whatever stands beside it as a value
    resource={"id": "1"}, step=Step("remove", "emails", None, "value", "a", value=[{"value": ["a", "b"]}])
)
def test_an_operation_comes_to_what_the_text_of_the_rfc_says(
    profile: Profile, departs: frozenset[str], resource: dict[str, Any], step: Step
) -> None:
    ours, theirs = _ours(resource, [step], profile), _theirs(resource, [step], departs)
    # Where an operation has two faults in what it says, either may be told.
    assert ours == theirs or {str(ours), str(theirs)} <= TWO_FAULTS


def _agree(profile: Profile, departs: frozenset[str], resource: dict[str, Any], asked: list[Step]) -> None:
    before = copy.deepcopy((resource, asked))
    ours, theirs = _ours(resource, asked, profile), _theirs(resource, asked, departs)
    # Which of several faults is told may differ; that there is one may not.
    assert ours == theirs or (isinstance(ours, str) and isinstance(theirs, str))
    assert (resource, asked) == before
    if isinstance(ours, dict):
        for name in ("emails", "roles"):
            assert [each.get("primary") for each in ours.get(name, [])].count(True) <= 1


@pytest.mark.parametrize(("profile", "departs"), PROFILES, ids=["entra", "strict"])
@settings(max_examples=300, deadline=None)
@given(**BOTH)
def test_operations_come_to_what_they_come_to_one_after_the_other(
    profile: Profile, departs: frozenset[str], resource: dict[str, Any], asked: list[Step]
) -> None:
    _agree(profile, departs, resource, asked)


@pytest.mark.parametrize(("profile", "departs"), PROFILES, ids=["entra", "strict"])
@settings(max_examples=600, deadline=None)
@given(**OF_LISTS)
def test_lists_come_to_what_the_text_of_the_rfc_says(
    profile: Profile, departs: frozenset[str], resource: dict[str, Any], asked: list[Step]
) -> None:
    _agree(profile, departs, resource, asked)
