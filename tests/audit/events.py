"""Events and trails for tests: short to write, and each line as the trail itself writes it."""

from typing import Any

import msgspec

from adapter.audit.chain import Written, chained
from adapter.audit.event import VERSION, Actor, Event, Target, body_of


def event(name: str = "a", outcome: str = "", **more: Any) -> Event:
    """Return an event with this outcome, or without one an intent."""
    made = Event(
        v=VERSION,
        kind="event" if outcome else "intent",
        id=name,
        time="2026-11-26T10:00:00.000Z",
        type="user.update",
        level="info",
        asked="2026-11-26T10:00:00.000Z",
        intended=bool(outcome),
        actor=Actor("entra", "192.0.2.1"),
        tenant="acme",
        request_id="r-1",
        op="PATCH /Users/{id}",
        target=Target("User", "42"),
        mapping="0123",
    )
    more |= {"outcome": outcome} if outcome else {}
    return msgspec.structs.replace(made, **more)


def written(of: Event) -> Written:
    """Return an event as a sink takes it."""
    is_intent = of.kind == "intent"
    return Written(of.id, is_intent=is_intent, is_owed=not is_intent and of.intended, body=body_of(of))


def trail(*events: Event, prev: str | None = None) -> list[bytes]:
    """Return the lines of a trail, without their ends."""
    lines = []
    for each in events:
        line, prev = chained(body_of(each), prev)
        lines.append(line)
    return lines


def changes(count: int) -> list[Event]:
    """Return so many intents, each with its event after it."""
    return [each for at in range(count) for each in (event(f"e{at}"), event(f"e{at}", "success"))]
