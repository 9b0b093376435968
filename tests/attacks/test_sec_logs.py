"""What the log tells: nothing of what was sent, nothing that was forged; canaries are planted wherever something can be."""

import asyncio
import base64
import json
import logging
from typing import Any
from urllib.parse import quote

import pytest

from adapter.web import endpoint
from tests.attacks.process import BEARER, Gateway, running
from tests.attacks.world import world
from tests.cli.program import run
from tests.conversation import TOKEN, asked
from tests.logged import said
from tests.upstream.server import reply

CANARY = "kanari3nvogel"
FORGED = f'{CANARY}\r\n{{"level":"error","event":"{CANARY}"}}'
BASIC = base64.b64encode(f"{CANARY}:{CANARY}".encode()).decode()

HEADERS = (
    f"Cookie: session={CANARY}",
    f"User-Agent: {CANARY}",
    f"Referer: https://{CANARY}@x.example/?{CANARY}",
    f"X-{CANARY}: {CANARY}",
    f'If-None-Match: "{CANARY}"',
)
USER = f'{{"userName": "{CANARY}", "password": "{CANARY}", "{CANARY} x": 1, "emails": [{{"type": "{CANARY}", "value": "{CANARY}"}}], "name": {{"{CANARY}@": 1}}}}'
PATCHES = (
    f'{{"Operations": [{{"op": "{CANARY}", "path": "title"}}]}}',
    f'{{"Operations": [{{"op": "add", "path": "{CANARY}[", "value": "{CANARY}"}}]}}',
    f'{{"Operations": [{{"op": "add", "path": "emails[value eq \\"{CANARY}\\"].value", "value": "{CANARY}"}}]}}',
    f'{{"Operations": [{{"op": "add", "value": {{"active": "{CANARY}", "{CANARY}.x.y": "{CANARY}"}}}}]}}',
)


def _targets() -> list[bytes]:
    encoded = quote(FORGED)
    return [
        *(f"{method} /scim/v2/Users/{CANARY} HTTP/1.1".encode() for method in ("GET", "DELETE", "PUT", "TRACE")),
        *(
            f"GET {path} HTTP/1.1".encode()
            for path in (f"/{encoded}", f"/scim/v2/{encoded}", f"/scim/v2/Users/{encoded}", f"/{CANARY}")
        ),
        f"GET /scim/v2/Users?filter=userName%20eq%20%22{CANARY}%22 HTTP/1.1".encode(),
        f"GET /scim/v2/Users?filter=userName%20eq%20%22{encoded} HTTP/1.1".encode(),
        f"GET /scim/v2/Users?filter={CANARY}&access_token={CANARY}&sortBy={CANARY}&{encoded}={encoded} HTTP/1.1".encode(),
        f"GET /scim/v2/Users?cursor={CANARY} HTTP/1.1".encode(),
        f"GET http://{CANARY}:{CANARY}@gateway.test/scim/v2/Users/{CANARY} HTTP/1.1".encode(),
        f"GET /{CANARY} {CANARY} HTTP/1.1".encode(),
        f"{CANARY} / HTTP/1.1".encode(),
    ]


