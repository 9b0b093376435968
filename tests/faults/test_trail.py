"""The invariant of the audit trail is broken by what it forbids; the trail here is made by hand."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import trail
from tests.faults.caller import Answer
from tests.faults.store import Store
from tests.faults.verdict import Verdict

SECRETS = ("the-token", "the-key")


def _line(kind: str, change: str, user: str, outcome: str = "", **more: Any) -> dict[str, Any]:
    ended = {"outcome": outcome} if outcome else {}
    return {"kind": kind, "id": f"{change}-{user}", "type": f"user.{change}", "target": {"id": user}, **ended, **more}


def _both(change: str, user: str, outcome: str = "success", **more: Any) -> list[dict[str, Any]]:
    return [_line("intent", change, user), _line("event", change, user, outcome, **more)]


def _text(lines: list[dict[str, Any]]) -> str:
    written, prev = [], None
    for each in lines:
        front = json.dumps({**each, "prev": prev}, separators=(",", ":"))[:-1]
        prev = f"sha256:{hashlib.sha256(front.encode()).hexdigest()}"
        written.append(f'{front},"hash":"{prev}"}}')
    return "\n".join(written) + "\n"


def _answer(status: int, body: Any = None) -> Answer:
    return Answer(status, {}, json.dumps(body), 0.0, 0.1)


def _told() -> tuple[trail.Heard, Store]:
    """Return what was heard and committed: one made, changed and removed, and one of whom nobody was told."""
    heard, store = trail.Heard(), Store()
    made = store.create({"login": "ada"}, request=1).id
    heard.hear("POST", "/scim/v2/Users", _answer(201, {"id": made}))
    store.update(made, {"given": "Ada"}, request=2)
    heard.hear("PATCH", f"/scim/v2/Users/{made}", _answer(204))
    store.delete(made, request=3)
    heard.hear("DELETE", f"/scim/v2/Users/{made}", _answer(204))
    store.create({"login": "bob"}, request=4)
    heard.hear("POST", "/scim/v2/Users", _answer(504))
    heard.hear("GET", "/scim/v2/Users?filter=x", _answer(200))
    heard.hear("POST", "/scim/v2/Users/.search", _answer(200))
    return heard, store


WHOLE = [
    *_both("create", "p1001"),
    *_both("update", "p1001"),
    *_both("delete", "p1001"),
    *_both("create", "", "unknown"),
]
WRONG: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "an acknowledged create has no event": lambda: WHOLE[2:],
    "an acknowledged removal has no event": lambda: [*WHOLE[:4], *WHOLE[6:]],
    "a committed change has no event": lambda: [*WHOLE[:2], *WHOLE[4:]],
    "a committed change is called a failure": lambda: [*WHOLE[:2], *_both("update", "p1001", "failure"), *WHOLE[4:]],
    "a create that nobody was told of has no event": lambda: WHOLE[:6],
    "an event tells of what nobody asked for": lambda: [*WHOLE, *_both("delete", "p1002")],
    "an intent has no event": lambda: WHOLE[:-1],
    "a change has two events": lambda: [*WHOLE, WHOLE[1]],
    "nothing has become another": lambda: [
        *WHOLE[:2],
        *_both("update", "p1001", changes=[{"path": "active", "before": True, "after": True}]),
        *WHOLE[4:],
    ],
    "a secret stands there": lambda: [{**WHOLE[0], "note": "the-token"}, *WHOLE[1:]],
}


def _judged(text: str, place: Path) -> Verdict:
    (place / "trail").write_text(text, encoding="utf-8")
    verdict, told = Verdict(), _told()
    lines = trail._lines((place / "trail").read_text(encoding="utf-8"))  # noqa: SLF001 (as `settled` reads them)
    trail.recorded(verdict, [lines], *told, SECRETS)
    return verdict


def test_a_whole_trail_holds(tmp_path: Path) -> None:
    verdict = _judged(_text(WHOLE), tmp_path)
    assert verdict.violations == []
    assert verdict.looked["I14"] > 10


@pytest.mark.parametrize("made", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_seen(made: Callable[[], list[dict[str, Any]]], tmp_path: Path) -> None:
    assert {each.invariant for each in _judged(_text(made()), tmp_path).violations} == {"I14"}


def test_a_broken_chain_is_seen(tmp_path: Path) -> None:
    text = _text(WHOLE)
    lines = text.splitlines()
    for broken in (text.replace('"success"', '"failure"', 1), "\n".join([lines[1], lines[0], *lines[2:]])):
        assert any("the chain is broken" in each.what for each in _judged(broken, tmp_path).violations)


async def test_a_gateway_that_keeps_no_trail_is_not_judged_by_it(tmp_path: Path) -> None:
    assert await trail.settled([tmp_path / "none"]) == []


async def test_what_is_under_way_is_waited_for_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "SETTLES", 0.2)
    file = tmp_path / "trail"
    file.write_text(_text(WHOLE[:1]), encoding="utf-8")
    [lines] = await trail.settled([file])
    assert len(lines) == 1
