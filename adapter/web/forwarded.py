"""Who asks, when a proxy stands in front: only a proxy that the operator has named is believed, and only on two headers.

The address serves logs and throttling. Where the gateway is reached never comes from a header: the operator says it.

uvicorn has a middleware for this; it trusts loopback unasked, takes any text for an address, which would then stand in
logs, and reads one of several headers of the name.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"
"""`Forwarded` (RFC 7239) is not read: where two headers say the same, they can disagree."""


class Forwarded:
    """The application behind named proxies: what it sees as the client is the one before the proxies."""

    def __init__(self, app: ASGIApp, trusted: Networks) -> None:
        """`trusted` are the proxies' own addresses; without any, no header is believed."""
        self._app, self._trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        peer = scope.get("client")
        if scope["type"] == ScopeType.HTTP and peer is not None and _is_of(_address(peer[0]), self._trusted):
            headers = scope["headers"]
            address = client_address(peer[0], [value for name, value in headers if name == FOR], self._trusted)
            if address != peer[0]:
                scope["client"] = (address, 0)
            schemes = [value for name, value in headers if name == PROTO]
            if schemes in ([b"http"], [b"https"]):
                scope["scheme"] = schemes[0].decode()
        await self._app(scope, receive, send)


def client_address(peer: str, forwarded: Iterable[bytes], trusted: Networks) -> str:
    """Return the network address of the client.

    `peer` has opened the connection; `forwarded` are the values of X-Forwarded-For, to whose end each proxy adds who
    opened the connection to it. Read from there, the first that is no trusted proxy is the client: whatever stands before
    it the client itself may have written. Where an entry is no address, what is known ends with the one behind it.
    """
    known = peer
    hops = [each for value in forwarded for each in value.split(b",")]
    while hops and _is_of(_address(known), trusted):
        address = _address(hops.pop().decode("latin-1"))
        if address is None:
            break
        known = str(address)
    return known


def _is_of(address: Address | None, among: Networks) -> bool:
    return address is not None and any(address in each for each in among)


def _address(text: str) -> Address | None:
    """Return the address in an entry, which may have a port behind it (`192.0.2.1:4711`, `[2001:db8::1]:4711`)."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
