import asyncio
import time
from typing import Any

import httpx
import msgspec
import pytest

from adapter.errors import BadReply, NotFound, TooSlow
from adapter.plan.conversation import Call, Plan
from adapter.plan.moment import Sought
from adapter.scim.messages import Response
from adapter.upstream import credential, wire
from adapter.upstream.client import Upstream
from adapter.upstream.meter import Meter
from adapter.upstream.origin import Origin, begin, origin
from adapter.upstream.times import Times
from tests.conversation import mapping_of, settings_of
from tests.mapping.minimal import n_able
from tests.upstream.asking import asking, came_of, shown
from tests.upstream.server import (
    Answer,
    Full,
    Server,
    after,
    broken_off,
    dripping,
    refusing,
    reply,
    reset,
    silence,
    tokens,
)

QUICK = Times(request=10, attempt=5, backoff=0.001)
IMPATIENT = Times(request=10, attempt=0.15, backoff=0.001)
N_ABLE = n_able()
SECRETS = {"jwt": "the-service-accounts-token"}


def call(method: Any, path: str = "/api/users/42") -> Call:
    body = {"firstName": "Ada"} if method in ("POST", "PUT", "PATCH") else None
    return Call(route=f"{method} /api/users/{{id}}", method=method, path=path, body=body, is_read=method == "GET")


def upstream(http: httpx.AsyncBaseTransport, base: str, times: Times = QUICK) -> Upstream:
    return Upstream(http, base, N_ABLE, SECRETS, times)


class Case(msgspec.Struct, frozen=True):
    """What the upstream does; how often a read is sent and what comes of it; likewise a write."""

    name: str
    answer: Answer
    read: tuple[int, str]
    write: tuple[int, str]


BROKEN: dict[str, Answer] = {
    "closed": broken_off(),
    "reset": reset,
    "truncated": broken_off(reply(200, "{", claim=99)),
    "garbage": b"garbage\r\n\r\n",
    "compressed": reply(200, b"\x1f\x8b", Content_Encoding="gzip"),
    "too large": reply(200, "x" * 2000),
}
ONCE: dict[str, Answer] = {
    "reply 501": reply(501),
    "reply 400": reply(400, "{}"),
    "reply 403": reply(403, "{}"),
    "reply 404": reply(404, "{}"),
    "reply 409": reply(409, "{}"),
    "reply 200": reply(200, "{}"),
}
WITHOUT_DATA: dict[str, Answer] = {
    "reply 307": reply(307, Location="/elsewhere"),
    "reply 200": reply(200, '{"error message": "x"}'),
    "reply 201": reply(201, "<html>"),
    "reply 204": reply(204),
}
CASES = [
    *(Case(name, answer, (3, "502"), (1, "unknown")) for name, answer in BROKEN.items()),
    *(Case(name, answer, (1, name), (1, name)) for name, answer in ONCE.items()),
    *(Case(name, answer, (3, name), (1, name)) for name, answer in WITHOUT_DATA.items()),
    Case("silent", silence, (3, "504"), (1, "unknown")),
    Case("dripping", dripping, (3, "504"), (1, "unknown")),
    Case("500", reply(500, "{}"), (3, "502"), (1, "reply 500")),
    Case("502", reply(502, "<html>"), (3, "502"), (1, "reply 502")),
    Case("503", reply(503), (3, "502"), (1, "reply 503")),
    Case("504", reply(504), (3, "502"), (1, "reply 504")),
    Case("429", reply(429), (3, "503 after 10"), (3, "503 after 10")),
    Case("429, now", reply(429, Retry_After="0"), (3, "503 after 10"), (3, "503 after 10")),
    Case("429, later", reply(429, Retry_After="60"), (1, "503 after 60"), (1, "503 after 60")),
    Case("503, now", reply(503, Retry_After="0"), (3, "503 after 10"), (3, "503 after 10")),
    Case("503, later", reply(503, Retry_After="60"), (1, "503 after 60"), (1, "503 after 60")),
    Case("401", reply(401), (2, "502"), (2, "502")),
]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_the_upstream_does_and_what_comes_of_it(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, method: str, case: Case
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1000)
    async with Server(case.answer) as server:
        times = IMPATIENT if case.name in ("silent", "dripping") else QUICK
        outcome = await came_of(upstream(http, server.url, times), call(method))
        count, expected = case.read if method == "GET" else case.write
        assert [each.method for each in server.seen] == [method] * count
        assert shown(outcome) == expected


