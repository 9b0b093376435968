"""Reading one value; what a whole environment says is in test_environment."""

from pathlib import Path

import pytest

from adapter.errors import SettingsError
from adapter.settings.reader import Reader, text_of


def test_what_is_wrong_is_collected_and_reading_goes_on() -> None:
    reader = Reader({"A": "0", "B": "x", "C": "12"})
    assert [reader.number(each, "things") for each in "ABC"] == [None, None, 12]
    assert reader.faults == [f"{each} must be a whole number of things, 1 or more" for each in "AB"]


def test_the_files_that_were_read_are_known(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("the secret\n", encoding="utf-8")
    reader = Reader({"A_FILE": str(file), "B": "in clear"})
    assert (reader.secret("A"), reader.secret("B"), reader.files) == ("the secret", "in clear", [file])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "acme.yaml"
    binary.write_bytes(b"\xff\xfe")
    for unreadable in (tmp_path, binary):
        with pytest.raises(SettingsError, match=str(unreadable)):
            text_of(unreadable)


def test_a_file_in_another_encoding_is_refused_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_bytes("version: 1\nupstream: Büro API\n".encode("cp1252"))
    with pytest.raises(SettingsError) as refused:
        text_of(file)
    assert refused.value.faults == [f"{file}:2: a character stands here that is not UTF-8; save the file as UTF-8"]


def test_a_word_is_one_of_those_that_there_are_in_any_letter_case() -> None:
    reader = Reader({"A": " JSON ", "B": "xml"})
    words = ("json", "console", "none")
    assert [reader.word(each, words, "json") for each in "ABC"] == ["json"] * 3
    assert reader.faults == ["B must be json, console or none"]
