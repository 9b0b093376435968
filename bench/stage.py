"""The processes of a benchmark: each on its core, with its processor time and its memory, and ended with the benchmark."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import msgspec

from bench.thin import line_to, message
from bench.upstream import Settings

ROOT = Path(__file__).parent.parent
TOKEN = "the-static-token-of-the-benchmarks-client"
CONNECTIONS = ("asked", "idle")
"""Of a gateway with workers; the first one has the token."""
KINDS: dict[str, list[tuple[str, str]]] = {
    "whole": [],
    "terse": [
        ("{call: POST /users, record: $}", "{call: POST /users, id: id}"),
        ('{call: "PATCH /users/{id}", record: $}', '{call: "PATCH /users/{id}"}'),
    ],
    "blind": [('{call: "PATCH /users/{id}", record: $}', '{call: "PATCH /users/{id}", blind: true, record: $}')],
    "unfound": [
        ('      find:\n        - {filter: userName eq, query: {login: "{value}"}, case: ignored}\n', ""),
    ],
}
"""The mapping as it is, and what is otherwise: writes that answer without the record, an upstream that cannot find, and one
that takes a change of a record that nobody has read."""

NUMBERS = {"in_flight": 64, "freshness": 3600}
"""What the mapping says of its limits and its list, unless another number is asked for."""


class Process:
    """A process that listens on a port of 127.0.0.1, and what it takes."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, pid: int, said: Path) -> None:
        self.process, self.port, self.pid, self.said = process, port, pid, said

    @property
    def processor(self) -> float:
        """The seconds of processor time, user and system, that all its threads have taken (clock_getcpuclockid(3))."""
        return time.clock_gettime(~self.pid << 3 | 2)

    @property
    def memory(self) -> int:
        """The bytes that it holds in memory now (VmRSS)."""
        return self._status("VmRSS")

    @property
    def most_memory(self) -> int:
        """The most bytes that it has ever held in memory (VmHWM)."""
        return self._status("VmHWM")

    @property
    def children(self) -> list["Process"]:
        """What it has started, in that order."""
        pids = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        return [Process(self.process, self.port, int(each), self.said) for each in pids]

    def end_children(self) -> None:
        """End what it has started."""
        for each in self.children:
            os.kill(each.pid, signal.SIGTERM)

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


