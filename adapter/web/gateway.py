"""All connections that are served, and who may come in to which; both change together, when the settings are read anew."""

import asyncio
import contextlib
import logging
import secrets
from functools import partial

from adapter.audit.recorder import Recorder
from adapter.errors import Unauthorized
from adapter.settings.secret import Secret
from adapter.settings.settings import Settings
from adapter.web.assertions import Assertions, fetched
from adapter.web.clients import Admitted, Clients
from adapter.web.connection import Connection
from adapter.web.endpoint import Endpoint
from adapter.web.workers import Workers

_LOG = logging.getLogger("adapter")


class Gateway:
    """What the process serves; `public_url` is where clients reach it, without a slash at its end."""

    def __init__(
        self, settings: Settings, public_url: str, audit: Recorder | None = None, workers: Workers | None = None
    ) -> None:
        """`audit` records each change; `workers` are those that serve, where there are several.

        Raises SettingsError when a connection cannot be served.
        """
        self.public_url, self.is_alone, self._audit = public_url, settings.is_alone, audit
        self.workers = workers
        self.root_of = settings.root_of
        self._own_key = workers.key if workers else Secret(secrets.token_urlsafe(32))
        self._assertions = Assertions(partial(fetched, proxies=settings.network.proxies))
        self.connections: dict[str, Connection] = {}
        self._ending = asyncio.Event()
        self._retiring: set[asyncio.Task[None]] = set()
        self.use(settings)

    def use(self, settings: Settings) -> None:
        """Serve by these settings from the next request on; those under way end as they began.

        Raises SettingsError when a connection cannot be served so; nothing is changed then.
        """
        keys = settings.signing_keys or (self._own_key,)
        made: dict[str, Connection] = {}
        try:
            for each in settings.connections:
                before = self.connections.get(each.name)
                if before is not None and before.is_as(each, keys):
                    made[each.name] = before
                    continue
                base = self.public_url + self.root_of(each.name)
                made[each.name] = Connection(
                    each, keys, base, settings.store, network=settings.network, before=before, trail=self._audit
                )
        except Exception:
            for name, new in made.items():
                old = self.connections.get(name)
                if self.connections and new is not old:
                    self._retire(new, old)
            raise
        clients = Clients(settings.connections, keys, self.public_url, self._assertions)
        for name, old in self.connections.items():
            if made.get(name) is not old:
                self._retire(old, made.get(name))
        self.connections, self.clients = made, clients

    def endpoint(self, admitted: Admitted, name: str | None) -> Endpoint:
        """Return what answers a client at the connection that its address names, `None` where there is only one.

        The token decides the connection, and the address must agree; whether there is another of that name is not told.
        Raises Unauthorized where it does not.
        """
        if name not in (None, admitted.connection) or admitted.connection not in self.connections:
            raise Unauthorized(
                "The token is not for the connection that this address names. Compare the Tenant URL with the credentials in "
                "Entra's configuration."
            )
        return self.connections[admitted.connection].endpoint

    def owner(self, connection: str) -> Workers | None:
        """Return the workers, where another one than this owns a connection; else None, and it is served here."""
        return None if self.workers is None or self.workers.owns(connection) else self.workers

    def release(self) -> None:
        """Let go what the guards against mass loss hold."""
        for each in self.connections.values():
            if each.guard is not None:
                each.guard.release()

    @property
    def trouble(self) -> dict[str, str]:
        """What may be told at an open door: of the only connection what it is, of many how many they are.

        Where several workers serve, one knows its own connections only.
        """
        told = [each.trouble for name, each in self.connections.items() if self.owner(name) is None]
        own = {"audit": self._audit.trail.trouble} if self._audit and self._audit.trail.trouble else {}
        if self.is_alone:
            return told[0] | own
        troubled = sum(map(bool, told))
        return ({"connections": f"{troubled} of {len(told)} in trouble"} if troubled else {}) | own

    async def closed(self) -> None:
        """Finish the writes that are under way, on connections of earlier settings too, and let go of everything."""
        self._ending.set()
        await asyncio.gather(*self._retiring)  # first: what they use was taken over by those that follow
        await asyncio.gather(*(each.closed() for each in self.connections.values()))

    def _retire(self, one: Connection, after: Connection | None) -> None:
        """Let go of a connection when no request is under way on it any more."""

        async def retired() -> None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), one.longest)
            await one.closed(after)

        task = asyncio.get_running_loop().create_task(retired())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
