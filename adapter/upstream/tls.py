"""TLS towards the upstream: its certificate is always verified, and ours is shown where the mapping has one."""

import ssl
from tempfile import NamedTemporaryFile

import httpx

from adapter.errors import SettingsError


def context(certificate: str | None = None) -> ssl.SSLContext:
    """Return the TLS context for calls; `certificate` holds our own certificate and its private key, both in PEM.

    Raises SettingsError when it holds no such pair.
    """
    made = httpx.create_ssl_context()
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
