"""The connections to one place: how many there may be at once, and which are kept for the next request.

Taking one and giving it back cost the same however many there are.
"""

import asyncio
import ssl
from time import monotonic

import httpx

from adapter.upstream.transport.connection import Connection
from adapter.upstream.transport.dialing import Origin, connect

MOST = 100
"""Connections at once, as many as httpx allows; how many calls an upstream bears is for its mapping to say."""
KEPT = 4.0
"""Seconds that a connection is kept for the next request: less than the 5 after which Apache, Node.js and Uvicorn close one,
since what is sent just then may or may not be done, and nobody knows."""


class Pool:
    """The connections to an origin; `context` says whom TLS believes, `kept` is in seconds."""

    def __init__(self, origin: Origin, context: ssl.SSLContext, *, most: int = MOST, kept: float = KEPT) -> None:
        self._origin, self._context, self._kept = origin, context, kept
        self._places = asyncio.Semaphore(most)
        self._open: set[Connection] = set()
        # With the time at which each was given back: the one that has waited longest comes first.
        self._idle: dict[Connection, float] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    async def take(self, wait: float | None, dial: float | None) -> Connection:
        """Return a connection that nobody else has; `wait` bounds the wait for a place, `dial` the making of a new one.

        Both are in seconds. Nothing has been sent on its way by then: raises httpx.PoolTimeout, ConnectTimeout or ConnectError.
        """
        if self._places.locked():
            try:
                async with asyncio.timeout(wait):
                    await self._places.acquire()
            except TimeoutError as error:
                raise httpx.PoolTimeout("no connection became free in time") from error
        else:
            await self._places.acquire()
        since = monotonic() - self._kept
        while self._idle:
            connection, given = self._idle.popitem()
            if given > since and connection.is_alive():
                return connection
            connection.close()
        try:
            return await self._made(dial)
        except BaseException:
            self._places.release()
            raise

    def give(self, connection: Connection) -> None:
        """Take back a connection that its holder has done with; it is kept if another request may follow on it."""
        if connection.release():
            self._idle[connection] = monotonic()
            if self._sweeping is None:
                self._sweep_in(self._kept)
        self._places.release()

    async def closed(self) -> None:
        """Close all connections, those in use, too, and wait until they are."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        for each in self._open:
            each.close()
        while self._open:  # noqa: ASYNC110 (the event loop tells of each that is closed in its next round)
            await asyncio.sleep(0)

    async def _made(self, dial: float | None) -> Connection:
        connection = Connection(self._lost)
        try:
            await connect(connection, self._origin, self._context, dial)
        except BaseException:
            connection.close()
            raise
        if not connection.is_open:
            raise httpx.ConnectError("the connection was closed as soon as it was made")
        self._open.add(connection)
        return connection

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._idle.pop(connection, None)

    def _sweep_in(self, seconds: float) -> None:
        self._sweeping = asyncio.get_running_loop().call_later(seconds, self._sweep)

    def _sweep(self) -> None:
        """Close what has been kept for long enough."""
        self._sweeping = None
        now = monotonic()
        while self._idle:
            connection, given = next(iter(self._idle.items()))
            if given + self._kept > now:
                self._sweep_in(given + self._kept - now)
                return
            del self._idle[connection]
            connection.close()
