"""Plays conversations: files that say what a client sends, what the gateway then asks of the upstream, and the answers.

A file under tests/conversations holds

    mapping:   the shipped mapping (default n-able)
    request:   {method, path, body, headers}; a path under the SCIM root, or /oauth/… and /health/…
    calls:     [[METHOD, path?query, body], …]  what the upstream must see, in order, and nothing more
    replies:   [[status, body, headers], …]     what it answers, one for each call; a text body is sent as it is
    response:  {status, body, headers, absent}  what the client must see: `body` may name a part, `absent` what must not be

`"…"` in a call's body stands for any text, such as a generated password. Calls are compared with their query decoded.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import respx
import yaml
from litestar.testing import AsyncTestClient

from adapter.cli import shipped_mappings
from adapter.mapping.load import load
from adapter.settings import Secret, Settings
from adapter.web.app import application

FOLDER = Path(__file__).parent / "conversations"
UPSTREAM = "http://upstream.test"
PUBLIC = "https://scim.example.com"
TOKEN = "static-token-of-thirty-two-characters-or-more"
SETTINGS = Settings(
    upstream_url=UPSTREAM,
    values={"org_unit": "50", "role_ids": ["1001"], "access_group_ids": ["2001"]},
    secrets={"jwt": Secret("service-account-token")},
    tokens=(Secret(TOKEN),),
    client_id="entra",
    client_secret=Secret("entra-secret"),
    signing_key=Secret("a-signing-key-of-thirty-two-characters-or-more"),
    public_url=PUBLIC,
    times={"request": 2.0, "attempt": 0.5, "backoff": 0.001},
)


class Conversation:
    """One conversation, read from its file."""

    def __init__(self, file: Path) -> None:
        self.name = file.stem
        data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        self.mapping = data.pop("mapping", "n-able")
        self.request = data.pop("request")
        self.calls = data.pop("calls", [])
        self.replies = data.pop("replies", [])
        self.response = data.pop("response")
        assert not data, f"{file.name}: unknown keys {sorted(data)}"

    async def play(self) -> None:
        """Send the request and hold everything that follows against the file."""
        seen: list[list[Any]] = []

        def upstream(request: httpx.Request) -> httpx.Response:
            seen.append(_call(request))
            assert len(seen) <= len(self.replies), f"a call that the file does not have: {seen[-1]}"
            status, body, headers = (*self.replies[len(seen) - 1], None, None)[:3]
            content = body.encode() if isinstance(body, str) else b"" if body is None else msgspec.json.encode(body)
            return httpx.Response(status, content=content, headers=headers)

        with respx.mock(assert_all_called=False) as routes:
            routes.post(f"{UPSTREAM}/api/auth/authenticate").respond(json=_tokens())
            routes.route(host="upstream.test").mock(side_effect=upstream)
            file = shipped_mappings() / f"{self.mapping}.yaml"
            app = application(SETTINGS, load(file.read_text(encoding="utf-8"), file.name), PUBLIC)
            async with AsyncTestClient(app) as client:
                answer = await client.send(_request(client, self.request))
        expected = [[method, _decoded(path), *body] for method, path, *body in self.calls]
        assert _same(expected, seen), f"calls\n  expected {expected}\n  seen     {seen}"
        self._check(answer)

    def _check(self, answer: httpx.Response) -> None:
        assert answer.status_code == self.response["status"], answer.text
        for name, value in self.response.get("headers", {}).items():
            assert answer.headers.get(name) == value, name
        body = answer.json() if answer.content else None
        if "body" in self.response:
            assert _holds(self.response["body"], body), f"\n  expected {self.response['body']}\n  seen     {body}"
        for name in self.response.get("absent", []):
            assert name not in (body or {}), name


def _tokens() -> dict[str, Any]:
    return {"tokens": {"access": {"token": "access-token", "type": "Bearer", "expirySeconds": 3600}}}


def _request(client: httpx.AsyncClient, request: dict[str, Any]) -> httpx.Request:
    path = request["path"] if request["path"].startswith(("/oauth", "/health")) else "/scim/v2" + request["path"]
    headers = {"Content-Type": "application/scim+json; charset=utf-8"}
    if path.startswith("/scim"):
        headers["Authorization"] = f"Bearer {TOKEN}"
    body = request.get("body")
    content = body.encode() if isinstance(body, str) else None if body is None else msgspec.json.encode(body)
    sent = {name: value for name, value in (headers | request.get("headers", {})).items() if value is not None}
    return client.build_request(request["method"], path, content=content, headers=sent)


def _call(request: httpx.Request) -> list[Any]:
    path = request.url.raw_path.decode()
    body = [msgspec.json.decode(request.content)] if request.content else []
    return [request.method, _decoded(path), *body]


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
