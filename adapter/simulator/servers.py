"""The demo's two servers: child processes that end with it, whatever ends it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NoReturn, Self

READY_WITHIN = 20.0  # seconds
ENDED_WITHIN = 5.0  # seconds, after which a server is killed
LOOK_EVERY = 0.05  # seconds
LAST_LINES = 20  # of its standard error, when a server says why it ended


class ServerError(Exception):
    """A server did not start, or did not stay."""


class Servers:
    """The children, started one by one and ended together.

    What they write goes to files: nobody need read it for them to go on, and it is there when one fails.
    """

    def __init__(self, program: tuple[str, ...] = (sys.executable, "-m", "adapter")) -> None:
        self._program = program
        self._directory = TemporaryDirectory(prefix="scim-adapter-demo-")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(ENDED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._directory.cleanup()

    def start(self, arguments: list[str], *names: str, settings: dict[str, str] | None = None) -> list[str]:
        """Start a command of this program and wait until it has said the URLs of those names."""
        command = arguments[0]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ADAPTER_")}
        with self._file(command, "out").open("wb") as out, self._file(command, "err").open("wb") as err:
            self._processes[command] = subprocess.Popen(  # noqa: S603 - our own program, our own arguments
                [*self._program, *arguments],
                env=inherited | {"PYTHONUNBUFFERED": "1"} | (settings or {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        return self._ready(command, names)

    def check(self) -> None:
        """Refuse to go on when a server has ended by itself."""
        for command, process in self._processes.items():
            if process.poll() is not None:
                raise ServerError(f"{command} ended with status {process.returncode}:\n{self._last_words(command)}")

    def stay(self) -> NoReturn:
        """Stay until a server ends, which it should not."""
        while True:
            self.check()
            time.sleep(LOOK_EVERY)

    def _ready(self, command: str, names: tuple[str, ...]) -> list[str]:
        patience = time.monotonic() + READY_WITHIN
        while time.monotonic() < patience:
            said = self._text(command, "out")
            found = [re.search(rf"^{re.escape(name)} {{2,}}(\S+)\n", said, re.MULTILINE) for name in names]
            if all(found):
                return [match[1] for match in found if match]
            self.check()
            time.sleep(LOOK_EVERY)
        raise ServerError(f"{command} is not ready after {READY_WITHIN:.0f} seconds:\n{self._last_words(command)}")

    def _last_words(self, command: str) -> str:
        return "\n".join(self._text(command, "err").splitlines()[-LAST_LINES:])

    def _text(self, command: str, stream: str) -> str:
        return self._file(command, stream).read_text(encoding="utf-8", errors="replace")

    def _file(self, command: str, stream: str) -> Path:
        return Path(self._directory.name, f"{command}.{stream}")
