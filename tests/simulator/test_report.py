import io
from typing import Any

import pytest
from rich.console import Console

from adapter.simulator import report
from adapter.simulator.entra import Answer, Form
from adapter.simulator.tally import Row

FORM = Form("http://127.0.0.1:1/scim/v2", "http://127.0.0.1:1/oauth/token", "demo-1", "s3cret")
CALLS: dict[str, Any] = {
    "total": 1234,
    "routes": {
        "GET /api/users/{userId}": {"calls": 1000, "statuses": {"200": 998, "429": 2}, "mostInFlight": 2},
        "POST /api/org-units/{orgUnitId}/users": {"calls": 234, "statuses": {"201": 234}, "mostInFlight": 3},
    },
}


def rows(*faults: str) -> list[Row]:
    well = [(f"{number}@example.com", Answer(0.0123, None)) for number in range(1000 - len(faults))]
    badly = [("eve@example.com", Answer(0.5, fault)) for fault in faults]
    return [
        Row("test connection", "probe for groups", "empty", 0, well[:3]),
        Row("initial cycle", "match query", "not there", 1000, well[:]),
        Row("initial cycle", "create", "created", 3000, well + badly),
    ]


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return Console(file=io.StringIO(), width=report.PLAIN_WIDTH, highlight=False)


def text(output: Console) -> str:
    assert isinstance(output.file, io.StringIO)
    return output.file.getvalue()


def test_the_table_fits_a_plain_page(output: Console) -> None:
    output.print(report.table(rows("409 uniqueness: taken")))
    shown = text(output)
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert all(character.isprintable() for character in shown.replace("\n", ""))
    create = next(line for line in shown.splitlines() if "created" in line)
    assert create.split() == ["create", "1000", "3000", "3.00", "12.3", "999", "created,", "1", "failed"]


def test_the_table_names_each_step_once(output: Console) -> None:
    output.print(report.table(rows()))
    assert text(output).count("initial cycle") == 1
    assert text(output).count("test connection") == 1


def test_the_first_failures_are_told_and_the_others_counted() -> None:
    told = report.failures(rows(*[f"500 [{number}]" for number in range(7)]))
    assert told[:2] == [
        "Answers that Entra could not accept:",
        "  initial cycle, create: eve@example.com: 500 [0]",
    ]
    assert told[6:] == ["  ... and 2 more", ""]


def test_without_failures_none_are_told() -> None:
    assert report.failures(rows()) == []


def test_the_load_says_what_the_upstream_had_to_bear() -> None:
    assert report.load(CALLS, 3) == [
        "Most calls in flight on one upstream route: 3 (its limit is 3).",
        "Calls that the upstream answered with 429: 2 of 1234.",
        "",
    ]


def test_an_upstream_that_was_never_called_had_nothing_to_bear() -> None:
    assert report.load({"total": 0, "routes": {}}, 3)[0].endswith(": 0 (its limit is 3).")


def test_lines_are_neither_folded_nor_read_as_markup(output: Console) -> None:
    line = "x" * 100 + " [red] :smile: " + "y" * 100 + " \\"
    report.lines(output, [line], style="red")
    assert text(output) == line + "\n"


def test_elsewhere_than_on_a_terminal_there_is_a_line_for_each_step(output: Console) -> None:
    with report.Watch(output) as watch:
        watch.step("initial cycle", 200)
        watch.done()
        watch.step("disable", 1)
    assert text(output) == "initial cycle: 200 to send\ndisable: 1 to send\n"


def test_on_a_terminal_there_is_a_bar() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    with report.Watch(terminal) as watch:
        watch.step("initial cycle", 200)
        watch.done()
    assert "1/200 requests" in text(terminal)


def test_the_invitation_can_be_pasted() -> None:
    lines = report.invitation(FORM, "ada@example.com")
    assert "  Client Secret      s3cret" in lines
    assert "\n".join(lines[-5:]) == (
        "TOKEN=$(curl -s -u 'demo-1:s3cret' -d grant_type=client_credentials \\\n"
        '  http://127.0.0.1:1/oauth/token | sed \'s/.*"access_token": *"\\([^"]*\\)".*/\\1/\')\n'
        'curl -s -G -H "Authorization: Bearer $TOKEN" \\\n'
        "  --data-urlencode 'filter=userName eq \"ada@example.com\"' \\\n"
        "  http://127.0.0.1:1/scim/v2/Users"
    )
