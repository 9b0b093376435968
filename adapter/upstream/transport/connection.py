"""One connection to the upstream, and the one request at a time that is on it."""

import asyncio
import select
from collections.abc import Callable
from typing import cast

import httpx

from adapter.upstream.transport.incoming import Incoming

_MOST_UNREAD = 256 * 1024
"""Bytes of a body that wait for their reader before no more are asked for."""


class Connection(asyncio.Protocol):
    """A connection; `lost` is called once, when it is closed, whoever has closed it."""

    def __init__(self, lost: Callable[["Connection"], None]) -> None:
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._arrivals: select.poll | None = None
        self._reply: Incoming | None = None
        self._broken: httpx.TransportError | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._is_full = self._is_paused = False
        self._is_open = True

    # What follows until `exchange` the event loop calls, under names that are its own.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there, with TLS where it has it."""
        self._transport = cast("asyncio.Transport", transport)  # as it is in all but name with uvloop
        if hasattr(select, "poll"):  # else what a server has closed shows only once the event loop has told it
            self._arrivals = select.poll()
            self._arrivals.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        reply = self._reply
        if reply is None:
            self.close()  # nobody has asked for them
            return
        try:
            reply.feed(data)
        except httpx.RemoteProtocolError as error:
            self._break(error)
            return
        if reply.unread > _MOST_UNREAD and not self._is_paused:
            self._is_paused = True
            self._wire.pause_reading()
        if reply.has_head:
            self._wake()

    def eof_received(self) -> None:
        """The other side sends no more, which may be how a reply ends; the connection closes itself then."""
        self._is_open = False
        if self._reply is not None:
            try:
                self._reply.end()
            except httpx.RemoteProtocolError as error:
                self._break(error)
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed, by us, by the other side or by what lies between."""
        self._is_open = False
        if self._reply is not None and not self._reply.is_complete:
            self._broken = self._broken or httpx.ReadError(str(exc or "the connection was closed"))
        self._wake()
        self._lost(self)

    def pause_writing(self) -> None:
        """More is written than the other side takes."""
        self._is_full = True

    def resume_writing(self) -> None:
        """The other side has taken what was written."""
        self._is_full = False
        self._wake()

    async def exchange(self, request: bytes, reply: Incoming, write: float | None, read: float | None) -> None:
        """Send a request and return when the head of its reply is here; both times are in seconds, for each step.

        From here on the request counts as sent. Raises httpx.WriteTimeout, ReadTimeout, ReadError or RemoteProtocolError.
        """
        self._reply = reply
        self._wire.write(request)
        # A server may answer before it has read everything, and then close: its answer counts, as with httpx.
        while self._is_full and not reply.has_head:
            await self._change(write, httpx.WriteTimeout)
        while not reply.has_head:
            await self._change(read, httpx.ReadTimeout)

    async def part(self, read: float | None) -> bytes:
        """Return the next part of the reply's body, or nothing at its end; raises as `exchange` does."""
        reply = self._reply
        while reply is not None:
            if reply.unread:
                part = reply.taken()
                self._resume()
                return part
            if reply.is_complete:
                break
            await self._change(read, httpx.ReadTimeout)
        return b""

    def release(self) -> bool:
        """Have done with a reply, and tell whether another request may follow; if not, the connection is closed."""
        reply, self._reply = self._reply, None
        is_fit = reply is None or (reply.is_complete and reply.may_go_on)
        # What is not written yet belongs to a request that was answered before it was read.
        if is_fit and self.is_open and not self._is_full and not self._wire.get_write_buffer_size():
            self._resume()
            return True
        self.close()
        return False

    @property
    def is_open(self) -> bool:
        """Whether the connection is made, and not known to be closed."""
        return self._is_open and self._transport is not None and not self._transport.is_closing()

    def is_alive(self) -> bool:
        """Tell whether an idle connection may be used: the other side has not closed it, as far as this machine knows."""
        if not self.is_open:
            return False
        # What has arrived and was not told yet can only be the end, or what nobody has asked for.
        return self._arrivals is None or not self._arrivals.poll(0)

    def close(self) -> None:
        """Close at once, whatever is under way."""
        self._is_open = False
        if self._transport is not None:
            self._transport.abort()

    @property
    def _wire(self) -> asyncio.Transport:
        assert self._transport is not None  # noqa: S101 (a connection is made before anybody has it)
        return self._transport

    def _break(self, error: httpx.TransportError) -> None:
        self._broken = error
        self.close()
        self._wake()

    def _resume(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self._wire.resume_reading()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _change(self, seconds: float | None, late: type[httpx.TimeoutException]) -> None:
        """Wait until something has changed; raises what broke the connection, or `late` when it takes too long."""
        if self._broken is not None:
            raise self._broken
        loop = asyncio.get_running_loop()
        self._waiting = waiting = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, _give_up, waiting, late)
        try:
            await waiting
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()


def _give_up(waiting: asyncio.Future[None], late: type[httpx.TimeoutException]) -> None:
    if not waiting.done():
        waiting.set_exception(late("nothing happened in time"))
