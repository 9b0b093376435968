"""Campaign C16: the start command under a container's limits runs, or refuses with exit status 2 and a line that says why."""

import datetime as dt
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from adapter.cli.files import shipped_mappings
from tests.cli.program import ENVIRONMENT
from tests.container.cage import PROGRAM, USER, missing, run

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a cage")

TOKEN = "a-static-token-of-thirty-two-characters"
NOW, DAY = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
AUTHORITY = trustme.CA()

LOOKED = """
import json, os, pathlib
status = dict(line.split(":\\t", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines() if ":\\t" in line)
def writes(place):
    try:
        pathlib.Path(place, "probe").write_text("")
        return True
    except OSError as error:
        return error.strerror
print(json.dumps({
    "user": os.getuid(), "group": os.getgid(),
    "rights": {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")},
    "no new privileges": status["NoNewPrivs"],
    "root": writes("/"), "var": writes("/var/tmp"), "here": writes("."), "tmp": writes("/tmp"),
    "environment": sorted(os.environ),
}))
"""


def test_the_cage_is_what_it_is_called() -> None:
    with run([sys.executable, "-c", LOOKED], {"ADAPTER_TOKENS": TOKEN}) as process:
        told, errors = process.communicate(timeout=20)
    assert errors == ""
    seen = json.loads(told)
    environment = set(seen.pop("environment")) - {"LC_CTYPE", "PWD"}  # Python's own, and bubblewrap's
    assert environment == {"ADAPTER_TOKENS", "PYTHONDONTWRITEBYTECODE"}
    assert seen == {
        "user": int(USER),
        "group": int(USER),
        "rights": dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0),
        "no new privileges": "1",
        "root": "Read-only file system",
        "var": "Read-only file system",
        "here": "Read-only file system",
        "tmp": True,
    }


