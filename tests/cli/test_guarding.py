"""The guard against mass loss, seen from outside: what it holds, what it says, and how it is let go."""

import asyncio
import signal

from tests.cli.test_draining import serving
from tests.upstream.server import Server, reply


async def test_more_removals_than_are_usual_are_held_until_an_operator_lets_them_go() -> None:
    async with (
        Server(reply(204)) as upstream,
        serving(upstream.url, ADAPTER_GUARD_MOST="2", ADAPTER_DRAIN_MS="1") as (process, client),
    ):
        statuses = [(await client.delete(f"/Users/{each}")).status_code for each in (1, 2, 1, 3, 4)]
        assert statuses == [204, 204, 204, 503, 503]
        assert len(upstream.seen) == 3
        held = await client.delete("/Users/5")
        assert int(held.headers["Retry-After"]) > 0
        assert "an operator of the gateway releases it" in held.json()["detail"]
        ready = await client.get(client.base_url.join("/health/ready"))
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ready", "guard": "mass loss: disables and removals are held"},
        )
        process.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(5):
            while "guard" in (await client.get(client.base_url.join("/health/ready"))).json():  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.02)
        assert (await client.delete("/Users/3")).status_code == 204


async def test_the_signal_does_no_harm_where_nothing_is_guarded() -> None:
    async with Server(reply(204)) as upstream, serving(upstream.url, ADAPTER_DRAIN_MS="1") as (process, client):
        process.send_signal(signal.SIGUSR1)
        assert (await client.delete("/Users/1")).status_code == 204
        assert process.returncode is None
