from typing import Any

import pytest

from adapter.errors import MappingError
from adapter.mapping import source
from adapter.mapping.source import Source, document


def data(text: str) -> Any:
    return Source("a.yaml", text).data


@pytest.mark.parametrize(
    "word",
    [
        "no", "No", "yes", "on", "off", "y", "n", "True", "FALSE", "Null", "NULL",  # YAML 1.1 makes other things of
        "2026-11-22", "2026-11-22T10:00:00Z", "10:30", "1:30:00", "190:20:30",  # dates and sexagesimal numbers
        "010", "0o17", "0x1F", "0b11", "00", "-01", "1_000", "+49", "+1.5",  # octal, hexadecimal, binary; an id; a phone
        "1e3", "1.5E-3", ".5", "5.", ".inf", "-.Inf", ".nan", "1.2.3", "=", "<<",  # exponents and what is no number
        "1234567890123456789012345678901",
    ],
)  # fmt: skip
def test_a_word_that_looks_like_something_else_stays_a_text(word: str) -> None:
    assert data(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("0", 0), ("7", 7), ("-7", -7), ("1.5", 1.5), ("-0.25", -0.25), ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)  # fmt: skip
def test_true_false_null_and_numbers_are_what_json_makes_of_them(word: str, value: Any) -> None:
    seen = data(f"a: {word}")["a"]
    assert (type(seen), seen) == (type(value), value)


@pytest.mark.parametrize("word", ["true", "null", "7", "1.5", ""])
def test_what_stands_in_quotes_is_a_text(word: str) -> None:
    assert data(f"a: \"{word}\"\nb: '{word}'") == {"a": word, "b": word}


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert data("no: 1\n404: 2\ntrue: 3\n~: 4") == {"no": 1, "404": 2, "true": 3, "~": 4}


def test_an_error_stands_at_the_nearest_thing_that_has_a_place() -> None:
    read = Source("a.yaml", "one:\n  - two: 3\n    four: 5\n")
    places = {
        (): "1:1",
        ("one",): "2:3",
        ("one", 0): "2:5",
        ("one", 0, "four"): "3:11",
        ("one", 0, "absent"): "2:5",
        ("one", 0, "absent", 7, "deeper"): "2:5",
        ("elsewhere",): "1:1",
    }
    assert {path: str(read.error(path, "x")) for path in places} == {
        path: f"a.yaml:{place}: x" for path, place in places.items()
    }


def test_an_error_can_stand_at_a_key() -> None:
    read = Source("a.yaml", "one:\n  - two: 3\n    four: 5\n")
    assert str(read.error(("one", 0), "x", at_key="four")) == "a.yaml:3:5: x"
    assert str(read.error(("one", 0), "x", at_key="five")) == "a.yaml:2:5: x"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "--- \n...\n"])
def test_a_file_with_nothing_in_it_is_nothing(text: str) -> None:
    assert data(text) is None


def test_a_file_that_no_mapping_can_need_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_CHARACTERS", 10)
    with pytest.raises(MappingError) as refused:
        data("a: 34567890")
    assert str(refused.value) == "a.yaml:1:1: the file has more than 10 characters; no mapping needs that"


def test_thirty_two_lists_may_stand_inside_each_other_and_no_more() -> None:
    assert data("[" * 32 + "]" * 32) is not None
    with pytest.raises(MappingError, match=r"a.yaml:1:33: more than 32 lists and objects"):
        data("[" * 33 + "]" * 33)


def test_a_file_of_brackets_is_refused_at_once() -> None:
    with pytest.raises(MappingError, match=r"a.yaml:1:33"):
        data("[" * 900_000)


def test_lists_beside_each_other_are_not_deep() -> None:
    assert len(data("- [[]]\n- {a: [1]}\n" * 100)) == 200


@pytest.mark.parametrize("text", ['{"a": [1, true]}', "a: [1, yes]", "a: &it [1, true]", '\ufeff{"a": [1, true]}'])
def test_a_document_that_is_not_ours_is_read_as_its_makers_mean_it(text: str) -> None:
    assert document(text, "it") == {"a": [1, True]}


@pytest.mark.parametrize(("text", "place"), [("a: [1", "2:1"), ("a:\n\t- b", "2:1"), ("a: \x00", "1:1")])
def test_what_is_neither_json_nor_yaml_is_refused_at_its_place(text: str, place: str) -> None:
    with pytest.raises(MappingError, match=f"it:{place}: this is neither JSON nor YAML"):
        document(text, "it")


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_a_document_that_goes_too_deep_is_refused(text: str) -> None:
    with pytest.raises(MappingError, match="more than 200 lists and objects stand inside each other"):
        document(text, "it")
