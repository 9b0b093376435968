"""A port is known before anything is said about it, and one that is taken is told so."""

import socket

import pytest

from adapter.cli.listening import address_of, listening_on
from adapter.errors import SettingsError


@pytest.mark.parametrize(
    ("host", "scheme", "told"), [("127.0.0.1", "http", "http://127.0.0.1:"), ("::1", "https", "https://[::1]:")]
)
def test_a_free_port_is_in_the_address(host: str, scheme: str, told: str) -> None:
    with listening_on(host, 0) as listening:
        port = listening.getsockname()[1]
        assert address_of(listening, host, scheme) == f"{told}{port}"
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        with socket.create_connection((host, port), timeout=5):
            pass


def test_a_port_that_is_taken_is_a_fault_with_its_place() -> None:
    with listening_on("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError) as caught:
            listening_on("127.0.0.1", port)
    assert caught.value.faults == [f"cannot listen on 127.0.0.1:{port}: Address already in use"]
