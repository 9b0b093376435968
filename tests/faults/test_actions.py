"""Each fault does on the wire what it says, seen by a caller on a raw socket."""

import asyncio
import gzip

import pytest

from tests.faults.actions import ACTIONS, BOMB, RETRY_AFTER
from tests.faults.plan import Fault, Phase, Plan, Rule
from tests.faults.routes import KEY
from tests.faults.upstream import Upstream
from tests.faults.wire import END, request

pytestmark = pytest.mark.anyio

BODY = b'{"login": "ada"}'


async def _heard(upstream: Upstream, *, patience: float = 0.15) -> bytes | None:
    """Send one create and return every byte that comes back; None for a reset, and what has come when patience ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", upstream.listening.port)
    token = upstream.tokens.grant()
    writer.write(request("POST", "/users", {"Authorization": f"Bearer {token}"}, BODY))
    heard = b""
    try:
        async with asyncio.timeout(patience):
            while chunk := await reader.read(65536):
                heard += chunk
        heard += b"<end>"
    except TimeoutError:
        pass
    except ConnectionResetError:
        return None
    finally:
        writer.close()
    return heard


def _going_wrong(action: str, value: str = "", phase: Phase = "before") -> Upstream:
    return Upstream(plan=Plan(rules=[Rule((Fault(action, value, phase, 0.05),))]))


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(
    ("action", "heard"),
    [("close", b"<end>"), ("reset", None), ("stall", b""), ("garbage", b"220 mail"), ("html 200", b"<h1>")],
)
async def test_nothing_usable_comes_and_the_change_is_made_or_not(
    action: str, heard: bytes | None, phase: Phase
) -> None:
    async with _going_wrong(action, phase=phase) as upstream:
        came = await _heard(upstream)
        assert came is None if heard is None else came is not None and heard in came
        assert len(upstream.store.live) == (phase == "after")
        assert upstream.wire[-1].committed == (phase == "after")
        assert upstream.wire[-1].fault == f"{action} {phase}"


async def test_a_delayed_change_is_made_after_the_fault() -> None:
    async with _going_wrong("close", phase="delayed") as upstream:
        assert await _heard(upstream) == b"<end>"
        assert upstream.store.live == []
        await upstream.settled()
        assert len(upstream.store.live) == 1


@pytest.mark.parametrize("action", ["truncated head", "truncated body", "drip"])
async def test_a_part_of_the_right_answer_comes(action: str) -> None:
    async with _going_wrong(action, phase="after") as upstream:
        heard = await _heard(upstream)
        assert heard is not None
        assert heard.startswith(b"HTTP/1.1 201 ")
        assert (END in heard) == (action == "truncated body")
        assert heard.endswith(b"<end>") == (action != "drip")


async def test_a_truncated_answer_without_a_body_gets_one() -> None:
    async with _going_wrong("truncated body") as upstream:
        heard = await _heard(upstream)
        assert heard is not None
        assert len(heard.removesuffix(b"<end>").partition(END)[2]) < int(heard.split(b"Content-Length: ")[1].split()[0])


@pytest.mark.parametrize(
    ("action", "value", "heard"),
    [
        ("error in 200", "", b"HTTP/1.1 200 Said\r\n"),
        ("empty 200", "", b"Content-Length: 0\r\n"),
        ("status", "502", b"HTTP/1.1 502 Said\r\n"),
        ("503 later", "1", b"Retry-After: 1\r\n"),
        ("redirect", "", b"Location: /login.html\r\n"),
        ("wrong id 200", "", b'"login": "bob"'),
    ],
)
async def test_a_wrong_answer_comes_and_the_connection_stays(action: str, value: str, heard: bytes) -> None:
    async with _going_wrong(action, value) as upstream:
        upstream.store.create({"login": "bob"})
        came = await _heard(upstream)
        assert came is not None
        assert heard in came
        assert not came.endswith(b"<end>")


@pytest.mark.parametrize("form", RETRY_AFTER)
async def test_a_429_has_the_form_of_retry_after(form: str) -> None:
    async with _going_wrong("429", form) as upstream:
        heard = await _heard(upstream)
        assert heard is not None
        assert heard.startswith(b"HTTP/1.1 429 ")
        assert (b"Retry-After" in heard) == (form != "none")


@pytest.mark.parametrize(("value", "size"), [("", 0), ("bomb", BOMB)])
async def test_an_answer_is_compressed_though_nobody_asked(value: str, size: int) -> None:
    async with _going_wrong("gzip", value, phase="after") as upstream:
        heard = await _heard(upstream)
        assert heard is not None
        assert b"Content-Encoding: gzip" in heard
        assert len(gzip.decompress(heard.partition(END)[2])) >= size


async def test_an_idle_connection_is_closed_after_the_right_answer() -> None:
    async with _going_wrong("idle", phase="after") as upstream:
        heard = await _heard(upstream)
        assert heard is not None
        assert heard.startswith(b"HTTP/1.1 201 ")
        assert heard.endswith(b"<end>")


async def test_the_upstream_refuses_and_comes_back_at_the_same_place() -> None:
    async with Upstream() as upstream:
        await upstream.refuse()
        with pytest.raises(ConnectionRefusedError):
            await _heard(upstream)
        await upstream.back()
        assert await _heard(upstream)


async def test_connections_are_begun_and_never_made() -> None:
    async with Upstream() as upstream:
        await upstream.swallow()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_heard(upstream), 0.3)
        await upstream.back()
        assert await _heard(upstream)


@pytest.mark.parametrize("action", ["refuse", "swallow"])
async def test_only_the_next_connection_goes_wrong(action: str) -> None:
    async with _going_wrong(action, phase="after") as upstream:
        heard = await _heard(upstream)
        assert heard is not None
        assert heard.startswith(b"HTTP/1.1 201 ")
        with pytest.raises((ConnectionRefusedError, TimeoutError)):
            await asyncio.wait_for(_heard(upstream), 0.3)


async def test_a_callback_is_made_at_a_byte_of_the_answer() -> None:
    tripped: list[int] = []
    async with Upstream() as upstream:
        whole = await _heard(upstream)
        assert whole is not None
        upstream.trip = (upstream.bytes + 100, lambda: tripped.append(upstream.bytes))
        upstream.store.unique = False
        await _heard(upstream)
        assert len(tripped) == 1


def test_every_action_is_named_once() -> None:
    assert len(set(ACTIONS.values())) == len(ACTIONS)
    assert KEY
