"""The command that describes the gateway itself to other programs."""

import os
from pathlib import Path

import rich_click as click

from adapter.cli.files import named


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--url", default="http://127.0.0.1:8080/scim/v2", show_default=True, help="The Tenant URL that `serve` prints."
)
def openapi(file: Path, url: str) -> None:
    """Print what the gateway serves for a mapping FILE, as an OpenAPI 3.1 document in JSON.

    FILE is a path, or the name of a shipped mapping. What the upstream has no call for is not in the document, nor what a
    store would keep unless ADAPTER_STORE names one. ADAPTER_MOST_OPERATIONS and the other limits are told as they are set.
    """
    import msgspec  # noqa: PLC0415

    from adapter.cli import program_version  # noqa: PLC0415
    from adapter.scim.limits import Limits  # noqa: PLC0415
    from adapter.settings.environment import limits, mapping_in  # noqa: PLC0415
    from adapter.web.openapi import described  # noqa: PLC0415

    mapping = mapping_in(named(file))
    served = mapping if os.environ.get("ADAPTER_STORE", "").strip() else mapping.without_store()
    document = described(served, url.rstrip("/"), program_version(), Limits(**limits(os.environ)))
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
