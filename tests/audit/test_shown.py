"""The README shows an event: it is the one that the gateway makes of that change."""

import re
from typing import Any

import msgspec

from adapter.audit.recorder import Recorder
from adapter.audit.redaction import Redaction
from adapter.audit.trail import Trail
from adapter.plan.plan import plan
from adapter.scim import operation
from adapter.upstream.client import Upstream
from adapter.upstream.origin import Origin, begin, origin
from adapter.upstream.times import Times
from tests.audit.test_recorder import Kept
from tests.mapping.minimal import n_able
from tests.test_readme import README
from tests.upstream.server import Server, reply, transport

ADA = {"userId": 42, "userName": "ada@example.com", "firstName": "Ada", "lastName": "Byron", "fullName": "Ada Byron"}
CHANGES: list[dict[str, Any]] = [
    {"op": "replace", "path": "active", "value": False},
    {"op": "replace", "path": "name.familyName", "value": "King"},
]
VARIES = {"id", "time", "asked", "ms", "mapping", "prev", "hash"}
"""What is another thing each time; the page shows it with an ellipsis in it."""


def _bare(told: Any, name: str = "") -> Any:
    """Return what stays the same from one run to the next: without what varies, and hashes by their kind."""
    if isinstance(told, dict):
        target = {"id"} if "kind" in told and "changes" not in told else set()  # whom it is about has an id that stays
        return {key: _bare(value, key) for key, value in told.items() if key not in VARIES - target}
    if isinstance(told, list):
        return [_bare(each, name) for each in told]
    return "h:…" if isinstance(told, str) and told.startswith("h:") else told


async def _made() -> list[bytes]:
    def record(**more: Any) -> bytes:
        return reply(200, msgspec.json.encode({"data": ADA | {"email": "ada@example.com"} | more}).decode())

    mapping, sink = n_able().without_store(), Kept()
    recorder = Recorder(Trail(sink), Redaction("key"), origin)
    begin(
        Origin(
            request_id="5e1f…",
            connection="acme",
            client="entra",
            address="192.0.2.1",
            operation="PATCH /Users/{id}",
        )
    )
    body = msgspec.json.encode({"Operations": CHANGES})
    answers = [
        record(isEnabled=True),
        reply(200, '{"data": {}}'),
        record(isEnabled=False, lastName="King", fullName="Ada King"),
    ]
    async with transport("own") as http, Server(*answers) as server:
        one = Upstream(http, server.url, mapping, {"jwt": "token"}, Times(), trail=recorder)
        await one.run(plan(operation.patch("42", body, mapping.resource.type), mapping))
    recorder.trail.close()
    return [msgspec.json.encode(each) for each in sink.events]


async def test_the_page_shows_the_event_as_it_is() -> None:
    [block] = re.findall(r"^```json\n(\{\"v\":1.*?)^```$", README, re.MULTILINE | re.DOTALL)
    _, event = await _made()
    shown = msgspec.json.decode(block)
    assert _bare(shown) == _bare(msgspec.json.decode(event))
    assert {*shown} == {*msgspec.json.decode(event), "prev", "hash"}
