"""What the trail is told of a change, for every way in which it can come out; the upstream is a real server."""

import asyncio
from typing import Any

import msgspec
import pytest

from adapter.errors import ScimError, TooSlow, Unavailable
from adapter.mapping.mapping import Mapping
from adapter.plan.moment import Intended, Wished
from adapter.plan.plan import plan
from adapter.scim import operation
from adapter.scim.operation import Delete, Get, Operation
from adapter.scim.schema import Resource
from adapter.upstream.client import Upstream
from adapter.upstream.recording import Made
from adapter.upstream.times import Times
from tests.mapping.minimal import n_able
from tests.upstream.server import Answer, Server, after, broken_off, reply, silence, transport

QUICK = Times(request=5, attempt=0.5, backoff=0.001)
N_ABLE = n_able().without_store()
ADA = {"userId": 42, "userName": "ada", "firstName": "Ada", "lastName": "Byron", "fullName": "Ada Byron", "isEnabled": True, "email": "a@example.com"}  # fmt: skip


class Told:
    """A trail that keeps what it is told, and can refuse."""

    def __init__(self, error: Exception | None = None) -> None:
        self.wishes: list[Wished] = []
        self.intents: list[Intended] = []
        self.ends: list[tuple[str, Resource | None, str | None, list[Made]]] = []
        self.error = error

    def wished(self, wish: Wished, mapping: Mapping) -> "Told":
        assert mapping.upstream
        self.wishes.append(wish)
        return self

    async def intended(self, intent: Intended) -> None:
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        self.intents.append(intent)

    async def ended(self, came: str, after: Resource | None, reason: str | None, calls: list[Made]) -> None:
        await asyncio.sleep(0)
        self.ends.append((came, after, reason, calls))


def user(**more: Any) -> bytes:
    return reply(200, msgspec.json.encode({"data": ADA | more}).decode())


PATCH = operation.patch(
    "42",
    b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "active",'
    b' "value": false}]}',
    N_ABLE.resource.type,
)
DONE, OFF = reply(200, '{"data": {}}'), user(isEnabled=False)
REFUSED = reply(400, '{"errors": [{"field": "email", "message": "The email is not valid."}]}')


async def slowly_broken_off(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.6)
    writer.close()


async def recorded(
    asked: Operation, *answers: Answer, told: Told | None = None, times: Times = QUICK
) -> tuple[Told, Any]:
    """Return what the trail was told of an operation, and the response or the error."""
    told = told or Told()
    async with transport("own") as http, Server(*answers) as server:
        one = Upstream(http, server.url, N_ABLE, {"jwt": "token"}, times, trail=told)
        try:
            came: Any = await one.run(plan(asked, N_ABLE))
        except ScimError as error:
            came = error
        await one.closed()
    return told, came


CASES: list[tuple[str, list[Answer], str, str | None]] = [
    ("done", [user(), DONE, OFF], "success", None),
    ("refused", [user(), REFUSED], "failure", "InvalidValue"),
    ("broken off and done", [user(), broken_off(), OFF], "success", None),
    ("broken off, not done, and done", [user(), broken_off(), user(), DONE, OFF], "success", None),
    (
        "broken off and never seen",
        [user(), broken_off(), user(), broken_off(), user()],
        "unknown",
        "Unavailable",
    ),
    ("broken off, and then refused", [user(), broken_off(), user(), REFUSED], "unknown", "InvalidValue"),
    ("said to be done, and not so", [user(), DONE, user()], "unknown", "BadReply"),
    (
        "done, and nobody can look",
        [user(), DONE, broken_off(), broken_off(), broken_off()],
        "unknown",
        "BadReply",
    ),
    ("an error page with a 200", [user(), reply(200, "<html>"), OFF], "success", None),
]


