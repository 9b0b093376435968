import csv
import gzip
import io
from pathlib import Path

import msgspec
import pytest

from adapter.audit.chain import link_of
from tests.audit.events import changes, event, trail
from tests.audit.test_report import at, joins, leaves, of
from tests.cli.program import run


def written(path: Path, lines: list[bytes]) -> str:
    path.write_bytes(b"".join(each + b"\n" for each in lines))
    return str(path)


WHOLE = trail(*changes(3))
REPORTED = trail(
    joins("1", at(1)),
    leaves("1", at(2), "failure", reason="Unavailable"),
    leaves("1", at(4)),
    of("2", "user.adopt", "success", at(5), effect="joined", level="warn"),
    leaves("3", at(6), "unknown", reason="TooSlow"),
)


def head(lines: list[bytes]) -> str:
    link = link_of(lines[-1])
    assert link is not None
    return link.hash


def test_a_whole_trail_is_0_and_its_last_hash_is_printed(tmp_path: Path) -> None:
    done = run("audit", "verify", written(tmp_path / "a", WHOLE))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"3 events, 3 intents, 0 faults; its chain begins here\nlast {head(WHOLE)}\n"


def test_a_trail_in_several_files_is_one(tmp_path: Path) -> None:
    first, second = tmp_path / "a.1.gz", tmp_path / "a"
    first.write_bytes(gzip.compress(b"".join(each + b"\n" for each in WHOLE[:3])))
    written(second, WHOLE[3:])
    assert run("audit", "verify", str(first), str(second)).returncode == 0
    assert run("audit", "verify", str(second), str(first)).returncode == 1


def test_a_line_that_was_changed_is_named_and_the_status_is_1(tmp_path: Path) -> None:
    changed = [*WHOLE[:2], WHOLE[2].replace(b'"acme"', b'"acne"'), *WHOLE[3:]]
    done = run("audit", "verify", written(tmp_path / "a", changed))
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'a'}:3: this line was changed after it was written\n"


def test_a_hash_that_was_noted_is_looked_for(tmp_path: Path) -> None:
    file = written(tmp_path / "a", WHOLE[:4])
    assert run("audit", "verify", "--noted", head(WHOLE[:4]), file).returncode == 0
    assert run("audit", "verify", "--noted", head(WHOLE), file).returncode == 1


def test_faults_beyond_twenty_are_counted(tmp_path: Path) -> None:
    done = run("audit", "verify", written(tmp_path / "a", [b"hello"] * 25))
    assert done.stderr.splitlines()[-1] == "… and 5 more"
    assert "25 faults" in done.stdout


def test_chains_of_several_starts_are_allowed_where_it_is_said(tmp_path: Path) -> None:
    file = written(tmp_path / "a", [*WHOLE, *WHOLE])
    assert run("audit", "verify", file).returncode == 1
    assert run("audit", "verify", "--restarts", file).returncode == 0


@pytest.mark.parametrize("command", ["verify", "report"])
def test_a_file_that_cannot_be_read_is_2(tmp_path: Path, command: str) -> None:
    done = run("audit", command, str(tmp_path / "nothing"))
    assert done.returncode == 2
    assert "it cannot be read" in done.stderr


def test_the_table_has_the_figures_and_what_to_look_at(tmp_path: Path) -> None:
    done = run("audit", "report", written(tmp_path / "a", REPORTED))
    assert done.returncode == 0
    figures = dict(each.rsplit(maxsplit=1) for each in done.stdout.splitlines()[:10])
    assert figures == {
        "changes made": "3",
        "joiners": "2",
        "leavers": "1",
        "minutes until they had left, p50": "2880.00",
        "minutes until they had left, most": "2880.00",
        "leavers after more than a day": "1",
        "waiting to leave": "1",
        "taken over": "1",
        "failures": "1",
        "of unknown outcome": "1",
    }
    assert [each for each in ("adopted", "unknown", "waits") if each not in done.stdout] == []


def test_csv_has_a_row_for_each_and_no_formula(tmp_path: Path) -> None:
    evil = of("=1+1", "user.create", "success", at(1), effect="joined")
    done = run("audit", "report", "--format", "csv", written(tmp_path / "a", [*REPORTED, *trail(evil)]))
    rows = [*csv.DictReader(io.StringIO(done.stdout))]
    assert [(each["what"], each["id"], each["minutes"]) for each in rows] == [
        ("joined", "1", ""),
        ("failed", "1", ""),
        ("left", "1", "2880.0"),
        ("adopted", "2", ""),
        ("joined", "2", ""),
        ("unknown", "3", ""),
        ("joined", "'=1+1", ""),
        ("waits to leave", "3", ""),
    ]


def test_json_is_a_document_with_rows_and_summary(tmp_path: Path) -> None:
    done = run("audit", "report", "--format", "json", "--since", "2026-11-04", written(tmp_path / "a", REPORTED))
    told = msgspec.json.decode(done.stdout)
    assert [each["what"] for each in told["rows"]] == ["left", "adopted", "joined", "unknown", "waits to leave"]
    assert (told["summary"]["leavers"], told["summary"]["failures"]) == (1, 0)
    done = run("audit", "report", "--format", "json", "--until", "2026-11-02T00:00:00+00:00", str(tmp_path / "a"))
    assert [each["what"] for each in msgspec.json.decode(done.stdout)["rows"]] == ["joined"]


@pytest.mark.parametrize("since", ["yesterday", "0001-01-01T00:00:00+14:00"])
def test_a_date_that_is_none_is_refused(tmp_path: Path, since: str) -> None:
    done = run("audit", "report", "--since", since, written(tmp_path / "a", trail(event())))
    assert done.returncode == 2
    assert "write it as 2026-11-01" in done.stderr
