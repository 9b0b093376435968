"""Where a server listens."""

import os
import socket

from adapter.errors import SettingsError


def listening_on(host: str, port: int) -> socket.socket:
    """Return a socket that listens: bound here, so that a free port is known before anything is said about it."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError([f"cannot listen on {host}:{port}: {reason}"]) from error
    # asyncio does this only for sockets that it made itself; without it each answer waits up to 40 ms for the next one.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address_of(listening: socket.socket, host: str, scheme: str = "http") -> str:
    """Return the address of what listens on a host."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
