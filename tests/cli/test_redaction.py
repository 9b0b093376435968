from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.cli.redaction import GONE, MOST, Redaction

SECRET = "the-secret/of+this=process"
CLEAN = Redaction([SECRET, "abc", "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----"])


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("bearer=abc", "bearer …"),
        ("Basic ZW50cmE6c2VjcmV0", "Basic …"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln.", "got …"),
        (f"it was {SECRET}!", "it was …!"),
        ("it was the-secret%2Fof%2Bthis%3Dprocess", "it was …"),
        ("MIIEvQIBADANBg", "…"),
        ("GET https://api.example.com/users/ada?login=ada", "GET https://api.example.com/…"),
        ("https://ada:secret@api.example.com:8443", "https://api.example.com:8443/…"),
        ("GET /users?login=ada&x=1 200", "GET /users?… 200"),
        ("user ada.lovelace@example.com, ädä@example.com", "user …, …"),
        ("Set-Cookie: session=abcdef; Path=/", "Set-Cookie: …"),
        ("{'Cookie': 'session=abcdef'}", "{'Cookie: …"),
        ('{"password": "x y", "n": [{"client_secret": "z"}]}', '{"password": …, "n": [{"client_secret": …}]}'),
        ('a text "{\\"access_token\\": \\"x\\"}"', 'a text "{\\"access_token\\": …}"'),
        ("{'jwt': 'x', 'a': 1}", "{'jwt': …, 'a': 1}"),
        ("api_key=x&grant_type=y", "api_key=…&grant_type=y"),
        ("client_assertion = x", "client_assertion = …"),
        ("a\r\nb\u2028c\x7fd\x1b[31m", "a\\u000d\\u000ab\\u2028c\\u007fd\\u001b[31m"),
        ("a\udc80", "a\\udc80"),
    ],
)
def test_what_no_line_may_hold_is_taken_out(text: str, cleaned: str) -> None:
    assert CLEAN.text(text) == cleaned
    assert CLEAN.text(CLEAN.text(text)) == CLEAN.text(text)


@pytest.mark.parametrize(
    "text",
    [
        "PATCH /Users/{id} 204",
        "the mapping 0a1b2c is in use",
        "the token exchange failed: no token",
        "ADAPTER_SIGNING_KEY is not set: access tokens end with this process",
        "the mapping is not taken: ADAPTER_TOKENS: a static token needs at least 32 characters",
        "acme.yaml:9:5: upstream value 'ENABLED' is in the table twice: it cannot be undone",
        "8d1c2f6e-0a57-4f6e-9d57-0a1b2c3d4e5f",
        "abc",
        "",
    ],
)
def test_what_our_own_lines_say_stays(text: str) -> None:
    assert CLEAN.text(text) == text


def test_a_value_is_cleaned_with_all_that_is_in_it() -> None:
    value = {
        "Password": "x",
        "deep": [{"tokens": ["x"], "who": "ada@example.com"}, ("Bearer x",), 1, None, True, 2.5],
        "ada@example.com": "x",
        "token": None,
        "secret": 7,
        "set": {"Basic eHg="},
        "own": object(),
    }
    assert CLEAN.cleaned(value) == {
        "Password": GONE,
        "deep": [{"tokens": GONE, "who": GONE}, ["Bearer …"], 1, None, True, 2.5],
        GONE: "x",
        "token": None,
        "secret": GONE,
        "set": ["Basic …"],
        "own": "object",
    }


def test_a_longer_secret_is_taken_out_before_the_one_that_it_begins_with() -> None:
    assert Redaction(["secret", "secret-and-more"]).text("secret-and-more") == GONE


def test_a_secret_that_is_read_later_is_known_beside_those_before() -> None:
    redaction = Redaction(["the-first-secret"])
    redaction.know(["the-second-secret"])
    assert redaction.text("the-first-secret and the-second-secret") == f"{GONE} and {GONE}"


def test_a_text_has_an_end() -> None:
    assert CLEAN.text("x" * 1_000_000) == "x" * MOST + GONE


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_surrounds_a_secret_it_is_not_told_and_the_line_is_one(before: str, after: str) -> None:
    told = CLEAN.text(before + SECRET + after)
    assert SECRET not in told
    assert told.isprintable()


UNITS = (
    "token-",
    "a@",
    "@",
    "?",
    "?=",
    "eyJ-",
    "eyJaaaaaa.",
    "a.",
    "cookie ",
    "bearer ",
    "token=",
    '\\"',
    '"token" ',
    "= ",
)


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_takes_long(unit: str) -> None:
    began = perf_counter()
    CLEAN.text(unit * 50_000)
    assert perf_counter() - began < 1.0  # 5 ms; a rule that reads a word again and again takes minutes
