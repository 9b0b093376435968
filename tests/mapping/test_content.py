from typing import Any

import pytest

from adapter.mapping.content import filled, texts

VALUES: dict[str, Any] = {"id": 42, "on": False, "list": ["1", "2"], "name": "ada", "setting:org": "a/b"}


@pytest.mark.parametrize(
    ("template", "body"),
    [
        ("{id}", 42),
        ("{on}", False),
        ("{list}", ["1", "2"]),
        ("user {id} is {name}", "user 42 is ada"),
        ("{setting:org}", "a/b"),
        ({"params": {"userId": "{id}", "roles": "{list}", "version": "2.0", "n": 1, "x": None}},
         {"params": {"userId": 42, "roles": ["1", "2"], "version": "2.0", "n": 1, "x": None}}),
        (["{id}", ["{name}"]], [42, ["ada"]]),
        (True, True),
        ("{}", "{}"),
    ],
)  # fmt: skip
def test_a_body_is_filled_and_what_stands_alone_keeps_its_type(template: Any, body: Any) -> None:
    values = VALUES | {"": "{}"}
    made = filled(template, values)
    assert made == body
    assert type(made) is type(body)


def test_every_text_in_a_body_is_found_with_its_way() -> None:
    body = {"a": "x", "b": [{"c": "y"}, 1], "d": None}
    assert list(texts(body)) == [(("a",), "x"), (("b", 0, "c"), "y")]
