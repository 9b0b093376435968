"""What the audit trail tells of an attack, and what it never holds."""

import msgspec

from adapter.audit.recorder import Recorder
from adapter.audit.redaction import Redaction
from adapter.audit.trail import Trail
from adapter.scim.messages import PATCH
from adapter.upstream.origin import origin
from tests.attacks.test_sec_accounts import ADOPTS
from tests.attacks.world import changed_mapping, world
from tests.audit.test_recorder import Kept
from tests.conversation import TOKEN

CANARY = "kanari3nvogel"


def _kept() -> tuple[Kept, Recorder]:
    sink = Kept()
    return sink, Recorder(Trail(sink), Redaction("key"), origin)


async def test_who_is_adopted_is_told_at_warn_and_with_what_was_changed() -> None:
    """SEC-03 (ciso-assistant PR#4658, eneo PR#443): the adoption is an event of its own, not a create and not an update."""
    sink, recorder = _kept()
    async with world(changed_mapping(ADOPTS), recorder) as ask:
        ada = ask.keep("ada", mails={"work": {"value": "ada@example.com"}}, shown="Ada")
        answer = await ask("POST", "/Users", {"userName": "ADA", "displayName": "Eve", "title": "Dr"})
        assert (answer.status, answer.json["id"]) == (201, ada)
    [event] = [each for each in sink.events if each.kind == "event"]
    assert (event.type, event.level, event.outcome, event.target.id) == ("user.adopt", "warn", "success", ada)
    assert [each.path for each in event.changes] == ["title"]


async def test_nothing_that_was_sent_stands_in_the_trail_as_it_was() -> None:
    """SEC-08, SEC-11: no token, no password, no value, and no path that is only a text of the client's."""
    sink, recorder = _kept()
    body = {
        "userName": f"{CANARY}@example.com",
        "password": f"{CANARY}-1",
        "title": CANARY,
        "externalId": CANARY,
        "name": {"givenName": CANARY, "familyName": CANARY},
        "emails": [{"type": "work", "value": f"{CANARY}@example.com"}],
    }
    async with world(audit=recorder) as ask:
        made = await ask("POST", "/Users", body)
        assert made.status == 201
        user = f"/Users/{made.json['id']}"
        changes = [{"op": "replace", "path": name, "value": f"{CANARY}2"} for name in ("title", "password")]
        assert (await ask("PATCH", user, {"schemas": [PATCH], "Operations": changes})).status == 200
        assert (await ask("PUT", user, body)).status == 200
        assert (await ask("DELETE", user)).status == 204
        for path in (f"{CANARY}@example.com", f"{CANARY}%0d%0a{CANARY}", f"..%2f{CANARY}"):
            assert (await ask("DELETE", f"/Users/{path}")).status == 404
    told = msgspec.json.encode(sink.events).decode()
    assert len(sink.events) == 11
    assert CANARY not in told
    assert TOKEN not in told
