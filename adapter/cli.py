"""The commands: one function each. Here, and in `web/app.py`, the rooms are put together.

Libraries that a command does not need are imported inside it: `--help` answers at once.
"""

import logging
import os
import secrets
import signal
import socket
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from adapter.errors import AdapterError, MappingError, ScimError, SettingsError

if TYPE_CHECKING:
    from adapter.mapping.document import Setting
    from adapter.mapping.mapping import Mapping
    from adapter.settings import Declared, Settings

REFUSED = 2
"""Exit status when a start is refused: the mapping, the environment or an option is wrong."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main() -> None:
    """Run the program."""
    try:
        _program()
    except AdapterError as error:
        faults = error.all if isinstance(error, MappingError) else [error]
        for line in (line for each in faults for line in str(each).splitlines()):
            click.echo(f"scim-adapter: {line}", err=True)
        sys.exit(REFUSED)


def _version() -> str:
    try:
        return version("scim-adapter")
    except PackageNotFoundError:
        return "(run from a checkout)"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="scim-adapter")
def _program() -> None:
    """A SCIM 2.0 gateway in front of a REST user API, described by one mapping file."""


@_program.command()
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


@_program.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
def serve(host: str, port: int) -> None:
    """Serve SCIM for one connection, which the environment describes.

    ADAPTER_MAPPING, ADAPTER_UPSTREAM_URL, ADAPTER_SETTING_<NAME>, ADAPTER_SECRET_<NAME>, ADAPTER_CLIENT_ID,
    ADAPTER_CLIENT_SECRET, ADAPTER_TOKENS, ADAPTER_SIGNING_KEY, ADAPTER_PUBLIC_URL: see the README. Exit status 2 and a
    line for each fault when one of them is wrong.
    """
    from adapter.settings import mapping_file, read  # noqa: PLC0415

    file = mapping_file(os.environ, shipped_mappings())
    mapping = _mapping(file)
    settings = read(os.environ, _declared(mapping))
    if not settings.public_url and host not in _LOOPBACK:
        raise SettingsError(["ADAPTER_PUBLIC_URL is missing: set it to how clients reach the gateway, https://host"])
    _serve(settings, mapping, _listening(host, port), host)


@_program.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--control-port", default=8082, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--users", default=0, show_default=True, type=click.IntRange(0), help="Users to begin with.")
@click.option("--stock", is_flag=True, help="Offer only what N-able documents: list, create, me, roles, access groups.")
@click.option("--in-flight", default=3, show_default=True, type=click.IntRange(1), help="Calls at once on a route.")
@click.option("--latency-ms", default=0, show_default=True, type=click.IntRange(0), help="How long each call takes.")
@click.option("--jwt", help="The service account's User-API token; one is made and shown when it is missing.")
def sandbox(  # noqa: PLR0913 (one argument for each option)
    *,
    host: str,
    port: int,
    control_port: int,
    users: int,
    stock: bool,
    in_flight: int,
    latency_ms: int,
    jwt: str | None,
) -> None:
    """Serve the stand-in for N-able's user API, and a control port for faults and for reading its state."""
    from adapter.sandbox.server import Options, serve as serve_sandbox  # noqa: I001, PLC0415

    token = jwt or secrets.token_urlsafe(32)
    options = Options(users=users, stock=stock, in_flight=in_flight, latency=latency_ms / 1000, jwt=token)
    api, control = _listening(host, port), _listening(host, control_port)
    click.echo(f"User API  {_address(api, host)}")
    click.echo(f"Control port  {_address(control, host)}")
    if not jwt:
        click.echo(f"User-API token  {token}")
    sys.stdout.flush()
    serve_sandbox(options, api, control)


