"""HTTP/1.1 by hand on raw streams: no library stands between the campaign and the bytes."""

import asyncio
from dataclasses import dataclass, field

END = b"\r\n\r\n"


@dataclass(slots=True)
class Message:
    """A request or a reply, as it came: its first line, its headers by their lower-case names, and the bytes of it."""

    first: str
    headers: dict[str, str]
    head: bytes
    body: bytes = b""


@dataclass(slots=True)
class Seen:
    """One request that the upstream received, and what came of it."""

    number: int
    at: float
    connection: int
    head: bytes
    body: bytes
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    route: str = ""
    """The upstream's name of the call, `create`; empty where it has no such call."""
    about: str = ""
    """Whom it is about: an id or a login."""
    fault: str = ""
    """The fault that was applied to it."""
    committed: bool = False
    """Whether it changed something, or let somebody in."""
    status: int = 0
    """What was answered, or would have been without the fault."""
    shown: list[str] = field(default_factory=list)
    """The logins that the right answer shows."""


async def head_of(reader: asyncio.StreamReader) -> Message:
    """Return a message without its body; raises IncompleteReadError where the other side went away."""
    head = await reader.readuntil(END)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in lines if each)
    }
    return Message(first, headers, head)


async def message_of(reader: asyncio.StreamReader) -> Message:
    """Return a whole message."""
    message = await head_of(reader)
    if message.headers.get("transfer-encoding", "") == "chunked":
        message.body = await _chunks(reader)
    else:
        message.body = await reader.readexactly(int(message.headers.get("content-length", "0")))
    return message


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return a whole reply; `Retry_After` is the header Retry-After."""
    about = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    about |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in about.items())]
    return "\r\n".join(lines).encode() + END + body


def request(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a whole request."""
    about = headers | ({"Content-Length": str(len(body))} if body or method in {"POST", "PUT", "PATCH"} else {})
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in about.items())]
    return "\r\n".join(lines).encode() + END + body
