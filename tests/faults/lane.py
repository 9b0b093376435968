"""An upstream of its own with gateways in front of it and a client, and what is held against the invariants at its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from tests.faults import invariants, outbound, trail
from tests.faults.caller import Caller
from tests.faults.entra import Asked, Entra
from tests.faults.gateway import COMMAND, TOKEN, Gateway, Times
from tests.faults.routes import KEY
from tests.faults.store import Store
from tests.faults.upstream import Upstream
from tests.faults.verdict import Result, Verdict

UNIQUE = {"patching": True, "putting": False, "searchless": False}
"""The mappings, and whether the upstream of each keeps logins unique."""
LAGGING, LAG = "lagging", 0.3
"""The mapping of an upstream that takes a login twice, and lists and finds a new user only so many seconds later."""
LATE = 1.0
"""Seconds after an answer in which a change that was delayed, or that nobody waited for, may still come."""
PAUSE = 0.1
"""Seconds between two questions whether a gateway lives."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a part shall run: against which gateway, from which seed, whether long, and whom it tells how far it is.

    With a `cell` the matrix runs the cells that have this text in their name, and no others.
    """

    command: str = COMMAND
    seed: int = 1
    is_long: bool = False
    say: Callable[[str], None] = lambda _: None
    cell: str = ""


@dataclass(slots=True)
class Pulse:
    """Asks a gateway ten times a second whether it lives; what the harness itself was late does not count."""

    port: int
    path: str = "/health/live"
    latencies: list[float] = field(default_factory=list)
    failures: int = 0

    async def beat(self) -> None:
        """Ask until it is cancelled."""
        async with Caller(self.port, patience=5) as caller:
            while True:
                answer = await caller.call("GET", self.path)
                await asyncio.sleep(PAUSE)
                late = monotonic() - answer.ended - PAUSE
                self.latencies.append(max(0.0, answer.seconds - late))
                self.failures += answer.status != 200


@dataclass(slots=True)
class Lane:
    """The upstream, the gateways, the client of the first of them, and the verdict so far."""

    mapping: str
    upstream: Upstream
    gateways: list[Gateway]
    entra: Entra
    verdict: Verdict
    times: Times

    @property
    def gateway(self) -> Gateway:
        """The first gateway."""
        return self.gateways[0]

    @property
    def deadline(self) -> float:
        """The seconds that a request may take."""
        return self.times.request / 1000

    def heard(self, asked: Asked) -> None:
        """Hold an answer against what is so upstream at that moment."""
        invariants.no_phantom(self.verdict, self.upstream.store, asked)
        invariants.in_time(self.verdict, asked, self.deadline)
        invariants.in_form(self.verdict, asked)

    async def settle(self, login: str, user_id: str, longest: float = 12.0) -> None:
        """Wait until the gateway is used to a healthy upstream again: until a read of somebody comes through."""
        healthy = Entra(self.entra.caller)
        async with asyncio.timeout(longest):
            while (await healthy.get(login, user_id)).status != 200:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)


@asynccontextmanager
async def lane(  # noqa: PLR0913 (each is a part of it)
    mapping: str,
    setup: Setup,
    result: Result,
    where: str = "",
    *,
    unique: bool | None = None,
    replicas: int = 1,
    times: Times | None = None,
    pulse: bool = True,
) -> AsyncIterator[Lane]:
    """Yield a lane. What can be judged at its end only is judged then; the result's violations say `where` they were seen."""
    times, verdict = times or Times(), Verdict()
    is_unique = UNIQUE.get(mapping, False) if unique is None else unique
    store = Store(unique=is_unique, lag=LAG if mapping == LAGGING else 0.0)
    async with Upstream(store) as upstream, asyncio.TaskGroup() as tasks:
        gateways = [Gateway(mapping, upstream.url, setup.command, times) for _ in range(replicas)]
        try:
            await asyncio.gather(*(each.start() for each in gateways))
            entra = await client(gateways[0])
            made = Lane(mapping, upstream, gateways, entra, verdict, times)
            entra.heard = made.heard
            beating = Pulse(gateways[0].port)
            task = tasks.create_task(beating.beat()) if pulse else None
            files = gateways[0].open_files
            yield made
            _judged(made, beating, files)
            for each in gateways:
                await crossed(each, result)
            await _recorded(made)
            if task is not None:
                task.cancel()
        finally:
            result.verdict.add(verdict, where)
            for each in gateways:
                await each.__aexit__()


async def client(gateway: Gateway) -> Entra:
    """Return a client of a gateway; where that has two workers, some requests go from one to the other."""
    caller = gateway.caller()
    if gateway.is_shared:
        await gateway.cross(caller)
    return Entra(caller)


async def crossed(gateway: Gateway, result: Result) -> None:
    """Say how many requests went from one worker to the other, where there are two."""
    if gateway.is_shared and gateway.is_running:
        name = "requests handed over"
        result.figures[name] = int(result.figures.get(name, 0)) + await gateway.handed_over()


async def _recorded(made: Lane) -> None:
    """Hold the audit trails against what was told and committed, where the gateways keep one."""
    trails = await trail.settled([file for each in made.gateways for file in each.trails])
    heard = trail.Heard()
    for each in made.gateways:
        heard.done += each.heard.done
        heard.open += each.heard.open
        heard.asked += each.heard.asked
    if trails:
        trail.recorded(made.verdict, trails, heard, made.upstream.store, (TOKEN, KEY, trail.KEY))


def _judged(made: Lane, pulse: Pulse, files: int) -> None:
    verdict, upstream, starts = made.verdict, made.upstream, sum(each.starts for each in made.gateways)
    outbound.known_fields(verdict, upstream.wire)
    outbound.known_calls(verdict, upstream.wire)
    outbound.few_logins(verdict, upstream, starts, len(made.gateways))
    outbound.few_files(verdict, files, made.gateway.open_files, at_once=20)
    outbound.alive(verdict, pulse.latencies, pulse.failures, is_running=made.gateway.is_running)
    invariants.unmapped_untouched(verdict, upstream.store.records.values())
