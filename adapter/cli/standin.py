"""The commands that show the gateway: the stand-in upstream, and the demo against it."""

import secrets
import sys
from typing import Literal

import rich_click as click

from adapter.cli.listening import address_of, listening_on
from adapter.errors import SettingsError

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
    api, control = listening_on(host, port), listening_on(host, control_port)
    click.echo(f"User API  {address_of(api, host)}")
    click.echo(f"Control port  {address_of(control, host)}")
    if not jwt:
        click.echo(f"Token  {token}")
    sys.stdout.flush()
    serve_sandbox(options, api, control)
