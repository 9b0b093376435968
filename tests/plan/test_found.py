"""How far a search is believed; what it means for a query is in test_find.py."""

from typing import Any

import pytest

from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Reply
from adapter.plan.find import query
from adapter.plan.moment import Missed, Moment, Noted, Recent, Sought
from adapter.scim import operation
from tests.mapping.minimal import REPLIES, mapping
from tests.plan.by_hand import Played, answered

FIND = "find: [{{filter: userName eq, query: {{q: '{{value}}'}}, case: {}}}]"


def _made(case: str = "ignored", resource: str = "") -> Mapping:
    update = f'update: {{call: "PATCH /users/{{id}}"}}\n      {FIND.format(case)}'
    return mapping(top=REPLIES, resource=resource, routes={"update": update}).bound({}, min)


class _Upstream:
    """Answers its search with some rows, its list with all, and shows each by its id."""

    def __init__(self, found: list[str], all_: dict[str, str]) -> None:
        self.found, self.all = found, all_
        self.calls: list[str] = []

    def __call__(self, call: Call) -> Outcome:
        self.calls.append(f"{call.path}?q" if "q" in call.query else call.path)
        if call.path != "/users":
            name = self.all.get(call.path.rpartition("/")[2])
            return Reply(404, {"code": "none"}) if name is None else Reply(200, {"id": call.path[7:], "name": name})
        ids = self.found if "q" in call.query else list(self.all)
        return Reply(200, {"data": [{"id": each, "name": self.all[each]} for each in ids], "total": len(ids)})


def _asked(made: Mapping, upstream: _Upstream, known: dict[type, Any] | None = None) -> Played:
    wanted = operation.query({"filter": 'userName eq "ada"'}, made.resource.type)
    return answered(query(wanted, made), upstream, known=lambda asked: (known or {}).get(type(asked)))


def _ids(played: Played) -> list[str]:
    assert played.error is None
    return [each["id"] for each in played.content.resources]


@pytest.mark.parametrize(
    ("case", "found", "calls", "ids"),
    [
        ("ignored", ["u1"], ["/users?q"], ["u1"]),
        ("ignored", ["u2", "u1"], ["/users?q"], ["u1"]),
        ("ignored", [], ["/users?q"], []),
        ("ignored", ["u2"], ["/users?q", "/users"], ["u1"]),  # it shows only somebody else: has it looked for the name?
        ("exact", ["u1"], ["/users?q"], ["u1"]),
        ("exact", [], ["/users?q", "/users"], ["u1"]),
        ("exact", ["u2"], ["/users?q", "/users"], ["u1"]),
    ],
)
def test_a_search_for_a_name_is_believed_when_it_shows_the_name(
    case: str, found: list[str], calls: list[str], ids: list[str]
) -> None:
    upstream = _Upstream(found, {"u1": "Ada", "u2": "eve"})
    assert _ids(_asked(_made(case), upstream)) == ids
    assert upstream.calls == calls


@pytest.mark.parametrize(
    ("sought", "calls", "ids"),
    [
        (("u1",), ["/users?q", "/users/u1"], ["u1"]),
        ((), ["/users?q"], []),
        (("u2",), ["/users?q", "/users/u2", "/users"], ["u1"]),  # it has another name meanwhile
        (("u9",), ["/users?q", "/users/u9", "/users"], ["u1"]),  # it is gone
        (("u1", "u2"), ["/users?q", "/users/u1", "/users/u2", "/users"], ["u1"]),  # its name has the same hash
        (None, ["/users?q", "/users"], ["u1"]),
    ],
)
def test_where_a_search_says_too_little_the_index_is_asked_and_verified(
    sought: tuple[str, ...] | None, calls: list[str], ids: list[str]
) -> None:
    upstream = _Upstream([], {"u1": "Ada", "u2": "eve"})
    played = _asked(_made("exact"), upstream, {Sought: sought})
    assert (_ids(played), upstream.calls) == (ids, calls)
    corrected = [each for each in played.moments if isinstance(each, Noted)]
    others = [("u2", "eve"), ("u9", None)]
    assert corrected == [Noted("User", each, name) for each, name in others if each in (sought or ())]


def test_somebody_else_whom_the_index_takes_for_the_one_sought_makes_nobody_of_nobody() -> None:
    upstream = _Upstream([], {"u2": "eve"})
    assert _ids(_asked(_made("exact"), upstream, {Sought: ("u2",)})) == []
    assert upstream.calls == ["/users?q", "/users/u2", "/users"]


def test_who_was_made_a_moment_ago_is_found_though_the_search_does_not_show_it_yet() -> None:
    upstream = _Upstream([], {"u1": "Ada"})
    assert _ids(_asked(_made(resource="visible_within: 1"), upstream, {Recent: ("u1",)})) == ["u1"]
    assert upstream.calls == ["/users?q", "/users/u1"]


@pytest.mark.parametrize("there", [{}, {"u1": "eve"}], ids=["gone", "renamed"])
def test_who_is_gone_again_or_has_another_name_is_not_found_by_that(there: dict[str, str]) -> None:
    made = _made(resource="visible_within: 0.3")
    assert _ids(_asked(made, _Upstream([], there), {Recent: ("u1",)})) == []


def test_without_a_lag_nothing_recent_is_asked_for() -> None:
    assert not any(isinstance(each, Recent) for each in _asked(_made(), _Upstream([], {})).moments)


def test_that_nobody_was_found_is_noted_for_a_create_unless_an_index_said_so() -> None:
    assert Noted("User", None, "ada") in _asked(_made(), _Upstream([], {})).moments
    by_index: list[Moment] = _asked(_made("exact"), _Upstream([], {}), {Sought: ()}).moments
    assert not any(isinstance(each, Noted | Missed) for each in by_index)
