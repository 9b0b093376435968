"""The command that serves the gateway."""

import logging
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import rich_click as click

from adapter.cli.files import shipped_mappings
from adapter.errors import SettingsError

if TYPE_CHECKING:
    from adapter.cli.certificate import Certificate
    from adapter.settings.settings import Settings
    from adapter.web.observer import Traced
    from adapter.web.reload import Reload

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option("--host", default="127.0.0.1", envvar="ADAPTER_HOST", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8080,
    envvar="ADAPTER_PORT",
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 takes a free one.",
)
@click.option(
    "--watch", is_flag=True, help="Take changed files, of mappings, connections and secrets, as soon as they are saved."
)
@click.option("--check", is_flag=True, help="Read everything, say what would be served, or every fault, and end.")
def serve(host: str, port: int, *, watch: bool, check: bool) -> None:
    """Serve SCIM for the connections in the file that ADAPTER_CONFIG names, or for one that the environment describes.

    For one: ADAPTER_MAPPING, ADAPTER_UPSTREAM_URL, ADAPTER_SETTING_<NAME>, ADAPTER_SECRET_<NAME>, ADAPTER_CLIENT_ID,
    ADAPTER_CLIENT_SECRET, ADAPTER_TOKENS, ADAPTER_STORE, ADAPTER_AUDIT, ADAPTER_SIGNING_KEY, ADAPTER_PUBLIC_URL: see the README. Exit status 2 and a
    line for each fault when something is wrong. On SIGHUP all files are read again: the old settings stay if one is wrong.
    On SIGTERM readiness answers 503, requests are still taken for ADAPTER_DRAIN_MS, and all are finished; the exit status is 0.
    ADAPTER_TLS_CERTIFICATE and ADAPTER_TLS_KEY make it HTTPS; a renewed pair is taken by itself, within seconds.
    On SIGUSR1 disables and removals that the guard (ADAPTER_GUARD_MOST) holds are let go.
    """
    from adapter.cli import logs  # noqa: PLC0415
    from adapter.cli.certificate import Certificate  # noqa: PLC0415
    from adapter.cli.redaction import Redaction  # noqa: PLC0415
    from adapter.settings.environment import read  # noqa: PLC0415
    from adapter.web.reload import Reload  # noqa: PLC0415

    redaction = Redaction()

    def described() -> "Settings":
        read_now = read(os.environ, shipped_mappings())
        redaction.know(read_now.every_secret)
        return read_now

    settings = described()
    if not settings.public_url and host not in _LOOPBACK:
        raise SettingsError(["ADAPTER_PUBLIC_URL is missing: set it to how clients reach the gateway, https://host"])
    certificate = Certificate(*settings.network.tls) if settings.network.tls else None
    if check:
        for each in settings.connections:
            names = ", ".join(client.name for client in each.clients)
            click.echo(f"{each.name}: {each.mapping.upstream} at {each.upstream_url}; clients: {names}")
        return
    listening = listening_on(host, port)
    logs.begin(settings.log, settings.log_level, redaction)
    _serve(settings, listening, host, Reload(described, settings, is_watching=watch), certificate)


def _serve(
    settings: "Settings", listening: socket.socket, host: str, reload: "Reload", certificate: "Certificate | None"
) -> None:
    import uvicorn  # noqa: PLC0415

    from adapter.cli.auditing import opened  # noqa: PLC0415
    from adapter.cli.bounded import Patience, bounded  # noqa: PLC0415
    from adapter.cli.draining import Draining  # noqa: PLC0415
    from adapter.settings.settings import TokenClient  # noqa: PLC0415
    from adapter.upstream.times import Times  # noqa: PLC0415
    from adapter.web.app import application  # noqa: PLC0415
    from adapter.web.forwarded import Forwarded  # noqa: PLC0415
    from adapter.web.health import drain  # noqa: PLC0415
    from adapter.web.reload import log_use  # noqa: PLC0415

    every = [client for each in settings.connections for client in each.clients]
    public_url = settings.public_url or address_of(listening, host, "https" if certificate else "http")
    if not settings.signing_keys and not all(isinstance(each, TokenClient) for each in every):
        logging.getLogger("adapter").warning("ADAPTER_SIGNING_KEY is not set: access tokens end with this process")
    traced = _traced() if settings.is_traced else None
    app = application(settings, public_url, reload, opened(settings.audit, settings.store), traced=traced)
    log_use(settings)
    patience = Patience(**settings.patience)  # type: ignore[arg-type]  # one of them is a count
    config = uvicorn.Config(
        Forwarded(app, settings.network.trusted_proxies),
        http=bounded(patience),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe whoever comes from this machine
        timeout_keep_alive=patience.idle,  # type: ignore[arg-type]  # it goes to call_later, which takes a part of a second
        **(certificate.options if certificate else {}),
    )
    for each in settings.connections:
        click.echo(f"Tenant URL  {public_url}{'' if settings.is_alone else f'/{each.name}'}/scim/v2")
    click.echo(f"Token Endpoint  {public_url}/oauth/token")
    sys.stdout.flush()
    for ending in (signal.SIGTERM, signal.SIGINT):
        # uvicorn finishes what is in flight, and then raises the signal again for whoever was there before it.
        signal.signal(ending, lambda *_: sys.exit(0))
    Draining(config, lambda: drain(app.state), Times().drain if settings.drain is None else settings.drain).run(
        sockets=[listening]
    )


def _traced() -> "Traced":
    """Return what begins the span of a request; the extra that it needs is imported only where traces are asked for."""
    from adapter.cli.tracing import provider  # noqa: PLC0415

    made = provider()
    from adapter.web.traces import Traces  # noqa: PLC0415

    return Traces(made).begun


def listening_on(host: str, port: int) -> socket.socket:
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


def address_of(listening: socket.socket, host: str, scheme: str = "http") -> str:
    """Return the address of what listens on a host."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