@pytest.mark.parametrize(("answers", "came", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_how_a_change_came_out(answers: list[Answer], came: str, reason: str | None) -> None:
    told, _ = await recorded(PATCH, *answers)
    assert told.wishes == [Wished("update", "User", "42", ends=True)]
    assert [(each.before or {}).get("active") for each in told.intents] == [True]
    assert [(each.wanted or {}).get("active") for each in told.intents] == [False]
    [(outcome, after, why, _)] = told.ends
    assert (outcome, why) == (came, reason)
    assert (after or {}).get("active") is (False if came == "success" else None)


async def test_the_calls_are_told_by_their_routes_with_what_they_took() -> None:
    told, _ = await recorded(PATCH, user(), broken_off(), user(), DONE, OFF)
    calls = told.ends[0][3]
    assert [(each.call, each.status, each.times, each.attempts) for each in calls] == [
        ("GET /api/users/{id}", 200, 3, 3),
        ("PATCH /api/users/{id}", None, 1, 1),
        ("PATCH /api/users/{id}", 200, 1, 1),
    ]
    assert all(each.ms > 0 for each in calls)


async def test_repetitions_are_counted() -> None:
    told, _ = await recorded(PATCH, broken_off(), user(), DONE, OFF)
    assert (told.ends[0][3][0].times, told.ends[0][3][0].attempts) == (2, 3)


async def test_what_fails_before_it_is_intended_is_told_too() -> None:
    told, _ = await recorded(PATCH, reply(404, '{"message": "NOT FOUND: User not found"}'))
    assert told.intents == []
    assert [each[:3] for each in told.ends] == [("failure", None, "NotFound")]


async def test_a_change_that_changes_nothing_and_a_read_are_told_to_nobody() -> None:
    told, _ = await recorded(PATCH, OFF)
    assert (len(told.wishes), told.intents, told.ends) == (1, [], [])
    told, _ = await recorded(Get("42"), user())
    assert (told.wishes, told.ends) == ([], [])


async def test_a_removal_is_told() -> None:
    told, _ = await recorded(Delete("42"), reply(204))
    assert told.intents == [Intended("delete", "User", "42", None, None)]
    assert [each[:3] for each in told.ends] == [("success", None, None)]


async def test_a_change_that_cannot_be_recorded_is_not_begun() -> None:
    told = Told(Unavailable("full"))
    async with transport("own") as http, Server(user()) as server:
        one = Upstream(http, server.url, N_ABLE, {"jwt": "token"}, QUICK, trail=told)
        with pytest.raises(Unavailable, match="full"):
            await one.run(plan(PATCH, N_ABLE))
        assert len(server.seen) == 1
    assert [each[0] for each in told.ends] == ["failure"]


HURRIED = Times(request=0.4, attempt=3, backoff=0.001)


async def test_a_write_that_is_finished_after_its_time_is_looked_after_and_gets_its_true_outcome() -> None:
    told, came = await recorded(PATCH, user(), after(0.6, DONE), OFF, times=HURRIED)
    assert isinstance(came, TooSlow)
    assert [each[0] for each in told.ends] == ["success"]


async def test_so_is_one_whose_look_was_under_way() -> None:
    told, came = await recorded(PATCH, user(), DONE, after(0.6, OFF), times=HURRIED)
    assert isinstance(came, TooSlow)
    assert [each[0] for each in told.ends] == ["success"]


async def test_one_that_was_refused_after_its_time_has_failed() -> None:
    told, came = await recorded(PATCH, user(), after(0.6, REFUSED), times=HURRIED)
    assert isinstance(came, TooSlow)
    assert [each[:3] for each in told.ends] == [("failure", None, "InvalidValue")]


async def test_nothing_is_written_once_more_after_the_time() -> None:
    told, came = await recorded(PATCH, user(), slowly_broken_off, user(), times=HURRIED)
    assert isinstance(came, TooSlow)
    [(outcome, _, why, calls)] = told.ends
    assert (outcome, why) == ("unknown", "TooSlow")
    assert [each.times for each in calls if each.call.startswith("PATCH")] == [1]


async def test_one_of_which_nobody_knows_is_unknown() -> None:
    times = Times(request=0.4, attempt=0.7, backoff=0.001)
    told, _ = await recorded(PATCH, user(), silence, silence, times=times)
    assert [each[0] for each in told.ends] == ["unknown"]


async def test_a_client_that_hangs_up_before_anything_is_written_has_changed_nothing() -> None:
    told = Told()
    async with transport("own") as http, Server(after(5, user())) as server:
        one = Upstream(http, server.url, N_ABLE, {"jwt": "token"}, QUICK, trail=told)
        asked = asyncio.create_task(one.run(plan(PATCH, N_ABLE)))
        await server.arrived(1)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await one.closed()
    assert [each[:3] for each in told.ends] == [("failure", None, "GivenUp")]


async def test_without_a_trail_a_read_that_nobody_waits_for_is_ended() -> None:
    async with transport("own") as http, Server(user(), DONE, after(5, OFF)) as server:
        one = Upstream(http, server.url, N_ABLE, {"jwt": "token"}, Times(request=0.4, attempt=3))
        with pytest.raises(TooSlow):
            await one.run(plan(PATCH, N_ABLE))
        async with asyncio.timeout(1):
            await one.closed()
