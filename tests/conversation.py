"""Plays conversations: files that say what a client sends, what the gateway then asks of the upstream, and the answers.

A file under tests/conversations holds one exchange, or several with `---` between them that follow one another through
the same gateway. A folder there is named after the mapping that its files are about; those beside it are about n-able.
The settings are those below and the mapping's examples', each secret is `the-secret-<its name>`. Each exchange has

    mapping:    another mapping: a shipped one, or one of conversations/mappings (the first exchange says it)
    store:      true where the gateway has a store of its own (the first exchange says it)
    request:    {method, path, body, headers}; a path under the SCIM root, or /oauth/… and /health/…
    requests:   in its place, a list of requests that must all go alike
    calls:      [[METHOD, path?query, body, headers], …]  what the upstream must see, in order, and nothing more; the
                headers are those that must be among its own, with `null` for no body; a form is an object, too
    replies:    [[status, body, headers], …]     what it answers, one for each call; a text body is sent as it is
    exchanges:  how many tokens the upstream has given by then (default: one, when it has been called at all)
    response:   {status, body, headers, absent}  what the client must see: `body` may name a part, `absent` what must not be

`"…"` stands for any text, such as a generated password. Calls are compared with their query decoded. In place of a
status, a reply may name how httpx fails (`[ReadError]`). `{etag}` and `{nextCursor}` in a request or a response are what
the last exchange's answer had there, since nobody can know them before. The request goes to the application as it stands here, with no
header that the file or `_headers` does not name: a path is not tidied up on the way.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import msgspec
import respx
import yaml
from litestar import Litestar

from adapter.cli.files import shipped_mappings
from adapter.mapping import fields
from adapter.mapping.load import load
from adapter.mapping.mapping import Login, Mapping
from adapter.scim.messages import ERROR, MEDIA_TYPE
from adapter.settings.clients import secret_clients, token_clients
from adapter.settings.environment import NAME
from adapter.settings.network import Network
from adapter.settings.secret import Secret
from adapter.settings.settings import Client, Connection, ProfileName, Settings
from adapter.web.app import application

# Every httpx client makes a TLS context of its own, which takes longer than a conversation: here they share one.
_tls = cache(ssl.create_default_context)

FOLDER = Path(__file__).parent / "conversations"
FILES = sorted(each for each in FOLDER.rglob("*.yaml") if each.parent.name != "mappings")
UPSTREAM = "http://upstream.test"
PUBLIC = "https://scim.example.com"
TOKEN = "static-token-of-thirty-two-characters-or-more"
STRICT = "static-token-of-a-client-that-keeps-the-rfc"
CLIENT_SECRET = "entra-secret-of-thirty-two-characters"


INTERCEPTED = Network(transport="httpx")
"""respx stands where httpx's transport would send; over sockets our own is tested by all of tests/upstream."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a test says of one connection and of the process, in the words of the environment."""

    upstream_url: str
    values: dict[str, str | list[str]]
    secrets: dict[str, Secret]
    tokens: tuple[str, ...] = ()
    strict_tokens: tuple[str, ...] = ()
    read_tokens: tuple[str, ...] = ()
    client_id: str = ""
    client_secret: str = ""
    client_profile: ProfileName = "entra"
    signing_key: Secret = Secret("")
    store: str = ""
    times: dict[str, float] = {}
    guard_most: int = 0
    metrics_tokens: tuple[Secret, ...] = ()

    def clients(self) -> tuple[Client, ...]:
        """Return who may come in."""
        tokens = {"token": self.tokens, "strict": self.strict_tokens, "read": self.read_tokens}
        secrets = (self.client_secret,)
        return (*token_clients(tokens), *secret_clients(self.client_id, secrets, self.client_profile))

    def connection(self, mapping: Mapping, name: str = NAME) -> Connection:
        """Return the connection for a mapping."""
        return Connection(
            name=name,
            mapping=mapping,
            upstream_url=self.upstream_url,
            values=self.values,
            secrets=self.secrets,
            clients=self.clients(),
            times=self.times,
            guard_most=self.guard_most,
        )

    def settings(self, mapping: Mapping) -> Settings:
        """Return the settings for a mapping."""
        keys = (self.signing_key,) if self.signing_key else ()
        return Settings(
            connections=(self.connection(mapping),),
            signing_keys=keys,
            store=self.store,
            metrics_tokens=self.metrics_tokens,
            network=INTERCEPTED,
        )


SETTINGS = Given(
    upstream_url=UPSTREAM,
    values={"org_unit": "50", "role_ids": ["1001"], "access_group_ids": ["2001"]},
    secrets={"jwt": Secret("service-account-token")},
    tokens=(TOKEN,),
    strict_tokens=(STRICT,),
    client_id="entra",
    client_secret=CLIENT_SECRET,
    signing_key=Secret("a-signing-key-of-thirty-two-characters-or-more"),
    times={"request": 2.0, "attempt": 0.5, "backoff": 0.001},
)


class Answer(msgspec.Struct, frozen=True):
    """What the application answered: its headers by their names in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The body, decoded; None when there is none."""
        return msgspec.json.decode(self.content) if self.content else None


