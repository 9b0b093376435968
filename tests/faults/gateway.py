"""A gateway as a process of its own: any command that reads the ADAPTER_ variables and serves SCIM at a port."""

import asyncio
import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import IO, Self

from tests.faults.caller import Caller
from tests.faults.routes import KEY
from tests.faults.trail import KEY as AUDIT_KEY
from tests.faults.trail import Heard

COMMAND = f"{shlex.quote(sys.executable)} -m adapter serve --port {{port}}"
WORKERS = f"{COMMAND} --workers 2"
NAIVE = f"{shlex.quote(sys.executable)} -m tests.faults.naive --port {{port}}"
METRICS = "a-token-for-the-metrics-of-the-fault-campaign"
AUDIT = "audit.jsonl"
TOKEN = "entras-static-token-of-the-fault-campaign"
HERE = Path(__file__).parent
LONGEST_START = 30.0
PREFIX = "/scim/v2"
SHARED = ("asked", "idle")
"""The connections of a gateway with workers: one asks the upstream, the other is there so that there are two to share out.
The first is the second worker's."""
CROSSING = 5
"""Connections of a caller that the first worker takes."""


@dataclass(frozen=True, slots=True)
class Times:
    """The times that the gateway is given, in milliseconds."""

    request: int = 1500
    attempt: int = 300
    backoff: int = 10
    queue: int = 1400
    drain: int = 100

    @property
    def variables(self) -> dict[str, str]:
        """The times as the environment has them."""
        names = ("request", "attempt", "backoff", "queue", "drain")
        return {f"ADAPTER_{name.upper()}_MS": str(getattr(self, name)) for name in names}


@dataclass(slots=True)
class Gateway:
    """One replica; `mapping` is the name of a mapping file beside this module."""

    mapping: str
    upstream_url: str
    command: str = COMMAND
    times: Times = field(default_factory=Times)
    port: int = 0
    starts: int = 0
    ready_after: float = 0.0
    """Seconds that the last start took until it was ready."""
    process: subprocess.Popen[bytes] | None = None
    heard: Heard = field(default_factory=Heard)
    """What its clients were told of changes."""
    _place: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory)
    _log: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _callers: list[Caller] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()
        for each in self._callers:
            await each.__aexit__()
        self._log.close()
        self._place.cleanup()

    async def start(self) -> None:
        """Start the process, at the port that it had before, and wait until it is ready."""
        self.port = self.port or _free_port()
        began, self.starts = monotonic(), self.starts + 1
        self.process = subprocess.Popen(  # noqa: ASYNC220 (it returns at once)
            shlex.split(self.command.format(port=self.port)),
            stdout=self._log.fileno(),
            stderr=self._log.fileno(),
            env=self._environment(),
            cwd=HERE.parent.parent,
        )
        async with Caller(self.port, patience=5) as caller:
            while (await caller.call("GET", "/health/ready")).status != 200:
                if not self.is_running or monotonic() - began > LONGEST_START:
                    raise RuntimeError(f"the gateway did not start:\n{self.log}")
                await asyncio.sleep(0.02)
        self.ready_after = monotonic() - began

    def kill(self) -> None:
        """End the process with SIGKILL, as a crash does, and its workers with it, as a container's end does."""
        if self.process is not None:
            workers = self.processes[1:]
            self.process.send_signal(signal.SIGKILL)
            for each in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            self.process.wait()

    def caller(self) -> Caller:
        """Return a new caller with the client's token."""
        caller = Caller(
            self.port, {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json; charset=utf-8"}
        )
        caller.heard = self.heard.hear
        caller.root = f"/{SHARED[0]}{PREFIX}" if self.is_shared else PREFIX
        self._callers.append(caller)
        return caller

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def is_shared(self) -> bool:
        """Whether it has several workers."""
        return "--workers" in self.command

    @property
    def trails(self) -> list[Path]:
        """The files for its audit trail; a gateway that keeps none leaves them out."""
        names = [f"audit.{each}.jsonl" for each in (1, 2)] if self.is_shared else [AUDIT]
        return [Path(self._place.name) / each for each in names]

    async def cross(self, caller: Caller) -> None:
        """Have the first worker take some connections of a caller: the second owns what is asked, and must be handed it.

        Which of them takes a new one is chance: of a burst one of them may take all.
        """
        owner = self.processes[2]
        os.kill(owner, signal.SIGSTOP)
        try:
            answers = await asyncio.gather(*(caller.call("GET", "/health/live") for _ in range(CROSSING)))
        finally:
            os.kill(owner, signal.SIGCONT)
        assert [each.status for each in answers] == [200] * CROSSING

    async def handed_over(self) -> int:
        """Return how many requests one of its workers has handed over to the other."""
        async with Caller(self.port, {"Authorization": f"Bearer {METRICS}"}) as caller:
            told = (await caller.call("GET", "/metrics")).text
        return sum(
            int(float(each)) for each in re.findall(r"^scim_adapter_handed_over_total\{.*\} (.+)$", told, re.MULTILINE)
        )

    @property
    def log(self) -> str:
        """All that it has said."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(
            errors="replace"
        )  # the process writes at the place of a seek

    @property
    def open_files(self) -> int:
        """How many files and connections it has open; 0 where the system does not tell."""
        places = [Path(f"/proc/{each}/fd") for each in self.processes]
        return sum(len(list(each.iterdir())) for each in places if each.is_dir())

    @property
    def processes(self) -> list[int]:
        """The ids of the process and of its workers, as far as the system tells."""
        if self.process is None:
            return []
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        return [pid, *(map(int, children.read_text(encoding="ascii").split()) if children.is_file() else ())]

    def _environment(self) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("ADAPTER_")}
        return (
            others
            | self.times.variables
            | {"ADAPTER_AUDIT": str(Path(self._place.name) / AUDIT), "ADAPTER_AUDIT_KEY": AUDIT_KEY}
            | (self._connections() if self.is_shared else self._connection())
        )

    def _connection(self) -> dict[str, str]:
        return {
            "ADAPTER_MAPPING": str(HERE / f"{self.mapping}.yaml"),
            "ADAPTER_UPSTREAM_URL": self.upstream_url,
            "ADAPTER_SECRET_KEY": KEY,
            "ADAPTER_TOKENS": TOKEN,
        }

    def _connections(self) -> dict[str, str]:
        made = [
            {
                "name": name,
                "mapping": str(HERE / f"{self.mapping}.yaml"),
                "upstream": self.upstream_url,
                "secrets": {"key": {"environment": "KEY_OF_THE_CAMPAIGN"}},
                "clients": [{"kind": "token", "name": "entra", "tokens": [{"hash": _hash(name)}]}],
            }
            for name in SHARED
        ]
        file = Path(self._place.name) / "gateway.yaml"
        file.write_text(json.dumps({"version": 1, "connections": made}), encoding="utf-8")
        return {
            "TMPDIR": self._place.name,
            "ADAPTER_CONFIG": str(file),
            "KEY_OF_THE_CAMPAIGN": KEY,
            "ADAPTER_METRICS_TOKEN": METRICS,
        }


def _hash(name: str) -> str:
    token = TOKEN if name == SHARED[0] else f"{TOKEN}-of-{name}"
    return f"sha256:{sha256(token.encode()).hexdigest()}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
