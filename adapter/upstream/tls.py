"""TLS towards the upstream: its certificate is always verified, and ours is shown where the mapping has one."""

import ssl
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx

from adapter.errors import SettingsError


def context(certificate: str | None = None, authorities: Path | None = None) -> ssl.SSLContext:
    """Return the TLS context for calls, TLS 1.2 at least; `certificate` holds our own and its private key, both in PEM.

    `authorities` is a file of certificates in PEM that are believed in place of the public ones, which come with the program
    or from where SSL_CERT_FILE or SSL_CERT_DIR says. Raises SettingsError when either cannot be used.
    """
    made = httpx.create_ssl_context() if authorities is None else _believing(authorities)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        # Python reads a certificate from files only; this one is readable by nobody else, and gone at the end.
        with NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(certificate)
            file.flush()
            try:
                made.load_cert_chain(file.name)
            except ssl.SSLError:
                message = "the client certificate cannot be used: give a certificate and its private key, both in PEM"
                raise SettingsError([message]) from None
    return made


def distrust(error: BaseException) -> str | None:
    """Return why the upstream's certificate is not believed, if that is what an error comes from, in OpenSSL's words."""
    cause: BaseException | None = error
    seen: set[int] = set()  # an error that is raised again may be in its own history
    while cause is not None and id(cause) not in seen:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message.rstrip(".")
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
    return None


def _believing(authorities: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except ssl.SSLError:
        raise SettingsError([f"ADAPTER_UPSTREAM_CA: the file {authorities} holds no certificate in PEM"]) from None
    except OSError as error:
        message = f"ADAPTER_UPSTREAM_CA: the file {authorities} cannot be read ({type(error).__name__})"
        raise SettingsError([message]) from None