class Stage:
    """Starts what a benchmark needs; `root` is the checkout whose gateway is served."""

    def __init__(self, exits: AsyncExitStack, folder: Path) -> None:
        self._exits, self.folder = exits, folder
        self._made = 0
        self._ready: dict[tuple[object, ...], Process] = {}
        self.upstream: Process

    async def world(self, name: str, **settings: Any) -> None:
        """Make a world of the upstream, in place of one that has the name."""
        line = await line_to(self.upstream.port)
        status, _ = await line.ask(message("PUT", f"/{name}", msgspec.json.encode(Settings(**settings))))
        line.close()
        assert status == 200

    async def counts(self, name: str) -> dict[str, int]:
        """Return how often a world of the upstream was asked, by route."""
        line = await line_to(self.upstream.port)
        _, body = await line.ask(message("GET", f"/{name}"))
        line.close()
        return msgspec.json.decode(body, type=dict[str, int])

    async def started(self, arguments: list[str], *, core: int, root: Path = ROOT, **environment: str) -> Process:
        """Start a program, and return it once it has said where it listens; raises RuntimeError if it does not."""
        said = self.folder / f"{self._made}.log"
        self._made += 1
        errors: IO[bytes] = self._exits.enter_context(said.open("wb"))
        others = {name: value for name, value in os.environ.items() if not name.startswith("ADAPTER_")}
        process = await asyncio.create_subprocess_exec(
            *arguments,
            cwd=root,
            env=others | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
        self._exits.push_async_callback(_ended, process)
        pid = process.pid
        pin(pid, core)
        assert process.stdout is not None
        line = "\n"
        async with asyncio.timeout(60):
            while line and "http://" not in line:  # a profiler may speak first
                line = (await process.stdout.readline()).decode()
        if not line:
            raise RuntimeError(f"{' '.join(arguments)} did not start: {said.read_text(encoding='utf-8')[-2000:]}")
        port = int(line.rpartition(":")[2].split("/")[0])
        return Process(process, port, pid, said)

    async def gateway(
        self,
        kind: str = "whole",
        world: str = "",
        *,
        root: Path = ROOT,
        before: tuple[str, ...] = (),
        **numbers: int,
    ) -> Process:
        """Return the gateway as production runs it, before a world of the upstream (the one that its kind names).

        `numbers` are of the mapping: `in_flight`, `freshness`.

        One that runs already is taken, so ask for a world of its own where what was before would count.
        """
        key = (kind, world, *numbers.items(), root, before)
        if key not in self._ready:
            self._ready[key] = await self._gateway(kind, world or kind, NUMBERS | numbers, root, before)
        return self._ready[key]

    async def serving(self, operation: str) -> Process:
        """Return the gateway that does an operation: a blind PATCH has a mapping of its own."""
        return await self.gateway("blind" if operation == "PATCH blind" else "whole")

    async def shared(self, world: str) -> Process:
        """Return a gateway with two workers and as many connections, both before one world of the upstream."""
        mapping = self._mapping("whole", NUMBERS)
        made = [
            {
                "name": name,
                "mapping": str(mapping),
                "upstream": f"http://127.0.0.1:{self.upstream.port}/{world}",
                "secrets": {"token": {"environment": "KEY"}},
                "clients": [
                    {"kind": "token", "name": name, "tokens": [{"hash": f"sha256:{sha256(token).hexdigest()}"}]}
                ],
            }
            for name, token in zip(CONNECTIONS, (TOKEN.encode(), b"another-static-token-of-the-benchmark"), strict=True)
        ]
        file = self.folder / "gateway.yaml"
        file.write_bytes(msgspec.json.encode({"version": 1, "connections": made}))
        return await self._served(ADAPTER_CONFIG=str(file), ADAPTER_WORKERS="2", KEY="the-key-of-the-upstream")

    async def _gateway(
        self, kind: str, world: str, numbers: dict[str, int], root: Path, before: tuple[str, ...]
    ) -> Process:
        return await self._served(
            root,
            before,
            ADAPTER_MAPPING=str(self._mapping(kind, numbers)),
            ADAPTER_UPSTREAM_URL=f"http://127.0.0.1:{self.upstream.port}/{world}",
            ADAPTER_SECRET_TOKEN="the-key-of-the-upstream",
            ADAPTER_TOKENS=TOKEN,
        )

    def _mapping(self, kind: str, numbers: dict[str, int]) -> Path:
        mapping = self.folder / f"{kind}.yaml"
        text = (ROOT / "bench" / "mapping.yaml").read_text(encoding="utf-8")
        said = [(f"{name}: {NUMBERS[name]}", f"{name}: {number}") for name, number in numbers.items()]
        for old, new in (*KINDS[kind], *said):
            assert old in text
            text = text.replace(old, new)
        mapping.write_text(text, encoding="utf-8")
        return mapping

    async def _served(self, root: Path = ROOT, before: tuple[str, ...] = (), **told: str) -> Process:
        everywhere = {
            "ADAPTER_AUDIT": str(self.folder / f"{self._made}.audit"),
            "ADAPTER_METRICS_TOKEN": "the-token-of-who-sees-the-metrics",
            "ADAPTER_DRAIN_MS": "1",
        }
        arguments = [*before, sys.executable, "-m", "adapter", "serve", "--host", "127.0.0.1", "--port", "0"]
        return await self.started(arguments, core=0, root=root, **everywhere, **told)

    async def floor(self, kind: str) -> Process:
        """Return one of the floors."""
        if (kind,) not in self._ready:
            arguments = ["-m", "bench.floor", kind, "--upstream", str(self.upstream.port)]
            self._ready[kind,] = await self.started([sys.executable, *arguments], core=0)
        return self._ready[kind,]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Surround a benchmark; what it has started is ended at its end."""
    pin(os.getpid(), -1)
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as exits:
            made = Stage(exits, Path(folder))
            made.upstream = await made.started([sys.executable, "-m", "bench.upstream"], core=-1)
            yield made


def pin(pid: int, core: int) -> None:
    """Let a process run on one core only: 0 is the first that there is, -1 the last."""
    os.sched_setaffinity(pid, {_CORES[core]})


_CORES = sorted(os.sched_getaffinity(0))


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
