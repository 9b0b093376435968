"""What is written is read again as it was."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.draft.written import flow, scalar
from adapter.mapping.source import Source

VALUES = st.recursive(
    st.booleans() | st.integers(-1000, 1000) | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:-#'\"{ ", max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain words", "plain words"),
        ("no", '"no"'),
        ("7", '"7"'),
        ('a "b"', "'a \"b\"'"),
        ("a: b", '"a: b"'),
        (True, "true"),
    ],
)
def test_a_text_has_quotes_where_it_needs_them(value: Any, text: str) -> None:
    assert scalar(value) == text


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert Source("it", f"it: {flow(value)}").data == {"it": value}
