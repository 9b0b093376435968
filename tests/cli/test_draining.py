"""What the end does to those who are served, seen from outside; real processes and sockets."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.cli.program import PROGRAM, environment
from tests.upstream.server import Server, after, reply

TOKEN = "a-static-token-of-thirty-two-characters"
NOBODY = reply(200, '{"data": [], "totalItems": 0}')


@asynccontextmanager
async def serving(upstream: str, **more: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """Serve the gateway in front of an upstream, and return a client of it."""
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        "serve",
        "--port",
        "0",
        env=environment(ADAPTER_UPSTREAM_URL=upstream, ADAPTER_SETTING_ORG_UNIT="50", ADAPTER_TOKENS=TOKEN, **more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        root = (await process.stdout.readline()).decode().split()[-1]
        async with httpx.AsyncClient(base_url=root, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_request_in_flight_is_finished_although_it_takes_longer_than_the_drain(number: int) -> None:
    async with (
        Server(after(1.5, NOBODY)) as upstream,
        serving(upstream.url, ADAPTER_DRAIN_MS="200") as (process, client),
    ):
        asked = asyncio.create_task(client.get("/Users"))
        await upstream.arrived(1)
        process.send_signal(number)
        answer = await asked
        assert (answer.status_code, answer.json()["totalResults"]) == (200, 0)
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_requests_that_come_after_the_signal_are_answered_until_the_drain_ends() -> None:
    async with Server(NOBODY) as upstream, serving(upstream.url, ADAPTER_DRAIN_MS="4000") as (process, client):
        process.send_signal(signal.SIGTERM)
        statuses = []
        for _ in range(10):
            await asyncio.sleep(0.05)
            async with httpx.AsyncClient(headers=client.headers) as fresh:  # a connection of its own
                statuses.append((await fresh.get(f"{client.base_url}Users")).status_code)
        assert set(statuses) == {200}
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_second_signal_ends_the_drain() -> None:
    async with Server(NOBODY) as upstream, serving(upstream.url, ADAPTER_DRAIN_MS="60000") as (process, client):
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert (await client.get("/Users")).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
