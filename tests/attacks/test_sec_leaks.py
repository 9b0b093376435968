"""Canaries wherever something can be planted, and everything that leaves the process beside its answers held against them.

The gateway runs as it is served, at the level at which everything is told, with metrics and traces; its upstream is one that
echoes what it was shown into every place where an error may stand.
"""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from tests.attacks.process import BEARER, Gateway, running
from tests.attacks.test_sec_logs import CANARY, ask_everything, is_a_line
from tests.conversation import FOLDER
from tests.upstream.server import Answer, Server, broken_off, reply, reset

SECRETS: dict[str, Any] = {
    "ADAPTER_CLIENT_SECRET": "canary-of-the-client-secret-0123456789",
    "ADAPTER_SIGNING_KEY": "canary-of-the-signing-key-0123456789abc",
    "ADAPTER_METRICS_TOKEN": "canary-of-the-metrics-token-0123456789",
}
UPSTREAM_SECRET = "the-secret-token"  # what `running` gives the mapping
STATIC = BEARER.removeprefix("Authorization: Bearer ")
PLANTED = (CANARY, *SECRETS.values(), UPSTREAM_SECRET, STATIC)
QUOTED = f"user {CANARY} by Bearer {UPSTREAM_SECRET} at https://{CANARY}:{CANARY}@x.example/{CANARY}?a={CANARY}"
BODY = json.dumps({"code": CANARY, "text": QUOTED, "errors": [{"message": QUOTED, CANARY: {"password": CANARY}}]})
HEADERS: dict[str, Any] = {
    "Set_Cookie": f"session={CANARY}",
    "X_Error": QUOTED,
    "Location": f"https://{CANARY}@x.example/{CANARY}",
}

ANSWERS: dict[str, Answer] = {
    **{
        f"status-{status}": reply(status, BODY, **HEADERS)
        for status in (200, 302, 400, 401, 403, 404, 409, 429, 500, 503)
    },
    "page": reply(200, f"<html>{QUOTED}</html>", Content_Type="text/html", **HEADERS),
    "no-http": f"{QUOTED}\r\n\r\n".encode(),
    "broken-off": broken_off(reply(200, BODY, **HEADERS)),
    "reset": reset,
}


async def _granted(gateway: Gateway) -> str:
    """Return an access token, which is a canary from here on."""
    body = f"grant_type=client_credentials&client_id=entra&client_secret={SECRETS['ADAPTER_CLIENT_SECRET']}".encode()
    head = f"POST /oauth/token HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return str((await gateway.say(head.encode() + body)).json["access_token"])


async def _scraped(gateway: Gateway) -> bytes:
    shown = f"Authorization: Bearer {SECRETS['ADAPTER_METRICS_TOKEN']}\r\nConnection: close\r\n"
    heard = await gateway.say(f"GET /metrics HTTP/1.1\r\nHost: g\r\n{shown}\r\n".encode())
    assert heard.status == 200
    return heard.body


async def test_nothing_that_was_planted_leaves_the_process_but_in_its_answers(tmp_path: Path) -> None:
    """SEC-08, SEC-11 and SEC-25: logs, metrics and traces of a whole gateway, whatever its upstream does."""
    async with Server(reply(200, "", Content_Type="application/x-protobuf")) as collector:
        more: dict[str, Any] = {
            "ADAPTER_LOG_LEVEL": "debug",
            "ADAPTER_DRAIN_MS": "1",
            "ADAPTER_TRACES": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        with (tmp_path / "log").open("wb") as log:
            async with running(log=log.fileno(), **more, **SECRETS) as gateway:
                granted = await _granted(gateway)
                for answer in ANSWERS.values():
                    gateway.upstream.answers = [answer]
                    await ask_everything(gateway)
                shown = f"Authorization: Bearer {granted}\r\nConnection: close\r\n"
                await gateway.say(f"DELETE /scim/v2/Users/{CANARY} HTTP/1.1\r\nHost: g\r\n{shown}\r\n".encode())
                metrics = await _scraped(gateway)
                gateway.process.send_signal(signal.SIGHUP)
                gateway.process.send_signal(signal.SIGTERM)
                out, _ = await asyncio.wait_for(gateway.process.communicate(), 20)
                assert gateway.process.returncode == 0
        spans = b"".join(each.body for each in collector.seen)
    errors = (tmp_path / "log").read_bytes()
    lines = errors.decode().splitlines()
    assert len(lines) > 500
    assert [each for each in lines if not is_a_line(each)] == []
    assert b"GET /users/{id}" in spans
    assert b'operation="GET /Users/{id}"' in metrics
    assert str(FOLDER) not in errors.decode()
    for where, told in {"log": errors, "output": out, "metrics": metrics, "traces": spans}.items():
        low = told.lower()
        assert [each for each in (*PLANTED, granted) if each.lower().encode() in low] == [], where
