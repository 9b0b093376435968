"""A new connection to the upstream: its name resolved, its addresses tried side by side (RFC 8305), TLS where it is https."""

import asyncio
import socket
import ssl
from asyncio.staggered import staggered_race  # create_connection has it built in, but not uvloop's
from functools import partial
from itertools import chain, zip_longest
from typing import Any, NamedTuple

import httpx

_HEAD_START = 0.25
"""Seconds that an address has before the next is tried beside it (RFC 8305 section 8)."""
PORTS = {"http": 80, "https": 443}

Address = tuple[Any, ...]
"""What getaddrinfo tells of one: family, kind, protocol, name, and where it is."""


class Origin(NamedTuple):
    """A place where an upstream is."""

    scheme: str
    host: str
    port: int


def origin_of(url: httpx.URL) -> Origin:
    """Return where a URL leads; raises httpx.UnsupportedProtocol unless it is http or https, with a host."""
    scheme, host = url.scheme, url.raw_host
    if scheme not in PORTS or not host:
        raise httpx.UnsupportedProtocol("the URL is not one of http or https, or has no host")
    return Origin(scheme, host.decode("ascii"), url.port or PORTS[scheme])


async def connect(protocol: asyncio.Protocol, origin: Origin, context: ssl.SSLContext, seconds: float | None) -> None:
    """Connect a protocol to an origin; `context` says whom TLS believes, `seconds` bounds all of it.

    Raises httpx.ConnectTimeout or httpx.ConnectError; then nothing is left open.
    """
    loop = asyncio.get_running_loop()
    tls, name = (context, origin.host) if origin.scheme == "https" else (None, None)
    try:
        async with asyncio.timeout(seconds):
            addresses = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
            connected = await first_connected(addresses)
            # From here on the socket is the event loop's, which closes it where this fails.
            await loop.create_connection(lambda: protocol, sock=connected, ssl=tls, server_hostname=name)
    except TimeoutError as error:
        raise httpx.ConnectTimeout("no connection was made in time") from error
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; a ValueError says that no host has such a name
        raise httpx.ConnectError(str(error)) from error


async def first_connected(addresses: list[Address]) -> socket.socket:
    """Return a socket that is connected to the first of these addresses that answers; raises OSError when none does."""
    opened: list[socket.socket] = []
    winner = None
    try:
        tries = [partial(_tried, each, opened) for each in alternating(addresses)]
        winner, _, errors = await staggered_race(tries, _HEAD_START)
    finally:
        for each in opened:
            if each is not winner:
                each.close()
    if winner is None:
        raise next((each for each in errors if each is not None), OSError("there is no address"))
    return winner


async def _tried(address: Address, opened: list[socket.socket]) -> socket.socket:
    family, kind, protocol, _, where = address
    made = socket.socket(family, kind, protocol)
    opened.append(made)
    made.setblocking(False)  # noqa: FBT003
    await asyncio.get_running_loop().sock_connect(made, where)
    return made


def alternating(found: list[Address]) -> list[Address]:
    """Return addresses so that IPv6 and IPv4 take turns, each in the order of the resolver (RFC 8305 section 4)."""
    families: dict[int, list[Address]] = {}
    for each in found:
        families.setdefault(each[0], []).append(each)
    return [each for each in chain.from_iterable(zip_longest(*families.values())) if each is not None]
