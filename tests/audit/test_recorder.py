"""What the recorder makes of a plan's moments; the lines are read back from a sink in memory."""

from typing import Any

import msgspec
import pytest

from adapter.audit.event import Altered, Event
from adapter.audit.recorder import Recorder, instant
from adapter.audit.redaction import Redaction
from adapter.audit.trail import Trail
from adapter.plan.moment import Intended, Wished
from adapter.upstream.origin import Origin
from tests.audit.test_altered import ADA, MADE
from tests.audit.test_trail import Sink
from tests.conversation import mapping_of

ORIGIN = Origin(request_id="r-1", connection="acme", client="entra", address="192.0.2.1", operation="PATCH /Users/{id}")


class Kept(Sink):
    """A sink that keeps the events."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def append(self, lines: Any) -> None:
        super().append(lines)
        self.events += [msgspec.json.decode(each.body, type=Event) for each in lines]


async def recorded(
    wish: Wished, *intents: Intended, came: Any = "success", after: Any = None, mapping: Any = MADE, **more: Any
) -> list[Event]:
    sink = Kept()
    trail = Trail(sink)
    now = iter(range(1_800_000_000, 1_900_000_000))
    entry = Recorder(trail, Redaction("key"), lambda: ORIGIN, lambda: next(now)).wished(wish, mapping)
    for each in intents:
        await entry.intended(each)
    await entry.ended(came, after, more.get("reason"), more.get("calls", []))
    trail.close()
    return sink.events


PATCH = Wished("update", "User", "42", ends=True)
DISABLING = Intended("update", "User", "42", ADA, ADA | {"active": False})


async def test_an_intent_and_its_event_tell_who_what_when_and_how_it_came_out() -> None:
    calls = [{"call": "PATCH /users/{id}", "status": 200}]
    intent, event = await recorded(PATCH, DISABLING, after=ADA | {"active": False}, calls=calls)
    assert (intent.kind, event.kind, event.outcome) == ("intent", "event", "success")
    assert intent.id == event.id
    assert intent.asked == event.asked == "2027-01-15T08:00:00.000Z" < intent.time < event.time
    assert (event.actor.client, event.actor.address, event.tenant) == ("entra", "192.0.2.1", "acme")
    assert (event.request_id, event.op, event.mapping) == ("r-1", "PATCH /Users/{id}", MADE.digest)
    assert (event.type, event.level, event.effect, event.intended) == ("user.update", "info", "left", True)
    assert (event.target.id, event.target.external_id) == ("42", "e-1")
    assert intent.changes == [Altered("active", before=True, wanted=False)]
    assert event.changes == [Altered("active", before=True, after=False)]
    assert event.upstream == calls


@pytest.mark.parametrize("came", ["failure", "unknown"])
async def test_what_was_not_seen_done_is_only_wanted_and_somebody_should_look(came: str) -> None:
    _, event = await recorded(PATCH, DISABLING, came=came, reason="TooSlow")
    assert (event.outcome, event.level, event.reason) == (came, "warn", "TooSlow")
    assert event.changes == [Altered("active", before=True, wanted=False)]


async def test_what_fails_before_it_is_intended_is_an_event_alone() -> None:
    [event] = await recorded(PATCH, came="failure", reason="Unavailable")
    assert (event.kind, event.intended, event.effect, event.changes) == ("event", False, "left", [])
    assert event.target.id == "42"


async def test_an_adoption_takes_the_place_of_the_create_that_was_tried_and_is_told_at_warn() -> None:
    create = Intended("create", "User", None, None, ADA)
    adopt = Intended("adopt", "User", "42", ADA, ADA | {"title": "Dr"})
    first, second, event = await recorded(Wished("create", "User"), create, adopt, after=ADA | {"title": "Dr"})
    assert [each.type for each in (first, second, event)] == ["user.create", "user.adopt", "user.adopt"]
    assert len({each.id for each in (first, second, event)}) == 1
    assert (event.level, event.changes) == ("warn", [Altered("title", before="Countess", after="Dr")])


OFF = ADA | {"active": False}
EFFECTS: list[tuple[Wished, Intended | None, str | None]] = [
    (Wished("create", "User"), None, "joined"),
    (Wished("create", "User"), Intended("create", "User", None, None, ADA), "joined"),
    (Wished("create", "User"), Intended("create", "User", None, None, OFF), None),
    (Wished("create", "User"), Intended("adopt", "User", "42", ADA, ADA), "joined"),
    (Wished("create", "User"), Intended("revive", "User", "42", None, ADA), "joined"),
    (Wished("update", "User", "42"), Intended("update", "User", "42", OFF, ADA), "joined"),
    (Wished("update", "User", "42"), Intended("update", "User", "42", ADA, ADA | {"title": "x"}), None),
    (Wished("update", "User", "42", ends=True), Intended("update", "User", "42", OFF, OFF | {"title": "x"}), None),
    (Wished("update", "User", "42", ends=True), None, "left"),
    (Wished("update", "User", "42"), None, None),
    (Wished("delete", "User", "42", ends=True), Intended("delete", "User", "42", None, None), "left"),
]


@pytest.mark.parametrize(("wish", "intent", "effect"), EFFECTS)
async def test_it_is_told_who_comes_in_and_who_goes(wish: Wished, intent: Intended | None, effect: str | None) -> None:
    *_, event = await recorded(wish, *([intent] if intent else []), came="failure")
    assert event.effect == effect


async def test_a_group_neither_comes_in_nor_goes_and_its_members_are_shown_where_the_change_was_about_them() -> None:
    groups = mapping_of("gitlab")
    before = {"id": "g", "displayName": "G", "members": [{"value": "1"}]}
    wish = Wished("update", "Group", "g")
    moved = Intended("update", "Group", "g", before, before | {"members": [{"value": "2"}]})
    *_, event = await recorded(wish, moved, after=moved.wanted, mapping=groups)
    assert (event.effect, event.changes) == (None, [Altered("members.value", added=["2"], removed=["1"])])
    bare = {"id": "g", "displayName": "G"}
    renamed = Intended("update", "Group", "g", bare, bare | {"displayName": "H"})
    shown = bare | {"displayName": "H", "members": [{"value": "1"}]}
    *_, event = await recorded(wish, renamed, after=shown, mapping=groups)
    assert [each.path for each in event.changes] == ["displayName"]
    *_, event = await recorded(
        Wished("delete", "Group", "g", ends=True), Intended("delete", "Group", "g", bare, None), mapping=groups
    )
    assert event.effect is None


@pytest.mark.parametrize(
    ("asked", "effect"), [({"active": False}, "left"), ({"active": True}, "joined"), ({"title": "Dr"}, None)]
)
@pytest.mark.parametrize("after", [{"id": "42"}, ADA])
async def test_of_one_whom_nobody_has_read_only_what_was_asked_is_told(
    asked: dict[str, Any], effect: str | None, after: dict[str, Any]
) -> None:
    [name] = asked
    unread = Intended("update", "User", "42", None, asked)
    intent, event = await recorded(PATCH, unread, after=after | asked)
    assert (intent.effect, event.effect, event.target.id) == (effect, effect, "42")
    assert intent.changes == [Altered(name, wanted=asked[name])]
    assert event.changes == [Altered(name, after=asked[name])]
    _, event = await recorded(PATCH, unread, came="unknown")
    assert event.changes == [Altered(name, wanted=asked[name])]


async def test_a_secret_that_is_written_unread_leaves_no_trace() -> None:
    *_, event = await recorded(PATCH, Intended("update", "User", "42", None, {"password": "geheim-9"}))
    assert event.changes == []


def test_times_are_utc_with_milliseconds() -> None:
    assert instant(1_800_000_000.1234) == "2027-01-15T08:00:00.123Z"
