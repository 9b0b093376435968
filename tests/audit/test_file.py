import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.audit.chain import chained
from adapter.audit.file import FileSink
from adapter.audit.reading import numbered
from adapter.audit.verify import Verified
from adapter.errors import SettingsError
from tests.audit.events import changes, event, trail, written


def append(path: Path, *names: str) -> None:
    """Open the trail, write a whole change of each name, and let go of it."""
    sink = FileSink(str(path))
    for name in names:
        sink.append([written(event(name)), written(event(name, "success"))])
        sink.sync()
    sink.close()


def faults(*paths: Path) -> list[str]:
    return [*Verified().faults(line for path in paths for line in numbered(path, lambda _: iter(())))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def test_the_chain_goes_on_after_a_restart(path: Path) -> None:
    append(path, "a", "b")
    append(path, "c")
    assert len(path.read_bytes().splitlines()) == 6
    assert faults(path) == []


def test_nobody_else_can_read_the_file(path: Path) -> None:
    append(path, "a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_another_process_left_open_is_told(path: Path) -> None:
    sink = FileSink(str(path))
    sink.append([written(event("a")), written(event("b")), written(event("b", "success"))])
    sink.close()
    [left] = FileSink(str(path)).unfinished
    assert b'"id":"a"' in left


LINES = trail(*changes(2))
WHOLE = b"".join(line + b"\n" for line in LINES)


@settings(deadline=None)
@given(st.integers(0, len(WHOLE)))
def test_a_crash_at_any_byte_leaves_a_chain_that_goes_on(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "audit.jsonl"
    path.write_bytes(WHOLE[:size])
    append(path, "c")
    kept = [line for at, line in enumerate(LINES) if sum(map(len, LINES[: at + 1])) + at <= size]
    assert path.read_bytes().splitlines()[:-2] == kept
    assert [each for each in faults(path) if "without its event" not in each] == []


def test_a_file_of_something_else_is_refused_and_left_as_it_is(path: Path) -> None:
    deep, _ = chained(b'{"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None)
    for text in (b"hello\n", WHOLE + b"hello\n", WHOLE[:50] + b"\n" + WHOLE, deep + b"\n"):
        path.write_bytes(text)
        with pytest.raises(SettingsError, match="holds something that is no line of an audit trail"):
            FileSink(str(path))
        assert path.read_bytes() == text


def test_a_second_process_is_refused(path: Path) -> None:
    first = FileSink(str(path))
    with pytest.raises(SettingsError, match="is written by another process"):
        FileSink(str(path))
    first.close()
    FileSink(str(path)).close()


@pytest.mark.parametrize("place", ["nowhere/audit.jsonl", "."])
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(SettingsError, match="the audit trail"):
        FileSink(str(tmp_path / place))


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="cannot be opened"):
        FileSink(str(tmp_path / "pipe"))


def test_a_file_that_was_moved_away_is_followed_by_a_new_one(path: Path) -> None:
    sink, old = FileSink(str(path)), path.with_suffix(".1")
    sink.append([written(event("a")), written(event("a", "success")), written(event("open"))])
    path.rename(old)
    sink.append([written(event("b")), written(event("open", "success")), written(event("b", "success"))])
    sink.close()
    assert [each for each in faults(old) if "without its event" not in each] == []
    assert len(faults(old)) == 1  # its event is in the next file
    assert faults(path) == []  # an intent that was open then is repeated there
    assert faults(old, path) == []
    assert path.read_bytes().count(b'"id":"open"') == 2


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note which files are made durable, by their numbers in the file system."""
    told: list[int] = []
    fsync = os.fsync

    def noted(file: int) -> None:
        if stat.S_ISREG(os.fstat(file).st_mode):
            told.append(os.fstat(file).st_ino)
        fsync(file)

    monkeypatch.setattr(os, "fsync", noted)
    return told


def open_files(*paths: Path) -> list[bool]:
    """Tell of each file whether this process has it open."""
    held = {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}
    return [str(path) in held for path in paths]


def test_one_that_was_moved_away_is_made_durable_before_it_is_let_go(path: Path, synced: list[int]) -> None:
    sink, old = FileSink(str(path)), path.with_suffix(".1")
    sink.append([written(each) for each in changes(1)])
    path.rename(old)
    sink.append([written(each) for each in changes(1)])
    assert open_files(old, path) == [True, True]
    sink.sync()
    assert sorted(synced) == sorted([old.stat().st_ino, path.stat().st_ino])
    assert open_files(old, path) == [False, True]
    path.rename(path.with_suffix(".2"))
    sink.append([written(each) for each in changes(1)])
    sink.close()
    assert len(synced) == 4
    assert open_files(path.with_suffix(".2"), path) == [False, False]


def test_one_that_is_moved_away_while_it_is_made_durable_is_open_until_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink, old = FileSink(str(path)), path.with_suffix(".1")
    sink.append([written(each) for each in changes(1)])
    began, go_on, fsync = Event(), Event(), os.fsync

    def held_up(file: int) -> None:
        began.set()
        go_on.wait(10)
        fsync(file)

    with ThreadPoolExecutor(1) as thread, monkeypatch.context() as slow:
        slow.setattr(os, "fsync", held_up)
        syncing = thread.submit(sink.sync)
        began.wait(10)
        slow.undo()
        path.rename(old)
        sink.append([written(each) for each in changes(1)])
        assert open_files(old, path) == [True, True]
        go_on.set()
        syncing.result()
    assert open_files(old, path) == [False, True]
    sink.close()
    assert faults(old, path) == []


def test_what_is_lost_with_one_that_was_moved_away_is_told_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink, old = FileSink(str(path)), path.with_suffix(".1")
    sink.append([written(each) for each in changes(1)])
    lost, fsync = path.stat().st_ino, os.fsync
    path.rename(old)
    sink.append([written(each) for each in changes(1)])

    def failing(file: int) -> None:
        if os.fstat(file).st_ino == lost:
            raise OSError(5, "Input/output error")
        fsync(file)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        sink.sync()
    assert open_files(old) == [False]
    sink.sync()
    sink.close()


def test_so_is_one_that_is_there_already_and_empty(path: Path) -> None:
    sink, old = FileSink(str(path)), path.with_suffix(".1")
    sink.append([written(each) for each in changes(1)])
    path.rename(old)
    path.touch()
    sink.append([written(each) for each in changes(1)])
    sink.close()
    assert faults(old, path) == []


def test_one_that_was_cut_in_its_place_goes_on_at_its_start(path: Path) -> None:
    sink, old = FileSink(str(path)), path.with_suffix(".1")
    sink.append([*(written(each) for each in changes(1)), written(event("open"))])
    old.write_bytes(path.read_bytes())
    os.truncate(path, 0)
    sink.append([written(event("open", "success"))])
    sink.close()
    assert faults(old, path) == []
    assert faults(path) == []


def test_another_file_in_its_place_is_not_written_to(path: Path) -> None:
    sink = FileSink(str(path))
    path.unlink()
    path.write_bytes(b"somebody's")
    with pytest.raises(OSError, match="is not empty"):
        sink.append([written(each) for each in changes(1)])
    path.unlink()
    sink.append([written(each) for each in changes(1)])
    assert faults(path) == []


def test_what_somebody_else_has_written_is_neither_followed_nor_cut_off(path: Path) -> None:
    sink = FileSink(str(path))
    sink.append([written(each) for each in changes(1)])
    with path.open("ab") as other:
        other.write(b"hello\n")
    with pytest.raises(OSError, match="somebody else"):
        sink.append([written(each) for each in changes(1)])
    assert path.read_bytes().endswith(b"hello\n")


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Let a disk take so many bytes of each write as the list says, and then be full."""
    room: list[int] = []
    write = os.write

    def short(file: int, data: bytes | memoryview) -> int:
        if not room:
            return write(file, data)
        if len(data) > room[0]:
            write(file, data[: room[0]])
            raise OSError(28, "No space left on device")
        return write(file, data)

    monkeypatch.setattr(os, "write", short)
    yield room
    room.clear()


def test_a_line_that_finds_no_room_leaves_nothing_behind(path: Path, full: list[int]) -> None:
    sink = FileSink(str(path))
    sink.append([written(each) for each in changes(1)])
    before = path.read_bytes()
    full.append(100)
    with pytest.raises(OSError, match="No space"):
        sink.append([written(each) for each in changes(1)])
    assert path.read_bytes() == before
    full.clear()
    sink.append([written(each) for each in changes(1)])
    assert faults(path) == []


def test_a_part_that_could_not_be_taken_away_at_once_is_taken_away_before_the_next_line(
    path: Path, full: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = FileSink(str(path))
    full.append(100)
    with monkeypatch.context() as broken:
        broken.setattr(os, "ftruncate", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        for _ in range(2):
            with pytest.raises(OSError, match=r"No space|Input/output"):
                sink.append([written(each) for each in changes(1)])
    assert len(path.read_bytes()) == 100
    full.clear()
    sink.append([written(each) for each in changes(1)])
    assert faults(path) == []
