"""The limits of a hardened container without an engine: bubblewrap with a read-only root, a user without rights, and no more.

The program is the checkout's; what it finds is what the image would find, a read-only root and a /tmp of its own.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
USER = "65532"
PROGRAM = [sys.executable, "-m", "adapter"]


def cage(environment: dict[str, str], *, writable: Path | None = None) -> list[str]:
    """Return the command that runs another one under the limits, with this environment and no more."""
    limits = [
        *("bwrap", "--unshare-user", "--uid", USER, "--gid", USER, "--cap-drop", "ALL"),
        *("--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--new-session", "--die-with-parent"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 (inside it is new and empty)
        *("--chdir", str(ROOT), "--clearenv"),
    ]
    for kept in dict.fromkeys((ROOT, Path(sys.prefix).resolve(), Path(sys.base_prefix))):
        if kept.is_relative_to("/tmp"):  # noqa: S108 (a checkout may stand there)
            limits += ["--ro-bind", str(kept), str(kept)]
    if writable is not None:
        limits += ["--bind", str(writable), str(writable)]
    for name, value in {"PYTHONDONTWRITEBYTECODE": "1", **environment}.items():
        limits += ["--setenv", name, value]
    return [*limits, "--"]


@cache
def missing() -> str:
    """Return why there is no cage here, or nothing."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: the start was not tried under its limits"
    tried = subprocess.run([*cage({}), sys.executable, "-c", ""], capture_output=True, text=True, check=False)
    return f"bubblewrap may make no namespace here: {tried.stderr.strip()}" if tried.returncode else ""


def run(command: list[str], environment: dict[str, str], *, writable: Path | None = None) -> "subprocess.Popen[str]":
    """Start a command in the cage."""
    return subprocess.Popen(
        [*cage(environment, writable=writable), *command],
        env={"PATH": os.environ.get("PATH", "")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
