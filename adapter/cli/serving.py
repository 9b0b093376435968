"""The command that serves the gateway."""

import contextlib
import gc
import logging
import os
import secrets
import signal
import socket
import sys
from typing import TYPE_CHECKING, NamedTuple

import rich_click as click

from adapter.cli.files import shipped_mappings
from adapter.cli.listening import address_of, listening_on
from adapter.errors import AdapterError, SettingsError
from adapter.settings.reader import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapter.cli.certificate import Certificate
    from adapter.settings.settings import Settings
    from adapter.web.observer import Traced
    from adapter.web.reload import Reload
    from adapter.web.workers import Workers

_LOG = logging.getLogger("adapter")

_MANY = 10_000
"""Objects; each request that is under way has 175. With 32 of them a search after each 700 takes 15 µs of a request's time."""


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
    "--workers",
    default=1,
    envvar="ADAPTER_WORKERS",
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that share the connections out among them.",
)
@click.option(
    "--watch", is_flag=True, help="Take changed files, of mappings, connections and secrets, as soon as they are saved."
)
@click.option(
    "--check",
    is_flag=True,
    help="Read everything, say what would be served, or every fault, and end. The port, the store and the audit trail are not opened.",
)
def serve(host: str, port: int, workers: int, *, watch: bool, check: bool) -> None:
    """Serve SCIM for the connections in the file that ADAPTER_CONFIG names, or for one that the environment describes.

    For one: ADAPTER_MAPPING, ADAPTER_UPSTREAM_URL, ADAPTER_SETTING_<NAME>, ADAPTER_SECRET_<NAME>, ADAPTER_CLIENT_ID,
    ADAPTER_CLIENT_SECRET, ADAPTER_TOKENS, ADAPTER_STORE, ADAPTER_AUDIT, ADAPTER_SIGNING_KEY, ADAPTER_PUBLIC_URL: see the README. Exit status 2 and a
    line for each fault when something is wrong. On SIGHUP all files are read again: the old settings stay if one is wrong.
    On SIGTERM readiness answers 503, requests are still taken for ADAPTER_DRAIN_MS, and all are finished; the exit status is 0.
    ADAPTER_TLS_CERTIFICATE and ADAPTER_TLS_KEY make it HTTPS; a renewed pair is taken by itself, within seconds.
    On SIGUSR1 disables and removals that the guard (ADAPTER_GUARD_MOST) holds are let go.
    """
    from adapter.cli import auditing, logs  # noqa: PLC0415
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
    if not settings.public_url and host not in LOOPBACK:
        raise SettingsError(["ADAPTER_PUBLIC_URL is missing: set it to how clients reach the gateway, https://host"])
    certificate = Certificate(*settings.network.tls) if settings.network.tls else None
    count = min(workers, len(settings.connections))
    auditing.check(settings.audit, count)
    if check:
        _check(settings)
        return
    listening = listening_on(host, port)
    logs.begin(settings.log, settings.log_level, redaction)
    if count < workers:
        _LOG.warning("workers: %d, as many as there are connections; one is never divided", count)
    _warn(settings)
    public_url = settings.public_url or address_of(listening, host, "https" if certificate else "http")
    served = Served(settings, public_url, listening, certificate, Reload(described, settings, is_watching=watch))
    if count == 1:
        _serve(served)
    else:
        _share(served, count, described, is_watching=watch)


def _check(settings: "Settings") -> None:
    """Say what would be served; raise SettingsError for what the start would be refused for."""
    from adapter.scim.limits import Limits  # noqa: PLC0415
    from adapter.web.connection import wire  # noqa: PLC0415

    Limits(**settings.limits)
    if settings.is_traced:
        _traced()
    for each in settings.connections:
        each.mapping.bound(each.values, secrets.choice)
        if not settings.store:
            each.mapping.without_store()
        wire(each, settings.network)
        names = ", ".join(client.name for client in each.clients)
        click.echo(f"{each.name}: {each.mapping.upstream} at {each.upstream_url}; clients: {names}")
    for remark in settings.remarks:
        click.echo(f"{remark} (remark)")


def _warn(settings: "Settings") -> None:
    """Log what is no fault, and probably not meant."""
    from adapter.settings.settings import FederatedClient, SecretClient  # noqa: PLC0415

    for remark in settings.remarks:
        _LOG.warning("%s", remark)
    every = [client for each in settings.connections for client in each.clients]
    if not settings.signing_keys and any(isinstance(each, SecretClient | FederatedClient) for each in every):
        _LOG.warning("ADAPTER_SIGNING_KEY is not set: access tokens end with this process")


class Served(NamedTuple):
    """What is served, and where."""

    settings: "Settings"
    public_url: str
    listening: socket.socket
    certificate: "Certificate | None"
    reload: "Reload"


