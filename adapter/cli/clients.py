"""The commands about those who may come in."""

from datetime import UTC, datetime, timedelta

import rich_click as click

PREFIX = "scim_"
"""What a credential begins with, so that a scanner for leaked secrets knows it for one."""


def _named(_: click.Context, option: click.Parameter, name: str) -> str:
    """Return a client's name; raises click.BadParameter for one that the file would be refused for."""
    import msgspec  # noqa: PLC0415

    from adapter.settings.document import ConnectionName  # noqa: PLC0415

    try:
        return msgspec.convert(name, ConnectionName)
    except msgspec.ValidationError:
        fault = "a name is small letters, digits and -, beginning with a letter or a digit; 63 of them at the most"
        raise click.BadParameter(fault, param=option) from None


@click.group()
def client() -> None:
    """Make credentials for the clients of a connection."""


@client.command()
@click.argument("kind", type=click.Choice(["token", "credentials"]))
@click.option(
    "--name", default="entra", show_default=True, callback=_named, help="What logs and the audit trail call the client."
)
@click.option("--id", "client_id", help="The Client Identifier of `credentials`; the name and some digits if not said.")
@click.option("--days", default=730, show_default=True, type=click.IntRange(1, 3650), help="How many days it holds.")
def new(kind: str, name: str, client_id: str | None, days: int) -> None:
    """Make a static token, or an identifier with a secret, and print it once, with the lines for gateway.yaml.

    Only its hash goes into the file, and nothing ever prints the credential again. To replace one, add a line beside the
    old one, enter the new credential in Entra, and take the old line away once it is used no more.
    """
    import secrets  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from adapter.settings.secret import digest  # noqa: PLC0415

    shown = PREFIX + secrets.token_urlsafe(32)
    end = datetime.now(tz=UTC).date() + timedelta(days=days)
    line = f'      - {{hash: "sha256:{digest(shown).hex()}", not_after: {end}}}'
    if kind == "token":
        told, held = [("Secret Token", shown)], ["    tokens:", line]
    else:
        client_id = client_id or f"{name}-{secrets.token_hex(4)}"
        told = [("Client Identifier", client_id), ("Client Secret", shown)]
        held = [f"    id: {msgspec.json.encode(client_id).decode()}", "    secrets:", line]
    click.echo("For the client, shown this once:\n")
    for label, value in told:
        click.echo(f"  {label}  {value}")
    click.echo("\nFor gateway.yaml, among the clients of its connection:\n")
    for each in (f"  - kind: {kind}", f'    name: "{name}"', *held):
        click.echo(each)
