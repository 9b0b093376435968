"""The commands about the audit trail: whether it is whole, and what an auditor samples from it."""

import csv
import sys
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import rich_click as click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapter.audit.reading import Numbered
    from adapter.audit.report import Report, Row, Summary

BROKEN = 1
"""Exit status for a trail that is not whole; 2 is for one that cannot be read."""
_MOST_FAULTS = 20
_MOST_ROWS = 50

_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.group()
def audit() -> None:
    """Judge and read the audit trail that ADAPTER_AUDIT makes.

    FILES are those of one trail, the oldest first: as they are, packed by gzip, or the store's file.
    """


@audit.command()
@_FILES
@click.option(
    "--noted", multiple=True, metavar="HASH", help="A hash that an earlier run printed: it must still be there."
)
@click.option("--restarts", is_flag=True, help="Take a new chain in the middle, as each start begins one on stdout.")
def verify(files: tuple[Path, ...], *, noted: tuple[str, ...], restarts: bool) -> None:
    """Tell whether the trail in FILES is whole, and name each line that is not as it was written.

    Every line must follow from the one before it, and every intent must have its event; while the gateway runs, those of
    changes under way have none yet. The last hash is printed: note it where nobody who can write the trail can write, and give
    it as --noted next time, since whoever can write a whole file can also make a new one.

    Exit status: 0 when the trail is whole, 1 when it is not, 2 when it cannot be read.
    """
    from adapter.audit.verify import Verified  # noqa: PLC0415

    judged, count = Verified(restarts=restarts, noted=noted), 0
    for fault in judged.faults(_lines(files)):
        count += 1
        if count <= _MOST_FAULTS:
            click.echo(fault, err=True)
    if count > _MOST_FAULTS:
        click.echo(f"… and {count - _MOST_FAULTS} more", err=True)
    begins = f"it goes on from {judged.first}" if judged.first else "its chain begins here"
    click.echo(f"{judged.events} events, {judged.intents} intents, {count} faults; {begins}")
    click.echo(f"last {judged.head}" if judged.head else "no line")
    sys.exit(BROKEN if count else 0)


@audit.command()
@_FILES
@click.option("--since", help="From this date on, UTC: 2026-11-01, or 2026-11-01T12:00:00.")
@click.option("--until", help="Before this date, UTC.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def report(
    files: tuple[Path, ...], since: str | None, until: str | None, form: Literal["table", "csv", "json"]
) -> None:
    """Show what an auditor samples from the trail in FILES: joiners, leavers, failures, and what nobody knows.

    For each leaver it has the minutes from the first request to disable or remove to the moment when it was done; a request
    that failed and was sent again counts from the first. csv and json hold every joiner and leaver, a table the figures
    and what somebody should look at. Whether the trail is whole is for `verify` to say.
    """
    from adapter.audit.report import Report  # noqa: PLC0415

    made = Report(_instant(since, "--since") or "", _instant(until, "--until") or "~")
    rows = made.rows(_lines(files))
    {"table": _table, "csv": _csv, "json": _json}[form](made, rows)


def _lines(files: tuple[Path, ...]) -> "Iterator[Numbered]":
    from adapter.audit.reading import numbered  # noqa: PLC0415
    from adapter.store.trail import lines  # noqa: PLC0415

    for each in files:
        yield from numbered(each, lines)


def _instant(text: str | None, option: str) -> str | None:
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
        utc = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the second for a day that UTC's calendar does not have
        raise click.BadParameter("write it as 2026-11-01 or 2026-11-01T12:00:00", param_hint=option) from None
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _csv(_: "Report", rows: "Iterator[Row]") -> None:
    from adapter.audit.report import Row as Shown  # noqa: PLC0415

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Shown.__struct_fields__)
    for each in rows:
        cells = (getattr(each, name) for name in Shown.__struct_fields__)
        writer.writerow(["" if cell is None else _harmless(str(cell)) for cell in cells])


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _json(made: "Report", rows: "Iterator[Row]") -> None:
    import msgspec  # noqa: PLC0415

    sys.stdout.write('{"rows":[')
    for at, each in enumerate(rows):
        sys.stdout.write(("," if at else "") + "\n" + msgspec.json.encode(each).decode())
    sys.stdout.write('\n],"summary":' + msgspec.json.encode(made.summary).decode() + "}\n")


def _table(made: "Report", rows: "Iterator[Row]") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from adapter.audit.report import A_DAY  # noqa: PLC0415

    looked = (each for each in rows if each.what not in ("joined", "left") or (each.minutes or 0) > A_DAY)
    last = deque(looked, maxlen=_MOST_ROWS)
    console = Console(highlight=False)
    for name, figure in _figures(made.summary):
        console.print(f"{name:<34}{figure:>10}")
    if not last:
        return
    table = Table(title=f"To look at (the last {_MOST_ROWS} at the most)", title_justify="left")
    for name in ("time", "what", "type", "tenant", "id", "minutes", "reason"):
        table.add_column(name, overflow="fold")
    for each in last:
        minutes = "" if each.minutes is None else f"{each.minutes:.1f}"
        table.add_row(*map(escape, (each.time, each.what, each.type, each.tenant, each.id, minutes, each.reason)))
    console.print(table)


def _figures(summary: "Summary") -> list[tuple[str, str]]:
    def shown(minutes: float | None) -> str:
        return "-" if minutes is None else f"{minutes:.2f}"

    return [
        ("changes made", str(summary.changes)),
        ("joiners", str(summary.joiners)),
        ("leavers", str(summary.leavers)),
        ("minutes until they had left, p50", shown(summary.minutes_p50)),
        ("minutes until they had left, most", shown(summary.minutes_most)),
        ("leavers after more than a day", str(summary.above_a_day)),
        ("waiting to leave", str(summary.waiting)),
        ("taken over", str(summary.adopted)),
        ("failures", str(summary.failures)),
        ("of unknown outcome", str(summary.unknown)),
    ]
