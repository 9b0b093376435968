import asyncio
import datetime as dt
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapter.errors import SettingsError
from adapter.upstream import tls


def _certificate(name: str) -> str:
    """Return a certificate that signs itself, and its key, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode() + private.decode()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    shown = writer.get_extra_info("peercert")
    name = dict(each[0] for each in shown["subject"])["commonName"].encode()
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(name), name))
    await writer.drain()
    writer.close()


async def test_the_upstream_sees_the_client_certificate(tmp_path: Path) -> None:
    ours, theirs = _certificate("the gateway"), _certificate("the upstream")
    (tmp_path / "theirs.pem").write_text(theirs)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "theirs.pem")
    serving.verify_mode = ssl.CERT_REQUIRED
    serving.load_verify_locations(cadata=ours)
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=serving)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
    async with server:
        with_certificate, without = tls.context(ours), tls.context()
        for each in (with_certificate, without):
            each.load_verify_locations(cadata=theirs)
        async with httpx.AsyncClient(verify=with_certificate) as http:
            assert (await http.get(url)).text == "the gateway"
        async with httpx.AsyncClient(verify=without) as http:
            with pytest.raises(httpx.TransportError):
                await http.get(url)


async def test_a_certificate_of_the_upstream_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs.pem").write_text(_certificate("the upstream"))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "theirs.pem")
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=serving)
    async with server, httpx.AsyncClient(verify=tls.context()) as http:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(f"https://localhost:{server.sockets[0].getsockname()[1]}/")


@pytest.mark.parametrize(
    "pem", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_holds_no_certificate_and_key_is_refused(pem: str) -> None:
    with pytest.raises(SettingsError, match="both in PEM"):
        tls.context(pem)


def test_an_error_that_is_in_its_own_history_is_read_to_its_end() -> None:
    one, other = ConnectionError("one"), ConnectionError("other")
    one.__context__, other.__context__ = other, one
    assert tls.distrust(one) is None