async def ask_everything(gateway: Gateway) -> None:
    for line in _targets():
        await gateway.ask(line, *HEADERS)
    for path, body in (("POST /scim/v2/Users", USER), ("PUT /scim/v2/Users/u-1", USER), ("POST /scim/v2/Bulk", USER)):
        await gateway.ask(f"{path} HTTP/1.1".encode(), *HEADERS, body=body.encode())
    for body in (*PATCHES, f'{{"{CANARY}', f'{{"{CANARY}": 1, "{CANARY}": 2}}'):
        await gateway.ask(f"PATCH /scim/v2/Users/{CANARY} HTTP/1.1".encode(), body=body.encode())
    for body in (
        f"grant_type={CANARY}",
        f"grant_type=client_credentials&client_id={CANARY}&client_secret={CANARY}",
        CANARY,
    ):
        head = (
            f"POST /oauth/token?{CANARY} HTTP/1.1\r\nHost: g\r\nAuthorization: Basic {BASIC}\r\nConnection: close\r\n"
        )
        await gateway.say(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    for value in (f"Bearer {CANARY}", f"Basic {BASIC}", CANARY):
        await gateway.say(
            f"GET /scim/v2/Users HTTP/1.1\r\nHost: {CANARY}\r\nAuthorization: {value}\r\nConnection: close\r\n\r\n".encode()
        )
    await gateway.say(f"GET / HTTP/1.1\r\nHost: a\r\n{CANARY}\r\n\r\n".encode())


@pytest.mark.parametrize("status", [500, 400, 200])
async def test_no_line_of_the_process_holds_what_was_sent_or_was_forged(status: int) -> None:
    """SEC-11 (CVE-2019-11290, Keycloak#52684), SEC-25 (scimgateway 6.1.7) and SEC-45 (GHSA-674p-xv2x-rf3g): each line is one of ours."""
    answer = reply(status, f'{{"code": "{CANARY}", "text": "{CANARY}", "{CANARY}": "{CANARY}"}}', X_Error=CANARY)
    async with running(log=asyncio.subprocess.PIPE, answer=answer, ADAPTER_LOG_LEVEL="debug") as gateway:
        await ask_everything(gateway)
        assert gateway.process.returncode is None
        gateway.process.kill()
        assert gateway.process.stderr is not None
        lines = (await gateway.process.stderr.read()).decode().splitlines()
    assert len(lines) > 20
    assert [each for each in lines if CANARY in each.lower()] == []
    assert [each for each in lines if not is_a_line(each)] == []
    hidden = (BEARER.removeprefix("Authorization: Bearer "), "the-secret-token", "filter=", "userName eq", BASIC)
    assert [each for each in lines if any(secret in each for secret in hidden)] == []


def is_a_line(line: str) -> bool:
    """Tell whether a line is one JSON object that says when, how grave, who and what."""
    told = json.loads(line)
    return isinstance(told, dict) and list(told)[:4] == ["time", "level", "logger", "event"] and line.isprintable()


def _fails(*_: Any) -> Any:
    cause = ValueError({"password": CANARY, "nested": [{"token": f'{{"jwt": "{CANARY}"}}'}]})
    raise RuntimeError(CANARY) from cause


async def test_a_fault_of_our_own_tells_its_place_and_no_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SEC-25: exception texts and tracebacks hold what was sent; the log gets the places alone."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(endpoint, "plan", _fails)
    async with world() as ask:
        headers = [("Authorization", f"Bearer {TOKEN}")]
        answer = await asked(ask.app, "GET", f"/scim/v2/Users/{CANARY}", headers)
        assert answer.status == 500
        assert CANARY.encode() not in answer.content
    told = said(caplog.records)
    assert "'error': 'RuntimeError'" in told
    assert "'at': '" in told
    assert CANARY not in told


async def test_nothing_is_told_at_debug_either(caplog: pytest.LogCaptureFixture) -> None:
    """SEC-11: the same at the level at which everything is told; the HTTP client is kept quiet, as `serve` does."""
    for chatty in ("httpx", "httpcore"):
        caplog.set_level(logging.WARNING, chatty)
    caplog.set_level(logging.DEBUG)
    async with world() as ask:
        user = ask.keep(CANARY, externalRef=CANARY)
        await ask.found(f'userName eq "{CANARY}"')
        await ask("POST", "/Users", {"userName": CANARY, "password": CANARY, CANARY + "@": 1})
        await ask("PATCH", f"/Users/{user}", {"Operations": [{"op": "replace", "path": "title", "value": CANARY}]})
        await ask("PUT", f"/Users/{user}", {"userName": f"{CANARY}-2", "password": CANARY})
        await ask("GET", "/Users", None, ("Authorization", f"Bearer {CANARY}"), ("Cookie", CANARY))
        await ask("DELETE", f"/Users/{user}")
    told = said(caplog.records)
    assert "POST /Users 409" in told
    assert "'scim_type': 'uniqueness', 'error': 'Uniqueness'" in told
    assert "PUT /Users/{id} 200" in told
    assert CANARY not in told


@pytest.mark.parametrize(
    "given",
    [
        {"ADAPTER_UPSTREAM_URL": f"https://{CANARY}:{CANARY}@x.example"},
        {"ADAPTER_TOKENS": CANARY},
        {"ADAPTER_SECRET_JWT": f"{CANARY}\n{CANARY}"},
        {"ADAPTER_SIGNING_KEY": CANARY},
        {"ADAPTER_CLIENT_SECRET": f"{CANARY}\u00e9"},
    ],
)
def test_a_fault_of_the_environment_names_the_variable_and_not_the_secret(given: dict[str, str]) -> None:
    """SEC-08 and SEC-25: a start that is refused is often pasted into a ticket."""
    done = run("serve", "--port", "0", **given)
    assert done.returncode == 2
    assert next(iter(given)) in done.stderr
    assert CANARY not in done.stdout + done.stderr
