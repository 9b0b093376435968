"""Filters and PATCH paths as an attacker writes them: without end, without sense, and in the languages of upstreams."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest

from adapter.errors import InvalidFilter, InvalidPath
from adapter.scim.filter import read, read_place
from adapter.scim.limits import USUAL
from tests.attacks.world import BEARER, is_refused, world
from tests.conversation import asked, gateway, mapping_of

ENDLESS: dict[str, str] = {
    "parentheses": "(" * 100_000,
    "closed parentheses": "(" * 2_000 + "title pr" + ")" * 2_000,
    "not": "not (" * 10_000,
    "brackets": "emails[" * 10_000,
    "or": " or ".join(["title pr"] * 10_000),
    "and": " and ".join(["title pr"] * 10_000),
    "dots": "a" + ".a" * 8_000,
    "dots alone": "." * 8_000,
    "colons": "urn:" + "a:" * 50_000,
    "blanks": " " * 100_000 + "x",
    "backslashes": 'title eq "' + "\\" * 100_001 + '"',
    "quotes": '"' * 100_000,
    "digits": "title eq " + "9" * 100_000,
}
"""SEC-17's inputs: what has ended other readers by the depth of their recursion."""
SENSELESS: dict[str, str] = {
    "a string that does not end": 'userName eq "ada',
    "an escape that does not end": 'userName eq "ada\\"',
    "half an escape": 'userName eq "\\u00"',
    "half a character": 'userName eq "\\ud800"',
    "an escape of nothing": 'userName eq "\\x41"',
    "a raw line end": 'userName eq "a\nb"',
    "a raw NUL": 'userName eq "a\0b"',
    "a NUL as a name": '\0 eq "a"',
    "a number out of range": "title eq 1e999",
    "no value": "userName eq",
    "no operator": "userName",
    "an unknown operator": 'userName like "a%"',
    "two filters": 'userName eq "a" userName eq "b"',
    "SQL": "userName eq 'a' OR 1=1 --",
    "SQL behind a string": 'userName eq "a" or 1=1',
    "a comment": 'userName eq "a" /* x */',
    "a semicolon": 'userName eq "a"; DROP TABLE users',
    "FIQL": "userName==a;id=gt=0",
    "OData": "$filter=userName eq 'a'",
    "LDAP": "(&(uid=*)(|(a=*)))",
    "Lucene": "userName:* OR id:[0 TO 9]",
    "a look-alike of a quote with a blank": "userName eq \u201cada lovelace\u201d",
    "a long name": "x" * 4_000 + ' eq "1"',
    "a full-width name": '\uff55serName eq "ada"',
    "an attribute of the program": '__class__ eq "x"',
    "a number for a boolean": "active eq 1",
    "a boolean for a text": "userName gt true",
    "an attribute that nobody has": 'shoeSize eq "42"',
}
PLACES: dict[str, str] = {
    "brackets": "emails[" * 10_000,
    "parentheses": "emails[" + "(" * 100_000,
    "dots": "name" + ".givenName" * 8_000,
    "a string that does not end": 'emails[type eq "work',
    "a bracket that does not end": 'emails[type eq "work"',
    "more behind it": 'emails[type eq "work"].value.more',
    "a NUL": "userName\0",
    "a step": "../admin",
    "a pointer (RFC 6901)": "/userName",
    "an expression": "{{7*7}}",
    "not": "emails[" + "not (" * 5_000 + "]",
    "a number": "emails[0].value",
    "a blank": "user Name",
}


@pytest.mark.parametrize("wanted", [*ENDLESS.values(), *SENSELESS.values()], ids=[*ENDLESS, *SENSELESS])
async def test_a_filter_that_cannot_be_answered_is_refused_before_anything_is_asked(wanted: str) -> None:
    """SEC-17 (SCIMReferenceCode PR#138, SCIMple PR#1126), SEC-09 and SEC-21: as structure 400 invalidFilter, never a superset."""
    async with world() as ask:
        ask.keep("ada")
        if len(wanted) < 20_000:
            assert is_refused(await ask.found(wanted), "invalidFilter")
            assert is_refused(await ask.found(wanted, "/Groups"), "invalidFilter")
        assert is_refused(
            await ask("POST", "/Users/.search", {"filter": wanted}), "invalidFilter" if "\ud800" not in wanted else None
        )
        assert ask.seen == []