async def test_a_status_that_the_mapping_explains_is_no_failure_that_passes(http: httpx.AsyncBaseTransport) -> None:
    replies = n_able().replies
    explained = msgspec.structs.replace(replies[1], status=500)  # "User not found"
    mapping = msgspec.structs.replace(n_able(), replies=(explained,))
    async with Server(reply(500, '{"message": "User not found"}')) as server:
        one = Upstream(http, server.url, mapping, SECRETS, QUICK)
        assert shown(await came_of(one, call("GET"))) == "reply 500"
        assert len(server.seen) == 1


OKAY = reply(200, '{"data": {}}')


@pytest.mark.parametrize(
    ("first", "read", "write"),
    [(broken_off(), "reply 200", "unknown"), (reply(500), "reply 200", "reply 500"), (silence, "reply 200", "unknown"),
     (reply(429), "reply 200", "reply 200"), (reply(503, Retry_After="0"), "reply 200", "reply 200"),
     (reply(401), "reply 200", "reply 200")],
)  # fmt: skip
async def test_a_fault_that_passes(http: httpx.AsyncBaseTransport, first: Answer, read: str, write: str) -> None:
    for method, expected in (("GET", read), ("POST", write)):
        async with Server(first, OKAY) as server:
            times = IMPATIENT if first is silence else QUICK
            assert shown(await came_of(upstream(http, server.url, times), call(method))) == expected


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_upstream_that_cannot_be_reached_is_unavailable(http: httpx.AsyncBaseTransport, method: str) -> None:
    outcome = await came_of(upstream(http, refusing()), call(method))
    assert (outcome.status, outcome.detail) == (
        503,
        "The N-able user API gave no usable reply: it cannot be reached: ConnectError.",
    )
    with Full() as url:
        assert shown(await came_of(upstream(http, url, IMPATIENT), call(method))) == "503 after 30"


async def test_a_write_to_a_place_that_went_away_was_not_sent(http: httpx.AsyncBaseTransport) -> None:
    async with Server(OKAY) as server:
        one = upstream(http, server.url)
        await came_of(one, call("GET"))
    outcome = await came_of(one, call("POST"))
    assert shown(outcome) in ("503 after 30", "unknown")  # the connection that was kept may be noticed to be dead
    assert shown(await came_of(one, call("POST"))) in ("503 after 30", "503 after 5")  # that was the fifth failure


@pytest.mark.parametrize("down", [reply(503), broken_off(), reset])
async def test_an_upstream_that_is_down_is_left_alone_and_tried_again_by_a_read(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, down: Answer
) -> None:
    now = 0.0
    async with Server(OKAY, down) as server:
        one = upstream(http, server.url)
        monkeypatch.setattr(one._calls.breaker, "_clock", lambda: now)  # noqa: SLF001 (a pause takes no time here)
        await came_of(one, call("GET"))
        first = await asyncio.gather(*(came_of(one, call("POST")) for _ in range(5)))
        assert {shown(each) for each in first} <= {"unknown", "reply 503"}
        held = await asyncio.gather(*(came_of(one, call(each)) for each in ("POST", "GET") * 20))
        assert {shown(each) for each in held} == {"503 after 5"}
        assert held[0].detail.startswith("The N-able user API failed 5 times in a row, at last because ")
        assert held[0].detail.endswith(" It is left alone for now and tried again in 5 s.")
        assert len(server.seen) == 6
        now = 6.0
        assert shown(await came_of(one, call("POST"))) == "503 after 5"  # the read that tries it fails
        assert [each.method for each in server.seen[6:]] == ["GET"]
        server.answers = [OKAY]
        now = 12.0
        assert shown(await came_of(one, call("POST"))) == "reply 200"
        assert [each.method for each in server.seen[7:]] == ["GET", "POST"]


