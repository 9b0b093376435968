"""Each file under tests/broken holds one fault; its first line is the error, without the file's name."""

from pathlib import Path

import pytest

from adapter.errors import MappingError
from adapter.mapping.load import load

FOLDER = Path(__file__).parent.parent / "broken"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_broken_file_is_refused_in_the_words_of_its_first_line(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = text.partition("\n")[0].removeprefix("# ")
    with pytest.raises(MappingError) as refused:
        load(text, file.name)
    assert str(refused.value) == f"{file.name}:{expected}"


def test_there_are_broken_files() -> None:
    assert len(FILES) >= 30


def test_no_message_speaks_the_language_of_programs() -> None:
    words = ("`", "array", "null", "'str'", "regex", "scalar", "None", "True", "dict")
    first_lines = [file.read_text(encoding="utf-8").partition("\n")[0] for file in FILES]
    assert [line for line in first_lines if any(word in line for word in words)] == []
