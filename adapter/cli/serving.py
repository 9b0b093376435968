"""The commands that serve: the gateway, the stand-in upstream, and the demo of both."""

import logging
import os
import secrets
import signal
import socket
import sys
from typing import TYPE_CHECKING, Literal

import rich_click as click

from adapter.cli.files import mapping_in, shipped_mappings
from adapter.errors import SettingsError

if TYPE_CHECKING:
    from adapter.mapping.mapping import Mapping
    from adapter.settings import Declared, Settings
    from adapter.web.reload import Reload

_LOOPBACK = ("127.0.0.1", "localhost", "::1")

_IN_FLIGHT = 3
"""Calls at once that N-central takes on a route."""


@click.command()
@click.option(
    "--users", default=100, show_default=True, type=click.IntRange(10, 100_000), help="How many to provision."
)
@click.option("--once", is_flag=True, help="End after the verdict: exit status 0 only if all is right.")
@click.option(
    "--spoil",
    type=click.Choice(["drop", "double", "alter"]),
    help="Let the upstream spoil one write, to see that the verdict notices.",
)
def demo(users: int, *, once: bool, spoil: str | None) -> None:
    """Show the whole job: start a stand-in upstream and the gateway, and play Entra against them."""
    from adapter.simulator.demo import run  # noqa: PLC0415

    sys.exit(run(users=users, once=once, spoil=spoil))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--watch", is_flag=True, help="Take a changed mapping file as soon as it is saved.")
def serve(host: str, port: int, *, watch: bool) -> None:
    """Serve SCIM for one connection, which the environment describes.

    ADAPTER_MAPPING, ADAPTER_UPSTREAM_URL, ADAPTER_SETTING_<NAME>, ADAPTER_SECRET_<NAME>, ADAPTER_CLIENT_ID,
    ADAPTER_CLIENT_SECRET, ADAPTER_TOKENS, ADAPTER_SIGNING_KEY, ADAPTER_PUBLIC_URL: see the README. Exit status 2 and a
    line for each fault when one of them is wrong. On SIGHUP the mapping is read again: the old one stays if it is wrong.
    """
    from adapter.settings import mapping_file, read  # noqa: PLC0415
    from adapter.web.reload import Reload  # noqa: PLC0415

    file = mapping_file(os.environ, shipped_mappings())

    def described() -> "tuple[Settings, Mapping]":
        mapping = mapping_in(file)
        return read(os.environ, _declared(mapping)), mapping

    settings, mapping = described()
    if not settings.public_url and host not in _LOOPBACK:
        raise SettingsError(["ADAPTER_PUBLIC_URL is missing: set it to how clients reach the gateway, https://host"])
    _serve(settings, mapping, _listening(host, port), host, Reload(described, file if watch else None))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--control-port", default=8082, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--users", default=0, show_default=True, type=click.IntRange(0), help="Users to begin with.")
@click.option(
    "--face",
    type=click.Choice(["n-central", "cove"]),
    default="n-central",
    show_default=True,
    help="Whose users to serve: N-central's by REST, or Cove's by JSON-RPC (partner Acme, 123; API user scim).",
)
@click.option("--stock", is_flag=True, help="Offer only what N-able documents: list, create, me, roles, access groups.")
@click.option(
    "--in-flight", default=_IN_FLIGHT, show_default=True, type=click.IntRange(1), help="Calls at once on a route."
)
@click.option("--latency-ms", default=0, show_default=True, type=click.IntRange(0), help="How long each call takes.")
@click.option("--jwt", help="The service account's permanent token; one is made and shown when it is missing.")
def sandbox(  # noqa: PLR0913 (one argument for each option)
    *,
    host: str,
    port: int,
    control_port: int,
    users: int,
    face: Literal["n-central", "cove"],
    stock: bool,
    in_flight: int,
    latency_ms: int,
    jwt: str | None,
) -> None:
    """Serve the stand-in for N-able's user API, and a control port for faults and for reading its state.

    With --face cove it is that of Cove Data Protection; --stock, --in-flight and --latency-ms are N-central's only.
    """
    from adapter.sandbox.server import Options, serve as serve_sandbox  # noqa: I001, PLC0415

    if face == "cove" and (stock or in_flight != _IN_FLIGHT or latency_ms):
        raise SettingsError(["--stock, --in-flight and --latency-ms are N-central's: leave them out with --face cove"])
    token = jwt or secrets.token_urlsafe(32)
    options = Options(face=face, users=users, stock=stock, in_flight=in_flight, latency=latency_ms / 1000, jwt=token)
    api, control = _listening(host, port), _listening(host, control_port)
    click.echo(f"User API  {_address(api, host)}")
    click.echo(f"Control port  {_address(control, host)}")
    if not jwt:
        click.echo(f"Token  {token}")
    sys.stdout.flush()
    serve_sandbox(options, api, control)


def _declared(mapping: "Mapping") -> "Declared":
    from adapter.settings import Declared  # noqa: PLC0415

    return Declared(
        texts={
            each.name: each.default
            for each in mapping.settings
            if not isinstance(each.default, list) and each.kind != "list"
        },
        lists={
            each.name: each.default
            for each in mapping.settings
            if not isinstance(each.default, str) and each.kind == "list"
        },
        secrets=[each.name for each in mapping.secrets],
    )


def _serve(settings: "Settings", mapping: "Mapping", listening: socket.socket, host: str, reload: "Reload") -> None:
    import uvicorn  # noqa: PLC0415

    from adapter.web.app import application  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # they log URLs, and filters hold names
    public_url = settings.public_url or _address(listening, host)
    if not settings.signing_key and settings.client_id:
        logging.getLogger("adapter").warning("ADAPTER_SIGNING_KEY is not set: access tokens end with this process")
    logging.getLogger("adapter.mapping").info("the mapping %s is in use", mapping.digest)
    config = uvicorn.Config(
        application(settings, mapping, public_url, reload), log_level="warning", access_log=False, server_header=False
    )
    click.echo(f"Tenant URL  {public_url}/scim/v2")
    click.echo(f"Token Endpoint  {public_url}/oauth/token")
    sys.stdout.flush()
    for ending in (signal.SIGTERM, signal.SIGINT):
        # uvicorn finishes what is in flight, and then raises the signal again for whoever was there before it.
        signal.signal(ending, lambda *_: sys.exit(0))
    uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens: bound here, so that a free port is known before anything is said about it."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError([f"cannot listen on {host}:{port}: {reason}"]) from error
    # asyncio does this only for sockets that it made itself; without it each answer waits up to 40 ms for the next one.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _address(listening: socket.socket, host: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
