"""An authority that is known here, and a server's side of TLS with a certificate of it."""

import ssl

import trustme

AUTHORITY = trustme.CA()


def serving(host: str = "localhost") -> ssl.SSLContext:
    """Return TLS for a server that is called by this name."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(host).configure_cert(made)
    return made


def believing() -> ssl.SSLContext:
    """Return TLS for a client that believes the authority."""
    made = ssl.create_default_context()
    AUTHORITY.configure_trust(made)
    return made
