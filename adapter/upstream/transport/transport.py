"""Calls over connections that are kept, behind the seam that httpx has for transports."""

import ssl
from collections.abc import AsyncIterator

import httpx

from adapter.upstream.transport.connection import Connection
from adapter.upstream.transport.dialing import Origin, origin_of
from adapter.upstream.transport.incoming import Incoming
from adapter.upstream.transport.outgoing import written
from adapter.upstream.transport.pool import KEPT, MOST, Pool


class Transport(httpx.AsyncBaseTransport):
    """Sends requests over HTTP/1.1, and tells what was sent from what was not as httpx's own transport does.

    `context` says whom TLS believes; `most` connections are open at once to one place, and each is kept for `kept` seconds.
    """

    def __init__(self, context: ssl.SSLContext, *, most: int = MOST, kept: float = KEPT) -> None:
        self._context, self._most, self._kept = context, most, kept
        self._pools: dict[Origin, Pool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request; its body may still be on its way, and `aclose` ends that.

        The times of the extension `timeout` are kept as httpx keeps them. Raises httpx.TransportError: ConnectError, ConnectTimeout
        and PoolTimeout say that nothing was sent, and so does LocalProtocolError; any other that it may have been.
        """
        sent = written(request, await request.aread())
        times = request.extensions.get("timeout", {})
        pool = self._pool(origin_of(request.url))
        connection = await pool.take(times.get("pool"), times.get("connect"))
        reply = Incoming(to_head=request.method == "HEAD")
        try:
            await connection.exchange(sent, reply, times.get("write"), times.get("read"))
        except BaseException:
            pool.give(connection)
            raise
        stream: httpx.AsyncByteStream
        if reply.is_complete:
            pool.give(connection)
            stream = httpx.ByteStream(reply.taken())
        else:
            stream = _Body(connection, pool, times.get("read"))
        return httpx.Response(reply.status, headers=reply.headers, stream=stream)

    async def aclose(self) -> None:
        """Close all connections; a request that is under way breaks."""
        for pool in self._pools.values():
            await pool.closed()

    def _pool(self, origin: Origin) -> Pool:
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = Pool(origin, self._context, most=self._most, kept=self._kept)
        return pool


class _Body(httpx.AsyncByteStream):
    """The body of a reply as it arrives; its connection is given back at the end of it, or when it is closed."""

    def __init__(self, connection: Connection, pool: Pool, read: float | None) -> None:
        self._connection: Connection | None = connection
        self._pool, self._read = pool, read

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._connection is None:
            raise StopAsyncIteration
        try:
            part = await self._connection.part(self._read)
        except BaseException:
            await self.aclose()
            raise
        if not part:
            await self.aclose()
            raise StopAsyncIteration
        return part

    async def aclose(self) -> None:
        """Have done with the body, whether or not it was read to its end."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.give(connection)
