"""A proxy of the kind that companies have: it lets connections through by CONNECT (RFC 9110 section 9.3.6), to one place."""

import asyncio
import contextlib
import ssl

from tests.upstream.listening import Listening


class Proxy(Listening):
    """Answers CONNECT with a status, and where it is 200 leads to a port here, whatever the host; remembers the heads."""

    def __init__(self, port: int, *, status: bytes = b"200 OK", tls: ssl.SSLContext | None = None) -> None:
        self._port, self._status, self._tls = port, status, tls
        self.heads: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        ends = [writer]
        with contextlib.suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(b"HTTP/1.1 " + self._status + b"\r\n\r\n")
            if self._status.startswith(b"200"):
                there, beyond = await asyncio.open_connection("127.0.0.1", self._port)
                ends.append(beyond)
                await asyncio.gather(_led(reader, beyond), _led(there, writer))
        for each in ends:
            each.close()
        self._tasks.discard(task)


async def _led(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    writer.close()
