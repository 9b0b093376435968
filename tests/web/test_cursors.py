import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidCursor
from adapter.web.cursors import MOST_CURSOR, Cursors

KEY = "a-signing-key-of-thirty-two-characters-or-more"
CURSORS = Cursors((KEY,), "acme")
FOREIGN = "The cursor is not one that was given here; begin again without one."
QUERY = 'User\nuserName eq "ada"'
GIVEN = CURSORS.made(b'{"given": 7}', QUERY)


@given(st.text(max_size=300), st.text(max_size=30))
def test_a_cursor_holds_its_position(position: str, query: str) -> None:
    made = CURSORS.made(position.encode(), query)
    assert CURSORS.read(made.encode(), query) == position.encode()
    assert Cursors((KEY,), "acme").read(made.encode(), query) == position.encode()


def test_an_empty_cursor_begins() -> None:
    assert CURSORS.read(b"", QUERY) == b""


def test_a_cursor_fits_into_an_address_and_shows_nothing_of_what_it_holds() -> None:
    made = CURSORS.made(b"next=secret-of-the-upstream", QUERY)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    parts = [base64.urlsafe_b64decode(each + "===") for each in made.split(".")]
    assert not [each for each in parts if b"secret" in each or b"ada" in each]
    assert CURSORS.made(b"next=secret-of-the-upstream", QUERY) != made


@pytest.mark.parametrize("query", ["", QUERY.upper(), QUERY + " ", 'Group\nuserName eq "ada"'])
def test_a_cursor_belongs_to_one_query(query: str) -> None:
    with pytest.raises(InvalidCursor) as refused:
        CURSORS.read(GIVEN.encode(), query)
    assert refused.value.detail == (
        "The cursor belongs to another query; send it with the filter and the order of its first page."
    )


def test_a_cursor_of_a_gateway_with_another_key_is_foreign() -> None:
    with pytest.raises(InvalidCursor, match=FOREIGN):
        CURSORS.read(Cursors(("another key",), "acme").made(b"x", QUERY).encode(), QUERY)


@pytest.mark.parametrize(
    "cursor",
    [
        " ",
        "\0",
        f"{GIVEN}\0",
        f"{GIVEN}x",
        f" {GIVEN}",
        GIVEN[:-6],
        GIVEN.swapcase(),
        "....",
        "a.b.c.d.e",
        "1",
        "é.é.é.é.é",
        "x" * (MOST_CURSOR + 1),
        "[" * MOST_CURSOR,
    ],
    ids=lambda cursor: cursor[:9],
)
def test_what_was_not_given_here_is_foreign(cursor: str) -> None:
    with pytest.raises(InvalidCursor) as refused:
        CURSORS.read(cursor.encode(), QUERY)
    assert refused.value.detail == FOREIGN


@pytest.mark.parametrize(
    "header",
    [
        [],
        {},
        1,
        None,
        "x",
        {"alg": ["dir"]},
        {"alg": "dir", "enc": "A256GCM"},
        {"alg": "none", "enc": "A128GCM"},
        {"alg": "dir", "enc": "A128GCM", "zip": "DEF"},
        {"alg": "dir", "enc": "A128GCM", "crit": ["x"]},
    ],
)
def test_a_cursor_under_another_header_is_foreign(header: Any) -> None:
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidCursor, match=FOREIGN):
        CURSORS.read(f"{encoded}.{GIVEN.partition('.')[2]}".encode(), QUERY)


def test_what_is_too_long_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    long = CURSORS.made(b"x" * MOST_CURSOR, QUERY).encode()
    with pytest.raises(InvalidCursor):
        CURSORS.read(long, QUERY)
    monkeypatch.setattr("adapter.web.cursors.MOST_CURSOR", len(long))
    assert CURSORS.read(long, QUERY) == b"x" * MOST_CURSOR


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(".abcAB0-_=", min_size=1, max_size=60).map(str.encode))
def test_any_bytes_are_a_cursor_of_ours_or_an_invalid_one(cursor: bytes) -> None:
    if cursor:
        with pytest.raises(InvalidCursor):
            CURSORS.read(cursor, QUERY)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GIVEN) - 3), st.sampled_from("abcABC019-_.="))
def test_a_cursor_that_was_altered_anywhere_is_invalid(place: int, character: str) -> None:
    # The last characters are left out: base64 has some bits there that say nothing.
    altered = GIVEN[:place] + character + GIVEN[place + 1 :]
    if altered != GIVEN:
        with pytest.raises(InvalidCursor):
            CURSORS.read(altered.encode(), QUERY)


def test_a_cursor_belongs_to_one_connection() -> None:
    with pytest.raises(InvalidCursor):
        Cursors((KEY,), "another").read(GIVEN.encode(), QUERY)


def test_a_key_is_replaced_without_a_gap() -> None:
    both = Cursors(("a-new-key", KEY), "acme")
    assert both.read(GIVEN.encode(), QUERY) == b'{"given": 7}'
    with pytest.raises(InvalidCursor):
        CURSORS.read(both.made(b"x", QUERY).encode(), QUERY)
