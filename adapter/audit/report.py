"""What an auditor samples from a trail: who came, who went and how soon, what failed, and what nobody knows.

The time to a disabling runs from the first request for it to the event that says it was done. A request that failed and
was sent again counts from the first one, because until then the person had access.
"""

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime
from statistics import median
from typing import Literal

import msgspec

from adapter.audit.event import Event
from adapter.audit.reading import Numbered

A_DAY = 24 * 60.0
"""Minutes within which access is usually to be taken away."""

What = Literal["joined", "left", "adopted", "failed", "unknown", "waits to leave"]


class Row(msgspec.Struct, frozen=True):
    """One thing that an auditor may ask about."""

    time: str
    what: What
    type: str
    tenant: str
    id: str
    """The upstream's id; empty where nobody knows it."""
    name: str
    """As the trail shows it."""
    minutes: float | None
    """From the first request to this event, where somebody has left."""
    client: str
    request_id: str
    reason: str
    event: str


class Summary(msgspec.Struct, kw_only=True):
    """The figures of a report."""

    changes: int = 0
    """Events of success, of every kind."""
    joiners: int = 0
    leavers: int = 0
    adopted: int = 0
    failures: int = 0
    unknown: int = 0
    waiting: int = 0
    """Those who were to leave, and of whom no event says since that they have."""
    minutes_p50: float | None = None
    minutes_most: float | None = None
    above_a_day: int = 0


class Report:
    """Reads events, and tells of those from `since` on (UTC, as the trail writes times) and before `until`."""

    def __init__(self, since: str = "", until: str = "~") -> None:
        self._since, self._until = since, until
        self._asked: dict[tuple[str, str], tuple[str, Event]] = {}
        self._gone: set[int] = set()
        self._minutes = array("d")
        self.summary = Summary()

    def rows(self, lines: Iterable[Numbered]) -> Iterator[Row]:
        """Return a row for each thing that an auditor may ask about; what cannot be read is left to `verify`."""
        for each in lines:
            try:
                event = msgspec.json.decode(each.text, type=Event)
            except (ValueError, RecursionError):
                continue
            if event.kind == "event" and _is_dated(event) and event.time < self._until:
                yield from self._told(event)
        for _, event in self._asked.values():
            self.summary.waiting += 1
            yield _row(event, "waits to leave")
        if self._minutes:
            self.summary.minutes_p50, self.summary.minutes_most = median(self._minutes), max(self._minutes)

    def _told(self, event: Event) -> Iterator[Row]:
        minutes = self._settled(event)
        if event.time < self._since:
            return
        summary = self.summary
        if event.outcome == "success":
            summary.changes += 1
            if event.type.endswith(".adopt"):
                summary.adopted += 1
                yield _row(event, "adopted")
            if event.effect == "joined":
                summary.joiners += 1
                yield _row(event, "joined")
            elif event.effect == "left" and minutes is not None:
                summary.leavers += 1
                summary.above_a_day += minutes > A_DAY
                self._minutes.append(minutes)
                yield _row(event, "left", minutes)
        elif event.outcome == "unknown":
            summary.unknown += 1
            yield _row(event, "unknown")
        else:
            summary.failures += 1
            yield _row(event, "failed")

    def _settled(self, event: Event) -> float | None:
        """Keep in mind who is to leave since when; return the minutes that it took for one who has left."""
        if event.effect is None or event.target.id is None:
            return None
        whom = (event.tenant, event.target.id)
        if event.effect == "left" and event.outcome != "success":
            if event.reason == "NotFound":  # one who is not there need not leave
                self._asked.pop(whom, None)
            else:
                self._asked.setdefault(whom, (event.asked, event))
            return None
        if event.outcome != "success":
            return None
        asked, _ = self._asked.pop(whom, (event.asked, event))
        if event.effect == "joined":
            self._gone.discard(hash(whom))
            return None
        if hash(whom) in self._gone:
            return None  # one who was disabled and is removed later has left once
        self._gone.add(hash(whom))
        return _minutes(asked, event.time)


def _is_dated(event: Event) -> bool:
    """Tell whether its times are such as the trail writes, which can be compared; in one that was changed they may not be."""
    try:
        return all(datetime.fromisoformat(each).tzinfo for each in (event.asked, event.time))
    except ValueError:
        return False


def _minutes(begin: str, end: str) -> float:
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    return round(max(0.0, seconds / 60), 4)


def _row(event: Event, what: What, minutes: float | None = None) -> Row:
    return Row(
        event.time,
        what,
        event.type,
        event.tenant,
        event.target.id or "",
        str(event.target.name or ""),
        minutes,
        event.actor.client,
        event.request_id,
        event.reason or "",
        event.id,
    )