async def test_a_write_tries_an_upstream_of_which_nothing_was_read(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    async with Server(*[broken_off()] * 5, OKAY) as server:
        one = upstream(http, server.url)
        monkeypatch.setattr(one._calls.breaker, "_clock", lambda: now)  # noqa: SLF001
        assert [shown(await came_of(one, call("POST"))) for _ in range(6)] == [*["unknown"] * 5, "503 after 5"]
        now = 6.0
        assert shown(await came_of(one, call("POST"))) == "reply 200"


async def test_a_record_that_the_upstream_always_fails_on_holds_up_nobody(http: httpx.AsyncBaseTransport) -> None:
    async with Server(*[reply(500)] * 9, OKAY) as server:
        one = upstream(http, server.url)
        assert [shown(await came_of(one, call("GET"))) for _ in range(3)] == ["502"] * 3
        assert shown(await came_of(one, call("GET", "/other"))) == "reply 200"


async def test_the_plan_is_sent_what_came_of_each_call_and_its_response_is_returned(
    http: httpx.AsyncBaseTransport,
) -> None:
    async with Server(reply(200, '{"n": 1}'), reply(404, '{"n": 2}'), reply(201, '{"n": 3}')) as server:
        response = await upstream(http, server.url + "/base/").run(
            asking(call("GET", "/a"), call("GET", "/b"), call("POST", "/c"))
        )
        targets = [(each.method, each.target) for each in server.seen]
    assert isinstance(response.content, dict)
    assert response.status == 200
    assert [(each.status, each.body) for each in response.content["outcomes"]] == [
        (200, {"n": 1}), (404, {"n": 2}), (201, {"n": 3}),
    ]  # fmt: skip
    assert targets == [("GET", "/base/a"), ("GET", "/base/b"), ("POST", "/base/c")]


async def test_a_plan_that_asks_nothing_returns_its_response(http: httpx.AsyncBaseTransport) -> None:
    async with Server(OKAY) as server:
        assert await upstream(http, server.url).run(asking()) == Response(200, {"outcomes": []})
        assert server.exchanges == []


async def test_an_error_of_the_plan_is_passed_on(http: httpx.AsyncBaseTransport) -> None:
    def refusing_plan() -> Plan:
        yield call("GET")
        raise NotFound("There is no such user.")

    async with Server(OKAY) as server:
        with pytest.raises(NotFound, match="There is no such user"):
            await upstream(http, server.url).run(refusing_plan())


async def test_one_deadline_bounds_the_whole_request(http: httpx.AsyncBaseTransport) -> None:
    times = Times(request=0.3, attempt=10, backoff=0.001)
    async with Server(after(0.12, OKAY)) as server:
        began = time.monotonic()
        outcome = await came_of(upstream(http, server.url, times), *[call("GET")] * 10)
        assert 0.25 < time.monotonic() - began < 2
    assert isinstance(outcome, TooSlow)
    assert outcome.detail == (
        "The N-able user API did not finish within 0.3 seconds; what was begun there may still be done. The next "
        "provisioning cycle looks again."
    )
    assert len(server.seen) <= 3


async def test_waiting_for_a_place_counts_towards_the_deadline(http: httpx.AsyncBaseTransport) -> None:
    times = Times(request=0.2, attempt=10, backoff=0.001)
    async with Server(silence) as server:
        one = upstream(http, server.url, times)
        outcomes = await asyncio.gather(*(came_of(one, call("GET")) for _ in range(10)))
        assert [shown(each) for each in outcomes] == ["504"] * 10


async def test_no_more_calls_than_the_mapping_allows_are_under_way_on_a_route(http: httpx.AsyncBaseTransport) -> None:
    async with Server(after(0.02, OKAY)) as server:
        one = upstream(http, server.url)
        outcomes = await asyncio.gather(*(came_of(one, call("POST")) for _ in range(20)))
        assert {shown(each) for each in outcomes} == {"reply 200"}
        assert (server.most_under_way, len(server.seen), len(server.exchanges)) == (3, 20, 1)


async def test_a_request_whose_turn_would_come_too_late_is_refused_before_anything_is_sent(
    http: httpx.AsyncBaseTransport,
) -> None:
    times = Times(request=10, attempt=5, queue=0.2, backoff=0.001)
    async with Server(after(0.15, OKAY)) as server:
        one = upstream(http, server.url, times)
        await came_of(one, call("GET"))
        outcomes = await asyncio.gather(*(came_of(one, call("GET"), call("GET", "/more")) for _ in range(9)))
        done = [shown(each) for each in outcomes].count("reply 200")
        refused = [shown(each) for each in outcomes].count("503 after 1")
        assert (done >= 3, refused >= 3, done + refused) == (True, True, 9)
        assert len(server.seen) == 1 + 2 * done  # a request that was begun is finished


async def test_an_upstream_that_bears_less_than_the_mapping_says_gets_less(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(429), after(0.02, OKAY)) as server:
        one = upstream(http, server.url)
        assert shown(await came_of(one, call("POST"))) == "reply 200"
        server.most_under_way = 0
        await asyncio.gather(came_of(one, call("POST")), came_of(one, call("POST")))
        assert server.most_under_way == 2  # half of three, and one more since then
        await asyncio.gather(*(came_of(one, call("POST")) for _ in range(6)))
        assert server.most_under_way == 3


async def test_a_request_that_is_given_up_gives_back_its_place(http: httpx.AsyncBaseTransport) -> None:
    async with Server(silence, silence, silence, OKAY) as server:
        one = upstream(http, server.url, Times(request=5, attempt=5))
        given_up = [asyncio.create_task(one.run(asking(call("GET")))) for _ in range(3)]
        await server.arrived(3)
        for each in given_up:
            each.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        assert shown(await asyncio.wait_for(came_of(one, call("GET")), 2)) == "reply 200"


async def test_a_wait_before_another_attempt_takes_no_place(http: httpx.AsyncBaseTransport) -> None:
    async with Server(*[reply(429, Retry_After="1")] * 3, OKAY) as server:
        one = upstream(http, server.url)
        waiting = [asyncio.create_task(came_of(one, call("GET"))) for _ in range(3)]
        await server.arrived(3)
        began = time.monotonic()
        assert shown(await came_of(one, call("GET"))) == "reply 200"
        assert time.monotonic() - began < 0.9
        assert [shown(each) for each in await asyncio.gather(*waiting)] == ["reply 200"] * 3


async def test_the_secret_goes_into_the_exchange_and_the_token_into_the_calls(http: httpx.AsyncBaseTransport) -> None:
    async with Server(OKAY) as server:
        await came_of(upstream(http, server.url), call("GET"), call("PATCH"))
        [exchange] = server.exchanges
        assert (exchange.method, exchange.body) == ("POST", b"")
        assert exchange.headers["authorization"] == "Bearer the-service-accounts-token"
        assert [each.headers["authorization"] for each in server.seen] == ["Bearer token-1"] * 2


async def test_nothing_but_what_a_call_needs_is_in_its_header(http: httpx.AsyncBaseTransport) -> None:
    async with Server(OKAY) as server:
        await came_of(upstream(http, server.url), call("PATCH"))
        names = {name for each in (*server.seen, *server.exchanges) for name in each.headers}
    assert names == {
        "host", "accept", "accept-encoding", "user-agent", "authorization", "content-type", "content-length",
    }  # fmt: skip


async def test_forty_cold_requests_share_one_exchange(http: httpx.AsyncBaseTransport) -> None:
    async with Server(OKAY) as server:
        one = upstream(http, server.url)
        outcomes = await asyncio.gather(*(came_of(one, call("GET")) for _ in range(40)))
        assert {shown(each) for each in outcomes} == {"reply 200"}
        assert len(server.exchanges) == 1


async def test_a_refused_token_is_exchanged_once_for_all_who_had_it(http: httpx.AsyncBaseTransport) -> None:
    async def newest_only(writer: asyncio.StreamWriter) -> None:
        is_old = server.seen[-1].headers["authorization"] == "Bearer token-1"
        writer.write(reply(401) if is_old else OKAY)

    async with Server(OKAY) as server:
        one = upstream(http, server.url)
        await came_of(one, call("GET"))
        server.answers = [newest_only]
        outcomes = await asyncio.gather(*(came_of(one, call("POST")) for _ in range(9)))
        assert {shown(each) for each in outcomes} == {"reply 200"}
        assert len(server.exchanges) == 2


async def test_a_new_token_that_is_refused_too_is_an_error_that_names_the_service_account(
    http: httpx.AsyncBaseTransport,
) -> None:
    async with Server(reply(401)) as server:
        outcome = await came_of(upstream(http, server.url), call("POST"))
        assert len(server.exchanges) == 2
    assert isinstance(outcome, BadReply)
    assert outcome.detail == (
        "The N-able user API refuses a token that it has just issued (401). Check the service account: its rights, its "
        "password's age, and that it is not bound to single sign-on."
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, "{}"),
        (403, "forbidden"),
        (200, "{}"),
        (200, ""),
        (200, "<html>"),
        (200, tokens(None)),
        (200, tokens("")),
        (200, tokens(7)),
        (200, tokens("two words")),
        (200, tokens("two\r\nlines")),
        (200, tokens("é")),
        (200, tokens("t", 0)),
        (200, tokens("t", -1)),
        (200, tokens("t", lifetime=True)),
        (200, tokens("t", None)),
    ],
)
async def test_an_exchange_that_gives_no_token_names_the_secret(
    http: httpx.AsyncBaseTransport, status: int, body: str
) -> None:
    async with Server(OKAY, token=reply(status, body)) as server:
        outcome = await came_of(upstream(http, server.url), call("POST"))
        assert (len(server.seen), len(server.exchanges)) == (0, 1)
    assert isinstance(outcome, BadReply)
    assert outcome.detail == (
        f"The N-able user API answered {status} to POST /api/auth/authenticate and gave no token. Check the service "
        "account's secret in the gateway's environment, and that the account is enabled."
    )


