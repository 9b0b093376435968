"""An upstream made of a bare socket, so that it can answer wrongly in every way that a connection allows."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable

import httpx
import msgspec

from adapter.upstream.transport.transport import Transport
from tests.upstream.listening import Listening

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without authorities, whose loading takes longer than any test here."""

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Seen(msgspec.Struct, frozen=True):
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


TOKEN_PATH = "/api/auth/authenticate"


class Server(Listening):
    """Answers requests with the given answers, in order and then the last one again; remembers every request.

    Exchanges for a token stand apart: they are answered by `token`, or with a new token each. With `tls` it is https.
    """

    def __init__(self, *answers: Answer, token: Answer | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.answers, self.token, self._tls = list(answers), token, tls
        self.seen: list[Seen] = []
        self.exchanges: list[Seen] = []
        self.under_way = 0
        self.most_under_way = 0
        self._more = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def arrived(self, count: int) -> None:
        """Wait until that many requests have arrived."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.seen) >= count)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while not writer.is_closing():
                await self._answer(await _request(reader), writer)
        writer.close()
        # A task that ends as cancelled, at the end of the test, is an error for asyncio's streams before Python 3.12.
        with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError, asyncio.CancelledError):
            await writer.wait_closed()
        self._tasks.discard(task)

    async def _answer(self, request: Seen, writer: asyncio.StreamWriter) -> None:
        if request.target.endswith(TOKEN_PATH):
            self.exchanges.append(request)
            answer = self.token or reply(200, tokens(f"token-{len(self.exchanges)}"))
            writer.write(answer) if isinstance(answer, bytes) else await answer(writer)
            return
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        async with self._more:
            self._more.notify_all()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
        finally:
            self.under_way -= 1


async def _request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return Seen(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def tokens(token: object, lifetime: object = 1000) -> str:
    """Return what N-able answers to an exchange."""
    return msgspec.json.encode({"tokens": {"access": {"token": token, "expirySeconds": lifetime}}}).decode()


def reply(status: int, body: bytes | str = b"", *, claim: int | None = None, **headers: str) -> bytes:
    """Return a whole HTTP reply; `claim` is the length that it says it has."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content) if claim is None else claim}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


def broken_off(begun: bytes = b"") -> Answer:
    """Return an answer that ends the connection, perhaps after a part of a reply."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        writer.close()

    return answer


async def reset(writer: asyncio.StreamWriter) -> None:
    """Answer with a TCP reset."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def silence(_: asyncio.StreamWriter) -> None:
    """Answer never."""
    await asyncio.sleep(60)


async def dripping(writer: asyncio.StreamWriter) -> None:
    """Answer a byte at a time, each sooner than any timeout for one read."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


def after(seconds: float, answer: bytes) -> Answer:
    """Return an answer that takes its time."""

    async def slowly(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(answer)

    return slowly


class Full:
    """A place where connections are begun and never made: packets to it are dropped, as by a firewall."""

    def __enter__(self) -> str:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=0)
        address = self._listening.getsockname()
        self._waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)  # noqa: FBT003
            one.connect_ex(address)
            self._waiting.append(one)
        return f"http://127.0.0.1:{address[1]}"

    def __exit__(self, *_: object) -> None:
        for each in (*self._waiting, self._listening):
            each.close()


def refusing() -> str:
    """Return the address of a place where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def transport(name: str, tls: ssl.SSLContext = NO_TLS) -> httpx.AsyncBaseTransport:
    """Return a way to the upstream, made quickly: our `own`, or that of `httpx`."""
    return Transport(tls) if name == "own" else httpx.AsyncHTTPTransport(verify=tls)
