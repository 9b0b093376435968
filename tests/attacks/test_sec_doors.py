"""Who comes in without a token of ours: nobody, by no path, no method and no odd credential."""

import re
import secrets
from collections.abc import Iterator

import pytest
from litestar import HttpMethod, Litestar

from adapter.scim.messages import MEDIA_TYPE
from adapter.web.throttle import MOST
from tests.attacks.world import BEARER, world
from tests.conversation import CLIENT_SECRET, TOKEN, Answer, asked

OPEN = {"/health/live", "/health/ready", "/oauth/token", "/.well-known/oauth-authorization-server"}
METHODS = [*(each.value for each in HttpMethod), "PROPFIND", "get"]
NAMES = (
    "Users",
    "Users/u-1",
    "Groups",
    "Users/.search",
    ".search",
    "Bulk",
    "Me",
    "Schemas",
    "ServiceProviderConfig",
    "ResourceTypes",
)


def _refused(answer: Answer) -> bool:
    return (answer.status, answer.headers.get("www-authenticate")) == (401, 'Bearer realm="scim"')


def _spellings(app: Litestar) -> Iterator[str]:
    """Return every path of the application, but for the open ones, in every spelling that might slip past."""
    paths = {each.path for each in app.routes} | {f"{root}/{name}" for name in NAMES for root in ("", "/scim/v2")}
    paths -= OPEN
    for path in sorted(paths):
        yield from (
            path,
            f"/{path}",
            f"{path}/",
            f"{path}//",
            f"{path}.json",
            f"{path};x",
            f"{path}%00",
            f"{path}%2f",
            f"/.{path}",
        )
        yield from (
            path.replace("/", "//"),
            path.replace("s", "%73"),
            path.replace("s", "%2573"),
            path.replace("/", "%2f"),
        )
        yield from (
            path.upper(),
            f"/health/live/..{path}",
            f"/health%2f..{path}",
            f"/oauth/token{path}",
            f"{path}?access_token={TOKEN}",
        )


async def test_every_route_but_those_that_are_open_asks_for_a_token() -> None:
    """SEC-05 (CVE-2026-46425, Fleet PR#48858) and SEC-06 (CVE-2025-4210): the door is the application's, not a path's."""
    async with world() as ask:
        ask.keep("ada")
        walked = sorted(each for each in set(_spellings(ask.app)) if re.sub("/+", "/", each).rstrip("/") not in OPEN)
        assert len(walked) > 150
        for path in walked:
            for method in METHODS if "//scim" in path or path.endswith("u-1") else ("GET", "POST", "HEAD", "OPTIONS"):
                answer = await asked(ask.app, method, path, [], b"{}")
                allowed = {401} if method in METHODS[:-2] else {405}
                assert answer.status in allowed, f"{method} {path}: {answer.status}"
                assert answer.headers["content-type"] == MEDIA_TYPE
        assert ask.seen == []


@pytest.mark.parametrize("path", ["ServiceProviderConfig", "Schemas", "ResourceTypes", "Schemas/x"])
async def test_what_the_gateway_can_do_is_told_to_nobody_with_a_wrong_token(path: str) -> None:
    """SEC-22 (Infisical PR#6885): a connection test with a wrong token must fail, so discovery asks for one, too."""
    async with world() as ask:
        assert _refused(await asked(ask.app, "GET", f"/scim/v2/{path}"))
        assert _refused(await ask("GET", f"/{path}", None, ("Authorization", "Bearer wrong")))


