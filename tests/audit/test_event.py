import msgspec

from adapter.audit.event import Altered, Brief, Event, Target, body_of
from tests.audit.events import event


def test_an_event_is_read_as_it_was_written() -> None:
    made = event(
        "a",
        "unknown",
        changes=[Altered("active", before=True, wanted=False), Altered("members.value", added=["7"], removed=[])],
        target=Target("User", "42", "h:1", "h:2"),
        reason="TooSlow",
    )
    assert msgspec.json.decode(body_of(made), type=Event) == made


def test_what_is_not_known_is_left_out_and_null_says_that_nothing_was_there() -> None:
    shown = msgspec.json.decode(body_of(event(changes=[Altered("title", None, wanted="x")], target=Target("User"))))
    assert shown["changes"] == [{"path": "title", "before": None, "wanted": "x"}]
    assert shown["target"] == {"kind": "User"}
    assert {"outcome", "reason", "effect", "upstream"} & shown.keys() == set()


def test_a_brief_look_tells_intents_from_events() -> None:
    assert msgspec.json.decode(body_of(event()), type=Brief) == Brief(1, "intent", "a")
    assert msgspec.json.decode(body_of(event("b", "success")), type=Brief) == Brief(1, "event", "b", intended=True)
