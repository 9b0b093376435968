"""Whom the gateway takes for the client, behind proxies and without."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.web.forwarded import Forwarded, client_address

TRUSTED = tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.1", "fd00::/8")))
ADDRESSES = st.ip_addresses().map(str)
PROXIES = st.sampled_from(["10.0.0.1", "10.255.255.255", "192.0.2.1", "fd00::1"])
STRANGERS = ADDRESSES.filter(lambda text: not any(ip_address(text) in each for each in TRUSTED) and "." in text)
TEXTS = st.binary(max_size=40)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", [], "198.51.100.7"),
        ("198.51.100.7", [b"203.0.113.9"], "198.51.100.7"),  # nobody has named it: what it says is not believed
        ("127.0.0.1", [b"203.0.113.9"], "127.0.0.1"),  # nor is loopback trusted unasked
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", [b"8.8.8.8, 203.0.113.9"], "203.0.113.9"),  # the client wrote the first one itself
        ("10.0.0.1", [b"203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", [b"203.0.113.9", b"10.0.0.2"], "203.0.113.9"),  # two headers are one list (RFC 9110 section 5.3)
        ("10.0.0.1", [b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),  # the client is a proxy itself
        ("10.0.0.1", [b"203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.1", [b"[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", [b"2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", [b"::ffff:203.0.113.9"], "203.0.113.9"),
        ("::ffff:10.0.0.1", [b"203.0.113.9"], "203.0.113.9"),
        ("fd00::1", [b"203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", [b"unknown"], "10.0.0.1"),
        ("10.0.0.1", [b"203.0.113.9, _hidden, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [b""], "10.0.0.1"),
        ("10.0.0.1", [b"203.0.113.9,"], "10.0.0.1"),
        ("10.0.0.1", [b"203.0.113.9\x00"], "10.0.0.1"),
        ("10.0.0.1", [b'"><script>'], "10.0.0.1"),
    ],
)
def test_the_first_that_is_no_trusted_proxy_is_the_client(peer: str, forwarded: list[bytes], client: str) -> None:
    assert client_address(peer, forwarded, TRUSTED) == client


@given(ADDRESSES, st.lists(TEXTS))
def test_without_a_named_proxy_no_header_is_believed(peer: str, forwarded: list[bytes]) -> None:
    assert client_address(peer, forwarded, ()) == peer


@given(STRANGERS, st.lists(TEXTS))
def test_a_peer_that_is_no_named_proxy_is_the_client_whatever_it_sends(peer: str, forwarded: list[bytes]) -> None:
    assert client_address(peer, forwarded, TRUSTED) == peer


@given(PROXIES, STRANGERS, st.lists(PROXIES), st.lists(TEXTS))
def test_nothing_that_a_client_sends_hides_it(peer: str, client: str, proxies: list[str], said: list[bytes]) -> None:
    added = ", ".join([client, *proxies]).encode()  # what the proxies write themselves, at the end
    shown = (
        getattr(ip_address(client), "ipv4_mapped", None) or client
    )  # one host has one address, however it is written
    assert client_address(peer, [*said, added], TRUSTED) == str(shown)


@given(PROXIES, st.lists(TEXTS))
def test_what_comes_out_is_an_address_and_no_other_text(peer: str, said: list[bytes]) -> None:
    assert str(ip_address(client_address(peer, said, TRUSTED)))


async def _seen(peer: tuple[str, int] | None, headers: list[tuple[bytes, bytes]], kind: str = "http") -> Any:
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append((scope.get("client"), scope.get("scheme")))

    scope: Any = {"type": kind, "client": peer, "headers": headers, "scheme": "http"}
    await Forwarded(app, TRUSTED)(scope, None, None)  # type: ignore[arg-type]  # the application asks for nothing
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "headers", "seen"),
    [
        (("10.0.0.1", 5), [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")], "https"),
        (("10.0.0.1", 5), [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"gopher")], "http"),
        (
            ("10.0.0.1", 5),
            [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https"), (b"x-forwarded-proto", b"http")],
            "http",
        ),
    ],
)
async def test_the_application_sees_the_client_before_the_proxy(peer: Any, headers: Any, seen: str) -> None:
    assert await _seen(peer, headers) == (("203.0.113.9", 0), seen)


async def test_the_application_sees_the_peer_as_it_is_where_there_is_nothing_to_believe() -> None:
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    assert await _seen(("198.51.100.7", 5), headers) == (("198.51.100.7", 5), "http")
    assert await _seen(("10.0.0.1", 5), []) == (("10.0.0.1", 5), "http")
    assert await _seen(("10.0.0.1", 5), [(b"forwarded", b"for=203.0.113.9;proto=https")]) == (("10.0.0.1", 5), "http")
    assert await _seen(None, headers) == (None, "http")
    assert await _seen(("10.0.0.1", 5), [], "lifespan") == (("10.0.0.1", 5), "http")