def odd_credentials(token: str) -> Iterator[list[tuple[str, str]]]:
    """Return credentials that are none, though they are like a token that is one."""
    for value in (
        *(
            "",
            " ",
            "Bearer",
            "Bearer ",
            "bearer  ",
            "Bearer null",
            "Bearer undefined",
            "Bearer None",
            "Bearer *",
            "Bearer ''",
        ),
        *(
            token,
            f"Token {token}",
            f"Basic {token}",
            f"Bearer{token}",
            f"Bearer:{token}",
            f"Bearer\t{token}",
            f"Bearer={token}",
        ),
        *(
            f"Bearer {token.upper()}",
            f"Bearer {token[:-1]}",
            f"Bearer {token}x",
            f"Bearer {token}\0",
            f'Bearer "{token}"',
        ),
        *(
            f"Bearer {token},",
            f"Bearer {token} x",
            f"Bearer {token}, Bearer {token}",
            f"Bearer x {token}",
            f"Bearer {token};",
        ),
        *(
            f"Bearer \u00e9{token}",
            f"Bearer {'x' * 100_000}",
            "Bearer ..",
            "Bearer a.b.c",
            "Bearer eyJhbGciOiJub25lIn0.e30.",
        ),
        *(f"Digest {token}", f"Negotiate {token}", "Bearer " + "A" * 43, f"Bearer {secrets.token_urlsafe(32)}"),
    ):
        yield [("Authorization", value)]
    good = ("Authorization", f"Bearer {token}")
    yield from ([], [good, good], [good, ("Authorization", "")], [("Authorization", "Bearer x"), good])
    yield from (
        [("Cookie", f"Authorization=Bearer {token}; token={token}")],
        [("X-Api-Key", token)],
        [("Proxy-Authorization", good[1])],
    )
    yield [("X-Authorization", good[1]), ("X-Forwarded-Authorization", good[1])]


async def test_an_odd_credential_is_refused_and_asks_the_upstream_nothing() -> None:
    """SEC-07 (ToolJet#16217): two empty texts are not two equal secrets, and one header with one token is the only way in."""
    async with world() as ask:
        ask.keep("ada")
        for headers in odd_credentials(TOKEN):
            for target in (
                "/scim/v2/Users",
                f"/scim/v2/Users?access_token={TOKEN}&token={TOKEN}",
                f"/scim/v2/Users/{TOKEN}",
            ):
                answer = await asked(ask.app, "GET", target, headers)
                assert _refused(answer) or answer.status == 429, headers
        assert ask.seen == []
        for blanks in (f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN}", f"Bearer {TOKEN} "):
            assert (await ask("GET", "/Users/u-1", None, ("Authorization", blanks))).status == 200


async def test_a_thousand_guesses_are_slowed_down_and_lock_nobody_out() -> None:
    """SEC-43 (CVE-2025-59152; scimgateway holds everybody): a flood is told to wait, whatever address it names; right tokens are not."""
    async with world() as ask:
        user = ask.keep("ada")
        answers = []
        for number in range(1_000):
            forged = [
                ("Authorization", f"Bearer {secrets.token_urlsafe(32)}"),
                ("X-Forwarded-For", f"192.0.2.{number % 256}"),
            ]
            answers.append(await asked(ask.app, "GET", "/scim/v2/Users", forged))
            if number % 100 == 0:
                assert (await ask("GET", f"/Users/{user}")).status == 200
        assert all(map(_refused, answers[:MOST]))
        assert {(each.status, each.headers["retry-after"].isdecimal()) for each in answers[MOST:]} == {(429, True)}


async def test_a_flood_at_the_token_endpoint_is_slowed_down_and_the_right_secret_is_not() -> None:
    """SEC-43: likewise where tokens are given, in the words of RFC 6749."""
    async with world() as ask:
        grant = "grant_type=client_credentials&client_id=entra&client_secret="
        answers = [await asked(ask.app, "POST", "/oauth/token", body=f"{grant}{at}".encode()) for at in range(100)]
        assert [each.status for each in answers] == [401] * MOST + [429] * (100 - MOST)
        assert {each.content for each in answers} == {b'{"error":"invalid_client"}'}
        assert (await asked(ask.app, "POST", "/oauth/token", body=f"{grant}{CLIENT_SECRET}".encode())).status == 200


async def test_the_bearer_of_a_good_token_comes_in() -> None:
    async with world() as ask:
        assert (await asked(ask.app, "GET", "/scim/v2/Schemas", [BEARER])).status == 200
