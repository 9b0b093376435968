"""Whom the upstream's client believes, and by which proxy it goes: real certificates, real connections."""

import contextlib
import datetime as dt
import logging
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest
import trustme

from adapter.errors import SettingsError
from adapter.mapping.mapping import Credential
from adapter.plan.conversation import Call
from adapter.upstream.client import Upstream
from adapter.upstream.network import Kind, client, proxy_for, way
from adapter.upstream.times import Times
from adapter.upstream.transport.transport import Transport
from tests.mapping.minimal import n_able
from tests.upstream.asking import came_of, shown
from tests.upstream.proxy import Proxy
from tests.upstream.server import Server, reply

QUICK = Times(request=10, attempt=5, backoff=0.001)
IMPATIENT = Times(request=10, attempt=0.2, backoff=0.001)
OPEN = msgspec.structs.replace(n_able(), credential=Credential())
POST = Call(route="POST /api/users", doing="create", method="POST", path="/api/users", body={"firstName": "Ada"})
OKAY = reply(201, '{"data": {}}')

TODAY = dt.datetime.now(dt.UTC)
DAYS = dt.timedelta(days=1)
KNOWN, UNKNOWN = trustme.CA(), trustme.CA()


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("authorities") / "authority.pem"
    KNOWN.cert_pem.write_to_path(file)
    return file


@pytest.fixture(params=["own", "httpx"])
def kind(request: pytest.FixtureRequest) -> Kind:
    made: Kind = request.param
    return made


def showing(pair: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair.configure_cert(made)
    return made


def self_signed() -> trustme.LeafCert:
    made = trustme.CA()
    return trustme.LeafCert(made.private_key_pem.bytes(), made.cert_pem.bytes(), [])


async def came(base: str, http: httpx.AsyncBaseTransport) -> str:
    """Return, in a few words, what comes of a create."""
    async with http:
        return shown(await came_of(Upstream(http, base, OPEN, {}, QUICK), POST))


async def detail(base: str, http: httpx.AsyncBaseTransport, times: Times = QUICK) -> tuple[int, str]:
    """Return the status and the detail of the error that a create ends with."""
    async with http:
        error = await came_of(Upstream(http, base, OPEN, {}, times), POST)
    return error.status, error.detail.removeprefix(f"The {OPEN.upstream} gave no usable reply: ")


async def test_an_authority_of_ones_own_is_believed(authorities: Path, kind: Kind) -> None:
    async with Server(OKAY, tls=showing(KNOWN.issue_cert("localhost"))) as server:
        assert await came(server.url, way(server.url, {}, authorities=authorities, kind=kind)) == "reply 201"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (
            lambda: KNOWN.issue_cert("localhost", not_before=TODAY - 30 * DAYS, not_after=TODAY - DAYS),
            "certificate has expired",
        ),
        (
            lambda: KNOWN.issue_cert("localhost", not_before=TODAY + DAYS, not_after=TODAY + 30 * DAYS),
            "certificate is not yet valid",
        ),
        (
            lambda: KNOWN.issue_cert("upstream.example"),
            "Hostname mismatch, certificate is not valid for 'localhost'",
        ),
        (lambda: UNKNOWN.issue_cert("localhost"), "unable to get local issuer certificate"),
        (self_signed, "self-signed certificate"),
    ],
    ids=["expired", "not yet valid", "wrong host", "unknown authority", "self-signed"],
)
async def test_a_certificate_that_is_not_believed_is_a_502_and_nothing_is_sent(
    authorities: Path, kind: Kind, made: Callable[[], trustme.LeafCert], why: str
) -> None:
    async with (
        Server(OKAY, tls=showing(made())) as server,
        way(server.url, {}, authorities=authorities, kind=kind) as http,
    ):
        one = Upstream(http, server.url, OPEN, {}, QUICK)
        for _ in range(7):  # more than make an upstream that is down: somebody is there, so it is not left alone
            error = await came_of(one, POST)
            assert error.status == 502
            assert f": its certificate is not believed: {why}" in error.detail  # newer versions of OpenSSL say more
        assert server.seen == []


async def test_public_authorities_do_not_count_where_ones_own_is_named(authorities: Path, kind: Kind) -> None:
    named = way("https://localhost", {}, authorities=authorities, kind=kind)
    async with named:
        assert _authorities(named) == 1
    async with way("https://localhost", {}, kind=kind) as public:
        assert _authorities(public) > 50


