from typing import Any

import pytest

from adapter.mapping import fields

RECORD = {"data": {"userId": 7, "none": None, "": 1}, "error message": "no", "list": [1]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.userId", 7),
        ("data", RECORD["data"]),
        ("error message", "no"),
        ("data.none", None),
        ("data.absent", fields.ABSENT),
        ("absent.userId", fields.ABSENT),
        ("data.userId.more", fields.ABSENT),
        ("data.none.more", fields.ABSENT),
        ("list.0", fields.ABSENT),
    ],
)
def test_a_field_is_read_by_its_path(path: str, value: Any) -> None:
    assert fields.read(RECORD, path) == value


@pytest.mark.parametrize("body", [None, "a text", [{"data": 1}], 7])
def test_what_is_no_object_has_no_fields(body: Any) -> None:
    assert fields.read(body, "data") is fields.ABSENT


def test_a_field_is_written_with_the_objects_on_its_way() -> None:
    record: dict[str, Any] = {"a": {"x": 1}}
    fields.written(record, "a.y", 2)
    fields.written(record, "b.c.d", None)
    fields.written(record, "e", [3])
    assert record == {"a": {"x": 1, "y": 2}, "b": {"c": {"d": None}}, "e": [3]}


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("a", "a", True),
        ("a", "a.b", True),
        ("a.b.c", "a.b", True),
        ("a.b", "a.c", False),
        ("a", "ab", False),
        ("a.b", "a.bc", False),
    ],
)
def test_two_fields_overlap_when_one_leads_through_the_other(one: str, other: str, overlap: bool) -> None:  # noqa: FBT001
    assert fields.overlap(one, other) is overlap
    assert fields.overlap(other, one) is overlap


@pytest.mark.parametrize(
    ("body", "path", "texts"),
    [
        ({"message": "no"}, "message", ["no"]),
        ({"errors": [{"message": "a"}, {"message": "b"}, {"other": "c"}, "d"]}, "errors.message", ["a", "b"]),
        ({"errors": ["a", 7, None, "b"]}, "errors", ["a", "b"]),
        ([{"message": "a"}], "message", ["a"]),
        ({"message": 7}, "message", []),
        ({}, "message", []),
        ("a text", "message", []),
        (None, "message", []),
    ],
)
def test_texts_are_gathered_from_every_element_on_the_way(body: Any, path: str, texts: list[str]) -> None:
    assert fields.texts(body, path) == texts


LIST = {"custom": [{"id": 1, "value": "x"}, {"id": "3", "value": "y"}, {"name": "Cost.Centre", "value": "z"}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("custom[id=1].value", "x"),
        ("custom[id=3].value", "y"),
        ('custom[id="3"].value', "y"),
        ("custom[name=Cost.Centre].value", "z"),
        ("custom[id=2].value", fields.ABSENT),
        ("custom[id=1].value.more", fields.ABSENT),
        ("other[id=1].value", fields.ABSENT),
        ("custom[value=x].id", 1),
    ],
)
def test_a_field_of_a_chosen_element_is_read(path: str, value: Any) -> None:
    assert fields.read(LIST, path) == value


def test_a_chosen_element_is_made_when_it_is_not_there() -> None:
    record: dict[str, Any] = {"custom": [{"id": 1, "value": "x"}]}
    fields.written(record, "custom[id=1].value", "a")
    fields.written(record, "custom[id=3].value", "b")
    fields.written(record, 'more[kind="4"].deep.value', "c")
    assert record == {
        "custom": [{"id": 1, "value": "a"}, {"id": 3, "value": "b"}],
        "more": [{"kind": "4", "deep": {"value": "c"}}],
    }


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("custom[id=1].value", "custom[id=2].value", False),
        ("custom[id=1].value", "custom[id=1].value", True),
        ("custom[id=1].value", "custom", True),
        ("custom[id=1].value", "custom.value", True),
        ("custom[id=1].value", "custom[name=x].value", False),
    ],
)
def test_fields_of_two_elements_do_not_overlap(one: str, other: str, overlap: bool) -> None:  # noqa: FBT001
    assert fields.overlap(one, other) is overlap
    assert fields.overlap(other, one) is overlap


def test_a_field_is_taken_out_of_a_record() -> None:
    record = {"a": 1, "own": {"secret": 1, "kept": 2}, "list": [1]}
    for path in ("a", "own.secret", "own.none", "none.at.all", "list.at"):
        fields.without(record, path)
    assert record == {"own": {"kept": 2}, "list": [1]}
