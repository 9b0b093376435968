"""`scim-adapter health`, asked of small servers on real sockets."""

import asyncio
import contextlib
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from tests.cli.program import PROGRAM, environment


@contextlib.asynccontextmanager
async def answering(answer: bytes, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(answer if head.startswith(b"GET /health/live HTTP/1.1\r\n") else b"HTTP/1.1 404 No\r\n\r\n")
        writer.close()

    patience = None if tls is None else 0.1
    server = await asyncio.start_server(answered, host, 0, ssl=tls, ssl_shutdown_timeout=patience)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def asked(*arguments: str, **more: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "health", *arguments, env=environment(**more), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


ALIVE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("listens", "host"),
    [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "0.0.0.0"), ("127.0.0.1", "localhost"), ("::1", "::"), ("::1", "::1")],  # noqa: S104 (nothing listens there)
)
async def test_it_is_alive_where_serve_would_listen(listens: str, host: str) -> None:
    async with answering(ALIVE, listens) as port:
        assert await asked(ADAPTER_HOST=host, ADAPTER_PORT=str(port), HTTP_PROXY="http://127.0.0.1:1") == (0, "")
        assert await asked("--host", host, "--port", str(port)) == (0, "")


async def test_it_speaks_tls_where_serve_does(tmp_path: Path) -> None:
    pair = trustme.CA().issue_cert("gateway.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair.configure_cert(context)
    async with answering(ALIVE, tls=context) as port:
        named = {"ADAPTER_TLS_CERTIFICATE": str(tmp_path / "certificate.pem"), "ADAPTER_PORT": str(port)}
        assert await asked(**named) == (0, "")
        assert (await asked(ADAPTER_PORT=str(port)))[0] == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 500 No\r\n\r\n", "it answers 500 at 127.0.0.1:{}"),
        (b"HTTP/1.1 302 No\r\nLocation: /\r\n\r\n", "it answers 302 at 127.0.0.1:{}"),
        (b"220 mail.example\r\n\r\n", "it does not answer at 127.0.0.1:{} (BadStatusLine)"),
        (b"", "it does not answer at 127.0.0.1:{} (RemoteDisconnected)"),
    ],
)
async def test_what_is_no_answer_is_not_alive(answer: bytes, why: str) -> None:
    async with answering(answer) as port:
        assert await asked("--port", str(port)) == (1, f"scim-adapter: {why.format(port)}\n")
    assert await asked("--port", str(port)) == (
        1,
        f"scim-adapter: it does not answer at 127.0.0.1:{port} (ConnectionRefusedError)\n",
    )


def test_it_loads_nothing_that_it_does_not_need() -> None:
    """A container asks every thirty seconds."""
    import subprocess  # noqa: PLC0415

    told = "import sys, adapter.cli.health; print(sorted({'litestar', 'httpx', 'uvicorn', 'cryptography'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "[]\n"
