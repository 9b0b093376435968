"""TLS towards clients: the certificate and key that it shows, taken anew when they are renewed, without a restart.

uvicorn reads the files once; connections under way would have to be cut for others.
"""

import asyncio
import logging
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509

from adapter.errors import SettingsError

_LOG = logging.getLogger("adapter.tls")

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2"
"""TLS 1.2: ephemeral keys and authenticated encryption only, RSA of 2048 bits and more. TLS 1.3 has no others."""
STRICT_TRANSPORT = ("strict-transport-security", "max-age=31536000")
"""Sent where TLS ends here: who has come by HTTPS once comes by nothing else for a year (RFC 6797 section 6.1)."""
SOON = timedelta(days=14)
"""What a certificate should have left; ACME clients renew at thirty days."""
_DAY = timedelta(days=1)

Stamp = tuple[tuple[int, int, int], ...]
"""When the files were changed, their sizes and which files they are: a renewal changes one of them."""


class Certificate:
    """The pair of files, and the TLS context of a server that always shows the newest usable pair."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read `certificate`, a chain with the server's own first, and its private `key`, both in PEM.

        Raises SettingsError when they cannot be read, do not belong together, or are not valid today.
        """
        self._files = (certificate, key)
        self._taken = self._seen = self._stamp()
        self._newest, self._ends = _pair(*self._files)
        self._told = datetime.min.replace(tzinfo=UTC)
        self._looking: asyncio.Task[None] | None = None
        self.context = _context()
        # Python cannot take a pair out of a context again: what is shown to each connection is another context's.
        self.context.sni_callback = self._show

    @property
    def options(self) -> dict[str, Any]:
        """What uvicorn's Config is told, beside the rest."""
        return {
            "ssl_context_factory": lambda *_: self.context,
            "callback_notify": self.begin_look,
            "timeout_notify": 0,  # once a second
            "headers": [STRICT_TRANSPORT],
        }

    async def begin_look(self) -> None:
        """Begin a look, unless one is under way; whatever its files' disk does, nobody waits for it."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.look())

    async def look(self) -> None:
        """Take the pair anew if the files have changed; called once a second.

        They are written one after the other: a change is taken once it has been at rest between two looks. A pair that
        cannot be used is logged, and the old one stays.
        """
        await asyncio.to_thread(self._look)  # the files may lie on a network's disk

    def _look(self) -> None:
        self._warn()
        try:
            before, self._seen = self._seen, self._stamp()
            if before == self._seen != self._taken:
                self._taken = self._seen
                self._newest, self._ends = _pair(*self._files)
                _LOG.info("the renewed TLS certificate is in use, valid until %s", self._ends.isoformat())
        except SettingsError as error:
            _LOG.error("the renewed TLS certificate is not taken, the old one stays: %s", error)

    def _show(self, connection: ssl.SSLObject, *_: object) -> None:
        connection.context = self._newest

    def _stamp(self) -> Stamp:
        try:
            return tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in map(Path.stat, self._files))
        except OSError:
            return ()  # gone; reading them tells which one, and why

    def _warn(self) -> None:
        now = datetime.now(UTC)
        if self._ends - now < SOON and now - self._told > _DAY:
            self._told = now
            _LOG.warning("the TLS certificate ends %s; clients refuse it then", self._ends.isoformat())


def _context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(CIPHERS)
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    made.set_alpn_protocols(["http/1.1"])
    return made


def _pair(certificate: Path, key: Path) -> tuple[ssl.SSLContext, datetime]:
    """Return a context with the pair, and when its certificate ends; raises SettingsError."""
    text = _read("ADAPTER_TLS_CERTIFICATE", certificate)
    _read("ADAPTER_TLS_KEY", key)
    try:
        first = x509.load_pem_x509_certificates(text)[0]
    except (ValueError, x509.InvalidVersion):
        raise SettingsError(["ADAPTER_TLS_CERTIFICATE: the file holds no certificate in PEM"]) from None
    made, now = _context(), datetime.now(UTC)
    try:
        made.load_cert_chain(certificate, key, password=lambda: "")  # else OpenSSL asks at the terminal
    except ssl.SSLError as error:
        raise SettingsError([_unusable(error.reason)]) from None
    except OSError as error:  # it has gone since it was read
        raise SettingsError([f"ADAPTER_TLS_CERTIFICATE: the files cannot be read ({type(error).__name__})"]) from None
    if not first.not_valid_before_utc <= now < first.not_valid_after_utc:
        begins, ends = first.not_valid_before_utc.isoformat(), first.not_valid_after_utc.isoformat()
        raise SettingsError([f"ADAPTER_TLS_CERTIFICATE: the certificate is valid from {begins} to {ends}, and not now"])
    return made, first.not_valid_after_utc


def _unusable(reason: str | None) -> str:
    """Return what an administrator is told; OpenSSL says nothing where the key cannot be read."""
    match reason:
        case "KEY_VALUES_MISMATCH" | "NO_CERTIFICATE_ASSIGNED":  # keys of one kind, and of two
            return "ADAPTER_TLS_KEY: the key is not that of the first certificate in ADAPTER_TLS_CERTIFICATE"
        case "EE_KEY_TOO_SMALL" | "CA_MD_TOO_WEAK" | "CA_KEY_TOO_SMALL":
            return "ADAPTER_TLS_CERTIFICATE: its key or signature is too weak: RSA needs 2048 bits, EC 256, and SHA-256"
        case _:
            return "ADAPTER_TLS_KEY: the file holds no private key in PEM, or one that is encrypted: store it without a password"


def _read(variable: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError([f"{variable}: the file {file} cannot be read ({type(error).__name__})"]) from None
