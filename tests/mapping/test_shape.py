import msgspec
import pytest

from adapter.errors import MappingError
from adapter.mapping.shape import read, read_as, unknown
from adapter.mapping.source import Source
from tests.mapping.minimal import N_ABLE


class Leaf(msgspec.Struct, forbid_unknown_fields=True):
    number: int = 0
    text: str = ""
    texts: dict[str, str] = {}
    either: int | list[int] | None = None


class Tree(msgspec.Struct, forbid_unknown_fields=True):
    leaves: list[Leaf]


def test_a_file_of_the_right_shape_is_its_document() -> None:
    document = read(Source("n-able.yaml", N_ABLE.read_text(encoding="utf-8")))
    assert document.upstream == "N-able user API"
    assert [each.scim for each in document.resources[0].attributes][:2] == ["userName", "active"]


@pytest.mark.parametrize(
    ("leaf", "error"),
    [
        ("number: many", "3:13: this must be a whole number, not a text"),
        ("number: '7'", "3:13: this must be a whole number, not a text; take the quotes away"),
        ("number: 1.5", "3:13: this must be a whole number, not a number"),
        ("number: true", "3:13: this must be a whole number, not true or false"),
        ("number:", "3:12: this must be a whole number, not nothing"),
        ("text: 7", '3:11: this must be a text, not a whole number; put it in quotes: "7"'),
        ("text: 1.5", '3:11: this must be a text, not a number; put it in quotes: "1.5"'),
        ("text: true", '3:11: this must be a text, not true or false; put it in quotes: "true"'),
        ("text: [a]", "3:11: this must be a text, not a list"),
        ("text: {a: b}", "3:11: this must be a text, not an object with keys"),
        ("texts: {a: b, c d: 7, e: 8}", '3:24: this must be a text, not a whole number; put it in quotes: "7"'),
        ("texts: [a]", "3:12: this must be an object with keys, not a list"),
        ("either: [1, b]", "3:17: this must be a whole number, not a text"),
        ("either: {}", "3:13: this must be a whole number or a list, not an object with keys"),
        ("nummber: 7", "3:5: unknown key 'nummber': did you mean 'number'?"),
        ("colour: red", "3:5: unknown key 'colour'; known here: number, text, texts, either"),
        ('"a`b\\nc": 7', "3:5: unknown key 'a`b\nc'; known here: number, text, texts, either"),
    ],
)
def test_a_wrong_value_is_told_in_plain_words_at_its_place(leaf: str, error: str) -> None:
    with pytest.raises(MappingError) as refused:
        read_as(Tree, Source("a.yaml", f"leaves:\n  - number: 1\n  - {leaf}"))
    assert str(refused.value) == f"a.yaml:{error}"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", "1:1: this must be an object with keys, not a list"),
        ("{}", "1:1: the key 'leaves' is missing here; add it"),
    ],
)
def test_a_wrong_file_is_told_at_its_beginning(text: str, error: str) -> None:
    with pytest.raises(MappingError) as refused:
        read_as(Tree, Source("a.yaml", text))
    assert str(refused.value) == f"a.yaml:{error}"


@pytest.mark.parametrize(
    ("name", "known", "way_out", "message"),
    [
        ("usrName", ["userName", "title"], "", "unknown x 'usrName': did you mean 'userName'?"),
        ("usrName", ["userName"], "see there", "unknown x 'usrName': did you mean 'userName'?"),
        ("shoe", ["userName", "title"], "", "unknown x 'shoe'; known here: userName, title"),
        ("shoe", ["userName"], "see there", "unknown x 'shoe'; see there"),
        ("shoe", [], "", "unknown x 'shoe'; none can stand here"),
    ],
)
def test_an_unknown_name_comes_with_the_nearest_one_or_a_way_out(
    name: str, known: list[str], way_out: str, message: str
) -> None:
    assert unknown("x", name, known, way_out) == message
