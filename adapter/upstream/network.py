"""The way to an upstream: over which transport, whom it believes, and by which proxy it goes there.

Nothing is taken from the environment behind anybody's back (httpx would read it for each client): what stands there is
handed over, so that a wrong proxy is refused at the start, and loopback and networks in NO_PROXY are what one expects.
"""

from collections.abc import Mapping as Values
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from adapter.errors import SettingsError
from adapter.upstream import tls
from adapter.upstream.transport.dialing import PORTS
from adapter.upstream.transport.transport import Transport

Kind = Literal["own", "httpx"]


def way(
    url: str,
    environment: Values[str, str],
    *,
    certificate: str | None = None,
    authorities: Path | None = None,
    kind: Kind = "own",
) -> httpx.AsyncBaseTransport:
    """Return the transport for calls to the host of a URL: our own, or httpx's where it is wanted or a proxy is to be gone by.

    `environment` may name a proxy; `certificate` and `authorities` are those of `tls.context`. Raises SettingsError.
    """
    named, proxy, context = proxy_for(url, environment), None, tls.context(certificate, authorities)
    if named is None and kind == "own":
        return Transport(context)
    if named is not None:
        # Our own certificate is for the upstream; a proxy that speaks TLS is believed likewise, and does not see it.
        believed = tls.context(None, authorities) if named.startswith("https:") else None
        proxy = httpx.Proxy(named, ssl_context=believed)
    return httpx.AsyncHTTPTransport(verify=context, proxy=proxy, trust_env=False)


def client(url: str, seconds: float, environment: Values[str, str]) -> httpx.AsyncClient:
    """Return a client for what is seldom asked for at a URL, by httpx itself; `seconds` bound each step.

    `environment` may name a proxy. Raises SettingsError.
    """
    transport = way(url, environment, kind="httpx")
    return httpx.AsyncClient(transport=transport, follow_redirects=False, timeout=httpx.Timeout(seconds))


def proxy_for(url: str, environment: Values[str, str]) -> str | None:
    """Return the URL of the proxy for the host of a URL, which may hold a name and a password, or None.

    It is that of HTTPS_PROXY or HTTP_PROXY, by the scheme, or else of ALL_PROXY, unless NO_PROXY names the host, a domain that
    it is in, its network, or `*`. The variables may be written in small letters, which count first. The machine itself is
    never asked by a proxy. Raises SettingsError when the proxy is none that HTTP goes by; the message does not hold it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    variable, proxy = next(
        (found for kind in (parts.scheme, "all") if (found := _named(kind, environment))[1]), ("", "")
    )
    if not proxy or _is_exempt(host, parts.port or PORTS[parts.scheme], _named("no", environment)[1]):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        usable = httpx.URL(proxy)
    except httpx.InvalidURL:
        usable = httpx.URL("")
    if usable.scheme not in ("http", "https") or not usable.host:
        raise SettingsError([f"{variable} must be like http://host:3128 or http://name:password@host:3128"])
    return proxy


def _named(kind: str, environment: Values[str, str]) -> tuple[str, str]:
    """Return the variable that names a proxy, and what stands in it."""
    small, large = f"{kind}_proxy", f"{kind}_proxy".upper()
    variable = small if environment.get(small) else large
    return variable, environment.get(variable, "").strip()


def _is_exempt(host: str, port: int, exempt: str) -> bool:
    """Tell whether no proxy is asked for a host; Python's own answer to that is not documented, and knows no networks."""
    entries = [each.strip().lower() for each in exempt.split(",") if each.strip()]
    if "*" in entries:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or any(_covers(each, host, port) for each in entries)
    return address.is_loopback or any(_holds(each, address) for each in entries)


def _covers(entry: str, host: str, port: int) -> bool:
    """Tell whether an entry, `host`, `.domain` or one of them with a port, is about a host's name."""
    name, _, only = entry.partition(":")
    name = name.removeprefix("*").removeprefix(".")
    return (host == name or host.endswith(f".{name}")) and only in ("", str(port))


def _holds(entry: str, address: object) -> bool:
    try:
        return address in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False  # the name of a host
