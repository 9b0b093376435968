import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapter.audit.chain import chained
from adapter.audit.reading import numbered
from adapter.audit.verify import Verified
from adapter.errors import SettingsError
from adapter.store.store import Store
from adapter.store.trail import TableSink, lines, locked
from tests.audit.events import changes, event, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def opened(path: Path | str) -> TableSink:
    return TableSink(str(path), chained)


def faults(path: Path) -> list[str]:
    return [*Verified().faults(numbered(path, lines))]


def test_the_chain_goes_on_after_a_restart_beside_what_the_store_keeps(path: Path) -> None:
    with Store(str(path), "acme"):
        for _ in range(2):
            sink = opened(path)
            sink.append([written(each) for each in changes(2)])
            sink.sync()
            sink.close()
    assert len([*lines(path)]) == 8
    assert faults(path) == []


def test_what_another_process_left_open_is_told_once(path: Path) -> None:
    sink = opened(path)
    sink.append([written(event("a")), written(event("a")), written(event("b")), written(event("b", "success"))])
    sink.close()
    again = opened(path)
    assert len(again.unfinished) == 1
    assert b'"id":"a"' in again.unfinished[0]
    again.append([written(event("a", "unknown"))])
    again.close()
    with closing(opened(path)) as last:
        assert last.unfinished == []


def test_a_second_process_is_refused(path: Path) -> None:
    first = opened(path)
    with pytest.raises(SettingsError, match="is written by another process"):
        opened(path)
    first.close()
    opened(path).close()


def test_a_place_that_cannot_be_used_is_refused_and_may_be_used_later(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the audit trail needs it"):
        opened(tmp_path / "nowhere" / "store.db")
    (tmp_path / "other").write_bytes(b"hello")
    for _ in range(2):
        with pytest.raises(SettingsError, match="is damaged, or no database"):
            opened(tmp_path / "other")


def test_all_of_what_is_written_at_once_is_there_or_nothing(path: Path) -> None:
    with closing(opened(path)) as sink:
        with closing(sqlite3.connect(path)) as other:
            other.execute(
                "CREATE TRIGGER full AFTER INSERT ON audit WHEN NEW.number = 2 BEGIN SELECT RAISE(ABORT, 'x'); END"
            )
        with pytest.raises(OSError, match="SQLITE_CONSTRAINT"):
            sink.append([written(each) for each in changes(1)])
        assert [*lines(path)] == []


def test_a_store_in_memory_is_for_tests() -> None:
    sink = opened(":memory:")
    sink.append([written(each) for each in changes(1)])
    sink.close()


def test_a_database_without_a_trail_is_none(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title)")
    with pytest.raises(SettingsError, match="it holds no audit trail"):
        [*lines(path)]


def test_processes_that_have_one_lock_together_write_one_chain_and_nobody_else_does(path: Path) -> None:
    lock = locked(str(path))
    both = [TableSink(str(path), chained, lock) for _ in range(2)]
    for number in range(3):
        for name, sink in zip("ab", both, strict=True):
            sink.append([written(event(f"{name}{number}")), written(event(f"{name}{number}", "success"))])
    with pytest.raises(SettingsError, match="written by another process"):
        opened(path)
    assert len([*lines(path)]) == 12
    assert faults(path) == []
    both[0].close()
    with closing(both[1]._writing), closing(both[1]._reading):  # noqa: SLF001 (in another process it has the lock, too)
        pass
