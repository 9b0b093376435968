from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapter.audit.event import Event, Target
from adapter.audit.reading import Numbered
from adapter.audit.report import Report, Row, Summary
from tests.audit.events import event, trail

DEEP = b'{"v":1,"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def at(day: int, hour: int = 0, minute: int = 0) -> str:
    return f"2026-11-{day:02}T{hour:02}:{minute:02}:00.000Z"


def of(user: str, kind: str, outcome: str, time: str, **more: Any) -> Event:
    return event(
        f"{user}-{time}",
        outcome,
        type=kind,
        target=Target("User", user),
        time=time,
        asked=more.pop("asked", time),
        **more,
    )


def joins(user: str, time: str, outcome: str = "success") -> Event:
    return of(user, "user.create", outcome, time, effect="joined")


def leaves(user: str, time: str, outcome: str = "success", **more: Any) -> Event:
    return of(user, "user.update", outcome, time, effect="left", **more)


def reported(*events: Event, since: str = "", until: str = "~") -> tuple[list[Row], Summary]:
    report = Report(since, until)
    lines = (Numbered(Path("trail"), number, line) for number, line in enumerate(trail(*events), 1))
    return [*report.rows(lines)], report.summary


def what(rows: list[Row]) -> list[str]:
    return [f"{each.what} {each.id}" for each in rows]


def test_who_came_and_who_went() -> None:
    rows, summary = reported(joins("1", at(1)), joins("2", at(1)), leaves("1", at(2, 0, 3), asked=at(2, 0, 1)))
    assert what(rows) == ["joined 1", "joined 2", "left 1"]
    assert rows[-1].minutes == 2
    assert (summary.changes, summary.joiners, summary.leavers) == (3, 2, 1)


def test_the_time_to_a_disabling_runs_from_the_first_request_for_it() -> None:
    rows, summary = reported(
        leaves("1", at(1, 9), "failure", reason="Unavailable"),
        leaves("1", at(1, 10), "unknown", reason="TooSlow"),
        leaves("2", at(1, 10)),
        leaves("1", at(3, 9)),
    )
    assert what(rows) == ["failed 1", "unknown 1", "left 2", "left 1"]
    assert (rows[-1].minutes, summary.above_a_day) == (48 * 60, 1)
    assert (summary.minutes_p50, summary.minutes_most) == (24 * 60, 48 * 60)
    assert (summary.failures, summary.unknown, summary.waiting) == (1, 1, 0)


def test_one_of_whom_nothing_says_that_he_has_left_is_told_at_the_end() -> None:
    rows, summary = reported(leaves("1", at(1), "unknown"), joins("2", at(2)))
    assert what(rows) == ["unknown 1", "joined 2", "waits to leave 1"]
    assert summary.waiting == 1


def test_one_who_was_not_there_need_not_leave() -> None:
    assert reported(leaves("1", at(1), "failure", reason="NotFound"))[1].waiting == 0


def test_one_who_was_let_in_again_meanwhile_is_asked_anew() -> None:
    rows, _ = reported(
        leaves("1", at(1), "failure"), of("1", "user.update", "success", at(2), effect="joined"), leaves("1", at(9))
    )
    assert rows[-1].minutes == 0


def test_one_who_is_removed_after_he_was_disabled_has_left_once() -> None:
    gone = of("1", "user.delete", "success", at(30), effect="left")
    rows, summary = reported(leaves("1", at(1)), gone)
    assert what(rows) == ["left 1"]
    assert (summary.leavers, summary.changes) == (1, 2)
    assert reported(gone)[1].leavers == 1
    assert reported(leaves("1", at(1)), joins("1", at(2)), gone)[1].leavers == 2


def test_two_connections_have_users_of_their_own() -> None:
    other = leaves("1", at(9), tenant="other")
    assert [each.minutes for each in reported(leaves("1", at(1), "failure"), other)[0] if each.what == "left"] == [0]


def test_who_was_taken_over_is_told_beside_who_came() -> None:
    rows, summary = reported(of("1", "user.adopt", "success", at(1), effect="joined", level="warn"))
    assert what(rows) == ["adopted 1", "joined 1"]
    assert summary.adopted == 1


def test_dates_bound_what_is_told_and_not_what_is_known() -> None:
    events = [joins("0", at(1)), leaves("1", at(1), "failure"), leaves("1", at(3)), leaves("2", at(9))]
    rows, summary = reported(*events, since=at(2), until=at(9))
    assert what(rows) == ["left 1"]
    assert (rows[0].minutes, summary.failures) == (48 * 60, 0)


@pytest.mark.parametrize("line", [b"hello", b"{}", b"", b'{"v":1,"kind":"\xff"}', DEEP])
def test_what_cannot_be_read_is_left_to_verify(line: bytes) -> None:
    assert [*Report().rows([Numbered(Path("trail"), 1, line)])] == []


@pytest.mark.parametrize(
    "changed", [{"time": "soon"}, {"asked": "soon"}, {"asked": "2026-11-02T00:00:00"}, {"time": ""}]
)
def test_a_time_that_was_changed_into_none_is_left_to_verify(changed: dict[str, str]) -> None:
    rows, _ = reported(
        leaves("1", at(1), "failure"), msgspec.structs.replace(leaves("1", at(2)), **changed), leaves("2", at(3))
    )
    assert what(rows) == ["failed 1", "left 2", "waits to leave 1"]


def test_intents_are_no_events() -> None:
    assert reported(event("a", effect="left"))[0] == []