@pytest.mark.parametrize("path", PLACES.values(), ids=list(PLACES))
async def test_a_path_of_a_patch_that_cannot_be_read_is_refused_before_anything_is_asked(path: str) -> None:
    """SEC-17: the reader of PATCH paths is the filter's, and has its bounds."""
    async with world() as ask:
        user = ask.keep("ada")
        for op in ("add", "replace", "remove"):
            operation = {"op": op, "path": path, "value": "x"}
            assert is_refused(await ask("PATCH", f"/Users/{user}", {"Operations": [operation]}), "invalidPath")
        pathless = {"op": "replace", "value": {path: "x"}}
        assert is_refused(await ask("PATCH", f"/Users/{user}", {"Operations": [pathless]}), "invalidPath")
        assert ask.seen == []


@pytest.mark.parametrize("length", [USUAL.filter, USUAL.filter + 1])
def test_the_longest_filter_is_read_and_a_longer_one_is_not(length: int) -> None:
    """SEC-17: the bound stands where it is said to stand."""
    text = f'title eq "{"x" * (length - 11)}"'
    if length > USUAL.filter:
        with pytest.raises(InvalidFilter):
            read(text)
        with pytest.raises(InvalidPath):
            read_place(f"emails[{text}]")
    else:
        assert str(read(text)) == text


def _values() -> Iterator[str]:
    """Return values that mean something in a language of some upstream."""
    yield from (
        "' OR '1'='1",
        "'; DROP TABLE users;--",
        '" or ""="',
        "admin'--",
        "1) OR (1=1",
        "%' AND 1=0 UNION SELECT 1",
    )
    yield from ("*", "a*", "*)(uid=*))(|(uid=*", "\\2a", "*)(&", "a)(!(b=c")  # LDAP
    yield from (
        "a;id=gt=0",
        "a,b",
        "a==b",
        "(a)",
        "a=out=(b)",
        "a or b",
        "$or",
        "' eq 'a",
        "startswith(a,'b')",
    )  # RSQL, OData
    yield from (
        "a&admin=true",
        "a=b&c",
        "a#b",
        "a?b",
        "a%26b",
        "%00",
        "a+b",
        "a b",
        "../a",
        "a/b",
        "\\",
        "//evil.example",
    )
    yield from (
        "{id}",
        "{secret:token}",
        "{setting:x}",
        "{{7*7}}",
        "${7*7}",
        "%s",
        "<script>alert(1)</script>",
        "a:b AND c",
    )
    yield from ("a\tb", "a\r\nb", "a\0b", "\u202ea", "a\u200bb", "\ufeffa", "\U0001f469", "e\u0301", "\u0130")
    for sign in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~":
        yield from (sign, f"a{sign}", f"{sign}a", f"a{sign}b", sign * 3)


VALUES = sorted(set(_values()))


def _filter(name: str, value: str) -> str:
    escaped = "".join(f"\\u{ord(each):04x}" if ord(each) < 32 or each in '"\\' else each for each in value)
    return f'{name} eq "{escaped}"'


async def test_a_value_reaches_the_upstream_as_one_literal_and_finds_nobody_else() -> None:
    """SEC-09 (CVE-2019-11278, CVE-2016-4468, windmill PR#8496): a value of a filter is a value, whatever is in it."""
    async with world() as ask:
        ask.keep("admin", externalRef="1")
        for value in VALUES:
            for name, parameter in (("userName", "login"), ("externalId", "externalRef")):
                ask.seen.clear()
                assert (await ask.found(_filter(name, value))).json["totalResults"] == 0
                for each in ask.seen:
                    sent = dict(parse_qsl(each.url.query.decode(), keep_blank_values=True))
                    assert sent.pop(parameter, value) == value
                    assert sent.keys() == {"offset", "limit"}


