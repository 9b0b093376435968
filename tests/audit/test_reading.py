import gzip
from pathlib import Path

import pytest

from adapter.audit.chain import chained
from adapter.audit.reading import Numbered, numbered
from adapter.errors import SettingsError
from adapter.store.trail import TableSink, lines
from tests.audit.events import changes, trail, written

LINES = trail(*changes(2))


def texts(file: Path) -> list[bytes]:
    return [each.text for each in numbered(file, lines)]


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_bytes(b"\n".join(LINES))
    read = [*numbered(file, lines)]
    assert [each.text for each in read] == LINES
    assert [each.is_whole for each in read] == [True, True, True, False]
    assert read[1].place == f"{file}:2"


def test_a_packed_file_and_a_store_are_read_alike(tmp_path: Path) -> None:
    packed, store = tmp_path / "audit.1.gz", tmp_path / "store.db"
    packed.write_bytes(gzip.compress(b"".join(each + b"\n" for each in LINES)))
    sink = TableSink(str(store), chained)
    sink.append([written(each) for each in changes(2)])
    sink.close()
    assert texts(packed) == texts(store) == LINES


def test_an_empty_file_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert texts(tmp_path / "empty") == []


@pytest.mark.parametrize("content", [None, gzip.compress(b"x" * 1000)[:20]], ids=["none", "a torn packing"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "audit"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="it cannot be read"):
        texts(file)


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.audit.reading.MOST_LINE", 10)
    file = tmp_path / "audit"
    file.write_bytes(b"x" * 25)
    assert [*numbered(file, lines)] == [
        Numbered(file, at + 1, b"x" * size, is_whole=False) for at, size in enumerate((10, 10, 5))
    ]