async def asked(
    app: Litestar, method: str, target: str, headers: list[tuple[str, str]] | None = None, body: bytes = b""
) -> Answer:
    """Return the answer to a request, handed over as a web server would: nothing of it is tidied up or added."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers or []],
        "client": ("192.0.2.1", 1),
        "server": ("gateway.test", 80),
        "extensions": {},
    }
    unread = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return unread.pop() if unread else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]  # the scope has what HTTP/1.1 needs
    start, *parts = sent
    names = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], names, b"".join(each.get("body", b"") for each in parts))


def name_of(file: Path) -> str:
    """Return what a file's id is in a test: its name, after its folder's."""
    return str(file.relative_to(FOLDER).with_suffix(""))


def _file_of(name: str) -> Path:
    files = [folder / f"{name}.yaml" for folder in (shipped_mappings(), FOLDER / "mappings")]
    return next(each for each in files if each.is_file())


@cache
def mapping_of(name: str) -> Mapping:
    """Return a shipped mapping, or one that is kept beside the conversations."""
    file = _file_of(name)
    return load(file.read_text(encoding="utf-8"), file.name)


def settings_of(name: str) -> Given:
    """Return the settings for a mapping: its own, as its examples have them, and made-up secrets."""
    file = _file_of(name).with_suffix(".examples.yaml")
    own = yaml.safe_load(file.read_text(encoding="utf-8")).get("settings", {}) if file.is_file() else {}
    secrets = {each.name: Secret(f"the-secret-{each.name}") for each in mapping_of(name).secrets}
    return msgspec.structs.replace(SETTINGS, values=own | SETTINGS.values, secrets=secrets)


class Upstream:
    """The upstream as a file plays it: it answers one call after the other, and keeps what it has seen."""

    def __init__(self, mapping: Mapping) -> None:
        self.login = mapping.credential.login
        self.exchanges = 0
        self.seen: list[list[Any]] = []
        self.replies: list[list[Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request of the gateway's."""
        if self.login is not None and not self.login.rolling:
            own = self.login.route.call
            if (request.method, request.url.path) == (own.method, own.path.text):
                return self._token(self.login)
            assert request.headers["Authorization"] == f"Bearer access-token-{self.exchanges}"
        self.seen.append(_call(request))
        if len(self.seen) > len(self.replies):
            return httpx.Response(599, text="a call that the file does not have")
        status, body, headers = (*self.replies[len(self.seen) - 1], None, None)[:3]
        if isinstance(status, str):
            raise getattr(httpx, status)(status)
        return httpx.Response(status, content=_content(body), headers=headers)

    def _token(self, login: Login) -> httpx.Response:
        self.exchanges += 1
        reply: dict[str, Any] = {}
        assert isinstance(login.token, str)
        assert isinstance(login.lifetime, str)
        fields.written(reply, login.token, f"access-token-{self.exchanges}")
        fields.written(reply, login.lifetime, 3600)
        return httpx.Response(200, json=reply)


@asynccontextmanager
async def gateway(
    mapping: Mapping, settings: Given = SETTINGS, upstream: Upstream | None = None
) -> AsyncIterator[tuple[Litestar, Upstream]]:
    """Return the application for a mapping, with an upstream that a test plays."""
    upstream = upstream or Upstream(mapping)
    with respx.mock(assert_all_called=False) as routes, patch("ssl.create_default_context", _tls):
        routes.route(host="upstream.test").mock(side_effect=upstream)
        app = application(settings.settings(mapping), PUBLIC)
        failed = None
        async with app.lifespan():
            try:
                yield app, upstream
            except AssertionError as error:
                failed = error  # raised in there, it would come out wrapped in an ExceptionGroup
        if failed:
            raise failed


class Conversation:
    """One conversation, read from its file."""

    def __init__(self, file: Path) -> None:
        documents = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
        self.mapping = documents[0].pop("mapping", "n-able" if file.parent == FOLDER else file.parent.name)
        self.store = ":memory:" if documents[0].pop("store", False) else ""
        self.exchanges = [Exchange(each, file.name) for each in documents]

    async def play(self) -> None:
        """Send the requests and hold everything that follows against the file."""
        settings = msgspec.structs.replace(settings_of(self.mapping), store=self.store)
        async with gateway(mapping_of(self.mapping), settings) as (app, upstream):
            told: dict[str, str] = {}
            for each in self.exchanges:
                told |= await each.play(app, upstream, told)


