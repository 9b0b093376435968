"""The command that asks a gateway whether it is alive, for images that hold neither curl nor a shell."""

import os
import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address

import rich_click as click

_SECONDS = 3.0
_OKAY = 200


@click.command()
@click.option(
    "--host", default="127.0.0.1", envvar="ADAPTER_HOST", show_default=True, help="The address that it listens on."
)
@click.option("--port", default=8080, envvar="ADAPTER_PORT", show_default=True, type=click.IntRange(1, 65535))
def health(host: str, port: int) -> None:
    """Ask the gateway on this machine whether it is alive: exit status 0 if it is, else 1 and why.

    Host, port and whether it speaks TLS are those of `serve` in the same environment: ADAPTER_HOST, ADAPTER_PORT and
    ADAPTER_TLS_CERTIFICATE. No proxy is asked.
    """
    try:
        status = _status(_reachable(host), port, tls=bool(os.environ.get("ADAPTER_TLS_CERTIFICATE", "").strip()))
    except (OSError, HTTPException) as error:
        click.echo(f"scim-adapter: it does not answer at {host}:{port} ({type(error).__name__})", err=True)
        sys.exit(1)
    if status != _OKAY:
        click.echo(f"scim-adapter: it answers {status} at {host}:{port}", err=True)
        sys.exit(1)


def _status(host: str, port: int, *, tls: bool) -> int:
    if tls:
        # Its certificate names the public host, not this one; it is asked whether it is there, and told nothing.
        unnamed = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unnamed.check_hostname, unnamed.verify_mode = False, ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection(host, port, timeout=_SECONDS, context=unnamed)
    else:
        connection = HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """Return an address at which what listens on a host is reached: loopback, where it listens on all of them."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"  # noqa: PLR2004 (of the Internet Protocol)
