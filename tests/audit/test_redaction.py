from typing import Any

import pytest

from adapter.audit.redaction import MASK, Redaction, Remembering

ONE, OTHER = Redaction("one key"), Redaction("another key")


@pytest.mark.parametrize("value", ["ada@example.com", 42, True, ["a", "b"], {"a": 1}])
def test_a_hash_tells_equal_values_of_one_attribute_and_nothing_else(value: Any) -> None:
    shown = ONE.shown(value, "hash", "userName")
    assert shown.startswith("h:")
    assert len(shown) == 34
    assert str(value) not in shown
    assert shown == ONE.shown(value, "hash", "userName")
    assert shown not in (ONE.shown(value, "hash", "title"), OTHER.shown(value, "hash", "userName"))


def test_the_order_of_an_objects_keys_makes_no_other_hash() -> None:
    assert ONE.shown({"a": 1, "b": 2}, "hash", "x") == ONE.shown({"b": 2, "a": 1}, "hash", "x")


def test_the_other_ways() -> None:
    assert [ONE.shown("v", how, "x") for how in ("clear", "mask", "drop")] == ["v", MASK, None]


@pytest.mark.parametrize("how", ["clear", "hash", "mask", "drop"])
def test_no_value_is_shown_as_none_in_every_way(how: Any) -> None:
    assert ONE.shown(None, how, "x") is None


def test_one_that_remembers_shows_the_same_and_makes_each_hash_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    made = Redaction.hashed

    def counted(self: Redaction, text: bytes) -> str:
        asked.append(text)
        return made(self, text)

    monkeypatch.setattr(Redaction, "hashed", counted)
    one = Remembering(ONE)
    shown = [one.shown(value, "hash", path) for value in ("a", "b", "a") for path in ("x", "y")]
    assert len(asked) == 4
    assert shown == [ONE.shown(value, "hash", path) for value in ("a", "b", "a") for path in ("x", "y")]
