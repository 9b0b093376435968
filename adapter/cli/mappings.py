"""The commands for those who write mapping files: nothing is sent anywhere, unless `check --live` says so."""

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from adapter.cli.files import REFUSED, named
from adapter.errors import ScimError, SettingsError
from adapter.settings.reader import text_of

if TYPE_CHECKING:
    from adapter.mapping.document import Setting
    from adapter.mapping.mapping import Mapping


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Ask the upstream too: ADAPTER_UPSTREAM_URL and what the mapping declares.")
@click.option("--write", is_flag=True, help="With --live: make a user, change it, disable it, and remove it.")
def check(files: tuple[Path, ...], *, live: bool, write: bool) -> None:
    """Check mapping FILES: every fault at its line, the examples beside each file, and the mapping's laws.

    A FILE is a path, or the name of a shipped mapping. Its examples are looked for beside it: acme.examples.yaml for
    acme.yaml. The exit status is 2 when a file has a fault, or keeps something here and ADAPTER_STORE names no file for it.
    Without --live nothing is sent anywhere.

    With --live one FILE is held against the upstream itself. No user who is there is touched: the rights to change and to
    remove are asked for with an id that nobody has. With --write a user of its own is made, changed, and removed at the end.
    """
    from adapter.cli.live import live as asked_live  # noqa: PLC0415
    from adapter.mapping.verdict import verdict  # noqa: PLC0415

    if write and not live:
        raise SettingsError(["--write goes with --live"])
    if live and len(files) > 1:
        raise SettingsError(["--live holds one mapping against one upstream: name one file"])
    examples = [each for each in files if each.name.endswith(".examples.yaml")]
    if examples:
        raise SettingsError(
            [f"{each}: these are examples, which are checked with their mapping: name that" for each in examples]
        )
    failed = False
    for each in files:
        file = named(each)
        beside = file.with_name(f"{file.stem}.examples.yaml")
        found = verdict(text_of(file), str(file), text_of(beside) if beside.is_file() else None, str(beside))
        for remark in found.remarks:
            click.echo(f"{remark} (remark)")
        faults = [*found.faults, *(_without_store(found.mapping) if found.mapping else [])]
        for fault in faults:
            click.echo(fault, err=True)
        failed = failed or bool(faults)
        if found.mapping is not None and not faults:
            held = f"{found.examples} examples hold" if found.examples else "no examples beside it"
            click.echo(f"{file}: no fault; {sum(len(each.rules) for each in found.mapping.resources)} rules, {held}")
            failed = failed or (live and not asked_live(found.mapping, write=write))
    sys.exit(REFUSED if failed else 0)


def _without_store(mapping: "Mapping") -> list[str]:
    """Return why the mapping cannot be served as the environment is: it keeps something, and there is no store."""
    if os.environ.get("ADAPTER_STORE", "").strip():
        return []
    try:
        mapping.without_store()
    except SettingsError as error:
        return error.faults
    return []


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("request")
@click.option(
    "--body",
    type=click.Path(path_type=Path),
    help="A file with the request's JSON body; - reads it from standard input.",
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
    from adapter.settings.environment import mapping_in  # noqa: PLC0415

    source = Source(str(named(file)), text_of(named(file)))
    mapping = mapping_in(named(file))
    given = {
        each.name: os.environ.get(f"ADAPTER_SETTING_{each.name.upper()}") or each.default for each in mapping.settings
    }
    values = {each.name: _imagined_setting(each, given[each.name]) for each in mapping.settings}
    bound = mapping.bound(values, secrets.choice)
    sent = sys.stdin.buffer.read() if str(body) == "-" else text_of(body).encode() if body else b""
    if not sent and request.partition(" ")[0].upper() in ("POST", "PUT", "PATCH"):
        raise SettingsError([f"'{request}' comes with a body: add --body and a file with its JSON"])
    try:
        kept = msgspec.json.decode(text_of(record)) if record else None
    except msgspec.DecodeError as error:
        raise SettingsError([f"{record}: this is not JSON ({error})"]) from error
    try:
        operation, resource_id, about = plans.operation_of(request, sent, bound)
    except ScimError as error:
        click.echo(f"answer {error.status}: {error.detail}")
        return
    for line in plans.explained(operation, about, source, Imagined(about, resource_id, kept)):
        click.echo(line)


def _imagined_setting(setting: "Setting", given: str | list[str] | None) -> str | list[str]:
    """Return a value for a setting that nobody gives: its own name, so that one sees where it goes."""
    if setting.kind == "list":
        return given.split(",") if isinstance(given, str) else given or [f"<{setting.name}>"]
    if given is None:
        return "0" if setting.kind == "number" else f"<{setting.name}>"
    return given


@click.command()
@click.option("--markdown", is_flag=True, help="Print the reference for people instead.")
def schema(*, markdown: bool) -> None:
    """Print the JSON Schema of mapping files, for editors that complete and explain as one types."""
    from adapter.mapping import described, reference  # noqa: PLC0415

    click.echo(reference.reference() if markdown else described.text(), nl=False)


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--record", type=click.Path(path_type=Path), help="A user as the upstream shows it, where SPEC does not say."
)
def init(spec: Path, file: Path | None, record: Path | None) -> None:
    """Draft a mapping from SPEC: an OpenAPI document, or a sample of a user or of a list of users, in JSON or YAML.

    The draft goes into FILE, which must not exist yet, or else is printed. It passes check as it is: what could not be
    known is unsupported, with a # TODO beside it.
    """
    from adapter.mapping.draft.text import draft  # noqa: PLC0415
    from adapter.mapping.source import document  # noqa: PLC0415

    sample = document(text_of(record), str(record)) if record else None
    text = draft(document(text_of(spec), str(spec)), str(spec), sample)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise SettingsError([f"{file} is there already; name a new file"]) from None
    except OSError as error:
        raise SettingsError([f"{file}: it cannot be written ({type(error).__name__})"]) from error
    click.echo(
        f"{file}: {text.count('# TODO') - 1} things to decide, each marked # TODO; then: scim-adapter check {file}"
    )
