"""Each invariant is broken by what it forbids, and holds where that is not so."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults import invariants, outbound
from tests.faults.caller import Answer
from tests.faults.entra import Asked, person, resource
from tests.faults.store import Store
from tests.faults.upstream import Upstream
from tests.faults.verdict import INVARIANTS, Verdict
from tests.faults.wire import Seen

ADA = person("ada")


def _asked(kind: str, status: int, *, body: Any = None, seconds: float = 0.1, **fields: Any) -> Asked:
    text = "" if body is None else json.dumps(body)
    headers = {"content-type": "application/scim+json"}
    return Asked(kind, "ada", fields, Answer(status, headers, text, 0.0, seconds))


def _there(*people: dict[str, Any]) -> Store:
    store = Store(unique=False)
    for each in people:
        store.create(each, request=1)
    return store


def _seen(route: str, *, number: int = 1, fault: str = "", body: bytes = b"") -> Seen:
    seen = Seen(number, 0.0, 1, b"", body, "GET", "/users", {}, {}, route, "ada", fault)
    seen.status = 200
    return seen


def _changed(store: Store, request: int | None, **fields: Any) -> Store:
    [record] = store.live
    store.update(record.id, fields, request)
    return store


def _deleted(store: Store) -> Store:
    store.delete(store.live[0].id, request=2)
    return store


Judge = Callable[[Verdict], None]


def _error(**changes: Any) -> dict[str, Any]:
    return {"schemas": [invariants.ERROR], "status": "502", "detail": "It is down."} | changes


def _logins(granted: int, at_once: int = 1) -> Upstream:
    upstream = Upstream()
    upstream.tokens.granted, upstream.tokens.most_at_once = granted, at_once
    return upstream


BROKEN: list[tuple[str, Judge]] = [
    ("I1", lambda v: invariants.no_duplicate(v, _there(ADA, person("ADA")))),
    ("I2", lambda v: invariants.no_loss(v, _there(), [_asked("create", 201, **ADA)])),
    ("I3", lambda v: invariants.no_phantom(v, _there(), _asked("create", 201, **ADA))),
    ("I3", lambda v: invariants.no_phantom(v, _there(ADA), _asked("patch", 200, given="Augusta"))),
    ("I3", lambda v: invariants.no_phantom(v, _there(ADA), _asked("delete", 204))),
    (
        "I3",
        lambda v: invariants.no_phantom(
            v, _there(ADA), _asked("patch", 200, body=resource(ADA | {"given": "X"}), **ADA)
        ),
    ),
    ("I4", lambda v: invariants.unmapped_untouched(v, _changed(_there(ADA), 2, badge="B-2").live)),
    ("I4", lambda v: invariants.unmapped_untouched(v, _replaced(_there(ADA)).live)),
    ("I5", lambda v: invariants.as_wanted(v, _there(ADA), [ADA | {"given": "Augusta"}])),
    ("I5", lambda v: invariants.as_wanted(v, _there(ADA, ADA), [ADA])),
    ("I6", lambda v: invariants.nobody_else(v, _there(person("bob")).live, [_asked("create", 201, **ADA)], 1e9)),
    ("I7", lambda v: outbound.known_fields(v, [_seen("update", body=b'{"badge": "B-2"}')])),
    ("I8", lambda v: outbound.known_calls(v, [_seen("")])),
    ("I9", lambda v: outbound.looked_between_creates(v, [_seen("create", fault="close after"), _seen("create")])),
    ("I10", lambda v: outbound.no_more_calls(v, 7, 2, "a patch")),
    ("I11", lambda v: invariants.in_time(v, _asked("get", 504, seconds=2.1), 1.5)),
    ("I11", lambda v: invariants.in_time(v, _asked("get", 0), 1.5)),
    ("I12", lambda v: invariants.in_form(v, _asked("get", 500, body=_error(status="500")))),
    ("I12", lambda v: invariants.in_form(v, _asked("get", 502, body=_error(status=502)))),
    ("I12", lambda v: invariants.in_form(v, _asked("get", 502, body=_error(detail="db-7.internal")))),
    ("I12", lambda v: invariants.in_form(v, _asked("get", 502, body={"message": "down"}))),
    ("I15", lambda v: outbound.few_logins(v, _logins(2), starts=1)),
    ("I15", lambda v: outbound.few_logins(v, _logins(1, at_once=2), starts=1)),
    ("I16", lambda v: outbound.few_files(v, 15, 200, at_once=12)),
    ("I17", lambda v: invariants.nobody_else(v, _deleted(_there(ADA)).records.values(), _wishes("patch"), 1e9)),
    ("I17", lambda v: invariants.nobody_else(v, _changed(_there(ADA), 2, enabled=False).live, _wishes("put"), 1e9)),
    ("I18", lambda v: outbound.alive(v, [0.01], 0, is_running=False)),
    ("I18", lambda v: outbound.alive(v, [0.01], 1, is_running=True)),
    ("I18", lambda v: outbound.alive(v, [0.5] * 20, 0, is_running=True)),
    ("I18", lambda v: outbound.alive(v, [0.01] * 19 + [3.0], 0, is_running=True)),
    ("N1", lambda v: invariants.not_called_missing(v, _asked("get", 404, body=_error()), [ADA])),
    ("N1", lambda v: invariants.not_called_missing(v, _asked("find", 200, body={"Resources": []}), [ADA])),
    ("N1", lambda v: invariants.not_called_missing(v, _asked("get", 200, body=resource(ADA | {"given": "X"})), [ADA])),
]


def _replaced(store: Store) -> Store:
    store.replace(store.live[0].id, ADA, request=2)
    return store


def _wishes(kind: str) -> list[Asked]:
    return [_asked("create", 201, **ADA), _asked(kind, 200, given="Augusta")]


HOLDING: list[Judge] = [
    lambda v: invariants.no_duplicate(v, _there(ADA, person("bob"))),
    lambda v: invariants.no_loss(v, _there(), [_asked("create", 201, **ADA), _asked("delete", 503)]),
    lambda v: invariants.no_phantom(v, _there(ADA), _asked("create", 201, body=resource(ADA), **ADA)),
    lambda v: invariants.no_phantom(v, _there(), _asked("create", 503, **ADA)),
    lambda v: invariants.unmapped_untouched(v, _changed(_there(ADA), None, badge="a human's").live),
    lambda v: invariants.as_wanted(v, _there(ADA), [ADA]),
    lambda v: invariants.nobody_else(v, _there(ADA).live, [_asked("create", 201, **ADA)], 1e9),
    lambda v: outbound.known_fields(v, [_seen("replace", body=b'{"badge": "B-2", "given": "Ada"}')]),
    lambda v: outbound.looked_between_creates(
        v, [_seen("create", fault="close after"), _seen("find", number=2), _seen("create", number=3)]
    ),
    lambda v: outbound.looked_between_creates(v, [_seen("create", fault="429 none before"), _seen("create", number=2)]),
    lambda v: invariants.in_form(v, _asked("get", 502, body=_error())),
    lambda v: invariants.not_called_missing(v, _asked("find", 200, body={"Resources": [resource(ADA)]}), [ADA]),
    lambda v: outbound.alive(v, [0.01] * 19 + [0.5], 0, is_running=True),
]


@pytest.mark.parametrize(("name", "judge"), BROKEN, ids=[f"{name}-{at}" for at, (name, _) in enumerate(BROKEN)])
def test_an_invariant_is_broken_by_what_it_forbids(name: str, judge: Judge) -> None:
    verdict = Verdict()
    judge(verdict)
    assert name in {each.invariant for each in verdict.violations}


@pytest.mark.parametrize("judge", HOLDING, ids=range(len(HOLDING)))
def test_an_invariant_holds_where_nothing_is_wrong(judge: Judge) -> None:
    verdict = Verdict()
    judge(verdict)
    assert verdict.violations == []


def test_every_invariant_is_tried_but_those_that_only_whole_parts_know() -> None:
    own = {"I14"}  # test_trail tries it
    assert {name for name, _ in BROKEN} == set(INVARIANTS) - {f"N{number}" for number in range(2, 8)} - own


def test_a_verdict_says_where_it_was_seen() -> None:
    whole, one = Verdict(), Verdict()
    one.holds("I1", "ada is there twice", holds=False)
    whole.add(one, "a cell")
    assert [str(each) for each in whole.violations] == ["I1 (no duplicate): a cell: ada is there twice"]
    assert whole.looked == Counter(I1=1)
