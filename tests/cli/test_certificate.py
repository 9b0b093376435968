"""TLS towards clients, over real sockets and with certificates made for it."""

import asyncio
import contextlib
import datetime as dt
import logging
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from adapter.cli.bounded import Bounded
from adapter.cli.certificate import STRICT_TRANSPORT, Certificate
from adapter.cli.listening import listening_on
from adapter.errors import SettingsError

TODAY = dt.datetime.now(dt.UTC)
DAYS = dt.timedelta(days=1)
AUTHORITY = trustme.CA()
OTHER_KEY = "ADAPTER_TLS_KEY: the key is not that of the first certificate in ADAPTER_TLS_CERTIFICATE"


class Files:
    """The two files that an operator names."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"
        self._age = 0

    def hold(self, pair: trustme.LeafCert) -> None:
        self.hold_certificate(pair)
        self.hold_key(pair)

    def hold_certificate(self, pair: trustme.LeafCert) -> None:
        self._write(self.certificate, b"".join(each.bytes() for each in pair.cert_chain_pems))

    def hold_key(self, pair: trustme.LeafCert) -> None:
        self._write(self.key, pair.private_key_pem.bytes())

    def _write(self, file: Path, content: bytes) -> None:
        file.write_bytes(content)
        self._age += 1
        os.utime(file, ns=(self._age, self._age))  # a clock may be too coarse to tell two writes apart


@pytest.fixture
def files(tmp_path: Path) -> Files:
    made = Files(tmp_path)
    made.hold(AUTHORITY.issue_cert("localhost"))
    return made


def _complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        each.getMessage() for each in caplog.records if each.name == "adapter.tls" and each.levelno >= logging.WARNING
    ]


async def _app(scope: Any, _: Any, send: Any) -> None:
    assert scope["scheme"] == "https"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _served(context: ssl.SSLContext) -> AsyncIterator[int]:
    with listening_on("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            _app,
            http=Bounded,
            ws="none",
            log_config=None,
            lifespan="off",
            headers=[STRICT_TRANSPORT],
            ssl_context_factory=lambda *_: context,
        )
        server = _Quiet(config)
        serving = asyncio.create_task(server.serve([listening]))
        yield int(listening.getsockname()[1])
        server.should_exit = True
        await serving


def _trusting(**more: Any) -> ssl.SSLContext:
    made = ssl.create_default_context()
    AUTHORITY.configure_trust(made)
    for name, value in more.items():
        setattr(made, name, value)
    return made


async def _shown(port: int, context: ssl.SSLContext, name: str | None = "localhost") -> tuple[str, str]:
    """Return the serial number of the certificate that is shown, and the version of TLS."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name or "")
    told = writer.get_extra_info("ssl_object")
    writer.close()
    return told.getpeercert()["serialNumber"], told.version()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_a_client_comes_in_by_tls(files: Files, version: str) -> None:
    only = ssl.TLSVersion[version.replace(".", "_")]
    async with _served(Certificate(files.certificate, files.key).context) as port:
        assert (await _shown(port, _trusting(minimum_version=only, maximum_version=only)))[1] == version
        async with httpx.AsyncClient(verify=_trusting()) as http:
            answer = await http.get(f"https://localhost:{port}/")
    assert (answer.text, answer.headers["Strict-Transport-Security"]) == ("ok", "max-age=31536000")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_1_1_and_weak_ciphers_are_refused(files: Files) -> None:
    careful = Certificate(files.certificate, files.key).context
    old = _trusting(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    old.set_ciphers("ALL:@SECLEVEL=0")  # else it is this side that refuses
    weak = _trusting(maximum_version=ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("ECDHE-ECDSA-AES256-SHA")  # encrypted, and then authenticated
    async with _served(careful) as port:
        for each in (old, weak):
            with pytest.raises((ssl.SSLError, ConnectionResetError)):
                await _shown(port, each)
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    careless.minimum_version = ssl.TLSVersion.TLSv1
    careless.set_ciphers("ALL:@SECLEVEL=0")
    careless.load_cert_chain(files.certificate, files.key)
    async with _served(careless) as port:  # the same clients come in here: it was not they who refused
        assert [(await _shown(port, each))[1] for each in (old, weak)] == ["TLSv1.1", "TLSv1.2"]


async def test_plain_http_is_not_answered_where_tls_is_spoken(files: Files) -> None:
    async with _served(Certificate(files.certificate, files.key).context) as port, httpx.AsyncClient() as http:
        with pytest.raises(httpx.TransportError):
            await http.get(f"http://localhost:{port}/")


async def test_a_renewed_pair_is_shown_to_who_comes_next_and_cuts_nobody(files: Files) -> None:
    certificate = Certificate(files.certificate, files.key)
    async with _served(certificate.context) as port, httpx.AsyncClient(verify=_trusting()) as http:
        first, _ = await _shown(port, _trusting())
        await http.get(f"https://localhost:{port}/")
        kept = http._transport._pool.connections[0]  # type: ignore[attr-defined]  # noqa: SLF001 (nothing else tells)
        files.hold(AUTHORITY.issue_cert("localhost"))
        await certificate.look()
        assert (await _shown(port, _trusting()))[0] == first  # it may still be being written
        await certificate.look()
        second, _ = await _shown(port, _trusting())
        assert second != first
        unnamed = _trusting()
        unnamed.check_hostname = False
        assert (await _shown(port, unnamed, None))[0] == second  # who names no server gets it too
        assert (await http.get(f"https://localhost:{port}/")).text == "ok"
        assert http._transport._pool.connections == [kept]  # type: ignore[attr-defined]  # noqa: SLF001
        assert kept.is_idle()


async def test_a_renewal_of_which_one_file_is_written_yet_waits_for_the_other(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = Certificate(files.certificate, files.key)
    renewed = AUTHORITY.issue_cert("localhost")
    async with _served(certificate.context) as port:
        files.hold_certificate(renewed)
        await certificate.look()
        files.hold_key(renewed)
        await certificate.look()
        await certificate.look()
        serial, _ = await _shown(port, _trusting())
    assert _complaints(caplog) == []
    assert int(serial, 16) == _serial(renewed)


def _serial(pair: trustme.LeafCert) -> int:
    return x509.load_pem_x509_certificate(pair.cert_chain_pems[0].bytes()).serial_number


async def test_a_renewed_pair_that_cannot_be_used_is_logged_once_and_the_old_one_stays(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = Certificate(files.certificate, files.key)
    async with _served(certificate.context) as port:
        first, _ = await _shown(port, _trusting())
        files.hold_key(AUTHORITY.issue_cert("localhost"))
        for _ in range(4):
            await certificate.look()
        assert len(_complaints(caplog)) == 1
        assert _complaints(caplog)[0].endswith(OTHER_KEY)
        files.key.unlink()
        for _ in range(4):
            await certificate.look()
        assert "cannot be read (FileNotFoundError)" in _complaints(caplog)[-1]
        assert len(_complaints(caplog)) == 2
        assert (await _shown(port, _trusting()))[0] == first
        files.hold(AUTHORITY.issue_cert("localhost"))
        for _ in range(2):
            await certificate.look()
        assert (await _shown(port, _trusting()))[0] != first


def _encrypted(pair: trustme.LeafCert) -> bytes:
    key = serialization.load_pem_private_key(pair.private_key_pem.bytes(), None)
    locked = serialization.BestAvailableEncryption(b"a password")
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


def _refusal(files: Files) -> str:
    with pytest.raises(SettingsError) as refused:
        Certificate(files.certificate, files.key)
    return str(refused.value)


def test_a_pair_that_cannot_be_used_is_refused_with_why(files: Files) -> None:
    files.hold_key(AUTHORITY.issue_cert("localhost"))
    assert _refusal(files) == OTHER_KEY
    files.hold_key(AUTHORITY.issue_cert("localhost", key_type=trustme.KeyType.RSA))
    assert _refusal(files) == OTHER_KEY
    no_key = (
        "ADAPTER_TLS_KEY: the file holds no private key in PEM, or one that is encrypted: store it without a password"
    )
    for content in (b"", b"nothing", _encrypted(AUTHORITY.issue_cert("localhost"))):
        files.key.write_bytes(content)
        assert _refusal(files) == no_key
    for content in (b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        files.certificate.write_bytes(content)
        assert _refusal(files) == "ADAPTER_TLS_CERTIFICATE: the file holds no certificate in PEM"
    files.key.unlink()
    assert _refusal(files) == f"ADAPTER_TLS_KEY: the file {files.key} cannot be read (FileNotFoundError)"
    files.certificate.unlink()
    files.certificate.mkdir()
    assert (
        _refusal(files) == f"ADAPTER_TLS_CERTIFICATE: the file {files.certificate} cannot be read (IsADirectoryError)"
    )


@pytest.mark.parametrize(("begins", "ends"), [(-30, -1), (1, 30)], ids=["expired", "not yet valid"])
async def test_a_certificate_that_is_not_valid_today_is_refused(files: Files, begins: int, ends: int) -> None:
    certificate = Certificate(files.certificate, files.key)
    files.hold(AUTHORITY.issue_cert("localhost", not_before=TODAY + begins * DAYS, not_after=TODAY + ends * DAYS))
    assert _refusal(files).endswith("and not now")
    async with _served(certificate.context) as port:  # nor is it taken as a renewal
        first, _ = await _shown(port, _trusting())
        for _ in range(2):
            await certificate.look()
        assert (await _shown(port, _trusting()))[0] == first


async def test_a_certificate_that_ends_soon_is_told_once_a_day(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    files.hold(AUTHORITY.issue_cert("localhost", not_before=TODAY - DAYS, not_after=TODAY + 13 * DAYS))
    certificate = Certificate(files.certificate, files.key)
    for _ in range(3):
        await certificate.look()
    assert len(_complaints(caplog)) == 1
    assert _complaints(caplog)[0].startswith("the TLS certificate ends ")
