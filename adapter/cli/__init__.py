"""The commands: one function each. Here, and in `web/app.py`, the rooms are put together.

Libraries that a command does not need are imported inside it: `--help` answers at once.
"""

import sys
from importlib.metadata import PackageNotFoundError, version

import rich_click as click

from adapter.cli.audit import audit
from adapter.cli.clients import client
from adapter.cli.describing import openapi
from adapter.cli.files import REFUSED
from adapter.cli.health import health
from adapter.cli.mappings import check, explain, init, schema
from adapter.cli.serving import serve
from adapter.cli.standin import demo, sandbox
from adapter.errors import AdapterError, MappingError


def main() -> None:
    """Run the program."""
    try:
        _program()
    except AdapterError as error:
        faults = error.all if isinstance(error, MappingError) else [error]
        for line in (line for each in faults for line in str(each).splitlines()):
            click.echo(f"scim-adapter: {line}", err=True)
        sys.exit(REFUSED)


def program_version() -> str:
    """Return the version of the program."""
    try:
        return version("scim-adapter")
    except PackageNotFoundError:
        return "(run from a checkout)"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(program_version(), prog_name="scim-adapter")
def _program() -> None:
    """A SCIM 2.0 gateway in front of a REST user API, described by one mapping file."""


for _command in (demo, serve, health, client, init, check, explain, schema, openapi, audit, sandbox):
    _program.add_command(_command)
