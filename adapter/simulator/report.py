"""What the demo shows: how far it is, a table of what everything took, and how to try it by hand."""

from collections.abc import Iterable
from itertools import groupby
from types import TracebackType
from typing import Any, Self

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from adapter.simulator.entra import Form
from adapter.simulator.tally import Row

PLAIN_WIDTH = 80  # columns, where no terminal says how many it has
FAILURES_SHOWN = 5


def console() -> Console:
    """Standard output: a terminal as wide as it is, a file or a pipe of 80 columns."""
    output = Console(highlight=False)
    return output if output.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


class Watch:
    """A bar on a terminal, a line for each step elsewhere."""

    def __init__(self, output: Console) -> None:
        self._console = output
        columns = (
            TextColumn("{task.description:<18}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("requests"),
        )
        self._bar = Progress(*columns, console=output, transient=True, disable=not output.is_terminal)
        self._task = self._bar.add_task("", total=None, visible=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, name: str, requests: int) -> None:
        """A step begins."""
        if self._bar.disable:
            self._console.print(f"{name}: {requests} to send")
        self._bar.reset(self._task, description=name, total=requests, visible=True)

    def done(self) -> None:
        """One request is done."""
        self._bar.advance(self._task)


def table(rows: Iterable[Row]) -> Table:
    """What each kind of request took, step by step."""
    shown = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    shown.add_column("Step")
    for heading in ("SCIM\nrequests", "Upstream\ncalls", "Calls a\nrequest", "p50\nms"):
        shown.add_column(heading, justify="right")
    shown.add_column("Outcome")
    for step, kinds in groupby(rows, key=lambda row: row.step):
        shown.add_row(step, style="bold")
        for row in kinds:
            shown.add_row(
                f"  {row.request}",
                str(row.requests),
                str(row.calls),
                f"{row.calls_per_request:.2f}",
                f"{row.p50:.1f}",
                row.result,
                style="red" if row.failures else None,
            )
    return shown


def failures(rows: Iterable[Row]) -> list[str]:
    """The first answers Entra could not accept, each in a line, and how many more there are."""
    told = [f"  {row.step}, {row.request}: {line}" for row in rows for line in row.failures]
    if not told:
        return []
    more = [f"  ... and {len(told) - FAILURES_SHOWN} more"] if len(told) > FAILURES_SHOWN else []
    return ["Answers that Entra could not accept:", *told[:FAILURES_SHOWN], *more, ""]


def load(calls: dict[str, Any], limit: int) -> list[str]:
    """How the upstream was treated: the most calls in flight on a route, and how many it had to turn away."""
    routes = calls["routes"].values()
    busiest = max((route["mostInFlight"] for route in routes), default=0)
    refused = sum(route["statuses"].get("429", 0) for route in routes)
    return [
        f"Most calls in flight on one upstream route: {busiest} (its limit is {limit}).",
        f"Calls that the upstream answered with 429: {refused} of {calls['total']}.",
        "",
    ]


def lines(output: Console, texts: Iterable[str], style: str | None = None) -> None:
    """Print texts as they are, never folded: they are names, or made to be pasted."""
    for text in texts:
        output.print(text, style=style, markup=False, emoji=False, soft_wrap=True)


def invitation(form: Form, user_name: str) -> list[str]:
    """What a stranger needs to go on by hand: the values of Entra's form, and a first query."""
    credentials = f"{form.client_identifier}:{form.client_secret}"
    return [
        "",
        "Both servers stay up until Ctrl-C. What Entra's form asks for:",
        "",
        f"  Tenant URL         {form.tenant_url}",
        f"  Token Endpoint     {form.token_endpoint}",
        f"  Client Identifier  {form.client_identifier}",
        f"  Client Secret      {form.client_secret}",
        "",
        "Or by hand, an access token and then a match query:",
        "",
        f"TOKEN=$(curl -s -u '{credentials}' -d grant_type=client_credentials \\",
        f'  {form.token_endpoint} | sed \'s/.*"access_token": *"\\([^"]*\\)".*/\\1/\')',
        'curl -s -G -H "Authorization: Bearer $TOKEN" \\',
        f"  --data-urlencode 'filter=userName eq \"{user_name}\"' \\",
        f"  {form.tenant_url}/Users",
    ]
