import os
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapter.errors import SettingsError
from adapter.store.file import opened


def close(path: Path) -> None:
    for each in opened(str(path)):
        each.close()


def refused(path: Path) -> str:
    with pytest.raises(SettingsError) as error:
        opened(str(path))
    return str(error.value).replace(str(path.parent), "…")


def test_the_file_and_those_beside_it_are_for_nobody_else_to_read(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    before = os.umask(0)
    try:
        writing, reading = opened(str(path))
    finally:
        os.umask(before)
    with closing(writing), closing(reading):
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {"kept.db": 0o600, "kept.db-wal": 0o600, "kept.db-shm": 0o600}


def test_a_file_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    path.touch(0o644)
    close(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_reaches_the_disk_before_it_is_answered_and_a_read_cannot_write(tmp_path: Path) -> None:
    writing, reading = opened(str(tmp_path / "kept.db"))
    with closing(writing), closing(reading):
        assert writing.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert writing.execute("PRAGMA synchronous").fetchone() == (2,)
        assert writing.execute("PRAGMA secure_delete").fetchone() == (1,)
        with pytest.raises(sqlite3.OperationalError):
            reading.execute("DELETE FROM kept")


def test_a_file_without_a_directory_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "no" / "kept.db") == (
        "the store '…/kept.db' cannot be made: there is no directory '…'; make it first"
    )
    (tmp_path / "file").touch()
    assert "there is no directory" in refused(tmp_path / "file" / "kept.db")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "kept.db").mkdir()
    assert refused(tmp_path / "kept.db").startswith("the store '…/kept.db' cannot be opened (")


def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    path.write_text("a letter to Ada, which is longer than a header\n" * 100)
    assert refused(path) == (
        "the store '…/kept.db' is damaged, or no database: restore it from a backup, or move it away with the -wal and "
        "-shm beside it to begin an empty one; what was kept is lost then"
    )
    assert path.read_text().startswith("a letter")


def test_a_file_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    close(path)
    pages = bytearray(path.read_bytes())
    pages[4096:8192] = b"\xff" * 4096
    path.write_bytes(pages)
    assert "is damaged" in refused(path)


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title)")
        other.commit()
    before = path.read_bytes()
    assert refused(path) == "the store '…/kept.db' is another program's database: name another file"
    assert path.read_bytes() == before


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    close(path)
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 3")
    before = path.read_bytes()
    assert refused(path) == (
        "the store '…/kept.db' has layout 3, of a newer version of this program (this one: 2); run that version, or "
        "restore the file as it was before the upgrade"
    )
    assert path.read_bytes() == before


def test_a_file_of_an_older_version_is_brought_up_to_date_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.db"
    close(path)
    with closing(sqlite3.connect(path)) as older:
        older.execute("INSERT INTO kept VALUES ('c', 'User', '1', 'externalId', '\"a\"')")
        older.commit()
    more = ("ALTER TABLE kept ADD COLUMN since", "UPDATE kept SET since = 2")
    monkeypatch.setattr("adapter.store.file._VERSIONS", ((), (), more))
    close(path)
    close(path)  # a second time the column is there already
    with closing(sqlite3.connect(path)) as now:
        assert now.execute("PRAGMA user_version").fetchone() == (3,)
        assert now.execute("SELECT value, since FROM kept").fetchall() == [('"a"', 2)]


def test_a_step_that_fails_leaves_the_file_at_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.db"
    close(path)
    monkeypatch.setattr("adapter.store.file._VERSIONS", ((), (), ("DROP TABLE found", "DROP TABLE nothing")))
    assert "cannot be opened (SQLITE_ERROR)" in refused(path)
    monkeypatch.undo()
    close(path)
    with closing(sqlite3.connect(path)) as now:
        assert now.execute("SELECT count(*) FROM found").fetchone() == (0,)


def test_a_file_that_another_process_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.db"
    close(path)
    monkeypatch.setattr("adapter.store.file.WRITE_WAIT", 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        assert "cannot be opened (SQLITE_BUSY)" in refused(path)


def test_many_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    code = "import sys; from adapter.store.file import opened; sys.stdin.read(); opened(sys.argv[1]); print('opened')"
    path = str(tmp_path / "kept.db")
    made = [
        subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for each in made:
        assert each.stdin is not None
        each.stdin.close()
    for each in made:
        assert each.stdout is not None
        assert each.stdout.read() == "opened\n"
        each.stdout.close()
        assert each.wait() == 0


def test_a_removed_value_is_nowhere_in_the_file_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    writing, reading = opened(str(path))
    with closing(writing), closing(reading):
        writing.execute("INSERT INTO kept VALUES ('c', 'User', '1', 'externalId', '\"Lovelace\"')")
        writing.execute("DELETE FROM kept")
    assert not [each for each in tmp_path.iterdir() if re.search(b"Lovelace", each.read_bytes())]
