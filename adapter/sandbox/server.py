"""The server of the sandbox: both ports in one process and one loop, from start to signal."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal

import msgspec
import uvicorn
from litestar import Litestar

from adapter.sandbox import cove
from adapter.sandbox.api import api as user_api
from adapter.sandbox.control import control as control_port
from adapter.sandbox.gate import Gate
from adapter.sandbox.routes import routes
from adapter.sandbox.seed import seeded
from adapter.sandbox.sessions import Clock, Sessions
from adapter.sandbox.world import World


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How the sandbox shall be."""

    jwt: str  # the service account's permanent token, which the caller gives
    face: Literal["n-central", "cove"] = "n-central"  # whose users it serves
    users: int = 0  # invented ones, to begin with
    stock: bool = False  # whether to serve only what N-able documents
    in_flight: int = 3  # calls at once on one route
    latency: float = 0.0  # seconds that each call takes


def serve(options: Options, api: socket.socket, control: socket.socket) -> None:
    """Serve both ports, on sockets that listen already, until a signal says to end."""
    asyncio.run(_serve(options, api, control))


async def _serve(options: Options, api: socket.socket, control: socket.socket) -> None:
    loop, ending = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(ending.set))
    async with running(options, api, control):
        await ending.wait()


@asynccontextmanager
async def running(
    options: Options, api: socket.socket, control: socket.socket, *, clock: Clock = time.monotonic
) -> AsyncGenerator[None]:
    """The sandbox, served in the caller's own loop for as long as the context lasts."""
    for listening in (api, control):
        # asyncio does this only for sockets that name their protocol; without it each reply waits 40 ms for an ACK.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    servers = [_Server(_config(app)) for app in _applications(options, clock)]
    serving = asyncio.gather(
        *(server.serve([listening]) for server, listening in zip(servers, (api, control), strict=True))
    )
    try:
        yield
    finally:
        for server in servers:
            server.should_exit = True
        await serving


def _applications(options: Options, clock: Clock) -> tuple[Litestar, Litestar]:
    if options.face == "cove":
        users = cove.Cove(options.jwt, options.users, clock)
        return cove.api(users), cove.control(users)
    served = routes(stock=options.stock)
    world = World(store=seeded(options.users), sessions=Sessions(options.jwt, clock), stock=options.stock)
    gate = Gate(world, in_flight=options.in_flight, latency=options.latency)
    return user_api(gate, served), control_port(gate, served)


class _Server(uvicorn.Server):
    """A server that leaves signals alone: one signal has to end both of them."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _config(app: Litestar) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_keep_alive=75,  # longer than a client keeps a connection, so that no call meets a closing one
        timeout_graceful_shutdown=1,  # a stalled call shall not hold up the end
    )