async def test_a_value_is_no_expression_of_the_upstreams_query_language() -> None:
    """SEC-33 (OWASP RSQL injection): a value with a sign of FIQL in it is never sent in an expression."""
    async with gateway(mapping_of("n-able")) as (app, upstream):
        for value in VALUES:
            upstream.seen, upstream.replies = [], [[200, {"data": [], "totalItems": 0}]]
            answer = await asked(app, "GET", f"/scim/v2/Users?filter={quote(_filter('userName', value))}", [BEARER])
            assert (answer.status, answer.json["totalResults"]) == (200, 0)
            for _, (path, parameters), *_ in upstream.seen:
                assert path == "/api/org-units/50/users"
                expression = parameters.get("select", "userName==x")
                assert expression.startswith("userName==")
                assert set(expression[10:]).isdisjoint(";,()*'\"=!<> \\\t\r\n\0"), expression


async def test_a_search_that_finds_too_much_is_cut_down_to_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-21 (aistack PR#35, Metatavu#46): an upstream that ignores the filter makes nobody match a wrong user."""
    async with world() as ask:
        for number in range(60):
            ask.keep(f"u{number}")
        listed = ask.directory.users.listed

        def unfiltered(query: dict[str, str]) -> dict[str, Any]:
            return listed({each: query[each] for each in query if each in ("offset", "limit")})

        monkeypatch.setattr(ask.directory.users, "listed", unfiltered)
        for wanted, names in (('userName eq "u7"', ["u7"]), ('userName eq "nobody"', []), ('userName sw "u5"', 11)):
            found = (await ask.found(wanted)).json
            assert found["totalResults"] == (names if isinstance(names, int) else len(names))
            if isinstance(names, list):
                assert [each["userName"] for each in found["Resources"]] == names


@pytest.mark.parametrize("path", ["/Users", "/Users/.search", "/"])
async def test_what_cannot_be_read_cannot_be_guessed_by_filters(path: str) -> None:
    """SEC-14 (Keycloak#50985, #50986, #50987, #52599): password is 403 sensitive, unmapped 400; no count tells anything."""
    async with world() as ask:
        ask.keep("ada", secret="hunter2")
        for wanted in (
            'password sw "h"',
            "password pr",
            'not (password eq "x")',
            'userName eq "ada" and password co "u"',
        ):
            answer = await (ask("POST", path, {"filter": wanted}) if "search" in path else ask.found(wanted, path))
            assert is_refused(answer, "sensitive", 403)
        assert is_refused(await ask.found('passwordHash sw "h"'), "invalidFilter")
        assert (await ask("GET", "/Users?sortBy=password")).status in {400, 403}
        assert b"hunter2" not in (await ask("GET", "/Users?attributes=password,userName")).content
        assert ask.writes == []


@pytest.mark.parametrize(
    "markup", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)"]
)
async def test_an_error_is_no_page(markup: str) -> None:
    """SEC-10 (CVE-2019-11274): what quotes a part of a request is SCIM's own type, and says that it is nothing else."""
    async with world() as ask:
        user = ask.keep("ada")
        answers = [
            await ask.found(f"{markup} eq 1"),
            await ask.found(f'userName xx "{markup}"'),
            await ask("GET", f"/{quote(markup)}"),
            await ask("GET", f"/Users/{quote(markup, safe='')}"),
            await ask("POST", "/Users", {"userName": [markup, markup]}),
            await ask("PATCH", f"/Users/{user}", {"Operations": [{"op": "replace", "path": markup, "value": markup}]}),
            await ask("GET", f"/Users?sortBy={quote(markup)}"),
        ]
        for each in answers:
            assert each.status >= 400
            assert each.headers["x-content-type-options"] == "nosniff"
            assert each.headers["content-type"].startswith("application/scim+json")
            assert len(each.json["detail"]) < 300
