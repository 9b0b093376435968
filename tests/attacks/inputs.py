"""What the campaign sends: seven classes of malformed input, and of each what it must be answered.

The tables are those of the tests for the single cases; where a class is larger than they are, more is made of them by chance.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from urllib.parse import quote

import msgspec

from adapter.scim.limits import USUAL
from adapter.scim.messages import PATCH, SEARCH
from adapter.scim.user import USER
from tests.attacks import test_sec_bodies as bodies
from tests.attacks import test_sec_filters as filters
from tests.attacks import test_sec_framing as framing
from tests.attacks import test_sec_logs as logs
from tests.attacks import test_sec_names as names
from tests.attacks import test_sec_paths as paths
from tests.attacks.asking import request
from tests.attacks.process import TOKEN
from tests.attacks.stand import STRICT

SYNTAX, VALUE, FILTER, PATH = "400 invalidSyntax", "400 invalidValue", "400 invalidFilter", "400 invalidPath"
ANY = frozenset({"any"})
"""Whatever is no 5xx but 501."""


class Input(msgspec.Struct, frozen=True):
    """One request, what it is about, and the answers that are right: `400 invalidFilter`, `200`."""

    what: str
    sent: bytes
    right: frozenset[str]
    finds_nobody: bool = False
    """Whether the answer must be an empty list."""
    stays: bool = False
    """Whether nothing may be asked upstream."""


def _user(**more: Any) -> dict[str, Any]:
    return {"schemas": [USER.id]} | more


def _patch(*operations: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def json_bodies(chance: Random) -> Iterator[Input]:
    """Bodies that are no message, and messages whose values are of any type."""
    yield from _unreadable()
    taken = frozenset({"201", VALUE, SYNTAX, "409 uniqueness"})
    for number, name in enumerate(bodies.ATTRIBUTES):
        for at, value in enumerate(bodies.ANYTHING):
            body = {"userName": f"j-{number}-{at}"} | {name: value}
            yield Input(f"{name} of another type", request("POST /scim/v2/Users", body), taken)
    whole = msgspec.json.encode(_user(userName="m", name={"givenName": "a"}, emails=[{"type": "work", "value": "a@b"}]))
    while True:
        yield Input("bytes changed by chance", request("POST /scim/v2/Users", _spoilt(whole, chance)), ANY)


def _unreadable() -> Iterator[Input]:
    right = frozenset({SYNTAX})
    for what, body in (bodies.DEEP | bodies.UNREADABLE).items():
        for method, path in bodies.TARGETS:
            for token in (TOKEN, STRICT):
                yield Input(what, request(f"{method} /scim/v2{path}", body, token=token), right, stays=True)
    for what, text in bodies.TWICE.items():
        for line in ("POST /scim/v2/Users", "PUT /scim/v2/Users/u-1"):
            yield Input(f"twice: {what}", request(line, text.encode()), right, stays=True)
    for what, text in bodies.PATCHES_TWICE.items():
        yield Input(f"twice: {what}", request("PATCH /scim/v2/Users/u-1", text.encode()), right, stays=True)
    for method, path in bodies.TARGETS:
        most = b'{"userName": "' + b"a" * USUAL.body + b'"}'
        yield Input("too many bytes", request(f"{method} /scim/v2{path}", most), frozenset({"413"}), stays=True)
    for part in ('{"a":1},', '["a"],', "{},", '"a",', '"\\u003a",', '{"a":{"b":[1]}},'):
        whole = '{"userName": "ada", "x": [' + (part * (2_000_000 // len(part)))[:-1] + "]}"
        heavy = request("POST /scim/v2/Users", whole.encode())
        yield Input(f"two MiB of {part}", heavy, frozenset({SYNTAX, "413"}), stays=True)


def ids(chance: Random) -> Iterator[Input]:
    """Ids and paths that would lead elsewhere."""
    right = frozenset({"400", "404", "405"})
    every = [each for each in paths.IDS if each.isascii()]
    for method in ("GET", "DELETE"):
        for each in every:
            yield Input(each[:60], request(f"{method} /scim/v2/Users/{each}"), right, stays=True)
    while True:
        made = "".join(chance.choices([*paths.STEPS, *paths.SLASHES, *paths.SIGNS], k=4))
        yield Input(made, request(f"DELETE /scim/v2/Users/{made}"), right, stays=True)


def filter_texts(chance: Random) -> Iterator[Input]:
    """Filters without end or sense, and values that mean something in a language of some upstream."""
    right = frozenset({FILTER})
    for what, text in (filters.ENDLESS | filters.SENSELESS).items():
        if len(quote(text)) < USUAL.url - 100:
            for kind in ("Users", "Groups"):
                line = f"GET /scim/v2/{kind}?filter={quote(text)}"
                yield Input(what, request(line), right, stays=True)
        if "\ud800" not in text:
            body = {"schemas": [SEARCH], "filter": text}
            for token in (TOKEN, STRICT):
                yield Input(what, request("POST /scim/v2/.search", body, token=token), right, stays=True)
    for value in filters.VALUES:
        for name in ("userName", "externalId", "title"):
            line = f"GET /scim/v2/Users?filter={quote(filters._filter(name, value))}"  # noqa: SLF001 (the tests' own)
            yield Input(f"{name} eq {value!r}", request(line), frozenset({"200"}), finds_nobody=True)
    while True:
        spoilt = quote(_spoilt(b'userName eq "nobody at all" and (title pr or not (emails[type eq "work"]))', chance))
        yield Input("a filter changed by chance", request(f"GET /scim/v2/Users?filter={spoilt}"), ANY)


def patches(chance: Random) -> Iterator[Input]:
    """PATCH paths that cannot be read, operations that are none, and values of any type."""
    line = "PATCH /scim/v2/Users/u-1"
    for what, path in filters.PLACES.items():
        operations = [{"op": op, "path": path, "value": "x"} for op in ("add", "replace", "remove")]
        for each in (*operations, {"op": "replace", "value": {path: "x"}}):
            for token in (TOKEN, STRICT):
                right = frozenset({PATH, SYNTAX} if token == STRICT else {PATH})
                yield Input(what, request(line, _patch(each), token=token), right, stays=True)
    nothing: list[Any] = [
        None,
        {},
        "x",
        [],
        [[]],
        [None],
        ["add"],
        [{}],
        [{"op": 1}],
        [{"op": "move"}],
        [{"op": ["add"]}],
    ]
    for none in nothing:
        body = {"schemas": [PATCH], "Operations": none}
        yield Input("no operations", request(line, body), frozenset({SYNTAX}), stays=True)
    many = _patch(*[{"op": "replace", "path": "title", "value": "x"}] * (USUAL.operations + 1))
    yield Input("too many operations", request(line, many), frozenset({"413"}), stays=True)
    long = "emails[" + " or ".join(["type pr"] * 300) + "].value"
    heavy = _patch(*[{"op": "add", "path": long, "value": "x"}] * 500)
    yield Input("long paths", request(line, heavy), frozenset({"413"}), stays=True)
    right = frozenset({"200", VALUE, SYNTAX, PATH, "400 mutability", "400 noTarget", "409 uniqueness"})
    for name in bodies.ATTRIBUTES:
        for value in bodies.ANYTHING:
            body = _patch({"op": "add", "path": name, "value": value})
            yield Input(f"{name} of another type", request(line, body), right)
    while True:
        text = _spoilt(b'emails[type eq "work" and value pr].value', chance).decode("latin-1")
        yield Input("a path changed by chance", request(line, _patch({"op": "add", "path": text, "value": "x"})), ANY)


HEADERS = (
    *("If-Match", "If-None-Match", "Content-Type", "Accept", "Range", "X-Forwarded-For", "Forwarded", "Cookie"),
    *("Origin", "Accept-Encoding", "Content-Encoding", "X-HTTP-Method-Override", "Transfer", "Via", "X-Tenant", "TE"),
)
VALUES = (
    b"",
    b'"',
    b"\xff\xfe",
    b"../..",
    b"a" * 8_000,
    b"${jndi:ldap://x}",
    b"() { :;}",
    b"*",
    b",,",
    b"for=127.0.0.1",
)


def heads(chance: Random) -> Iterator[Input]:
    """Requests that are framed wrongly, and headers that say anything."""
    for what, sent in framing.REFUSED.items():
        yield Input(what, sent, frozenset({"400"}), stays=True)
    for what, (sent, status) in framing.ANSWERED.items():
        answers = {f"{status}", f"{status} invalidSyntax", f"{status} invalidValue"}
        yield Input(what, sent, frozenset(answers | ({"200"} if status == 404 else set())))
    right = frozenset({"200", "304", SYNTAX, "400", "412"})
    for name in HEADERS:
        for value in VALUES:
            line = f"{name}: ".encode() + value + b"\r\n"
            sent = request("GET /scim/v2/Users/u-1", others=line)
            yield Input(f"{name}: {value[:20]!r}", sent, right)
    while True:
        head = _spoilt(request("GET /scim/v2/Users/nobody"), chance)
        if head.endswith(b"\r\n\r\n"):
            yield Input("a head changed by chance", head, ANY)


def user_names(chance: Random) -> Iterator[Input]:
    """Names that look alike, hide something, or are just foreign."""
    for what, name in names.LOOK_ALIKES.items():
        asked = f"GET /scim/v2/Users?filter={quote(filters._filter('userName', name))}"  # noqa: SLF001 (the tests' own)
        yield Input(what, request(asked), frozenset({"200"}), finds_nobody=True)
        yield Input(what, request("POST /scim/v2/Users", _user(userName=name)), frozenset({"201"}))
    for name in (*names.PLAIN, *names.BLANK):
        right = frozenset({VALUE} if name in names.BLANK else {"201"})
        yield Input(repr(name), request("POST /scim/v2/Users", _user(userName=name)), right)
    for what, codes in names.HIDDEN.items():
        for code in codes:
            for text in (f"ad{chr(code)}min", f"admin{chr(code)}"):
                body = _user(userName=text)
                yield Input(what, request("POST /scim/v2/Users", body), frozenset({VALUE}), stays=True)
            body = _user(userName="ada", externalId=f"e{chr(code)}")
            yield Input(what, request("PUT /scim/v2/Users/u-1", body), frozenset({VALUE}), stays=True)
    while True:
        hidden = chr(chance.choice(names.HIDDEN["what has no width"]))
        yield Input("hidden", request("POST /scim/v2/Users", _user(userName=f"x{hidden}")), frozenset({VALUE}))


PARAMETERS = ("startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes", "cursor", "filter", "x")
TEXTS = (
    *(
        "",
        "0",
        "-1",
        "1",
        "9" * 400,
        "1e3",
        "0x10",
        "1.5",
        "+1",
        "%00",
        "%ff",
        "%",
        "..",
        "'",
        "%22",
        "title",
        "(",
        "*",
    ),
    *("password", "urn:x:y", ",,,", "userName,userName", "a" * 8_000, "%F0%9F%98%80", "%D9%A3", "true", "null", "[]"),
    "%0d%0a",
)


def parameters(chance: Random) -> Iterator[Input]:
    """Query parameters that say anything."""
    right = frozenset({"200", VALUE, FILTER, SYNTAX, PATH, "400 invalidCursor", "400 invalidCount", "403 sensitive"})
    for name in PARAMETERS:
        for text in TEXTS:
            yield Input(f"{name}={text[:20]}", request(f"GET /scim/v2/Users?{name}={text}"), right)
    while True:
        some = "&".join(f"{chance.choice(PARAMETERS)}={chance.choice(TEXTS)}" for _ in range(3))
        yield Input(some[:60], request(f"GET /scim/v2/Users?{some}"), right)


def canaries(_: Random) -> Iterator[Input]:
    """A text that no log may hold, wherever something may stand."""
    for target in logs._targets():  # noqa: SLF001 (the tests' own)
        yield Input("a canary", request(target.removesuffix(b" HTTP/1.1").decode("latin-1"), headers=logs.HEADERS), ANY)
    for text in (*logs.PATCHES, logs.USER, f'{{"{logs.CANARY}', f'{{"{logs.CANARY}": 1, "{logs.CANARY}": 2}}'):
        for line in ("POST /scim/v2/Users", "PUT /scim/v2/Users/u-2", "PATCH /scim/v2/Users/u-2", "POST /scim/v2/Bulk"):
            yield Input("a canary", request(line, text.encode(), logs.HEADERS), ANY)
    for token in (logs.CANARY, f"{logs.CANARY}.{logs.CANARY}.{logs.CANARY}"):
        yield Input("a canary", request("GET /scim/v2/Users", token=token), frozenset({"401"}))


CLASSES: dict[str, tuple[Callable[[Random], Iterator[Input]], int]] = {
    "JSON": (json_bodies, 500),
    "ids and paths": (ids, 400),
    "filters": (filter_texts, 600),
    "PATCH paths and operations": (patches, 400),
    "headers and framing": (heads, 200),
    "names": (user_names, 300),
    "query parameters": (parameters, 200),
    "canaries": (canaries, 60),
}
"""Each class, and how many of it there are in the long form."""


def _spoilt(text: bytes, chance: Random) -> bytes:
    """Return a text with a few of its bytes changed, doubled or gone."""
    made = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made))
        made[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
    return bytes(made)
