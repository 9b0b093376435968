"""What the campaign attacks: the gateway as a process in front of the small directory, and a witness of every call between them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.attacks.asking import request, said
from tests.attacks.outbound import stray
from tests.attacks.process import TOKEN, started
from tests.attacks.test_sec_logs import CANARY
from tests.conversation import mapping_of
from tests.fakes.directory import Directory
from tests.fakes.directory import application as calls
from tests.fakes.systems import served

STRICT = f"a-strict-token-with-{CANARY}-in-it"
CLIENT_SECRET = f"a-client-secret-with-{CANARY}-in-it"
UPSTREAM_TOKEN = f"an-upstream-token-with-{CANARY}"
METRICS = "a-token-for-the-metrics-of-32-characters"


class Stand(msgspec.Struct):
    """A running gateway: where it listens, what its upstream keeps and saw, and where its output goes."""

    port: int
    process: asyncio.subprocess.Process
    directory: Directory
    log: Path
    trail: Path
    seen: list[tuple[str, str, list[str]]] = msgspec.field(default_factory=list)

    @property
    def strays(self) -> list[str]:
        """What went out and is none of the mapping's calls."""
        mapping = mapping_of("full")
        found = (stray(method, target, headers, mapping) for method, target, headers in self.seen)
        return [each for each in found if each]

    @property
    def memory(self) -> float:
        """MiB of memory that the process holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    async def told(self) -> dict[str, list[str]]:
        """Return the lines of the log, of the audit trail and of the metrics."""
        files = {"log": self.log, "audit trail": self.trail}
        lines = {name: each.read_text(encoding="utf-8", errors="replace").splitlines() for name, each in files.items()}
        metrics = await said(self.port, request("GET /metrics", token=METRICS))
        return lines | {"metrics": metrics.body.decode().splitlines()}


def leaks(lines: list[str]) -> list[str]:
    """Return the lines that hold a canary or a secret."""
    return [each for each in lines if CANARY in each.lower() or TOKEN in each or METRICS in each]


@asynccontextmanager
async def standing(folder: Path, **more: str) -> AsyncIterator[Stand]:
    """Start a gateway and the directory behind it, with a user and a group, for as long as the context lasts."""
    directory = Directory(UPSTREAM_TOKEN)
    directory.users.kept["u-1"] = {"id": "u-1", "login": "someone", "enabled": True}
    directory.users.kept["u-2"] = {"id": "u-2", "login": CANARY, "enabled": True}
    directory.groups.kept["g"] = {"id": "g", "name": "all", "memberIds": []}
    seen: list[tuple[str, str, list[str]]] = []
    app = calls(directory)

    async def witnessed(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
            seen.append((scope["method"], target.decode("latin-1"), [name.decode() for name, _ in scope["headers"]]))
        await app(scope, receive, send)

    told = {
        "ADAPTER_SECRET_TOKEN": UPSTREAM_TOKEN,
        "ADAPTER_STRICT_TOKENS": STRICT,
        "ADAPTER_CLIENT_ID": "entra",
        "ADAPTER_CLIENT_SECRET": CLIENT_SECRET,
        "ADAPTER_LOG_LEVEL": "debug",
        "ADAPTER_AUDIT": str(folder / "audit.jsonl"),
        "ADAPTER_METRICS_TOKEN": METRICS,
    }
    log = folder / "gateway.log"
    with log.open("wb") as output:
        async with served(witnessed) as url, started(url, output, **told, **more) as (port, process):
            yield Stand(port, process, directory, log, folder / "audit.jsonl", seen)
