"""Traces on their way to a collector, over a real socket; what is in them is in tests/web/test_traces.py."""

import ast
import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.tracing import PATIENCE, provider
from adapter.errors import SettingsError
from tests.attacks.process import running
from tests.cli.program import run
from tests.upstream.server import Server, reply

PACKAGE = Path(__file__).parent.parent.parent / "adapter"


async def test_spans_reach_a_collector_before_the_process_ends() -> None:
    async with Server(reply(200, "", Content_Type="application/x-protobuf")) as collector:
        more: dict[str, Any] = {
            "ADAPTER_TRACES": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "ADAPTER_DRAIN_MS": "1",
        }
        async with running(**more) as gateway:
            await gateway.ask(b"GET /scim/v2/Users/ada-lovelace HTTP/1.1")
            gateway.process.terminate()
            assert await asyncio.wait_for(gateway.process.wait(), 10) == 0
    assert {(each.method, each.target) for each in collector.seen} == {("POST", "/v1/traces")}
    sent = b"".join(each.body for each in collector.seen)
    for told in (b"scim-adapter", b"GET /Users/{id}", b"GET /users/{id}"):
        assert told in sent
    assert b"lovelace" not in sent


async def test_a_collector_that_is_not_there_keeps_nobody_waiting() -> None:
    more: dict[str, Any] = {
        "ADAPTER_TRACES": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "ADAPTER_DRAIN_MS": "1",
    }
    async with running(**more) as gateway:
        assert (await gateway.ask(b"GET /scim/v2/Users/7 HTTP/1.1")).status == 404
        gateway.process.terminate()
        assert await asyncio.wait_for(gateway.process.wait(), PATIENCE + 4) == 0


def test_without_the_extra_the_start_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError) as refused:
        provider()
    assert refused.value.faults == ["ADAPTER_TRACES needs the extra: pip install 'scim-adapter[otel]'"]


def test_what_the_variable_may_say_is_told() -> None:
    done = run("serve", "--port", "0", ADAPTER_TRACES="jaeger")
    assert (done.returncode, done.stderr) == (2, "scim-adapter: ADAPTER_TRACES must be otlp or off\n")


def _imported(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found


def test_nothing_else_imports_the_extra_nor_those_who_do_at_the_start() -> None:
    importing = {
        str(each.relative_to(PACKAGE))
        for each in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] == "opentelemetry" for name in _imported(each))
    }
    assert importing == {"web/traces.py", "cli/tracing.py"}
    at_the_start = {
        str(each.relative_to(PACKAGE))
        for each in PACKAGE.rglob("*.py")
        for node in ast.parse(each.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module in ("adapter.web.traces", "adapter.cli.tracing")
    }
    assert at_the_start == set()