class Exchange:
    """A request, or several that go alike, with the calls that follow from it and the response."""

    def __init__(self, data: dict[str, Any], name: str) -> None:
        self.requests = data.pop("requests", None) or [data.pop("request")]
        self.calls = [[method, _decoded(path), *rest] for method, path, *rest in data.pop("calls", [])]
        self.replies = data.pop("replies", [])
        self.exchanges = data.pop("exchanges", None)
        self.response = data.pop("response")
        assert not data, f"{name}: unknown keys {sorted(data)}"

    async def play(self, app: Litestar, upstream: Upstream, told: dict[str, str]) -> dict[str, str]:
        """Send each request and hold everything that follows against the file; return what a later one may name."""
        response, last = _filled(self.response, told), dict[str, str | None]()
        for request in _filled(self.requests, told):
            upstream.seen, upstream.replies = [], self.replies
            target = _target(request["path"])
            answer = await asked(app, request["method"], target, _headers(request), _content(request.get("body")))
            said = f"{request}\n  answer   {answer.status} {answer.content.decode()}"
            seen = [_as_told(call, each) for call, each in zip_longest(self.calls, upstream.seen)]
            assert _same(self.calls, seen), f"{said}\n  expected {self.calls}\n  seen     {seen}"
            expected = min(1, upstream.exchanges) if self.exchanges is None else self.exchanges
            assert upstream.exchanges == expected, f"{said}\n  {upstream.exchanges} tokens were exchanged"
            _check(response, answer, said)
            if target.startswith("/scim"):
                _check_scim(answer, said)
            following = (answer.json or {}).get("nextCursor")
            last = {"{etag}": answer.headers.get("etag"), "{nextCursor}": following}
        return {name: each for name, each in last.items() if each is not None}


def _check(expected: dict[str, Any], answer: Answer, said: str) -> None:
    """Hold an answer against what the file says of it."""
    assert answer.status == expected["status"], said
    for name, value in expected.get("headers", {}).items():
        assert _same(value, answer.headers.get(name.lower())), f"{said}\n  header   {name}"
    if "body" in expected:
        assert _holds(expected["body"], answer.json), f"{said}\n  expected {expected['body']}"
    for name in expected.get("absent", []):
        assert name not in (answer.json or {}), f"{said}\n  holds    {name}"


def _check_scim(answer: Answer, said: str) -> None:
    """What holds for every answer of the SCIM endpoint (RFC 7644 sections 3.1 and 3.12)."""
    assert not 300 <= answer.status < 400 or answer.status == 304, said
    if answer.content:
        assert answer.headers["content-type"] == MEDIA_TYPE, said
    if answer.status >= 400:
        assert answer.json["schemas"] == [ERROR], said
        assert answer.json["status"] == str(answer.status), said
        assert answer.json["detail"], said


def _filled(data: Any, told: dict[str, str]) -> Any:
    """Return a part of a file with what was told in its places."""
    if isinstance(data, dict):
        return {name: _filled(each, told) for name, each in data.items()}
    if isinstance(data, list):
        return [_filled(each, told) for each in data]
    for name, each in told.items():
        data = data.replace(name, each) if isinstance(data, str) else data
    return data


def _target(path: str) -> str:
    return path if path.startswith(("/oauth", "/health")) else "/scim/v2" + path


def _headers(request: dict[str, Any]) -> list[tuple[str, str]]:
    headers = {"Content-Type": "application/scim+json; charset=utf-8", "Authorization": f"Bearer {TOKEN}"}
    if request["path"].startswith(("/oauth", "/health")):
        del headers["Authorization"]
    return [(name, value) for name, value in (headers | request.get("headers", {})).items() if value is not None]


def _content(body: Any) -> bytes:
    """Return a body as it goes over the wire: bytes (`!!binary`) and texts as they are, anything else as JSON."""
    if body is None:
        return b""
    return body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else msgspec.json.encode(body)


def _call(request: httpx.Request) -> list[Any]:
    return [request.method, _decoded(request.url.raw_path.decode()), _sent(request), dict(request.headers)]


def _sent(request: httpx.Request) -> Any:
    if not request.content:
        return None
    if request.headers["Content-Type"] == "application/x-www-form-urlencoded":
        return dict(parse_qsl(request.content.decode(), keep_blank_values=True))
    return msgspec.json.decode(request.content)


def _as_told(call: list[Any] | None, seen: list[Any] | None) -> list[Any] | None:
    """Return a call that was seen as far as the file tells of it: its body if there is one, the headers that it names."""
    if seen is None or call is None:
        return seen
    method, path, body, headers = seen
    if len(call) > 3:
        return [method, path, body, {name: headers.get(name.lower()) for name in call[3]}]
    return [method, path, *([] if body is None else [body])]


def _decoded(path: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(path)
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


def _same(expected: Any, seen: Any) -> bool:
    """Compare, with `…` standing for any text."""
    if expected == "…":
        return isinstance(seen, str) and seen != ""
    if isinstance(expected, dict) and isinstance(seen, dict):
        return expected.keys() == seen.keys() and all(_same(value, seen[name]) for name, value in expected.items())
    if isinstance(expected, list | tuple) and isinstance(seen, list | tuple):
        return len(expected) == len(seen) and all(_same(*pair) for pair in zip(expected, seen, strict=True))
    return type(expected) is type(seen) and bool(expected == seen)


def _holds(expected: Any, seen: Any) -> bool:
    """Tell whether what is seen holds what is expected; objects may hold more, lists may not."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        return all(name in seen and _holds(value, seen[name]) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(seen, list):
        return len(expected) == len(seen) and all(_holds(*pair) for pair in zip(expected, seen, strict=True))
    return _same(expected, seen)
