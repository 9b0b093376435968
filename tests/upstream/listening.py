"""What listens on a bare socket for as long as a context lasts, with TLS or without."""

import asyncio
import ssl
from typing import Self


class Listening:
    """Takes connections; each kind says in `_connected` what it does with one, and adds its task to `_tasks`."""

    _tls: ssl.SSLContext | None
    _tasks: set[asyncio.Task[None]]

    async def __aenter__(self) -> Self:
        patience = None if self._tls is None else 0.1  # for the other side's last word, which it need not say
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", 0, ssl=self._tls, ssl_shutdown_timeout=patience
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}" if self._tls is None else f"https://localhost:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError
