"""One gateway before an upstream of its own, where a part needs another token's life, other limits, or its own judgement."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults import outbound
from tests.faults.entra import Entra, person
from tests.faults.gateway import HERE, Gateway, Times
from tests.faults.lane import Pulse, Setup, client, crossed
from tests.faults.store import Store
from tests.faults.upstream import Upstream
from tests.faults.verdict import Result, Verdict

IN_FLIGHT = "in_flight: 8"
"""What the mapping says of its upstream."""
USERS = 200
"""As many as are ever asked for at once: a gateway may make one call of several that are alike."""
SIGN = 0.1
"""Seconds in which a sign of life should come."""
SHIPPED = Times(request=25_000, attempt=10_000, backoff=500, queue=10_000, drain=5_000)
"""The times that the gateway has where nobody sets them."""


@dataclass(frozen=True, slots=True)
class Front:
    """The upstream, with some users, the gateway, the client, and the verdict so far."""

    upstream: Upstream
    gateway: Gateway
    entra: Entra
    verdict: Verdict
    times: Times


@asynccontextmanager
async def front(  # noqa: PLR0913 (each is a part of it)
    setup: Setup,
    result: Result,
    where: str,
    *,
    times: Times,
    in_flight: int = 8,
    service: float = 0.0,
    token_life: int = 3600,
) -> AsyncIterator[Front]:
    """Yield a gateway whose mapping says that each route bears `in_flight` calls at once."""
    verdict = Verdict()
    store = Store()
    for number in range(USERS):
        store.create(person(f"f{number}"))
    with tempfile.TemporaryDirectory() as folder:
        mapping = Path(folder) / "patching"
        text = (HERE / "patching.yaml").read_text(encoding="utf-8")
        assert IN_FLIGHT in text
        mapping.with_suffix(".yaml").write_text(text.replace(IN_FLIGHT, f"in_flight: {in_flight}"), encoding="utf-8")
        async with Upstream(store, service=service, token_life=token_life) as upstream:
            try:
                async with Gateway(str(mapping), upstream.url, setup.command, times) as gateway:
                    yield Front(upstream, gateway, await client(gateway), verdict, times)
                    outbound.known_calls(verdict, upstream.wire)
                    await crossed(gateway, result)
            finally:
                result.verdict.add(verdict, where)


@asynccontextmanager
async def pulses(made: Front, result: Result, where: str) -> AsyncIterator[None]:
    """Ask all the time whether the gateway lives, and whether it is ready: neither changes with what the upstream does."""
    live, ready = Pulse(made.gateway.port), Pulse(made.gateway.port, "/health/ready")
    tasks = [asyncio.create_task(each.beat()) for each in (live, ready)]
    try:
        yield
        outbound.alive(made.verdict, live.latencies, live.failures, is_running=made.gateway.is_running)
        made.verdict.holds("I18", f"it said {ready.failures} times that it is not ready", holds=ready.failures == 0)
        late = sum(each >= SIGN for each in live.latencies)
        result.figures[f"{where}: signs of life"] = (
            f"{len(live.latencies)}, {live.failures} failed, worst {max(live.latencies):.3f} s, {late} over {SIGN:g} s"
        )
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
