"""Ids and paths that would lead elsewhere at the upstream, sent over a bare socket so that nothing tidies them up."""

from collections.abc import Iterator
from itertools import product

import pytest

from tests.attacks.outbound import stray
from tests.attacks.process import SECOND, Gateway
from tests.attacks.world import is_refused, world
from tests.conversation import mapping_of

STEPS = ("..", ".", "%2e%2e", "%2e", ".%2e", "%252e%252e", "%25252e%25252e", "..;", "..%00", "..%ff", "%c0%ae%c0%ae")
SLASHES = ("%2f", "%2F", "%5c", "\\", "%252f", ";/", "%c0%af", "%e2%88%95")
SIGNS = (
    "%00",
    "%0d%0a",
    "%0a",
    "%0d",
    "%09",
    "%7f",
    "%20",
    "%3f",
    "%23",
    "%3b",
    "%26",
    "%2a",
    "%22",
    "%27",
    "%3c",
    "%7b",
)
RAW = (";", ";jsessionid=x", "*", "'", '"', "<", "{id}", "|", "^", "`", "$", "!", "(", "@", ":", ",", "=", "&", "+")
ODD = (
    "%",
    "%zz",
    "%u002e%u002e",
    "%f0%9f%98%80",
    "%c3%a9",
    "%ef%bc%8e%ef%bc%8e",
    "%e2%80%ae",
    "%ed%a0%80",
    "a" * 201,
    "%61" * 3_000,
)
"""What an id of the directory is never: its ids are letters, digits and - _ . ~ in ASCII, 200 at the most."""


def _ids() -> Iterator[str]:
    yield from STEPS
    for step, slash in product(STEPS, SLASHES):
        yield f"{step}{slash}admin"
        yield f"u-1{slash}{step}{slash}{step}{slash}admin"
    for sign in (*SIGNS, *RAW):
        yield from (f"u-1{sign}", f"{sign}u-1", f"u-1{sign}X:%20y", f"u-1{sign}admin=1")
    yield from ODD
    yield from ("http:%2f%2fevil.example", "%2f%2fevil.example", "@evil.example", "u-1@evil.example", "%2f", "\\\\evil")


IDS = sorted(set(_ids()))


def _strays(gateway: Gateway) -> list[str]:
    calls = [stray(each.method, each.target, list(each.headers), mapping_of("full")) for each in gateway.upstream.seen]
    return [each for each in calls if each]


async def _refuses(gateway: Gateway, method: str, path: str) -> None:
    heard = await gateway.ask(f"{method} {path} HTTP/1.1".encode())
    assert heard.status in {400, 404, 405}, f"{method} {path}: {heard}"
    assert heard.seconds < SECOND, path


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_id_that_the_upstream_cannot_have_never_leaves_the_gateway(gateway: Gateway, method: str) -> None:
    """SEC-30 (CVE-2026-76842, CVE-2026-54017, CVE-2025-11366, CVE-2026-86206): an id is one segment of a path, or 404."""
    gateway.upstream.seen.clear()
    assert len(IDS) > 300
    for each in IDS:
        await _refuses(gateway, method, f"/scim/v2/Users/{each}")
    assert gateway.upstream.seen == []


@pytest.mark.parametrize("root", ["/scim/v2/Users/u-1/", "/scim/v2/", "/scim/v2/Users/u-1%2f", "/"])
async def test_a_path_with_more_in_it_leads_nowhere(gateway: Gateway, root: str) -> None:
    gateway.upstream.seen.clear()
    for each in (*STEPS, *SIGNS, *RAW, *ODD):
        await _refuses(gateway, "DELETE", f"{root}{each}")
    assert [each.target for each in gateway.upstream.seen] == []


async def test_slashes_too_many_are_the_path_without_them(gateway: Gateway) -> None:
    gateway.upstream.seen.clear()
    for path in ("//scim//v2//Users//u-1", "/scim/v2/Users/u-1/", "/scim/v2/Users/u%2d1"):
        assert (await gateway.ask(f"GET {path} HTTP/1.1".encode())).status == 404
    assert [each.target for each in gateway.upstream.seen] == ["/users/u-1"] * 3
    assert _strays(gateway) == []


async def test_no_header_of_a_client_goes_on_to_the_upstream(gateway: Gateway) -> None:
    """SEC-30 (CVE-2026-86207): a forged Forwarded header opens a door of the upstream only if it gets there."""
    gateway.upstream.seen.clear()
    forged = (
        "Forwarded: for=127.0.0.1",
        "X-Forwarded-For: 127.0.0.1",
        "X-Original-URL: /admin",
        "X-HTTP-Method-Override: PUT",
    )
    await gateway.ask(b"GET /scim/v2/Users/u-1 HTTP/1.1", *forged, "Cookie: a=b", "X-Tenant: other", "Via: x")
    assert len(gateway.upstream.seen) == 1
    assert _strays(gateway) == []


LINE_ENDS = "ada%0d%0aX-Admin:%20true%0d%0a%0d%0aDELETE%20/users/u-1"


async def test_a_line_end_in_a_value_stays_in_its_place() -> None:
    """SEC-31 (CPANSA 2026-75922): CR and LF in a filter, an id or a name make no request of their own."""
    async with world() as ask:
        before = ask.keep("ada") and ask.state()
        forged = "ada\r\nX-Admin: true\r\n\r\nDELETE /users/u-1 HTTP/1.1\r\n"
        for name in ("userName", "externalId", "title"):
            assert (await ask.found(f'{name} eq "{forged.encode("unicode_escape").decode()}"')).json[
                "totalResults"
            ] == 0
        assert (await ask("GET", f"/Users/{LINE_ENDS}")).status == 404
        assert is_refused(await ask("POST", "/Users", {"userName": forged}), "invalidValue")
        assert ask.state() == before
        assert ask.writes == []
        assert all("x-admin" not in each.headers for each in ask.seen)
        # What may hold line ends is a body, where they are written as JSON has them.
        assert (await ask("POST", "/Users", {"userName": "eve", "title": forged})).status == 201
        assert ask.writes == ["POST /users"]