@pytest.mark.parametrize(
    ("answer", "count", "outcome"),
    [
        (reply(500), 2, "502"),
        (reply(503), 2, "502"),
        (reply(429), 2, "503 after 10"),
        (reply(429, Retry_After="60"), 1, "503 after 60"),
        (broken_off(), 2, "502"),
        (silence, 1, "504"),
    ],
)
async def test_an_exchange_that_fails_is_tried_again_and_nothing_else_is_sent(
    http: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch, answer: Answer, count: int, outcome: str
) -> None:
    monkeypatch.setattr(credential, "FIRST_PAUSE", 0)
    async with Server(OKAY, token=answer) as server:
        one = upstream(http, server.url, IMPATIENT if answer is silence else QUICK)
        assert shown(await came_of(one, call("POST"))) == outcome
        assert (len(server.seen), len(server.exchanges)) == (0, count)
        server.token = None
        assert shown(await came_of(one, call("POST"))) == "reply 200"


async def test_a_login_that_was_refused_is_not_tried_again_for_the_next_request(http: httpx.AsyncBaseTransport) -> None:
    async with Server(OKAY, token=reply(401)) as server:
        one = upstream(http, server.url)
        assert [shown(await came_of(one, call("GET"))) for _ in range(20)] == ["502"] * 20
        assert (len(server.seen), len(server.exchanges)) == (0, 1)


