"""Each expectation under load and in trouble is broken by what it forbids, and holds where that is not so."""

from collections.abc import Callable

import pytest

from tests.faults import bearing
from tests.faults.caller import Answer
from tests.faults.entra import person, resource
from tests.faults.logins import most_logins
from tests.faults.modelled import FORMS, People, patch_of, shown_fields, snapshot
from tests.faults.outage import connecting
from tests.faults.pace import quantile
from tests.faults.store import Store
from tests.faults.upstream import Upstream
from tests.faults.verdict import Verdict

Judge = Callable[[Verdict], None]


def _answer(status: int = 200, seconds: float = 0.1, after: str = "", began: float = 0.0) -> Answer:
    return Answer(status, {"retry-after": after} if after else {}, "", began, began + seconds)


def _upstream(most: int, throttled: int = 0) -> Upstream:
    upstream = Upstream()
    upstream.most_in_flight["find"], upstream.throttled = most, throttled
    return upstream


FINE = [_answer()] * 200

BROKEN: list[tuple[str, Judge]] = [
    ("N3", lambda v: bearing.served(v, [*FINE, _answer(503), _answer(503)], "")),
    ("N3", lambda v: bearing.served(v, [], "")),
    ("N3", lambda v: bearing.within_limits(v, _upstream(4), "find", 3)),
    ("N3", lambda v: bearing.within_limits(v, _upstream(3, throttled=1), "find", 3)),
    ("N4", lambda v: bearing.told(v, [_answer(503)], "")),
    ("N4", lambda v: bearing.told(v, [_answer(502, after="5")], "")),
    ("N4", lambda v: bearing.told(v, [_answer(0)], "")),
    ("N4", lambda v: bearing.told_at_once(v, [_answer(503, 0.01), _answer(503, 0.3), _answer(503, 0.3)], "")),
    ("N4", lambda v: bearing.quick(v, [_answer(503, 1.2)] * 3, 2, "")),
    ("N5", lambda v: bearing.recovered(v, 6.1, 6.0, "")),
    ("I10", lambda v: bearing.few_tries(v, 11, 100, "")),
    ("I11", lambda v: bearing.in_seconds(v, [*FINE, *[_answer(seconds=6)] * 4], "")),
    ("I16", lambda v: bearing.steady(v, [*range(100)])),
    ("I16", lambda v: bearing.flat(v, 70, 90)),
]

HOLDING: list[Judge] = [
    lambda v: bearing.served(v, [*FINE, _answer(503)], ""),
    lambda v: bearing.within_limits(v, _upstream(3), "find", 3),
    lambda v: bearing.told(v, [_answer(503, after="2")], ""),
    lambda v: bearing.told_at_once(v, [_answer(503, 0.01), _answer(503, 0.01), _answer(503, 0.3)], ""),
    lambda v: bearing.quick(v, [_answer(503, 1.2), _answer(503)], 1, ""),
    lambda v: bearing.recovered(v, 5.9, 6.0, ""),
    lambda v: bearing.few_tries(v, 10, 100, ""),
    lambda v: bearing.in_seconds(v, [*FINE, _answer(seconds=6)], ""),
    lambda v: bearing.steady(v, [*range(25), *[25] * 75]),
    lambda v: bearing.flat(v, 70, 80),
]


@pytest.mark.parametrize(("name", "judge"), BROKEN, ids=[f"{name}-{at}" for at, (name, _) in enumerate(BROKEN)])
def test_an_expectation_is_broken_by_what_it_forbids(name: str, judge: Judge) -> None:
    verdict = Verdict()
    judge(verdict)
    assert {each.invariant for each in verdict.violations} == {name}


@pytest.mark.parametrize("judge", HOLDING, ids=range(len(HOLDING)))
def test_an_expectation_holds_where_nothing_is_wrong(judge: Judge) -> None:
    verdict = Verdict()
    judge(verdict)
    assert verdict.violations == []


def test_served_again_is_when_nobody_fails_any_more() -> None:
    answers = [_answer(began=1), _answer(503, began=2), _answer(began=3), _answer(503, began=4), _answer(began=4.5)]
    assert bearing.until_served(answers, since=2.0) == 2.5
    assert bearing.until_served(answers[:4], since=2.0) == float("inf")
    assert bearing.until_served(answers[:1], since=0.5) == 0.5


def test_a_quantile_is_a_value_that_was_seen() -> None:
    assert [quantile([3.0, 1.0, 2.0], share) for share in (0.0, 0.5, 0.99)] == [1.0, 2.0, 3.0]
    assert quantile([], 0.5) == 0


def test_a_login_that_is_down_for_half_a_minute_gets_six_logins_at_the_most() -> None:
    assert [most_logins(seconds) for seconds in (3, 30)] == [4, 6]


def test_nobody_connects_to_a_port_that_nobody_has() -> None:
    assert [*connecting("0100007F:0001")] == []


def test_the_model_tells_another_upstream() -> None:
    store, people = Store(), People()
    record = store.create(person("ada"))
    assert "None" in people.other_than(store)
    people.there = snapshot(store)
    assert not people.other_than(store)
    store.external(record.id, given="Augusta")
    assert "given" in people.other_than(store)


@pytest.mark.parametrize(
    ("wanted", "wrong"), [({"given": "Augusta"}, ""), ({"given": "Ida"}, "given"), (None, "given"), ({}, "given")]
)
def test_after_an_unknown_outcome_each_field_is_as_before_or_as_wanted(
    wanted: dict[str, str] | None, wrong: str
) -> None:
    store, people = Store(), People()
    record = store.create(person("ada"))
    before = snapshot(store)
    assert not people.learn(store, before, record.id, wanted)
    store.external(record.id, given="Augusta")
    said = people.learn(store, before, record.id, wanted)
    assert (wrong in said) if wrong else not said
    assert people.there[record.id]["given"] == "Augusta"


def test_after_an_unknown_outcome_nobody_else_is_new_changed_or_gone() -> None:
    store, people = Store(), People()
    ada = store.create(person("ada")).id
    before = snapshot(store)
    assert not people.learn(store, {}, "", person("ada"))
    assert "is new" in people.learn(store, {}, "", person("grace"))
    assert "is new" in people.learn(store, {}, ada, person("ada"))
    assert "is gone" in people.learn(Store(), before, ada, {"given": "Augusta"})
    assert "is gone" in people.learn(Store(), before, "p1", None)
    assert not people.learn(Store(), before, ada, None)
    assert people.gone[-1] == ada
    store.external(ada, given="Augusta")
    assert "given" in people.learn(store, before, "p1", {"given": "Augusta"})


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_patch_says_all_of_it(form: str) -> None:
    changes = {"given": "Ada", "mail": "a@example.com", "more14": "Numbers"}
    body, made = patch_of(form, changes)
    said = str(body)
    assert all(each in said for each in (changes.values() if form != "removed" else ("name.givenName", "department")))
    assert set(made) == set(changes)


def test_a_resource_says_what_the_upstream_has() -> None:
    ada = person("ada")
    assert shown_fields(resource(ada)) == ada | dict.fromkeys(("more01", "more03", "more14"))