def shipped_mappings() -> Path:
    """Return the folder of the shipped mappings: inside the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / "mappings"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "mappings"


def _mapping(file: Path) -> "Mapping":
    from adapter.mapping.load import load  # noqa: PLC0415

    return load(_text(file), str(file))


def _named(file: Path) -> Path:
    """Return the file, or the shipped mapping of that name."""
    shipped = shipped_mappings() / f"{file}.yaml"
    if not file.exists() and not shipped.is_file():
        raise SettingsError([f"there is no file '{file}', nor a shipped mapping of that name"])
    return file if file.exists() else shipped


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{file}: the mapping cannot be read ({type(error).__name__})"]) from error


@_program.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check mapping FILES: every fault at its line, the examples beside each file, and the mapping's laws.

    A FILE is a path, or the name of a shipped mapping. Its examples are looked for beside it: acme.examples.yaml for
    acme.yaml. The exit status is 2 when a file has a fault. Nothing is sent anywhere.
    """
    from adapter.mapping.verdict import verdict  # noqa: PLC0415

    failed = False
    for each in files:
        file = _named(each)
        beside = file.with_name(f"{file.stem}.examples.yaml")
        found = verdict(_text(file), str(file), _text(beside) if beside.is_file() else None, str(beside))
        for remark in found.remarks:
            click.echo(f"{remark} (remark)")
        for fault in found.faults:
            click.echo(fault, err=True)
        failed = failed or bool(found.faults)
        if found.mapping is not None and not found.faults:
            held = f"{found.examples} examples hold" if found.examples else "no examples beside it"
            click.echo(f"{file}: no fault; {len(found.mapping.user.rules)} rules, {held}")
    sys.exit(REFUSED if failed else 0)


@_program.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("request")
@click.option(
    "--body", type=click.Path(path_type=Path), help="A file with the request's JSON body; - reads it from here."
)
@click.option(
    "--record", type=click.Path(path_type=Path), help="A file with the upstream's record of the user, as JSON."
)
def explain(file: Path, request: str, body: Path | None, record: Path | None) -> None:
    """Show the calls that a mapping FILE makes for a SCIM REQUEST, in order, with the line that is the reason for each.

    REQUEST is written as 'PATCH /Users/42' or 'GET /Users?filter=userName eq "ada"'. Settings stand for themselves unless
    ADAPTER_SETTING_<NAME> gives them; the upstream is imagined, and nothing is sent anywhere.
    """
    import msgspec  # noqa: PLC0415

    from adapter.mapping.source import Source  # noqa: PLC0415
    from adapter.plan import explain as plans  # noqa: PLC0415
    from adapter.plan.imagined import Imagined  # noqa: PLC0415

    source = Source(str(_named(file)), _text(_named(file)))
    mapping = _mapping(_named(file))
    given = {
        each.name: os.environ.get(f"ADAPTER_SETTING_{each.name.upper()}") or each.default for each in mapping.settings
    }
    values = {each.name: _imagined_setting(each, given[each.name]) for each in mapping.settings}
    bound = mapping.bound(values, secrets.choice)
    sent = sys.stdin.buffer.read() if str(body) == "-" else _text(body).encode() if body else b""
    try:
        kept = msgspec.json.decode(_text(record)) if record else None
    except msgspec.DecodeError as error:
        raise SettingsError([f"{record}: this is not JSON ({error})"]) from error
    try:
        operation, user_id = plans.operation_of(request, sent, bound)
    except ScimError as error:
        click.echo(f"answer {error.status}: {error.detail}")
        return
    for line in plans.explained(operation, bound, source, Imagined(bound, user_id, kept)):
        click.echo(line)


def _imagined_setting(setting: "Setting", given: str | list[str] | None) -> str | list[str]:
    """Return a value for a setting that nobody gives: its own name, so that one sees where it goes."""
    if setting.kind == "list":
        return given.split(",") if isinstance(given, str) else given or [f"<{setting.name}>"]
    if given is None:
        return "0" if setting.kind == "number" else f"<{setting.name}>"
    return given


@_program.command()
@click.option("--markdown", is_flag=True, help="Print the reference for people instead.")
def schema(*, markdown: bool) -> None:
    """Print the JSON Schema of mapping files, for editors that complete and explain as one types."""
    from adapter.mapping import described, reference  # noqa: PLC0415

    click.echo(reference.reference() if markdown else described.text(), nl=False)


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


def _serve(settings: "Settings", mapping: "Mapping", listening: socket.socket, host: str) -> None:
    import uvicorn  # noqa: PLC0415

    from adapter.web.app import application  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # they log URLs, and filters hold names
    public_url = settings.public_url or _address(listening, host)
    if not settings.signing_key and settings.client_id:
        logging.getLogger("adapter").warning("ADAPTER_SIGNING_KEY is not set: access tokens end with this process")
    config = uvicorn.Config(
        application(settings, mapping, public_url), log_level="warning", access_log=False, server_header=False
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