def _context(http: httpx.AsyncBaseTransport) -> ssl.SSLContext:
    if isinstance(http, Transport):
        return http._context  # noqa: SLF001 (nothing else tells)
    context: ssl.SSLContext = http._pool._ssl_context  # type: ignore[attr-defined]  # noqa: SLF001
    return context


def _authorities(http: httpx.AsyncBaseTransport) -> int:
    return len(_context(http).get_ca_certs())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_an_upstream_that_speaks_tls_1_1_only_is_not_called(authorities: Path, kind: Kind) -> None:
    old = showing(KNOWN.issue_cert("localhost"))
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    async with Server(OKAY, tls=old) as server:
        http = way(server.url, {}, authorities=authorities, kind=kind)
        _context(http).set_ciphers("ALL:@SECLEVEL=0")  # the version alone decides
        assert (await detail(server.url, http))[0] == 503
        assert server.seen == []


async def test_an_upstream_that_speaks_no_tls_is_never_called_without(authorities: Path, kind: Kind) -> None:
    async with Server(OKAY) as server:  # which waits for a request, as anybody who hears no HTTP
        url = server.url.replace("http:", "https:")
        http = way(url, {}, authorities=authorities, kind=kind)
        assert await detail(url, http, IMPATIENT) == (503, "it cannot be reached: ConnectTimeout.")
        assert server.seen == []


@pytest.mark.parametrize("content", ["", "no certificate"])
def test_a_file_that_holds_no_authority_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "authority.pem"
    with pytest.raises(SettingsError) as refused:
        way("https://localhost", {}, authorities=file)
    assert str(refused.value) == f"ADAPTER_UPSTREAM_CA: the file {file} cannot be read (FileNotFoundError)"
    file.write_text(content)
    with pytest.raises(SettingsError) as refused:
        way("https://localhost", {}, authorities=file)
    assert str(refused.value) == f"ADAPTER_UPSTREAM_CA: the file {file} holds no certificate in PEM"


async def test_a_call_goes_through_the_proxy_and_is_encrypted_to_the_upstream(
    authorities: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        Server(OKAY, tls=showing(KNOWN.issue_cert("upstream.example"))) as server,
        Proxy(server.port) as proxy,
    ):
        through = proxy.url.replace("//", "//gateway:a-proxy-password@")
        http = way("https://upstream.example", {"HTTPS_PROXY": through}, authorities=authorities)
        assert await came("https://upstream.example", http) == "reply 201"
        assert len(server.seen) == 1
        assert "proxy-authorization" not in server.seen[0].headers
    assert len(proxy.heads) == 1
    assert proxy.heads[0].startswith("CONNECT upstream.example:443 HTTP/1.1\r\n")
    assert "proxy-authorization: basic z2f0zxdhetphlxbyb3h5lxbhc3n3b3jk" in proxy.heads[0].lower()
    assert "a-proxy-password" not in caplog.text
    assert "Z2F0ZXdheTphLXByb3h5LXBhc3N3b3Jk" not in caplog.text


async def test_who_stands_behind_the_proxy_must_be_the_upstream(authorities: Path) -> None:
    async with (
        Server(OKAY, tls=showing(UNKNOWN.issue_cert("upstream.example"))) as server,
        Proxy(server.port) as proxy,
    ):
        http = way("https://upstream.example", {"HTTPS_PROXY": proxy.url}, authorities=authorities)
        assert await detail("https://upstream.example", http) == (
            502,
            "its certificate is not believed: unable to get local issuer certificate.",
        )
        assert server.seen == []


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (b"407 Proxy Authentication Required", "the proxy before it answered 407."),
        (b"403 Somebody's own words", "the proxy before it answered 403."),
        (b"502 Bad Gateway", "the proxy before it answered 502."),
    ],
)
async def test_a_create_that_the_proxy_does_not_let_through_was_not_sent(
    authorities: Path, status: bytes, why: str
) -> None:
    async with Proxy(1, status=status) as proxy:
        http = way("https://upstream.example", {"HTTPS_PROXY": proxy.url}, authorities=authorities)
        assert await detail("https://upstream.example", http) == (503, why)
        assert len(proxy.heads) == 3  # as whatever was not sent: it may pass


