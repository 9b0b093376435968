"""Where the upstream listens, refuses, or lets connections hang; always at the same port."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listening:
    """A port of 127.0.0.1 that is open, closed, or full."""

    def __init__(self, connected: Connected) -> None:
        self.port = 0
        self._connected = connected
        self._server: asyncio.Server | None = None
        self._full: list[socket.socket] = []

    async def open(self) -> None:
        """Take connections."""
        await self.close()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Let nothing listen: whoever connects is refused."""
        for each in self._full:
            each.close()
        self._full.clear()
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def filling(self) -> list[int]:
        """The ports from which its own connections fill it."""
        return [each.getsockname()[1] for each in self._full[1:]]

    async def fill(self) -> None:
        """Listen and accept nobody, with a full backlog: packets are dropped, as by a firewall."""
        await self.close()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        listening.listen(0)
        self._full.append(listening)
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)  # noqa: FBT003 (its only argument)
            one.connect_ex(("127.0.0.1", self.port))
            self._full.append(one)