async def test_a_call_that_is_always_refused_costs_no_login_each_time_and_holds_up_no_other(
    http: httpx.AsyncBaseTransport,
) -> None:
    async with Server(OKAY, reply(401)) as server:
        one = upstream(http, server.url)
        assert shown(await came_of(one, call("GET"))) == "reply 200"
        outcomes = [await came_of(one, call("GET")) for _ in range(20)]
        assert {shown(each) for each in outcomes} == {"502"}
        assert {each.detail for each in outcomes} == {outcomes[0].detail}
        assert len(server.exchanges) == 2
        server.answers = [OKAY]
        assert shown(await came_of(one, call("GET"))) == "reply 200"
        assert len(server.exchanges) == 2


def test_the_times_leave_room_below_those_of_entra() -> None:
    assert Times().attempt < Times().request < 55


async def test_reads_that_are_asked_alike_at_once_are_made_once(http: httpx.AsyncBaseTransport) -> None:
    async with Server(after(0.1, OKAY)) as server:
        one = upstream(http, server.url)
        same = [asyncio.create_task(one.run(asking(call("GET"), is_shared=True))) for _ in range(10)]
        other = asyncio.create_task(one.run(asking(call("GET", "/api/users/43"), is_shared=True)))
        looks = [asyncio.create_task(one.run(asking(call("GET")))) for _ in range(2)]
        answers = await asyncio.gather(*same, other, *looks)
        assert {each.status for each in answers} == {200}
        assert len(server.seen) == 1 + 1 + 2