async def test_a_proxy_that_speaks_tls_is_believed_as_an_upstream_is(authorities: Path) -> None:
    async with Server(OKAY, tls=showing(KNOWN.issue_cert("upstream.example"))) as server:
        for pair, expected in ((KNOWN, "reply 201"), (UNKNOWN, "502")):
            async with Proxy(server.port, tls=showing(pair.issue_cert("localhost"))) as proxy:
                http = way("https://upstream.example", {"HTTPS_PROXY": proxy.url}, authorities=authorities)
                with contextlib.suppress(ConnectionError):
                    assert await came("https://upstream.example", http) == expected


async def test_the_environment_is_asked_by_nobody_else(monkeypatch: pytest.MonkeyPatch, authorities: Path) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with Server(OKAY, tls=showing(KNOWN.issue_cert("localhost"))) as server:
        assert await came(server.url, way(server.url, {}, authorities=authorities)) == "reply 201"


async def test_by_a_proxy_httpx_goes_and_else_whom_one_asks_for() -> None:
    proxy = {"HTTPS_PROXY": "http://proxy.example:3128"}
    async with way("https://a.example", {}) as own, way("https://a.example", proxy) as proxied:
        assert (type(own), type(proxied)) == (Transport, httpx.AsyncHTTPTransport)
    async with way("https://a.example", {}, kind="httpx") as asked_for:
        assert type(asked_for) is httpx.AsyncHTTPTransport


async def test_what_is_seldom_asked_for_goes_by_httpx_and_no_redirect_is_followed() -> None:
    async with Server(reply(302, "{}", Location="/elsewhere")) as server, client(server.url, 5, {}) as http:
        assert (await http.get(server.url)).status_code == 302
        assert len(server.seen) == 1


HERE = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("https://a.example", {}, None),
        ("https://a.example", {"HTTPS_PROXY": HERE}, HERE),
        ("https://a.example", {"https_proxy": HERE, "HTTPS_PROXY": "http://other.example"}, HERE),
        ("https://a.example", {"HTTPS_PROXY": "proxy.example:3128"}, HERE),
        ("https://a.example", {"HTTPS_PROXY": " "}, None),
        ("https://a.example", {"HTTP_PROXY": HERE}, None),
        ("http://a.example", {"HTTP_PROXY": HERE}, HERE),
        ("http://a.example", {"HTTPS_PROXY": HERE}, None),
        ("https://a.example", {"ALL_PROXY": HERE}, HERE),
        ("https://a.example", {"ALL_PROXY": "http://other.example", "HTTPS_PROXY": HERE}, HERE),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "*"}, None),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "b.example, a.example"}, None),
        ("https://a.example", {"HTTPS_PROXY": HERE, "no_proxy": "A.EXAMPLE"}, None),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": ".example"}, None),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "*.example"}, None),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "example"}, None),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "ample"}, HERE),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "b.a.example"}, HERE),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "a.example:443"}, None),
        ("https://a.example:8443", {"HTTPS_PROXY": HERE, "NO_PROXY": "a.example:443"}, HERE),
        ("https://a.example", {"HTTPS_PROXY": HERE, "NO_PROXY": "10.0.0.0/8,"}, HERE),
        ("https://10.1.2.3", {"HTTPS_PROXY": HERE, "NO_PROXY": "10.0.0.0/8"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": HERE, "NO_PROXY": "10.1.2.3"}, None),
        ("https://11.1.2.3", {"HTTPS_PROXY": HERE, "NO_PROXY": "10.0.0.0/8, a.example"}, HERE),
        ("https://[fd00::1]", {"HTTPS_PROXY": HERE, "NO_PROXY": "fd00::/8"}, None),
        ("https://[fd00::1]:443", {"HTTPS_PROXY": HERE, "NO_PROXY": "[fd00::1]"}, None),
        ("http://127.0.0.1:8081", {"HTTP_PROXY": HERE}, None),
        ("http://127.8.8.8", {"HTTP_PROXY": HERE}, None),
        ("http://localhost", {"HTTP_PROXY": HERE}, None),
        ("http://[::1]:8081", {"ALL_PROXY": HERE}, None),
    ],
)
def test_the_proxy_for_a_url(url: str, environment: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(url, environment) == proxy


@pytest.mark.parametrize(
    "wrong",
    ["socks5://gateway:secret@host:1080", "http://gateway:secret@", "http://gateway:secret@host:port", "ftp://host"],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_that_http_does_not_go_by_is_refused_without_its_password(wrong: str, variable: str) -> None:
    with pytest.raises(SettingsError) as refused:
        way("https://a.example", {variable: wrong})
    message = f"{variable} must be like http://host:3128 or http://name:password@host:3128"
    assert str(refused.value) == message
