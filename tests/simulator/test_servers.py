import os
import sys
import textwrap
from pathlib import Path

import pytest

from adapter.simulator import servers
from adapter.simulator.servers import ServerError, Servers

READY = """
    import os, time
    print("Said before", "User API http://127.0.0.1:0", sep="\\n")
    print("User API   http://127.0.0.1:1", "Control port  http://127.0.0.1:2", sep="\\n", flush=True)
    time.sleep(60)
"""


def program(folder: Path, script: str) -> tuple[str, str]:
    file = folder / "program.py"
    file.write_text(textwrap.dedent(script), encoding="utf-8")
    return sys.executable, str(file)


def test_a_server_is_ready_when_it_has_said_its_addresses(tmp_path: Path) -> None:
    with Servers(program(tmp_path, READY)) as started:
        assert started.start(["sandbox"], "Control port", "User API") == ["http://127.0.0.1:2", "http://127.0.0.1:1"]
        started.check()


def test_a_server_has_our_settings_and_none_of_the_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADAPTER_TOKENS", "the caller's")
    monkeypatch.setenv("OTHER", "kept")
    script = """
        import os, sys
        names = [name for name in os.environ if name.startswith("ADAPTER_") or name == "OTHER"]
        sys.exit(" ".join(sorted(names) + sys.argv[1:]))
    """
    with Servers(program(tmp_path, script)) as started, pytest.raises(ServerError) as refused:
        started.start(["serve", "--port", "0"], "Tenant URL", settings={"ADAPTER_MAPPING": "n-able"})
    assert str(refused.value) == "serve ended with status 1:\nADAPTER_MAPPING OTHER serve --port 0"


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "READY_WITHIN", 0.3)
    script = "import time\ntime.sleep(60)"
    with (
        Servers(program(tmp_path, script)) as started,
        pytest.raises(ServerError, match=r"^serve is not ready after 0"),
    ):
        started.start(["serve"], "Tenant URL")


def test_a_server_that_ends_later_is_noticed(tmp_path: Path) -> None:
    script = """
        import sys, time
        print("Tenant URL  http://127.0.0.1:1", flush=True)
        time.sleep(0.3)
        sys.exit("no more")
    """
    with Servers(program(tmp_path, script)) as started:
        started.start(["serve"], "Tenant URL")
        with pytest.raises(ServerError) as ended:
            started.stay()
    assert str(ended.value) == "serve ended with status 1:\nno more"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that can be ignored")
def test_servers_end_with_us_even_when_they_would_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "ENDED_WITHIN", 0.2)
    script = """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(f"Process  {os.getpid()}", flush=True)
        time.sleep(60)
    """
    with Servers(program(tmp_path, script)) as started:
        [process] = started.start(["serve"], "Process")
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)