async def test_a_read_is_never_shared_across_a_write(http: httpx.AsyncBaseTransport) -> None:
    async with Server(after(0.1, OKAY)) as server:
        one = upstream(http, server.url)
        before = asyncio.create_task(one.run(asking(call("GET"), is_shared=True)))
        await server.arrived(1)
        writing = asyncio.create_task(one.run(asking(call("PATCH"))))
        await server.arrived(2)
        during = asyncio.create_task(one.run(asking(call("GET"), is_shared=True)))
        await server.arrived(3)
        await asyncio.gather(before, writing)
        await asyncio.gather(during, one.run(asking(call("GET"), is_shared=True)))
        assert [each.method for each in server.seen].count("GET") == 3


async def test_the_request_learns_how_many_calls_it_took_and_logins_are_none(http: httpx.AsyncBaseTransport) -> None:
    async with Server(reply(500), reply(401), OKAY) as server:
        meter = Meter()
        one = Upstream(http, server.url, N_ABLE, SECRETS, QUICK, meter=meter)
        begin(Origin(request_id="one-request"))
        await came_of(one, call("GET"), msgspec.structs.replace(call("PUT"), again=True))
        assert len(server.seen) == 4
        assert (origin().calls, origin().retries, meter.retries) == (4, 3, 3)
        assert meter.logins == {"given": 2}
        assert sum(meter.calls.values()) == 4
        assert {each.headers["x-request-id"] for each in (*server.seen, *server.exchanges)} == {"one-request"}


async def test_how_things_stand_is_told_while_they_stand_so(http: httpx.AsyncBaseTransport) -> None:
    async with Server(silence) as server:
        one = upstream(http, server.url, Times(request=0.2, attempt=5))
        writes = [asyncio.create_task(came_of(one, call("POST"))) for _ in range(4)]
        await server.arrived(3)
        standing = one.standing
        assert (standing.in_flight, standing.waiting, standing.unfinished, standing.is_down) == (3, 1, 0, False)
        await asyncio.gather(*writes)
        assert one.standing.unfinished == 3
        assert (one.standing.names, one.standing.ages) == ({}, {})


async def test_a_reading_of_the_list_is_no_call_of_the_request_that_it_began_with(
    http: httpx.AsyncBaseTransport,
) -> None:
    mapping = mapping_of("zammad")
    settings = settings_of("zammad")
    async with Server(reply(200, "[]")) as server:
        one = Upstream(http, server.url, mapping.bound(settings.values, lambda text: text[0]), settings.secrets, QUICK)
        begin(Origin(request_id="one-request"))
        await came_of(one, Sought("User", "ada"))
        assert server.seen
        assert origin().calls == 0
        assert "x-request-id" not in server.seen[-1].headers
        assert (one.standing.names["User"], one.standing.ages["User"] >= 0) == (0, True)
