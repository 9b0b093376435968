"""A gateway of several workers as a process, with the connections acme and globex, each before a directory of its own."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from adapter.settings.secret import digest
from adapter.web.shares import Shares
from tests.cli.program import PROGRAM, environment
from tests.fakes.directory import Directory, application
from tests.fakes.systems import served

CREDENTIAL = "the-token-of-the-directory"
MAPPING = Path(__file__).parent.parent / "conversations" / "mappings" / "full.yaml"
NAMES = ("acme", "globex")
METRICS = "scim_a-token-for-the-metrics-with-32-characters"
HEADERS = {"Content-Type": "application/scim+json"}


def token(name: str) -> str:
    """Return the static token of a connection's client."""
    return f"scim_a-static-token-of-{name}-with-32-characters"


def secret(name: str) -> str:
    """Return the secret of a connection's other client, whose id is the connection's name."""
    return f"scim_the-secret-of-{name}-with-32-characters"


def described(name: str, upstream: str, **more: Any) -> dict[str, Any]:
    """Return a connection as the file has it."""
    clients: list[dict[str, Any]] = [
        {"kind": "token", "name": "script", "tokens": [{"hash": f"sha256:{digest(token(name)).hex()}"}]},
        {
            "kind": "credentials",
            "name": "entra",
            "id": name,
            "secrets": [{"hash": f"sha256:{digest(secret(name)).hex()}"}],
        },
    ]
    secrets = {"token": {"file": "token"}}
    return {"name": name, "mapping": str(MAPPING), "upstream": upstream, "secrets": secrets, "clients": clients} | more


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, in the order of their start."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


class Running(msgspec.Struct):
    """The gateway, who asks it, and what stands behind it."""

    process: asyncio.subprocess.Process
    root: str
    file: Path
    upstreams: dict[str, str]
    directories: dict[str, Directory]
    lines: list[str] = []

    def http(self, trusting: ssl.SSLContext | None = None) -> httpx.AsyncClient:
        """Return a client that opens a connection for each request, so that any worker may take it."""
        limits = httpx.Limits(max_keepalive_connections=0)
        return httpx.AsyncClient(base_url=self.root, timeout=20, limits=limits, verify=trusting or False)

    async def asked(
        self, http: httpx.AsyncClient, name: str, method: str = "GET", path: str = "/Users", **more: Any
    ) -> Any:
        """Return the answer of a connection."""
        headers = HEADERS | {"Authorization": f"Bearer {token(name)}"} | more.pop("headers", {})
        return await http.request(method, f"/{name}/scim/v2{path}", headers=headers, **more)

    def workers(self) -> dict[str, int]:
        """Return the process of the worker that owns each connection; the kernel lists them in the order of their start."""
        shares = Shares(NAMES, 2)
        return {name: children(self.process.pid)[shares.owner(name) - 1] for name in NAMES}

    async def logged(self, text: str, times: int = 1) -> None:
        """Wait until so many lines of the log hold a text."""
        async with asyncio.timeout(20):
            while sum(text in each for each in self.lines) < times:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(folder: Path, *arguments: str, acme: str = "", **more: str) -> AsyncIterator[Running]:
    """Yield a gateway with two workers, once all of them serve; `acme` is where that connection's upstream is, if elsewhere."""
    (folder / "token").write_text(CREDENTIAL, encoding="utf-8")
    file = folder / "gateway.yaml"
    directories = {name: Directory(CREDENTIAL) for name in NAMES}
    async with contextlib.AsyncExitStack() as stack:
        upstreams = {name: await stack.enter_async_context(served(application(directories[name]))) for name in NAMES}
        upstreams |= {"acme": acme} if acme else {}
        made = [described(name, url) for name, url in upstreams.items()]
        file.write_text(json.dumps({"version": 1, "connections": made}), encoding="utf-8")
        plain = {name: value for name, value in environment().items() if not name.startswith("ADAPTER_")}
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *("serve", "--port", "0", "--workers", "2", *arguments),
            env=plain | {"ADAPTER_CONFIG": str(file), "ADAPTER_METRICS_TOKEN": METRICS} | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        made_here = Running(process, "", file, upstreams, directories)
        following = asyncio.create_task(_follow(process, made_here.lines))
        try:
            assert process.stdout is not None
            lines = [(await process.stdout.readline()).decode().split() for _ in range(3)]
            assert [each[:1] for each in lines] == [["Tenant"], ["Tenant"], ["Token"]], made_here.lines
            made_here.root = lines[0][-1].removesuffix(f"/{NAMES[0]}/scim/v2")
            yield made_here
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await following


async def _follow(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stderr is not None
    while line := (await process.stderr.readline()).decode():
        lines.append(line)
