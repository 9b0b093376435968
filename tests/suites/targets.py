"""What the suites are let loose on: the gateway on a real socket, with a mapping, in front of a server that fits it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar.types import ASGIApp, Receive, Scope, Send

from adapter.web.app import application
from tests.conversation import mapping_of
from tests.fakes.systems import SYSTEMS, served

TARGETS = ("n-able", "full", "teams")  # names of SYSTEMS


@asynccontextmanager
async def gateway(name: str) -> AsyncIterator[str]:
    """Serve the gateway in front of that system for as long as the context lasts; its SCIM root."""
    apps: list[ASGIApp] = []

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[0](scope, receive, send)  # made when its address is known, which stands in its answers

    system = SYSTEMS[name]
    async with system.server() as upstream, served(late) as url:
        app = application(system.settings(upstream).settings(mapping_of(name)), url)
        async with app.lifespan():
            apps.append(app)
            yield f"{url}/scim/v2"
