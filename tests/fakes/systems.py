"""Servers that keep users, each with the mapping of its name: they listen on real sockets in the test's own loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import msgspec
import uvicorn
from litestar.types import ASGIApp

from adapter.cli.listening import listening_on
from adapter.sandbox.server import Options, running
from adapter.settings.secret import Secret
from tests.conversation import SETTINGS, Given
from tests.fakes import directory, gitlab

CREDENTIAL = "the-service-account-s-permanent-token"


class System(msgspec.Struct, frozen=True, kw_only=True):
    """A server, what its mapping asks for, and what the mapping says that it cannot do."""

    server: Callable[[], AbstractAsyncContextManager[str]]
    values: dict[str, Any] = {}
    secret: str = "token"
    cannot: frozenset[str] = frozenset()

    def settings(self, url: str, credential: str = CREDENTIAL) -> Given:
        """Return what an operator would configure."""
        times = {"request": 10.0, "attempt": 5.0, "backoff": 0.001}
        return msgspec.structs.replace(
            SETTINGS,
            upstream_url=url,
            values=self.values,
            secrets={self.secret: Secret(credential)},
            times=times,
            store=":memory:",
        )


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application for as long as the context lasts; its address."""
    with listening_on("127.0.0.1", 0) as listening:
        server = _Quiet(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        )
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def sandbox(**options: Any) -> AsyncIterator[str]:
    """Serve the sandbox for as long as the context lasts; its address."""
    ports = [listening_on("127.0.0.1", 0) for _ in range(2)]
    async with running(Options(jwt=CREDENTIAL, **options), *ports):
        yield f"http://127.0.0.1:{ports[0].getsockname()[1]}"


_ORG = {"org_unit": "50", "role_ids": ["1001"], "access_group_ids": ["2001"]}
SYSTEMS = {
    "n-able": System(server=lambda: sandbox(users=3), values=_ORG, secret="jwt"),
    "access-groups": System(server=lambda: sandbox(users=3), values=_ORG, secret="jwt"),
    "n-central": System(
        server=lambda: sandbox(users=3, stock=True),
        values=_ORG,
        secret="jwt",
        cannot=frozenset({"change", "disable", "delete", "change a group", "delete a group"}),
    ),
    "cove": System(
        server=lambda: sandbox(users=3, face="cove"),
        values={"partner": "Acme", "partner_id": "123", "role_id": "5", "user": "scim"},
        cannot=frozenset({"disable"}),
    ),
    "full": System(server=lambda: served(directory.application(directory.Directory(CREDENTIAL)))),
    "teams": System(server=lambda: served(directory.application(directory.Directory(CREDENTIAL)))),
    "gitlab": System(
        server=lambda: served(gitlab.application(gitlab.GitLab(CREDENTIAL))),
        values={"access_level": "10"},
        cannot=frozenset({"delete a group"}),
    ),
}