class Place:
    """What an operator may hand over: a folder of files, and an environment that serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listening: socket.socket | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.environment = {
            **ENVIRONMENT,
            "ADAPTER_HOST": "127.0.0.1",
            "ADAPTER_PORT": str(self.port),
            "ADAPTER_SETTING_ORG_UNIT": "50",
            "ADAPTER_TOKENS": TOKEN,
            "ADAPTER_DRAIN_MS": "10",
        }

    def file(self, name: str, content: str | bytes) -> str:
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(file)

    def taken(self) -> dict[str, str]:
        self._listening = socket.create_server(("127.0.0.1", self.port))
        return {}

    def closed(self) -> None:
        if self._listening is not None:
            self._listening.close()
        shutil.rmtree(self.folder)

    def pair(self, pair: trustme.LeafCert, key: trustme.LeafCert | None = None) -> dict[str, str]:
        chain = b"".join(each.bytes() for each in pair.cert_chain_pems)
        return {
            "ADAPTER_TLS_CERTIFICATE": self.file("tls.crt", chain),
            "ADAPTER_TLS_KEY": self.file("tls.key", (key or pair).private_key_pem.bytes()),
        }


@pytest.fixture
def place() -> Iterator[Place]:
    # Not the tests' usual folder: that lies in /tmp, which the cage has for itself.
    folder = Path(__file__).parent / ".place"
    folder.mkdir(exist_ok=True)
    made = Place(folder)
    yield made
    made.closed()


def _served(
    place: Place, more: dict[str, str], *, writable: Path | None = None, verify: ssl.SSLContext | bool = True
) -> None:
    """Start, ask as HEALTHCHECK does and as a client does, and end by SIGTERM."""
    environment = place.environment | more
    with run([*PROGRAM, "serve"], environment, writable=writable) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if more.get("ADAPTER_AUDIT") == "stdout":  # which is the trail's alone then
            root = f"http://127.0.0.1:{place.port}/scim/v2"
            assert any("listening at" in line for line in iter(process.stderr.readline, ""))
        else:
            root = process.stdout.readline().split()[-1]
        with run([*PROGRAM, "health"], environment) as asked:
            assert asked.communicate(timeout=20) == ("", "")
            assert asked.returncode == 0
        with httpx.Client(verify=verify, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
            assert http.get(f"{root}/Users/1").status_code == 503  # its upstream is nowhere
            assert http.get(f"{root}/ServiceProviderConfig").status_code == 200
        # The signal is for the program; bubblewrap itself waits for it, and tells how it ended.
        [child] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        os.kill(int(child), signal.SIGTERM)
        assert process.wait(20) == 0, process.communicate()


def test_it_serves_with_a_read_only_root(place: Place) -> None:
    _served(place, {})


def test_it_serves_with_secrets_from_files(place: Place) -> None:
    secrets = {
        "ADAPTER_TOKENS": "",
        "ADAPTER_TOKENS_FILE": place.file("tokens", TOKEN + "\n"),
        "ADAPTER_SECRET_JWT": "",
        "ADAPTER_SECRET_JWT_FILE": place.file("jwt", "a-service-account-token\n"),
    }
    _served(place, secrets)


def test_it_serves_with_a_store_on_a_volume(place: Place) -> None:
    volume = place.folder / "volume"
    volume.mkdir()
    _served(place, {"ADAPTER_STORE": str(volume / "store.db")}, writable=volume)
    with sqlite3.connect(volume / "store.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()


def test_it_serves_with_a_trail_on_standard_output(place: Place) -> None:
    _served(place, {"ADAPTER_AUDIT": "stdout"})


def test_it_serves_with_tls_of_its_own(place: Place) -> None:
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    _served(place, place.pair(AUTHORITY.issue_cert("127.0.0.1")), verify=trusting)


def _spoilt() -> str:
    text = (shipped_mappings() / "n-able.yaml").read_text(encoding="utf-8")
    return text.replace("upstream:", "upstraem:", 1)


def _ours(begins: dt.datetime | None = None, ends: dt.datetime | None = None) -> trustme.LeafCert:
    return AUTHORITY.issue_cert("localhost", not_before=begins, not_after=ends)


# What is wrong, how it comes about, and how the line says it. A variable without a value is not set.
REFUSED: dict[str, tuple[Callable[[Place], dict[str, str]], str]] = {
    "no secret": (
        lambda _: {"ADAPTER_SECRET_JWT": ""},
        "ADAPTER_SECRET_JWT is missing: set it, or set ADAPTER_SECRET_JWT_FILE to a file that holds it",
    ),
    "no client": (
        lambda _: {"ADAPTER_TOKENS": "", "ADAPTER_CLIENT_ID": "", "ADAPTER_CLIENT_SECRET": ""},
        "no client is configured: set ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET, or ADAPTER_TOKENS",
    ),
    "weak token": (
        lambda _: {"ADAPTER_TOKENS": "short"},
        "ADAPTER_TOKENS: a static token needs at least 32 characters",
    ),
    "weak signing key": (
        lambda _: {"ADAPTER_SIGNING_KEY": "short"},
        "ADAPTER_SIGNING_KEY: a signing key needs at least 32 characters",
    ),
    "no secret file": (
        lambda place: {"ADAPTER_TOKENS": "", "ADAPTER_TOKENS_FILE": str(place.folder / "nowhere")},
        "ADAPTER_TOKENS_FILE: the file cannot be read (FileNotFoundError)",
    ),
    "no mapping": (
        lambda _: {"ADAPTER_MAPPING": "nowhere.yaml"},
        "ADAPTER_MAPPING: there is no file 'nowhere.yaml', nor is it one of",
    ),
    "bad mapping": (
        lambda place: {"ADAPTER_MAPPING": place.file("bad.yaml", _spoilt())},
        "unknown key 'upstraem': did you mean 'upstream'?",
    ),
    "no connections": (
        lambda place: {**dict.fromkeys(place.environment, ""), "ADAPTER_CONFIG": "nowhere.yaml"},
        "ADAPTER_CONFIG: nowhere.yaml: it cannot be read (FileNotFoundError)",
    ),
    "no public address": (
        lambda _: {"ADAPTER_HOST": "0.0.0.0"},  # noqa: S104 (it refuses before it listens)
        "ADAPTER_PUBLIC_URL is missing: set it to how clients reach the gateway, https://host",
    ),
    "a taken port": (lambda place: place.taken(), "Address already in use"),
    "a store on a read-only place": (
        lambda place: {"ADAPTER_STORE": str(place.folder / "store.db")},
        "cannot be opened (Read-only file system): name a file of this process's own",
    ),
    "a trail on a read-only place": (
        lambda place: {"ADAPTER_AUDIT": str(place.folder / "audit.jsonl")},
        "Read-only file system",
    ),
    "half a pair": (
        lambda place: {**place.pair(_ours()), "ADAPTER_TLS_KEY": ""},
        "ADAPTER_TLS_CERTIFICATE and ADAPTER_TLS_KEY go together; set both or none",
    ),
    "no certificate": (
        lambda place: {**place.pair(_ours()), "ADAPTER_TLS_CERTIFICATE": str(place.folder / "nowhere.pem")},
        "nowhere.pem cannot be read (FileNotFoundError)",
    ),
    "another's key": (
        lambda place: place.pair(_ours(), _ours()),
        "ADAPTER_TLS_KEY: the key is not that of the first certificate in ADAPTER_TLS_CERTIFICATE",
    ),
    "an expired certificate": (
        lambda place: place.pair(_ours(NOW - 9 * DAY, NOW - DAY)),
        "and not now",
    ),
    "proxies by name": (
        lambda _: {"ADAPTER_TRUSTED_PROXIES": "front.example"},
        "'front.example' is no address or network, such as 10.0.0.7 or 10.0.0.0/8",
    ),
    "no authority": (
        lambda place: {"ADAPTER_UPSTREAM_CA": place.file("authority.pem", "")},
        "holds no certificate in PEM",
    ),
    "a proxy that HTTP does not go by": (
        lambda _: {"ADAPTER_UPSTREAM_URL": "https://a.example", "HTTPS_PROXY": "socks5://proxy.example"},
        "HTTPS_PROXY must be like http://host:3128 or http://name:password@host:3128",
    ),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_it_refuses_with_a_line_that_says_why(place: Place, wrong: str) -> None:
    comes, line = REFUSED[wrong]
    environment = {name: value for name, value in (place.environment | comes(place)).items() if value}
    with run([*PROGRAM, "serve"], environment) as process:
        said, errors = process.communicate(timeout=20)
    assert (process.returncode, said) == (2, "")
    last = errors.splitlines()[-1]
    assert last.startswith("scim-adapter: ")
    assert line in last
    assert "Traceback" not in errors
    assert TOKEN not in errors
