"""The gateway as a process of its own, asked over bare sockets: what a client library would tidy up arrives as it is."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import msgspec

from tests.cli.program import PROGRAM, environment
from tests.conversation import FOLDER
from tests.upstream.server import Answer, Server, reply

TOKEN = "a-static-token-of-thirty-two-characters"
BEARER = f"Authorization: Bearer {TOKEN}"
SECOND = 1.0
"""In which every request is answered."""
WAITING = 0.15
"""Seconds in which a server says nothing that waits for the rest of a request."""
NOBODY = reply(404, '{"code": "no_such_user"}')


class Heard(msgspec.Struct, frozen=True):
    """What came back over a connection: the first answer, how many there were, and whether the server ended it."""

    status: int | None
    headers: dict[str, str]
    body: bytes
    answers: int
    is_closed: bool
    seconds: float

    @property
    def json(self) -> Any:
        """The body of the first answer, decoded."""
        return msgspec.json.decode(self.body)


class Gateway:
    """A running gateway: where it listens, what its upstream saw, and its process."""

    def __init__(self, port: int, upstream: Server, process: asyncio.subprocess.Process) -> None:
        self.port, self.upstream, self.process = port, upstream, process

    async def say(self, sent: bytes, within: float = SECOND) -> Heard:
        """Send bytes on a connection of their own, and hear what comes until it ends or nothing more does."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        began, heard, is_closed = monotonic(), b"", False
        try:
            with contextlib.suppress(ConnectionError):
                writer.write(sent)
                await writer.drain()
            while True:
                left = (began + within - monotonic()) if not heard else WAITING
                part = await asyncio.wait_for(reader.read(65_536), max(left, 0.01))
                if not part:
                    is_closed = True
                    break
                heard += part
        except TimeoutError:
            pass
        except ConnectionError:
            is_closed = True
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        return _heard(heard, monotonic() - began, is_closed=is_closed)

    async def ask(self, line: bytes, *headers: str, body: bytes = b"") -> Heard:
        """Send one whole request with a token, its first line as it is, and hear its answer."""
        fields = ["Host: gateway.test", BEARER, "Connection: close", *headers]
        fields += [f"Content-Length: {len(body)}"] if body else []
        return await self.say(line + b"\r\n" + "\r\n".join(fields).encode() + b"\r\n\r\n" + body)


def _heard(heard: bytes, seconds: float, *, is_closed: bool) -> Heard:
    head, _, rest = heard.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1]) if lines[0] else None
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines[1:])}
    body = rest[: int(headers.get("content-length", len(rest)))]
    answers = len(re.findall(rb"^HTTP/1\.1 \d\d\d", heard, re.MULTILINE))
    return Heard(status, headers, body, answers, is_closed, seconds)


@asynccontextmanager
async def started(url: str, log: Any, **more: str) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """Start the gateway as a process in front of an upstream, for as long as the context lasts; its port."""
    mapping = str(FOLDER / "mappings" / "full.yaml")
    settings = {name: "" for name in environment() if name.startswith("ADAPTER_SETTING_")}
    told = {"ADAPTER_MAPPING": mapping, "ADAPTER_UPSTREAM_URL": url, "ADAPTER_TOKENS": TOKEN}
    told |= {"ADAPTER_BACKOFF_MS": "1", "ADAPTER_SIGNING_KEY": "k" * 40}
    secrets = {"ADAPTER_SECRET_JWT": "", "ADAPTER_SECRET_TOKEN": "the-secret-token"}
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *("serve", "--port", "0"),
        env=environment(**(told | settings | secrets | more)),
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    try:
        assert process.stdout is not None
        said = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        yield int(said.rpartition(":")[2].split("/")[0]), process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def running(
    log: int = asyncio.subprocess.DEVNULL, answer: Answer = NOBODY, **more: str
) -> AsyncIterator[Gateway]:
    """Serve the gateway in front of an upstream that has nobody, for as long as the context lasts."""
    async with Server(answer) as upstream, started(upstream.url, log, **more) as (port, process):
        yield Gateway(port, upstream, process)