def _share(served: Served, count: int, described: "Callable[[], Settings]", *, is_watching: bool) -> None:
    """Become as many workers, and serve in each; the parent ends the program when they have."""
    import uvicorn  # noqa: F401, PLC0415 (before there are several of us, so that each has it)

    import adapter.web.app  # noqa: F401, PLC0415 (likewise)
    from adapter.cli import auditing  # noqa: PLC0415
    from adapter.cli.certificate import Certificate  # noqa: PLC0415
    from adapter.cli.workers import Parent  # noqa: PLC0415
    from adapter.settings.secret import Secret  # noqa: PLC0415
    from adapter.web.reload import Reload  # noqa: PLC0415
    from adapter.web.shares import Shares  # noqa: PLC0415
    from adapter.web.workers import Workers  # noqa: PLC0415

    settings = served.settings
    lock = auditing.lock(settings.audit, settings.store)
    shares, key = Shares([each.name for each in settings.connections], count), Secret(secrets.token_urlsafe(32))

    def reread() -> None:
        nonlocal settings
        with contextlib.suppress(AdapterError):  # the workers say what is wrong, and keep the old ones
            settings = described()

    place = Parent(count, served.listening).place(lambda: _tell(served), reread, is_watching=is_watching)
    certificate = served.certificate
    if settings.network.tls:  # one that is started again shows what is there now, and not what its parent began with
        with contextlib.suppress(SettingsError):
            certificate = Certificate(*settings.network.tls)
    workers = Workers(shares, place.number, place.folder, key, place.begun)
    reload = Reload(described, settings, is_watching=is_watching)
    _serve(served._replace(settings=settings, reload=reload, certificate=certificate), workers, lock)


def _tell(served: Served) -> None:
    """Say where clients find what is served; where standard output is the audit trail's, the log says it."""
    if served.settings.audit.to == "stdout":
        _LOG.info("listening at %s", served.public_url)
        return
    for each in served.settings.connections:
        click.echo(f"Tenant URL  {served.public_url}{served.settings.root_of(each.name)}")
    click.echo(f"Token Endpoint  {served.public_url}/oauth/token")
    sys.stdout.flush()


def _serve(served: Served, workers: "Workers | None" = None, lock: int | None = None) -> None:
    import uvicorn  # noqa: PLC0415

    from adapter.cli.auditing import opened  # noqa: PLC0415
    from adapter.cli.bounded import Patience, bounded  # noqa: PLC0415
    from adapter.cli.draining import Draining  # noqa: PLC0415
    from adapter.upstream.times import Times  # noqa: PLC0415
    from adapter.web.app import application  # noqa: PLC0415
    from adapter.web.forwarded import Forwarded  # noqa: PLC0415
    from adapter.web.health import drain  # noqa: PLC0415
    from adapter.web.reload import log_use  # noqa: PLC0415

    settings, certificate = served.settings, served.certificate
    traced = _traced() if settings.is_traced else None
    recorder = opened(settings.audit, settings.store, workers, lock)
    app = application(settings, served.public_url, served.reload, recorder, traced=traced, workers=workers)
    log_use(settings)
    patience = Patience(**settings.patience)  # type: ignore[arg-type]  # one of them is a count
    proxies = settings.network.trusted_proxies
    config = uvicorn.Config(
        Forwarded(app, proxies) if proxies else app,
        http=bounded(patience),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe whoever comes from this machine
        timeout_keep_alive=patience.idle,  # type: ignore[arg-type]  # it goes to call_later, which takes a part of a second
        **(certificate.options if certificate else {}),
    )
    _settle()
    for ending in (signal.SIGTERM, signal.SIGINT):
        # uvicorn finishes what is in flight, and then raises the signal again for whoever was there before it.
        signal.signal(ending, lambda *_: sys.exit(0))
    if workers is None:
        # Nobody's ends the process: they wait until they can be heard, in web/.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP, signal.SIGUSR1])
        _tell(served)
    Draining(config, lambda: drain(app.state), Times().drain if settings.drain is None else settings.drain).run(
        sockets=[served.listening]
    )


def _settle() -> None:
    """Keep what is there by now out of every search for garbage to come: it stays as long as the process does.

    To go through it, 90,000 objects, takes 50 ms in which nobody is answered. What a request makes goes with the request, so
    that little is found among it: a search begins when there are more objects than those of requests that are under way.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MANY)


def _traced() -> "Traced":
    """Return what begins the span of a request; the extra that it needs is imported only where traces are asked for."""
    from adapter.cli.tracing import provider  # noqa: PLC0415

    made = provider()
    from adapter.web.traces import Traces  # noqa: PLC0415

    return Traces(made).begun
