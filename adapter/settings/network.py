"""How the process stands in its network: TLS towards clients, who stands in front of it, and its way to the upstream."""

from collections.abc import Mapping as Values
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

import msgspec

from adapter.errors import SettingsError
from adapter.settings.reader import Reader
from adapter.settings.secret import Secret

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says of it; a restart takes another."""

    tls: tuple[Path, Path] | None = None
    """The files of its certificate's chain and of the private key, with which it speaks TLS itself."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Who may say on whose behalf a request comes."""
    upstream_authorities: Path | None = None
    """Who vouches for upstreams, in place of the public authorities."""
    proxies: dict[str, Secret] = {}
    """By their variables; they may hold a password."""
    transport: Literal["own", "httpx"] = "own"
    """What carries the calls to upstreams; by a proxy it is httpx's in any case."""


def read(reader: Reader) -> Network:
    """Return what the environment says; `reader` collects what is wrong with it."""
    certificate, key = reader.text("ADAPTER_TLS_CERTIFICATE"), reader.text("ADAPTER_TLS_KEY")
    if bool(certificate) != bool(key):
        reader.faults.append("ADAPTER_TLS_CERTIFICATE and ADAPTER_TLS_KEY go together; set both or none")
    authorities = reader.text("ADAPTER_UPSTREAM_CA")
    named = {name: reader.text(name) for each in _PROXIES for name in (each, each.lower())}
    return Network(
        tls=(Path(certificate), Path(key)) if certificate and key else None,
        trusted_proxies=_networks(reader, "ADAPTER_TRUSTED_PROXIES"),
        upstream_authorities=Path(authorities) if authorities else None,
        proxies={name: Secret(value) for name, value in named.items() if value},
        transport=_transport(reader),
    )


def network(environment: Values[str, str]) -> Network:
    """Return what the environment says; raises SettingsError with every fault at once."""
    reader = Reader(environment)
    made = read(reader)
    if reader.faults:
        raise SettingsError(reader.faults)
    return made


def _transport(reader: Reader) -> Literal["own", "httpx"]:
    text = reader.text("ADAPTER_TRANSPORT") or "own"
    if text not in ("own", "httpx"):
        reader.faults.append("ADAPTER_TRANSPORT must be own or httpx")
    return "httpx" if text == "httpx" else "own"


def _networks(reader: Reader, variable: str) -> tuple[IPv4Network | IPv6Network, ...]:
    made = []
    for each in (each.strip() for each in reader.text(variable).split(",") if each.strip()):
        try:
            made.append(ip_network(each))
        except ValueError:
            reader.faults.append(f"{variable}: '{each}' is no address or network, such as 10.0.0.7 or 10.0.0.0/8")
    return tuple(made)
