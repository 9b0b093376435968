"""Tenants: whose users a token can reach, and that nothing but the token says so."""

import msgspec

from tests.attacks.tenants import TOKENS, tenants
from tests.conversation import PUBLIC, asked


async def test_each_token_reaches_its_own_upstream_and_no_other() -> None:
    """SEC-04 (GHSA-rjg6-39jm-rgg4), SEC-23: the token decides, and where the address names another nobody gets in."""
    async with tenants() as ask:
        for name, other in (("acme", "globex"), ("globex", "acme")):
            ask.seen.clear()
            answer = await ask(name, "GET", f"/{name}/scim/v2/Users/u-1")
            assert (answer.status, answer.json["userName"]) == (200, f"ada@{name}")
            assert answer.json["meta"]["location"] == f"{PUBLIC}/{name}/scim/v2/Users/u-1"
            assert set(ask.seen) == {name}
            kept = msgspec.json.encode(ask.directories[other].users.kept)
            strange = [
                await ask(name, method, f"/{place}/scim/v2{path}", {"userName": "eve", "active": False})
                for place in (other, "nobody", f"{name}x", name.upper(), f"{other}/../{name}")
                for method in ("GET", "PUT", "PATCH", "DELETE", "POST")
                for path in ("/Users/u-1", "/Users", "/Bulk", "/.search", "")
            ]
            assert {each.status for each in strange} <= {401, 404}
            assert len({each.content for each in strange if each.status == 401}) == 1
            assert set(ask.seen) == {name}
            assert msgspec.json.encode(ask.directories[other].users.kept) == kept


async def test_no_header_and_no_parameter_chooses_theconnection_of() -> None:
    """SEC-23 (CVE-2026-105209, CVE-2025-14561)."""
    async with tenants() as ask:
        headers = [("X-Tenant", "globex"), ("Host", "globex.example"), ("X-Forwarded-Host", "globex.example")]
        bearer = ("Authorization", f"Bearer {TOKENS['acme']}")
        answer = await asked(ask.app, "GET", "/acme/scim/v2/Users/u-1?connection=globex", [bearer, *headers])
        assert (answer.status, answer.json["userName"]) == (200, "ada@acme")
