"""A PATCH without a look comes to the same as one with it, for whatever can be asked; what it costs is in the conversations."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import ScimError
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked, Call, Plan, Reply
from adapter.plan.imagined import Imagined
from adapter.plan.moment import Intended, Loss
from adapter.plan.update import patch
from adapter.scim import entra
from adapter.scim.operation import Patch
from tests.conversation import mapping_of

BLIND = mapping_of("blind")
RECORD: dict[str, Any] = {
    "id": "u-1",
    "login": "ada",
    "status": "enabled",
    "shown": "Ada",
    "name": {"first": "Ada", "last": "Lovelace"},
    "mail": "ada@acme.example",
    "custom_fields": [{"id": 3, "value": "Enchantress"}, {"id": 4, "value": "kept"}],
    "job": "Programmer",
    "unmapped": {"kept": [1, 2]},
}
TEXTS = st.sampled_from(["Ada", "Augusta", "b", "x" * 40, "", " "])
ONE = st.one_of(
    st.tuples(st.just("active"), st.sampled_from([True, False, "True", "False"])),
    st.tuples(
        st.sampled_from(
            [
                "displayName",
                "name.givenName",
                "name.familyName",
                'emails[type eq "work"].value',
                'emails[type eq "home"].value',
                "nickName",
                "title",
                "userName",
            ]
        ),
        TEXTS,
    ),
    st.tuples(st.just("name"), st.dictionaries(st.sampled_from(["givenName", "familyName"]), TEXTS)),
    st.tuples(
        st.just("emails"), st.lists(st.fixed_dictionaries({"type": st.just("work"), "value": TEXTS}), max_size=2)
    ),
)
OPERATION = st.one_of(
    st.tuples(st.sampled_from(["Add", "Replace", "Remove"]), ONE).map(
        lambda each: {"op": each[0], "path": each[1][0], "value": each[1][1]}
    ),
    st.lists(ONE, min_size=1, max_size=4).map(lambda pairs: {"op": "replace", "value": dict(pairs)}),
)


def _sighted() -> Mapping:
    changing = msgspec.structs.replace(BLIND.resource.changing, blind=False)
    resource = msgspec.structs.replace(BLIND.resource, changing=changing)
    return msgspec.structs.replace(BLIND, resource=resource, resources=(resource,))


def _played(plan: Plan, upstream: Imagined) -> tuple[list[Asked], Any]:
    """Return what the plan has asked for, and its response or its error."""
    asked: list[Asked] = []
    try:
        each = next(plan)
        while True:
            asked.append(each)
            each = plan.send(upstream.reply(each) if isinstance(each, Call) else None)
    except StopIteration as done:
        return asked, done.value
    except ScimError as error:
        return asked, error


def _both(
    operations: list[dict[str, Any]], **about: Any
) -> tuple[list[Asked], Any, Imagined, list[Asked], Any, Imagined]:
    lowered, _ = entra.lowered_operations(copy.deepcopy(operations), BLIND.resource.type)
    one, other = Imagined(BLIND, "u-1", RECORD), Imagined(BLIND, "u-1", RECORD)
    asked, came = _played(patch(Patch("u-1", lowered, **about), BLIND), one)
    sighted, seen = _played(patch(Patch("u-1", lowered, **about), _sighted()), other)
    return asked, came, one, sighted, seen, other


@given(st.lists(OPERATION, min_size=1, max_size=4))
def test_it_comes_to_the_same_as_with_a_look(operations: list[dict[str, Any]]) -> None:
    try:
        asked, came, one, _, seen, other = _both(operations)
    except ScimError:
        return  # no client may ask this
    assert one.record == other.record
    if isinstance(seen, ScimError):
        assert (type(came), came.detail) == (type(seen), seen.detail)
        return
    assert came.status in (200, 204)
    assert came.status == 204 or came.content == seen.content
    assert len([each for each in asked if isinstance(each, Call)]) <= 2


@pytest.mark.parametrize("value", [False, "False"])
def test_a_disabling_is_told_to_the_guard_before_it_is_written(value: Any) -> None:
    asked, came, *_ = _both([{"op": "Replace", "path": "active", "value": value}])
    kinds = [type(each) for each in asked]
    assert kinds.index(Loss) < kinds.index(Intended) < kinds.index(Call)
    assert (kinds.count(Call), came.status) == (1, 200)


def test_the_trail_is_told_what_is_wanted_and_that_nobody_has_looked() -> None:
    asked, *_ = _both([{"op": "Replace", "path": "displayName", "value": "Augusta"}])
    [intended] = [each for each in asked if isinstance(each, Intended)]
    assert (intended.before, intended.wanted) == (None, {"displayName": "Augusta"})


def test_a_client_that_wants_no_answer_gets_none_of_it() -> None:
    _, came, *_ = _both([{"op": "Replace", "path": "displayName", "value": "Augusta"}], shown=None)
    assert came.status == 200


def test_an_id_that_the_upstream_cannot_have_is_never_sent() -> None:
    lowered, _ = entra.lowered_operations([{"op": "Replace", "path": "displayName", "value": "x"}], BLIND.resource.type)
    asked, came = _played(patch(Patch("../1", lowered), BLIND), Imagined(BLIND, "u-1", RECORD))
    assert [each for each in asked if isinstance(each, Call)] == []
    assert came.status == 404


class _Silent(Imagined):
    """One that says that it was done, and no more."""

    def reply(self, call: Call) -> Reply:
        super().reply(call)
        return Reply(204)


def test_a_reply_that_shows_nothing_is_no_reason_to_look() -> None:
    lowered, _ = entra.lowered_operations([{"op": "Replace", "path": "displayName", "value": "x"}], BLIND.resource.type)
    asked, came = _played(patch(Patch("u-1", lowered), BLIND), _Silent(BLIND, "u-1", RECORD))
    assert len([each for each in asked if isinstance(each, Call)]) == 1
    assert (came.status, came.content) == (204, {"id": "u-1"})
