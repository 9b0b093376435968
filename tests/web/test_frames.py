"""Frames between two ends in one process, over a real socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapter.web.frames import Came, Door, Link, Sent, asked

SENT = Sent("PATCH", "https", b"/acme/scim/v2/Users/a%2Fb", b"x=%C3%A9", [(b"a", b"\xff"), (b"a", b"2")], b"body", "192.0.2.1")  # fmt: skip


@asynccontextmanager
async def linked(path: Path, answered: Callable[[Sent], Awaitable[Came]]) -> AsyncIterator[tuple[Link, asyncio.Server]]:
    loop, doors, tasks = asyncio.get_running_loop(), set[Door](), set[asyncio.Task[None]]()
    server = await loop.create_unix_server(lambda: Door(answered, doors, tasks), path / "door")
    _, link = await loop.create_unix_connection(Link, str(path / "door"))
    yield link, server
    link.close()
    server.close()
    await asyncio.gather(*tasks)


async def test_a_request_arrives_as_it_was_and_its_answer_too(tmp_path: Path) -> None:
    came, seen = Came(404, [(b"etag", b'W/"1"')], bytes(range(256)) * 9000), []

    async def answered(sent: Sent) -> Came:
        seen.append(sent)
        return came

    async with linked(tmp_path, answered) as (link, _):
        assert await link.ask(SENT) == came
        assert seen == [SENT]


async def test_answers_find_who_has_asked_in_whatever_order_they_come(tmp_path: Path) -> None:
    gates = [asyncio.Event() for _ in range(3)]

    async def answered(sent: Sent) -> Came:
        await gates[int(sent.body)].wait()
        return Came(200, [], sent.body)

    def numbered(number: int) -> Sent:
        return Sent("GET", "http", b"/", b"", [], str(number).encode(), "")

    async with linked(tmp_path, answered) as (link, _):
        asking = [asyncio.create_task(link.ask(numbered(number))) for number in range(3)]
        for at in (2, 0, 1):
            gates[at].set()
            assert (await asking[at]).body == str(at).encode()


async def test_who_waits_is_told_when_the_other_end_goes_away_and_so_is_who_asks_then(tmp_path: Path) -> None:
    class Short(Door):
        def taken(self, frame: bytes) -> None:
            assert frame
            assert self.transport is not None
            self.transport.abort()

    async def never(_: Sent) -> Came:
        raise AssertionError

    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: Short(never, set(), set()), tmp_path / "door")
    _, link = await loop.create_unix_connection(Link, str(tmp_path / "door"))
    with pytest.raises(ConnectionError):
        await link.ask(SENT)
    assert not link.is_open
    with pytest.raises(ConnectionError):
        await link.ask(SENT)
    server.close()


async def test_a_fault_is_answered_by_none_and_its_words_reach_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Sent) -> Came:
        raise ValueError("ada@example.com")

    async with linked(tmp_path, broken) as (link, _):
        with caplog.at_level(logging.DEBUG):
            assert (await link.ask(SENT)).status == 0
    assert "ValueError" in caplog.text
    assert "ada@" not in caplog.text


async def test_an_application_sees_what_a_server_would_give_it() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, body=await receive(), then=await receive())
        await send({"type": "http.response.start", "status": 201, "headers": [(b"etag", b"1")]})
        await send({"type": "http.response.body", "body": b"on", "more_body": True})
        await send({"type": "http.response.body", "body": b"ce"})

    assert await asked(app, SENT, "mark") == Came(201, [(b"etag", b"1")], b"once")
    assert (seen["path"], seen["raw_path"]) == ("/acme/scim/v2/Users/a/b", b"/acme/scim/v2/Users/a%2Fb")
    assert (seen["method"], seen["scheme"], seen["query_string"]) == ("PATCH", "https", b"x=%C3%A9")
    assert (seen["client"], seen["headers"]) == (("192.0.2.1", 0), SENT.headers)
    assert seen["body"] == {"type": "http.request", "body": b"body", "more_body": False}
    assert seen["then"] == {"type": "http.disconnect"}
    assert seen["extensions"] == {"mark": {}}
