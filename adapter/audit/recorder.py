"""The trail as the upstream's client sees it: makes intents and events of what plans tell and calls bring."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from time import time
from typing import Any, Protocol

from msgspec import UNSET

from adapter.audit.altered import altered, stated, target
from adapter.audit.event import VERSION, Actor, Effect, Event, Outcome
from adapter.audit.redaction import Redaction, Remembering
from adapter.audit.trail import Trail
from adapter.mapping.mapping import Mapping
from adapter.plan.moment import Intended, Wished
from adapter.scim.schema import Resource


class Who(Protocol):
    """The SCIM request that a change comes from."""

    request_id: str
    connection: str
    client: str
    address: str
    operation: str


class Recorder:
    """Records changes; `who` tells the request that is under way, `clock` the seconds since 1970."""

    def __init__(
        self, trail: Trail, redaction: Redaction, who: Callable[[], Who], clock: Callable[[], float] = time
    ) -> None:
        self.trail, self.redaction, self.who, self.clock = trail, redaction, who, clock

    def wished(self, wish: Wished, mapping: Mapping) -> "Entry":
        """Return the entry of a change that somebody asks for."""
        return Entry(self, wish, mapping)


class Entry:
    """One change: what was asked, what was intended, and how it came out."""

    def __init__(self, recorder: Recorder, wish: Wished, mapping: Mapping) -> None:
        self._recorder, self._wish, self._mapping = recorder, wish, mapping.about(wish.kind)
        self._redaction = Remembering(recorder.redaction)
        self._id, self._asked = token_hex(16), instant(recorder.clock())
        self._intent: Intended | None = None
        self._is_recorded = False

    async def intended(self, intent: Intended) -> None:
        """Make the intent durable; raises Unavailable where that cannot be, and the change must not be begun."""
        self._intent = intent
        self._is_recorded = await self._recorder.trail.intent(self._event(None, None)) or self._is_recorded

    async def ended(self, came: Outcome, after: Resource | None, reason: str | None, calls: Sequence[Any]) -> None:
        """Record how it came out; `after` is what is there then, as far as the plan knows it."""
        await self._recorder.trail.event(self._event(came, after, reason, calls))

    def _event(
        self, came: Outcome | None, after: Resource | None, reason: str | None = None, calls: Sequence[Any] = ()
    ) -> Event:
        intent, who, redaction = self._intent, self._recorder.who(), self._redaction
        change = self._wish.change if intent is None else intent.change
        before = None if intent is None else intent.before
        wanted = None if intent is None else intent.wanted
        is_done = came == "success"
        there = after if is_done and after is not None else wanted
        if intent is not None and wanted is not None and _is_unread(intent):
            changes = stated(there or {}, wanted, self._mapping, redaction, is_done=is_done)
        else:
            changes = altered(before, _with_members(there, before, wanted), self._mapping, redaction, is_done=is_done)
        own_id = self._wish.id if intent is None or intent.id is None else intent.id
        return Event(
            v=VERSION,
            kind="intent" if came is None else "event",
            id=self._id,
            time=instant(self._recorder.clock()),
            type=f"{self._wish.kind.lower()}.{change}",
            outcome=UNSET if came is None else came,
            level="warn" if change == "adopt" or came in ("unknown", "failure") else "info",
            asked=self._asked,
            intended=came is not None and self._is_recorded,
            effect=_effect(self._wish, intent),
            actor=Actor(who.client, who.address),
            tenant=who.connection,
            request_id=who.request_id,
            op=who.operation,
            target=target(self._wish.kind, own_id, there or before, self._mapping, redaction),
            changes=changes,
            upstream=list(calls),
            reason=reason,
            mapping=self._mapping.digest,
        )


def instant(seconds: float) -> str:
    """Return a time as the trail writes it: UTC, with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _effect(wish: Wished, intent: Intended | None) -> Effect | None:
    """Return whether somebody comes in by a change, or goes."""
    if wish.kind != "User":
        return None
    if intent is None:
        return "left" if wish.ends else "joined" if wish.change == "create" else None
    if intent.wanted is None:
        return "left"
    is_active = intent.wanted.get("active") is not False
    if _is_unread(intent):
        is_other = "active" in intent.wanted
    elif intent.before is None:
        is_other = is_active
    else:
        is_other = intent.change == "adopt" or is_active != (intent.before.get("active") is not False)
    return None if not is_other else "joined" if is_active else "left"


def _is_unread(intent: Intended) -> bool:
    """Tell whether somebody is changed whom nobody has read before."""
    return intent.change == "update" and intent.before is None


def _with_members(there: Resource | None, before: Resource | None, wanted: Resource | None) -> Resource | None:
    """Return a group with members only where the change was about them: an answer may show them all the same."""
    if there is None or wanted is None or wanted.get("members") != (before or {}).get("members"):
        return there
    return {name: value for name, value in there.items() if name != "members"} | (
        {"members": before["members"]} if before and "members" in before else {}
    )
