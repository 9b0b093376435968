"""A gateway is a process that is started, killed and started again at the same port."""

import shlex
import sys

import pytest

from tests.faults.gateway import NAIVE, PREFIX, Gateway

pytestmark = pytest.mark.anyio


async def test_one_that_does_not_start_says_why() -> None:
    command = f"{shlex.quote(sys.executable)} -c \"print('no mapping', {{port}}); raise SystemExit(2)\""
    with pytest.raises(RuntimeError, match="no mapping"):
        async with Gateway("patching", "http://127.0.0.1:9", command):
            pass


async def test_one_that_was_killed_is_back_at_the_same_port() -> None:
    async with Gateway("patching", "http://127.0.0.1:9", NAIVE) as gateway:
        caller, port = gateway.caller(), gateway.port
        assert (await caller.call("GET", f"{PREFIX}/Users/p1")).status == 503
        gateway.kill()
        assert not gateway.is_running
        assert (await caller.call("GET", f"{PREFIX}/Users/p1")).status == 0
        await gateway.start()
        assert (gateway.port, gateway.starts, gateway.is_running) == (port, 2, True)
        assert gateway.open_files > 0


async def test_the_environment_of_the_harness_is_not_the_gateways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADAPTER_MAPPING", "another")
    command = (
        f"{shlex.quote(sys.executable)} -c \"import os; raise SystemExit(os.environ['ADAPTER_MAPPING'], {{port}})\""
    )
    with pytest.raises(RuntimeError, match=r"patching\.yaml"):
        async with Gateway("patching", "http://127.0.0.1:9", command):
            pass
