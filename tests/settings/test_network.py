from ipaddress import ip_network
from pathlib import Path

import pytest

from adapter.errors import SettingsError
from adapter.settings.network import Network, network


def test_without_a_word_it_speaks_plain_http_believes_nobody_and_asks_no_proxy() -> None:
    assert network({}) == Network()


def test_what_the_environment_says() -> None:
    said = network(
        {
            "ADAPTER_TLS_CERTIFICATE": "/run/tls/tls.crt",
            "ADAPTER_TLS_KEY": " /run/tls/tls.key ",
            "ADAPTER_TRUSTED_PROXIES": "10.0.0.7, fd00::/8,",
            "ADAPTER_UPSTREAM_CA": "/etc/authority.pem",
            "https_proxy": "http://gateway:a-proxy-password@proxy.example:3128",
            "NO_PROXY": "acme.example",
            "ADAPTER_TRANSPORT": "httpx",
        }
    )
    assert said.transport == "httpx"
    assert said.tls == (Path("/run/tls/tls.crt"), Path("/run/tls/tls.key"))
    assert said.trusted_proxies == (ip_network("10.0.0.7/32"), ip_network("fd00::/8"))
    assert said.upstream_authorities == Path("/etc/authority.pem")
    assert said.proxies == {
        "https_proxy": "http://gateway:a-proxy-password@proxy.example:3128",
        "NO_PROXY": "acme.example",
    }
    assert "a-proxy-password" not in repr(said)


@pytest.mark.parametrize("alone", ["ADAPTER_TLS_CERTIFICATE", "ADAPTER_TLS_KEY"])
def test_half_a_pair_is_refused(alone: str) -> None:
    with pytest.raises(SettingsError) as refused:
        network({alone: "/run/tls/file"})
    assert str(refused.value) == "ADAPTER_TLS_CERTIFICATE and ADAPTER_TLS_KEY go together; set both or none"


@pytest.mark.parametrize("wrong", ["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "*", "10.0.0.1 10.0.0.2"])
def test_a_proxy_that_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError) as refused:
        network({"ADAPTER_TRUSTED_PROXIES": f"192.0.2.1, {wrong}"})
    message = f"ADAPTER_TRUSTED_PROXIES: '{wrong}' is no address or network, such as 10.0.0.7 or 10.0.0.0/8"
    assert str(refused.value) == message


def test_a_transport_that_there_is_not_is_refused() -> None:
    assert network({"ADAPTER_TRANSPORT": "own"}).transport == "own"
    with pytest.raises(SettingsError) as refused:
        network({"ADAPTER_TRANSPORT": "curl"})
    assert str(refused.value) == "ADAPTER_TRANSPORT must be own or httpx"
