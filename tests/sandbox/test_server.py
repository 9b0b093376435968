import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

from adapter.sandbox.server import Options, running

# Two sockets that listen already, and the sandbox on them; what the ports are is told on the way.
SERVE = """
import socket
from adapter.sandbox.server import Options, serve
ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(port.getsockname()[1] for port in ports), flush=True)
serve(Options(jwt="jwt"), *ports)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_ends_both_ports_quietly(number: int) -> None:
    command = [sys.executable, "-W", "error", "-c", SERVE]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout
        api, control = process.stdout.readline().split()
        assert httpx.get(f"http://127.0.0.1:{api}/api-explorer/").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{control}/state").status_code == 200
        process.send_signal(number)
        said = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, ("", ""))


async def test_a_stalled_call_does_not_hold_up_the_end() -> None:
    ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    url = f"http://127.0.0.1:{ports[0].getsockname()[1]}"
    async with httpx.AsyncClient() as client:
        async with running(Options(jwt="jwt", latency=60), *ports):
            with pytest.raises(httpx.ReadTimeout):
                await client.get(f"{url}/api/users", timeout=0.1)
            begun = time.monotonic()
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("option", ["jwt", "users", "stock", "in_flight", "latency"])
def test_every_option_but_the_token_has_a_default(option: str) -> None:
    given: dict[str, Any] = {"jwt": "jwt"}
    assert hasattr(Options(**given), option)
