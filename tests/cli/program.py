"""The commands, run as the program that a person starts."""

import os
import subprocess
import sys

from adapter.cli.files import shipped_mappings

PROGRAM = [sys.executable, "-m", "adapter"]
ENVIRONMENT = {
    "ADAPTER_MAPPING": "n-able",
    "ADAPTER_UPSTREAM_URL": "http://127.0.0.1:9",
    "ADAPTER_SETTING_ROLE_IDS": "1001",
    "ADAPTER_SETTING_ACCESS_GROUP_IDS": "2001",
    "ADAPTER_SECRET_JWT": "a-service-account-token",
    "ADAPTER_CLIENT_ID": "entra",
    "ADAPTER_CLIENT_SECRET": "entra-secret-of-thirty-two-characters",
}

SHIPPED = ", ".join(sorted(each.stem for each in shipped_mappings().glob("*.yaml") if "." not in each.stem))


def environment(**more: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("ADAPTER_")}
    return {name: value for name, value in (others | ENVIRONMENT | more).items() if value}


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], env=environment(**more), capture_output=True, text=True, timeout=30, check=False
    )
