"""`serve` as it stands in its network: TLS of its own, and proxies in front; real processes and sockets."""

import asyncio
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from tests.cli.program import PROGRAM, environment, run
from tests.upstream.server import Server, after, reply

TOKEN = "a-static-token-of-thirty-two-characters"
AUTHORITY = trustme.CA()


@contextmanager
def serving(*, at: int = 0, **more: str) -> Iterator[str]:
    """Serve, and return where."""
    with subprocess.Popen(
        [*PROGRAM, "serve", "--port", str(at)],
        env=environment(ADAPTER_TOKENS=TOKEN, ADAPTER_DRAIN_MS="10", **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1].removesuffix("/scim/v2")
        finally:
            process.terminate()
            assert process.wait(10) == 0


def written(folder: Path) -> dict[str, str]:
    pair = AUTHORITY.issue_cert("127.0.0.1")
    pair.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "certificate.pem").write_bytes(b"".join(each.bytes() for each in pair.cert_chain_pems))
    return {"ADAPTER_TLS_CERTIFICATE": str(folder / "certificate.pem"), "ADAPTER_TLS_KEY": str(folder / "key.pem")}


def test_it_speaks_tls_itself_and_takes_a_renewed_pair(tmp_path: Path) -> None:
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    with serving(at=0, **written(tmp_path)) as root, httpx.Client(verify=trusting) as kept:
        assert root.startswith("https://127.0.0.1:")
        answer = kept.get(f"{root}/health/live")
        assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
        found = kept.get(f"{root}/scim/v2/ServiceProviderConfig", headers={"Authorization": f"Bearer {TOKEN}"})
        assert found.json()["meta"]["location"].startswith(f"{root}/scim/v2/")
        address = ("127.0.0.1", int(root.rpartition(":")[2]))
        first = ssl.get_server_certificate(address)
        written(tmp_path)
        until = time.monotonic() + 20
        while ssl.get_server_certificate(address) == first:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert kept.get(f"{root}/health/live").status_code == 200


async def test_an_idle_client_does_not_hold_up_the_end_and_a_request_in_flight_is_finished(tmp_path: Path) -> None:
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    # Longer than one look at who is idle, shorter than the half minute that each farewell may take.
    async with Server(after(2.0, reply(200, '{"data": [], "totalItems": 0}'))) as upstream:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            "serve",
            "--port",
            "0",
            env=environment(
                ADAPTER_UPSTREAM_URL=upstream.url,
                ADAPTER_SETTING_ORG_UNIT="50",
                ADAPTER_TOKENS=TOKEN,
                ADAPTER_DRAIN_MS="10",
                **written(tmp_path),
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        root = (await process.stdout.readline()).decode().split()[-1]
        port = int(root.split(":")[2].partition("/")[0])
        _, idle = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, ssl_shutdown_timeout=0.1)
        assert isinstance(idle.transport, asyncio.Transport)
        idle.transport.pause_reading()  # so that it says no farewell
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        async with httpx.AsyncClient(verify=trusting, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
            asked = asyncio.create_task(http.get(f"{root}/Users"))
            await upstream.arrived(1)
            process.terminate()
            assert (await asked).json()["totalResults"] == 0
        assert await asyncio.wait_for(process.wait(), 15) == 0
        for each in (idle, silent):
            each.transport.abort()


def test_plain_http_says_nothing_of_https() -> None:
    with serving() as root:
        assert "Strict-Transport-Security" not in httpx.get(f"{root}/health/live").headers


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (
            {"ADAPTER_TLS_CERTIFICATE": "nowhere.pem"},
            "ADAPTER_TLS_CERTIFICATE and ADAPTER_TLS_KEY go together; set both or none",
        ),
        (
            {"ADAPTER_TLS_CERTIFICATE": "nowhere.pem", "ADAPTER_TLS_KEY": "nowhere.pem"},
            "ADAPTER_TLS_CERTIFICATE: the file nowhere.pem cannot be read (FileNotFoundError)",
        ),
        (
            {"ADAPTER_TRUSTED_PROXIES": "*"},
            "ADAPTER_TRUSTED_PROXIES: '*' is no address or network, such as 10.0.0.7 or 10.0.0.0/8",
        ),
        (
            {"ADAPTER_UPSTREAM_CA": "nowhere.pem"},
            "ADAPTER_UPSTREAM_CA: the file nowhere.pem cannot be read (FileNotFoundError)",
        ),
        (
            {"ADAPTER_UPSTREAM_URL": "https://a.example", "HTTPS_PROXY": "socks5://name:secret@proxy.example"},
            "HTTPS_PROXY must be like http://host:3128 or http://name:password@host:3128",
        ),
    ],
)
def test_a_network_that_cannot_be_had_is_refused(more: dict[str, str], line: str) -> None:
    done = run("serve", "--port", "0", **more)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"scim-adapter: {line}")


def _after_much_guessing(root: str, guesser: str, other: str) -> tuple[int, int]:
    """Guess tokens on behalf of one address, and return what it and another one are answered then."""
    wrong = {"Authorization": f"Bearer {'?' * 40}"}
    with httpx.Client(base_url=root, headers=wrong) as http:
        told = [
            http.get("/scim/v2/Users", headers={"X-Forwarded-For": each}).status_code
            for each in [guesser] * 31 + [other]
        ]
    return told[-2], told[-1]


def test_a_proxy_that_is_named_says_on_whose_behalf_it_asks() -> None:
    with serving(ADAPTER_TRUSTED_PROXIES="127.0.0.1") as root:
        assert _after_much_guessing(root, "203.0.113.9", "198.51.100.7") == (429, 401)


def test_who_is_not_named_is_the_one_who_asks_whatever_it_says() -> None:
    with serving(FORWARDED_ALLOW_IPS="*") as root:
        assert _after_much_guessing(root, "203.0.113.9", "198.51.100.7") == (429, 429)


def test_where_the_gateway_is_comes_from_no_header() -> None:
    lies = {
        "Authorization": f"Bearer {TOKEN}",
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=203.0.113.9;host=evil.example;proto=http",
    }
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    public = "https://scim.example"
    with serving(at=port, ADAPTER_TRUSTED_PROXIES="127.0.0.1", ADAPTER_PUBLIC_URL=public) as root:
        assert root == public
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=lies) as http:
            found = http.get("/scim/v2/ServiceProviderConfig").json()
            metadata = http.get("/.well-known/oauth-authorization-server").json()
    assert found["meta"]["location"] == f"{public}/scim/v2/ServiceProviderConfig"
    assert metadata["token_endpoint"] == f"{public}/oauth/token"
